// Plans that assign to variables: what reads the old value gets the old value, whatever lies in whose memory.
#include <gtest/gtest.h>

#include "hebb/graph/trace.h"
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

}  // namespace
}  // namespace hebb
