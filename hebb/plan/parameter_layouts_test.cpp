// Parameters that a plan stores in an order of its own: plans notice that they moved, and their gaps stay zero.
#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/graph/trace.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/plan/compiled.h"
#include "hebb/plan/plan.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;

Floats values(const Tensor& tensor) { return tensor.to_vector<float>(); }

/// Stores the elements back to front, behind a gap.
class Backwards : public Layout {
 public:
  explicit Backwards(int64_t size) : size_(size) {}
  const std::string& name() const override { return name_; }
  int64_t bytes() const override { return 4 * (size_ + 1); }
  void pack(const void* plain, void* packed) const override {
    for (int64_t i = 0; i < size_; ++i) static_cast<float*>(packed)[size_ - i] = static_cast<const float*>(plain)[i];
    static_cast<float*>(packed)[0] = 0;
  }
  void unpack(const void* packed, void* plain) const override {
    for (int64_t i = 0; i < size_; ++i) static_cast<float*>(plain)[i] = static_cast<const float*>(packed)[size_ - i];
  }

 private:
  int64_t size_;
  std::string name_ = "backwards";
};

TEST(StalePlan, KnowsThatAVariableMoved) {
  const Tensor w = variable(Tensor{1, 2, 3}, "w");
  Plan plan = Plan::compile(trace([&](const Tensors& in) { return Tensors{in[0] * w}; }, {Spec{{3}}}));
  EXPECT_FALSE(plan.is_stale());
  assign(w, Tensor{4, 5, 6});
  EXPECT_FALSE(plan.is_stale()) << "a new value is no new place";
  const Tensor x = ones({3});
  Tensor y = Tensor::empty({3});
  const void* in = x.raw();
  void* out = y.mutable_raw();
  plan.run({&in, 1}, {&out, 1});
  EXPECT_EQ(values(y), (Floats{4, 5, 6}));

  set_variable_layout(w, std::make_shared<Backwards>(3));
  EXPECT_TRUE(plan.is_stale());
  EXPECT_THROW(plan.run({&in, 1}, {&out, 1}), InternalError) << "its memory may be somebody else's by now";
}

TEST(StalePlan, IsMadeAnew) {
  const Tensor w = variable(Tensor{1, 2, 3}, "w");
  int traced = 0;
  PlanCache cache([&](const Tensors& in) {
    ++traced;
    assign(w, w + 1.0);
    return Tensors{in[0] * w};
  });
  EXPECT_EQ(values(cache.run({ones({3})})[0]), (Floats{2, 3, 4}));
  set_variable_layout(w, std::make_shared<Backwards>(3));
  EXPECT_EQ(values(cache.run({ones({3})})[0]), (Floats{3, 4, 5}));
  EXPECT_EQ(values(w), (Floats{3, 4, 5}));
  EXPECT_EQ(values(cache.run({ones({3})})[0]), (Floats{4, 5, 6}));
  EXPECT_EQ(traced, 2);
  EXPECT_EQ(cache.plans(), 1);
}

/// Whatever order a kernel wants, its gaps must stay zero for the next kernel that reads them.
TEST(PackedParameters, StayRightWhateverIsComputedOnThem) {
  // Three spatial axes are oneDNN's, which wants an order of its own; 141 filters leave gaps in it.
  const Shape shape{3, 3, 3, 16, 141};
  const Tensor x = random::normal({4, 5, 5, 5, 16}, {.seed = 1});
  const Tensor start = random::normal(shape, {.stddev = 0.1, .seed = 2});
  const std::vector<std::pair<const char*, Tensor (*)(const Tensor&)>> changes = {
      {"exp", [](const Tensor& w) { return exp(w) * 0.1; }},
      {"plus 1", [](const Tensor& w) { return w + 1.0; }},
      {"1 / w", [](const Tensor& w) { return 0.01 / (w * w + 0.1); }},
      {"w / w", [](const Tensor& w) { return w / w; }},
      {"log", [](const Tensor& w) { return log(w * w) * 0.01; }}};
  for (const auto& [name, change] : changes) {
    SCOPED_TRACE(name);
    auto run = [&, change = change](bool planned) {
      const Tensor w = variable(start, "w");
      auto body = [&](const Tensors& in) {
        const Tensor y = conv(in[0], w);
        const Tensor g = conv_backward_kernel(in[0], y * 0.001, shape);
        assign(w, change(w - 0.01 * g));
        return Tensors{y};
      };
      PlanCache cache(body);
      Tensors results;
      for (int step = 0; step < 3; ++step) results.push_back((planned ? cache.run({x}) : body({x}))[0]);
      results.push_back(w * 1.0);
      EXPECT_EQ(w.body()->layout != nullptr, planned);
      return results;
    };
    const NoTape no_tape;
    const Tensors expected = run(false), got = run(true);
    for (size_t i = 0; i < expected.size(); ++i) {
      const Floats a = values(expected[i]), b = values(got[i]);
      double worst = 0;
      for (size_t k = 0; k < a.size(); ++k)
        worst = std::max(worst, std::abs(double{a[k]} - b[k]) / (1 + std::abs(a[k])));
      EXPECT_LT(worst, 1e-4) << "result " << i;
    }
  }
}

}  // namespace
}  // namespace hebb
