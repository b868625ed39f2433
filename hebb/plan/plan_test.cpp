#include "hebb/plan/plan.h"

#include <gtest/gtest.h>

#include <cstring>

#include "hebb/base/error.h"
#include "hebb/graph/trace.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;

Floats values(const Tensor& tensor) { return tensor.to_vector<float>(); }

/// Runs a function of no arguments that assigns to variables, planned with every set of passes.
void run_planned(const std::function<Tensors()>& body, const std::function<void()>& reset,
                 const std::function<void(const Tensors& results)>& check) {
  for (const PlanOptions& options :
       {PlanOptions{}, PlanOptions{.skip_passes = {"all"}}, PlanOptions{.kernels = "reference"}}) {
    reset();
    PlanCache plan([&](const Tensors&) { return body(); }, options);
    check(plan.run({}));
  }
  // And as it runs at once.
  reset();
  const NoTape no_tape;
  check(body());
}

class Updates : public ::testing::Test {
 protected:
  Tensor a = variable(zeros({4}), "a"), b = variable(zeros({4}), "b"), c = variable(zeros({4}), "c");
  void reset() {
    assign(a, Tensor{1, 2, 3, 4});
    assign(b, Tensor{10, 20, 30, 40});
    assign(c, Tensor{100, 200, 300, 400});
  }
  void run(const std::function<Tensors()>& body, const std::function<void(const Tensors&)>& check) {
    run_planned(
        body, [&] { reset(); }, check);
  }
};

TEST_F(Updates, Swap) {
  run(
      [&] {
        const Tensor old_a = a + 0.0, old_b = b + 0.0;
        assign(a, old_b);
        assign(b, old_a);
        return Tensors{};
      },
      [&](const Tensors&) {
        EXPECT_EQ(values(a), (Floats{10, 20, 30, 40}));
        EXPECT_EQ(values(b), (Floats{1, 2, 3, 4}));
      });
}

TEST_F(Updates, Rotate) {
  run(
      [&] {
        const Tensor first = a + 0.0, second = b + 0.0, third = c + 0.0;
        assign(c, second);
        assign(b, first);
        assign(a, third);
        return Tensors{};
      },
      [&](const Tensors&) {
        EXPECT_EQ(values(a), (Floats{100, 200, 300, 400}));
        EXPECT_EQ(values(b), (Floats{1, 2, 3, 4}));
        EXPECT_EQ(values(c), (Floats{10, 20, 30, 40}));
      });
}

TEST_F(Updates, AChainTakesTheOldValues) {
  for (const bool forward : {true, false}) {
    run(
        [&] {
          const Tensor old_b = b + 0.0, old_c = c + 0.0;
          if (forward) {
            assign(a, old_b);
            assign(b, old_c);
          } else {
            assign(b, old_c);
            assign(a, old_b);
          }
          return Tensors{};
        },
        [&](const Tensors&) {
          EXPECT_EQ(values(a), (Floats{10, 20, 30, 40}));
          EXPECT_EQ(values(b), (Floats{100, 200, 300, 400}));
        });
  }
}

TEST_F(Updates, CrossedOver) {
  run(
      [&] {
        const Tensor from_b = b * 2.0 + a, from_a = a * 3.0 - b;
        assign(a, from_b);
        assign(b, from_a);
        return Tensors{};
      },
      [&](const Tensors&) {
        EXPECT_EQ(values(a), (Floats{21, 42, 63, 84}));
        EXPECT_EQ(values(b), (Floats{-7, -14, -21, -28}));
      });
}

TEST_F(Updates, CrossedOverAndReversed) {
  // Element i of the new a needs element n - i of the old b and the other way round.
  run(
      [&] {
        const Tensor from_b = reverse(b, {0}) + 1.0, from_a = reverse(a, {0}) + 1.0;
        assign(a, from_b);
        assign(b, from_a);
        return Tensors{};
      },
      [&](const Tensors&) {
        EXPECT_EQ(values(a), (Floats{41, 31, 21, 11}));
        EXPECT_EQ(values(b), (Floats{5, 4, 3, 2}));
      });
}

