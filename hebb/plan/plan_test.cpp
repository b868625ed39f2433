#include "hebb/plan/plan.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "hebb/base/error.h"
#include "hebb/graph/trace.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"
#include "hebb/plan/compiled.h"
#include "hebb/plan/tuning.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;

Floats values(const Tensor& tensor) { return tensor.to_vector<float>(); }

TEST(PlanCache, CompilesOncePerCombinationOfSpecs) {
  int traced = 0;
  auto doubled = compiled([&](const Tensor& x) {
    ++traced;
    return x + x;
  });
  for (int repeat = 0; repeat < 3; ++repeat) {
    EXPECT_EQ(values(doubled(ones({3}))), Floats(3, 2));
    EXPECT_EQ(values(doubled(ones({2}))), Floats(2, 2));
    EXPECT_EQ(doubled(ones({2}, DType::int32)).to_vector<int32_t>(), (std::vector<int32_t>{2, 2}));
  }
  EXPECT_EQ(traced, 3);
}

TEST(PlanCache, CanForget) {
  PlanCache cache([](const Tensors& in) { return Tensors{in[0] + 1.0}; });
  cache.run({ones({2})});
  cache.run({ones({3})});
  EXPECT_EQ(cache.plans(), 2);
  cache.clear();
  EXPECT_EQ(cache.plans(), 0);
  EXPECT_EQ(values(cache.run({ones({1})})[0]), Floats{2});
}

TEST(PlanCache, IsPartOfATraceThatItIsCalledIn) {
  const Tensor w = variable(Tensor{1, 1});
  auto inner = compiled([&](const Tensor& x) {
    assign(w, w + x);
    return w * 2.0;
  });
  auto outer = compiled([&](const Tensor& x) { return inner(x) + inner(x); });
  EXPECT_EQ(values(outer(Tensor{1, 2})), (Floats{4 + 6, 6 + 10}));
  EXPECT_EQ(values(w), (Floats{3, 5}));
}

TEST(PlanCache, AnErrorWhileTracingLeavesNothingBehind) {
  const Tensor w = variable(Tensor{1, 2});
  bool fail = true;
  PlanCache cache([&](const Tensors& in) {
    assign(w, w + in[0]);
    if (fail) throw InvalidArgument("on purpose");
    return Tensors{w};
  });
  EXPECT_THROW(cache.run({ones({2})}), InvalidArgument);
  EXPECT_EQ(cache.plans(), 0);
  EXPECT_EQ(values(w), (Floats{1, 2}));
  EXPECT_EQ(values(ones({2}) + ones({2})), Floats(2, 2)) << "nothing is being traced any more";
  fail = false;
  EXPECT_EQ(values(cache.run({ones({2})})[0]), (Floats{2, 3}));
}

/// Lets kernels be measured, though tests run without, and remembered in a folder of their own.
class MeasuredPlans : public testing::Test {
 protected:
  MeasuredPlans() {
    std::filesystem::remove_all(folder_);
    setenv("HEBB_CACHE_DIR", folder_.c_str(), 1);
    set_tuning(Tuning::on);
  }
  ~MeasuredPlans() override {
    set_tuning(before_);
    unsetenv("HEBB_CACHE_DIR");
    std::filesystem::remove_all(folder_);
  }
  bool has_measured() const { return std::filesystem::exists(folder_); }

  const Tuning before_ = tuning();
  const std::string folder_ = testing::TempDir() + "hebb_measured_plans";
  const Tensor w_ = variable(ones({256, 256}) * 0.01), steps_ = variable(Tensor::scalar(0));
  int traced_ = 0;
  PlanCache cache_{[this](const Tensors& in) {
    ++traced_;
    assign(steps_, steps_ + 1.0);
    return Tensors{matmul(in[0], w_)};
  }};
  const std::vector<Spec> specs_ = {Spec{{128, 256}}};
};

TEST_F(MeasuredPlans, APlanThatTurnsOutToBeRunOftenIsCompiledAnewOnce) {
  if (kernels_are_forced()) GTEST_SKIP() << "HEBB_KERNELS leaves nothing to choose";
  const Tensor x = ones({128, 256});
  const Tensor first = cache_.run({x})[0];
  Plan& plan = cache_.plan_for(specs_, least_runs_to_tune - 1);
  EXPECT_EQ(traced_, 1);
  EXPECT_FALSE(has_measured());
  plan.profile(true);

  EXPECT_EQ(&cache_.plan_for(specs_, least_runs_to_tune), &plan);
  EXPECT_EQ(traced_, 2);
  EXPECT_TRUE(has_measured());
  EXPECT_TRUE(plan.is_profiled());
  EXPECT_EQ(cache_.plans(), 1);
  const Tensor second = cache_.run({x})[0];
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(values(second)[i], values(first)[i], 1e-5);
  EXPECT_EQ(steps_.item(), 2) << "variables go on as they were";

  for (const int64_t runs : {0, 1'000'000}) cache_.plan_for(specs_, runs);
  EXPECT_EQ(traced_, 2);
}