TEST_F(Updates, OneValueForTwoVariables) {
  run(
      [&] {
        const Tensor sum = a + b;
        assign(a, sum);
        assign(b, sum);
        return Tensors{sum};
      },
      [&](const Tensors& results) {
        EXPECT_EQ(values(a), (Floats{11, 22, 33, 44}));
        EXPECT_EQ(values(b), values(a));
        EXPECT_EQ(values(results[0]), values(a));
      });
}

TEST_F(Updates, OneVariablesValueForTwoOthers) {
  run(
      [&] {
        const Tensor old_a = a + 0.0;
        assign(a, a + 1.0);
        assign(b, old_a);
        assign(c, old_a);
        return Tensors{};
      },
      [&](const Tensors&) {
        EXPECT_EQ(values(a), (Floats{2, 3, 4, 5}));
        EXPECT_EQ(values(b), (Floats{1, 2, 3, 4}));
        EXPECT_EQ(values(c), (Floats{1, 2, 3, 4}));
      });
}

TEST_F(Updates, TheOldValueIsAnOutput) {
  run(
      [&] {
        const Tensor old = a + 0.0;
        assign(a, a * 2.0);
        return Tensors{old, a};
      },
      [&](const Tensors& results) {
        EXPECT_EQ(values(results[0]), (Floats{1, 2, 3, 4}));
        EXPECT_EQ(values(results[1]), (Floats{2, 4, 6, 8}));
        EXPECT_EQ(values(a), (Floats{2, 4, 6, 8}));
      });
}

TEST_F(Updates, TheOldValueIsReadLater) {
  run(
      [&] {
        const Tensor old = a + 0.0;
        assign(a, a * 2.0);
        // Read as a whole after the update could be made.
        const Tensor late = sum(old) + sum(a) * 100.0;
        assign(b, broadcast_to(late, {4}));
        return Tensors{};
      },
      [&](const Tensors&) { EXPECT_EQ(values(b), Floats(4, 10 + 2000)); });
}

TEST_F(Updates, LaterAssignmentsCount) {
  run(
      [&] {
        assign(a, a + 1.0);
        assign(a, a * 10.0);
        const Tensor seen = a + 0.0;
        assign(a, a - 5.0);
        return Tensors{seen};
      },
      [&](const Tensors& results) {
        EXPECT_EQ(values(results[0]), (Floats{20, 30, 40, 50}));
        EXPECT_EQ(values(a), (Floats{15, 25, 35, 45}));
      });
}

TEST_F(Updates, AConstant) {
  run(
      [&] {
        assign(a, Tensor{7, 7, 7, 7});
        return Tensors{a};
      },
      [&](const Tensors& results) {
        EXPECT_EQ(values(a), Floats(4, 7));
        EXPECT_EQ(values(results[0]), Floats(4, 7));
      });
}

TEST_F(Updates, ThroughAReshape) {
  const Tensor square = variable(zeros({2, 2}), "square");
  run_planned(
      [&] {
        const Tensor flat = reshape(square, {4});
        assign(square, reshape(a, {2, 2}));
        assign(a, flat * 2.0);
        return Tensors{flat};
      },
      [&] {
        reset();
        assign(square, Tensor::from({5, 6, 7, 8}, {2, 2}));
      },
      [&](const Tensors& results) {
        EXPECT_EQ(values(square), (Floats{1, 2, 3, 4}));
        EXPECT_EQ(values(a), (Floats{10, 12, 14, 16}));
        EXPECT_EQ(values(results[0]), (Floats{5, 6, 7, 8}));
      });
}

TEST_F(Updates, MatricesSwappedThroughReshapes) {
  const Tensor left = variable(zeros({2, 3})), right = variable(zeros({3, 2}));
  const Floats one = {1, 2, 3, 4, 5, 6}, two = {7, 8, 9, 10, 11, 12};
  run_planned(
      [&] {
        const Tensor l = reshape(left, {3, 2}), r = reshape(right, {2, 3});
        assign(left, r);
        assign(right, l);
        return Tensors{};
      },
      [&] {
        assign(left, Tensor::from(one, {2, 3}));
        assign(right, Tensor::from(two, {3, 2}));
      },
      [&](const Tensors&) {
        EXPECT_EQ(values(left), two);
        EXPECT_EQ(values(right), one);
      });
}

TEST_F(Updates, AProductIsNotWrittenOverItsOperand) {
  const Tensor w = variable(zeros({3, 3}));
  const Floats start = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  run_planned(
      [&] {
        assign(w, matmul(w, w));
        return Tensors{};
      },
      [&] {
        assign(w, Tensor::from(start, {3, 3}));
      },
      [&](const Tensors&) {
        EXPECT_EQ(values(w), (Floats{30, 36, 42, 66, 81, 96, 102, 126, 150}));
      });
}

TEST_F(Updates, ABroadcastVariableKeepsItsValueUntilTheEnd) {
  const Tensor row = variable(zeros({1, 4})), matrix = variable(zeros({3, 4}));
  run_planned(
      [&] {
        const Tensor joined = matrix + row;
        assign(row, slice(joined, {2, 0}, {3, 4}));
        assign(matrix, joined);
        return Tensors{};
      },
      [&] {
        assign(row, Tensor::from({1, 2, 3, 4}, {1, 4}));
        assign(matrix, full({3, 4}, 10));
      },
      [&](const Tensors&) {
        EXPECT_EQ(values(row), (Floats{11, 12, 13, 14}));
        EXPECT_EQ(values(matrix), (Floats{11, 12, 13, 14, 11, 12, 13, 14, 11, 12, 13, 14}));
      });
}

/// Many random programs of assignments, planned and at once.
TEST_F(Updates, RandomProgramsComputeTheSame) {
  for (uint32_t program = 0; program < 150; ++program) {
    auto body = [&] {
      uint32_t state = program * 2654435761u + 12345u;
      auto number = [&](uint32_t below) {
        state = state * 1664525u + 1013904223u;
        return (state >> 16) % below;
      };
      const Tensors variables = {a, b, c};
      Tensors known = {a + 0.0, b + 0.0, c + 0.0};
      Tensors results;
      for (int step = 0; step < 8; ++step) {
        const Tensor& x = known[number(static_cast<uint32_t>(known.size()))];
        const Tensor& y = known[number(static_cast<uint32_t>(known.size()))];
        switch (number(7)) {
          case 0: known.push_back(x + y); break;
          case 1: known.push_back(x * 0.5 - y); break;
          case 2: known.push_back(reverse(x, {0})); break;
          case 3: known.push_back(reshape(reshape(x, {2, 2}), {4})); break;
          case 4: known.push_back(broadcast_to(sum(x), {4}) * 0.25); break;
          case 5: assign(variables[number(3)], x); break;
          default:
            assign(variables[number(3)], x);
            results.push_back(y);
            break;
        }
        known.push_back(variables[number(3)] + 0.0);
      }
      results.push_back(known.back());
      return results;
    };
    reset();
    Tensors expected;
    std::vector<Floats> after;
    {
      const NoTape no_tape;
      expected = body();
    }
    for (const Tensor& variable : {a, b, c}) after.push_back(values(variable));
    run(body, [&](const Tensors& results) {
      ASSERT_EQ(results.size(), expected.size());
      for (size_t i = 0; i < results.size(); ++i)
        EXPECT_EQ(values(results[i]), values(expected[i])) << "program " << program;
      const Tensors variables = {a, b, c};
      for (size_t i = 0; i < 3; ++i)
        EXPECT_EQ(values(variables[i]), after[i]) << "program " << program << ", variable " << i;
    });
  }
}

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
  // With so many filters the kernels want an order of their own; 141 of them leave gaps.
  const Shape shape{3, 3, 16, 141};
  const Tensor x = random::normal({16, 9, 9, 16}, {.seed = 1});
  const Tensor start = random::normal(shape, {.stddev = 0.1, .seed = 2});
  const std::vector<std::pair<const char*, Tensor (*)(const Tensor&)>> changes = {
      {"exp", [](const Tensor& w) { return exp(w) * 0.1; }},
      {"plus 1", [](const Tensor& w) { return w + 1.0; }},
      {"1 / w", [](const Tensor& w) { return 0.01 / (w * w + 0.1); }},
      {"w / w", [](const Tensor& w) { return w / w; }},
      {"log", [](const Tensor& w) { return log(w * w) * 0.01; }}};
  bool packed = false;
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
      packed = packed || w.body()->layout;
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
  if (!packed) GTEST_SKIP() << "this machine's kernels work on plain weights";
}

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