TEST_F(MeasuredPlans, OneThatIsLeasedStaysUntilItIsGivenBack) {
  if (kernels_are_forced()) GTEST_SKIP() << "HEBB_KERNELS leaves nothing to choose";
  {
    const PlanCache::Lease held = cache_.lease(specs_);
    const PlanCache::Lease other = cache_.lease(specs_, least_runs_to_tune);
    EXPECT_NE(&*held, &*other);
    EXPECT_EQ(traced_, 1);
  }
  {
    const PlanCache::Lease held = cache_.lease(specs_, least_runs_to_tune);
    const PlanCache::Lease other = cache_.lease(specs_, least_runs_to_tune);
    EXPECT_NE(&*held, &*other);
  }
  EXPECT_EQ(traced_, 2);
}

TEST_F(MeasuredPlans, WithoutMeasuringAPlanStays) {
  set_tuning(Tuning::off);
  cache_.plan_for(specs_);
  cache_.plan_for(specs_, least_runs_to_tune);
  EXPECT_EQ(traced_, 1);
  EXPECT_FALSE(has_measured());
}

TEST(Plan, OutputsThatNothingComputes) {
  // A parameter, a constant, a variable, one value twice, a view of a parameter.
  const Tensor w = variable(Tensor{5, 6}), constant{7, 8};
  PlanCache cache([&](const Tensors& in) {
    const Tensor sum = in[0] + w;
    return Tensors{in[0], constant, w, sum, sum, reshape(in[0], {2, 1}), reshape(sum, {1, 2})};
  });
  const Tensors out = cache.run({Tensor{1, 2}});
  EXPECT_EQ(values(out[0]), (Floats{1, 2}));
  EXPECT_EQ(values(out[1]), (Floats{7, 8}));
  EXPECT_EQ(values(out[2]), (Floats{5, 6}));
  for (size_t i : {3, 4, 6}) EXPECT_EQ(values(out[i]), (Floats{6, 8}));
  EXPECT_EQ(values(out[5]), (Floats{1, 2}));
  EXPECT_EQ(out[5].shape(), (Shape{2, 1}));
}

TEST(Plan, EmptyValues) {
  PlanCache cache([](const Tensors& in) { return Tensors{in[0] * 2.0, sum(in[0]), matmul(in[0], transpose(in[0]))}; });
  const Tensors out = cache.run({ones({0, 3})});
  EXPECT_EQ(out[0].shape(), (Shape{0, 3}));
  EXPECT_EQ(out[1].item(), 0);
  EXPECT_EQ(out[2].shape(), (Shape{0, 0}));
}

TEST(Plan, KeepsItsOutputsApartFromItsArena) {
  PlanCache cache([](const Tensors& in) { return Tensors{exp(in[0]) + 1.0}; });
  const Tensor first = cache.run({zeros({1000})})[0];
  const Tensor second = cache.run({ones({1000})})[0];
  EXPECT_EQ(values(first), Floats(1000, 2)) << "a later run must not change it";
  EXPECT_NE(values(second), values(first));
}

TEST(Plan, TellsWhatItDoes) {
  const Tensor w = variable(ones({8, 4}));
  PlanCache cache([&](const Tensors& in) { return Tensors{softmax(matmul(in[0], w))}; });
  Plan& plan = cache.plan_for({Spec{{2, 8}}});
  EXPECT_EQ(plan.parameters(), (std::vector<Spec>{Spec{{2, 8}}}));
  EXPECT_EQ(plan.outputs(), (std::vector<Spec>{Spec{{2, 4}}}));
  EXPECT_NE(plan.describe().find("matmul"), std::string::npos);
  EXPECT_NE(plan.pass_report().find("fuse_elementwise"), std::string::npos);
  for (const Plan::Timing& timing : plan.timings()) EXPECT_EQ(timing.calls, 0);
  plan.profile(true);
  cache.run({ones({2, 8})});
  for (const Plan::Timing& timing : plan.timings()) EXPECT_EQ(timing.calls, 1);
  // With fresh memory: counted only as long as there is no other run.
  for (int i = 0; i < 3; ++i) cache.run({ones({2, 8})});
  for (const Plan::Timing& timing : plan.timings()) EXPECT_EQ(timing.calls, 3);
  EXPECT_NE(plan.describe().find("ms a run"), std::string::npos);
  plan.profile(false);
  cache.run({ones({2, 8})});
  for (const Plan::Timing& timing : plan.timings()) EXPECT_EQ(timing.calls, 0);
}

TEST(Plan, RefusesAnotherNumberOfArguments) {
  Plan plan = Plan::compile(trace([](const Tensors& in) { return Tensors{in[0]}; }, {Spec{{1}}}));
  EXPECT_THROW(plan.run({}, {}), InternalError);
}

TEST(Plan, RefusesUnknownPasses) {
  PlanCache cache([](const Tensors& in) { return in; }, {.skip_passes = {"fuse_elementwize"}});
  EXPECT_THROW(cache.run({ones({1})}), InvalidArgument);
}

/// Memory of values that are dead is used again: a long chain needs no more than a short one.
TEST(Plan, UsesMemoryAgain) {
  auto arena = [](int length) {
    PlanCache cache([length](const Tensors& in) {
      Tensor x = in[0];
      for (int i = 0; i < length; ++i) x = matmul(x, x);
      return Tensors{x};
    });
    return cache.plan_for({Spec{{64, 64}}}).arena_bytes();
  };
  EXPECT_EQ(arena(20), arena(5));
}

}  // namespace
}  // namespace hebb
