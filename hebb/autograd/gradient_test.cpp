#include "hebb/autograd/gradient.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/graph/trace.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;
Floats values(const Tensor& tensor) { return tensor.to_vector<float>(); }

Tensor scalar_variable(double value) { return variable(Tensor::scalar(value)); }

TEST(Gradient, OfALine) {
  const Tensor w = variable(Tensor{1, 2, 3});
  const Tensor x{4, 5, 6};
  EXPECT_EQ(values(gradient(sum(w * x), w)), (Floats{4, 5, 6}));
}

TEST(Gradient, FallsToTheMinimum) {
  const Tensor truth{1, -2, 0.5f};
  Tensor w = variable(zeros({3}));
  const Tensor x = random::normal({100, 3}, {.seed = 1}), y = squeeze(matmul(x, reshape(truth, {3, 1})), 1);
  for (int step = 0; step < 200; ++step) {
    const Tensor loss = mean(square(squeeze(matmul(x, reshape(w, {3, 1})), 1) - y));
    w -= 0.1 * gradient(loss, w);
  }
  for (int i = 0; i < 3; ++i)
    EXPECT_NEAR(values(w)[static_cast<size_t>(i)], values(truth)[static_cast<size_t>(i)], 1e-4);
}

TEST(Gradient, OfWhatIsUsedTwice) {
  const Tensor w = scalar_variable(3);
  const Tensor square_ = w * w;
  EXPECT_EQ(gradient(square_ * square_ + w, w).item(), 4 * 27 + 1);
}

TEST(Gradient, OfAnIntermediateValue) {
  const Tensor w = variable(Tensor{1, 2});
  const Tensor h = w * 3.0, y = sum(h * h);
  const Tensors both = gradient(y, {h, w});
  EXPECT_EQ(values(both[0]), (Floats{6, 12}));
  EXPECT_EQ(values(both[1]), (Floats{18, 36}));
}

TEST(Gradient, OfItself) {
  const Tensor w = scalar_variable(2);
  EXPECT_EQ(gradient(w, w).item(), 1);
  const Tensor y = w * 3.0;
  EXPECT_EQ(gradient(y, y).item(), 1);
}

TEST(Gradient, IsZeroWhereNothingDepends) {
  const Tensor w = variable(Tensor{1, 2}), other = variable(ones({2, 3}));
  const Tensors g = gradient(sum(w), {w, other});
  EXPECT_EQ(values(g[0]), (Floats{1, 1}));
  EXPECT_EQ(g[1].shape(), (Shape{2, 3}));
  EXPECT_EQ(values(g[1]), Floats(6, 0));
  EXPECT_EQ(values(gradient(sum(w * stop_gradient(w)), w)), (Floats{1, 2}));
  EXPECT_EQ(values(gradient(sum(floor(w)), w)), (Floats{0, 0}));
}

TEST(Gradient, ThroughBroadcasts) {
  const Tensor row = variable(Tensor::from({1, 2, 3}, {1, 3})), column = variable(Tensor::from({10, 20}, {2, 1}));
  const Tensors g = gradient(sum(row * column), {row, column});
  EXPECT_EQ(g[0].shape(), row.shape());
  EXPECT_EQ(values(g[0]), (Floats{30, 30, 30}));
  EXPECT_EQ(g[1].shape(), column.shape());
  EXPECT_EQ(values(g[1]), (Floats{6, 6}));
}

TEST(Gradient, ThroughIntegersStops) {
  const Tensor table = variable(Tensor::from({1, 2, 3, 4, 5, 6}, {3, 2}));
  const Tensor indices = argmax(table, 0);  // 2, 2
  const Tensor g = gradient(sum(gather(table, indices) * Tensor::from({1, 10, 100, 1000}, {2, 2})), table);
  EXPECT_EQ(values(g), (Floats{0, 0, 0, 0, 101, 1010}));
}

/// 2^60 paths, sixty operations.
TEST(Gradient, WalksEachOperationOnce) {
  const Tensor w = scalar_variable(1);
  Tensor x = w;
  for (int i = 0; i < 60; ++i) x = (x + x) * 0.5;
  EXPECT_EQ(gradient(x, w).item(), 1);
}

TEST(Gradient, OfALongChain) {
  const Tensor w = scalar_variable(0);
  Tensor x = w;
  for (int i = 0; i < 100000; ++i) x = x + 1.0;
  EXPECT_EQ(x.item(), 100000);
  EXPECT_EQ(gradient(x, w).item(), 1);
}

TEST(Gradient, OfSeveralResultsWithWeights) {
  const Tensor w = variable(Tensor{1, 2}), unused = variable(Tensor{0});
  const Tensor a = w * 2.0, b = w * w;
  const Tensors g = vector_jacobian({a, b}, {Tensor{1, 10}, Tensor{100, 1000}}, {w, unused});
  EXPECT_EQ(values(g[0]), (Floats{202, 4020}));
  EXPECT_FALSE(g[1].defined());
}

TEST(Gradient, RefusesWhatHasNone) {
  const Tensor w = variable(Tensor{1, 2});
  EXPECT_THROW(gradient(w * 2.0, w), InvalidArgument) << "not a scalar";
  EXPECT_THROW(gradient(cast(sum(w), DType::int32), w), InvalidArgument) << "an integer";
  EXPECT_THROW(gradient(sum(w), Tensor{1, 2}), InvalidArgument) << "no variable";
  const Tensor loss = sum(w * w);
  assign(w, Tensor{5, 6});
  EXPECT_THROW(gradient(loss, w), InvalidArgument) << "assigned to since";
  EXPECT_EQ(values(gradient(sum(w * w), w)), (Floats{10, 12}));
}

TEST(Gradient, NothingIsRecordedWithoutATape) {
  const Tensor w = scalar_variable(2);
  Tensor y;
  {
    const NoTape no_tape;
    y = w * w;
  }
  EXPECT_EQ(y.item(), 4);
  EXPECT_EQ(gradient(y, w).item(), 0);
}

TEST(HigherGradient, OfAPower) {
  const Tensor x = scalar_variable(2);
  Tensor y = x * x * x * x;
  for (const double expected : {32.0, 48.0, 48.0, 24.0, 0.0}) {
    y = gradient(y, x);
    EXPECT_NEAR(y.item(), expected, 1e-4);
  }
}

/// A small network with everything that a layer does.
struct Function {
  const char* name;
  Tensor (*call)(const Tensor& w);  // of a (3, 4) matrix
};

const Function functions[] = {
    {"tanh_of_a_product",
     [](const Tensor& w) {
       return mean(square(tanh(matmul(random::normal({5, 3}, {.seed = 4}), w))));
     }},
    {"softmax",
     [](const Tensor& w) {
       return sum(square(softmax(w)) * random::normal({3, 4}, {.seed = 5}));
     }},
    {"log_softmax",
     [](const Tensor& w) {
       return sum(log_softmax(w * 2.0) * random::uniform({3, 4}, {.seed = 6}));
     }},
    {"moments", [](const Tensor& w) { return sum((w - mean(w)) * rsqrt(variance(w, {.axes = {0}}) + 0.1) * sin(w)); }},
    {"shapes",
     [](const Tensor& w) {
       const Tensor t = concatenate({transpose(w), reshape(w, {4, 3})}, 0);
       return sum(pad(slice(t, {1, 0}, {7, 2}), {1, 1}, {0, 2}) * 3.0 + reverse(sum(exp(w)) * ones({7, 5}), {0})) *
              sum(w);
     }},
    {"choices", [](const Tensor& w) { return sum(select(greater(w, 0.0), w * w * w, exp(w)) * maximum(w, 0.2)); }},
};

class SecondOrder : public ::testing::TestWithParam<Function> {
 protected:
  const Tensor start = random::normal({3, 4}, {.stddev = 0.7, .seed = 9}),
               direction = random::normal({3, 4}, {.seed = 10});

  /// Loss, gradient, and the Hessian times a direction.
  Tensors all(const Tensor& w, const Tensor& v) const {
    const Tensor loss = GetParam().call(w);
    const Tensor g = gradient(loss, w);
    return {loss, g, gradient(sum(g * v), w)};
  }

  static void expect_near(const Tensor& actual, const Tensor& expected, double tolerance, const char* what) {
    ASSERT_EQ(actual.spec(), expected.spec()) << what;
    const auto a = actual.to_vector<double>(), b = expected.to_vector<double>();
    for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], tolerance * (1 + std::abs(b[i]))) << what << " " << i;
  }
};

TEST_P(SecondOrder, IsTheDifferenceOfGradients) {
  const Tensor w = variable(cast(start, DType::float64)), v = cast(direction, DType::float64);
  // The constants of the functions are float32: computed in float64 all the same, as one operand is.
  auto gradient_at = [&](double by) {
    const Tensor moved = variable(cast(start, DType::float64) + v * by);
    return gradient(GetParam().call(cast(moved, DType::float32)), moved);
  };
  const Tensor w32 = variable(start);
  const Tensor hv = all(w32, direction)[2];
  const double h = 1e-2;
  const Tensor difference = (gradient_at(h) - gradient_at(-h)) / (2 * h);
  expect_near(cast(hv, DType::float64), difference, 5e-3, "Hessian times direction");
}

TEST_P(SecondOrder, TracedIsEager) {
  const Tensor w = variable(start);
  const Tensors eager = all(w, direction);
  for (const PlanOptions& options :
       {PlanOptions{}, PlanOptions{.skip_passes = {"all"}}, PlanOptions{.kernels = "reference"}}) {
    // Of a variable, and of a parameter.
    PlanCache of_variable([&](const Tensors& in) { return all(w, in[0]); }, options);
    PlanCache of_parameter([&](const Tensors& in) { return all(in[0], in[1]); }, options);
    const Tensors traced = of_variable.run({direction}), also = of_parameter.run({start, direction});
    for (size_t i = 0; i < eager.size(); ++i) {
      expect_near(traced[i], eager[i], 1e-5, "of a variable");
      expect_near(also[i], eager[i], 1e-5, "of a parameter");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, SecondOrder, ::testing::ValuesIn(functions),
                         [](const auto& info) { return std::string(info.param.name); });

/// A step inside a traced step: the gradient of a loss after one update, as in learning to learn.
TEST(HigherGradient, ThroughAnUpdate) {
  auto after = [](const Tensor& w) {
    const Tensor inner = sum(w * w * w);
    const Tensor moved = w - 0.1 * gradient(inner, w);
    return sum(moved * moved);
  };
  const Tensor w = variable(Tensor{1, 2});
  // moved = w - 0.3 w^2; d/dw moved^2 = 2 moved (1 - 0.6 w)
  const Floats eager = values(gradient(after(w), w));
  EXPECT_NEAR(eager[0], 2 * 0.7 * 0.4, 1e-5);
  EXPECT_NEAR(eager[1], 2 * 0.8 * -0.2, 1e-5);
  auto traced = compiled([&](const Tensor& x) { return gradient(after(x), x); });
  const Floats planned = values(traced(Tensor{1, 2}));
  for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(planned[i], eager[i], 1e-6);
}

/// In a trace a variable may be assigned to and used again: what it was assigned is where its gradient ends.
TEST(Gradient, OfAVariableThatATraceAssigns) {
  const Tensor w = variable(Tensor{1, 2});
  PlanCache step([&](const Tensors&) {
    assign(w, w * 10.0);
    const Tensor g = gradient(sum(w * w), w);
    assign(w, w - g * 0.25);
    return Tensors{g};
  });
  EXPECT_EQ(values(step.run({})[0]), (Floats{20, 40}));
  EXPECT_EQ(values(w), (Floats{5, 10}));
}

/// Used before and after an assignment: the sum of both uses' gradients, as TensorFlow's tape has it.
TEST(Gradient, OfAVariableThatATraceUsesBeforeItAssigns) {
  const Tensor w = variable(Tensor{1, 2});
  PlanCache step([&](const Tensors&) {
    const Tensor before = sum(w * w);
    assign(w, w * 10.0);
    return Tensors{gradient(before + sum(w * w * w), w)};
  });
  EXPECT_EQ(values(step.run({})[0]), (Floats{2 + 300, 4 + 1200}));
  EXPECT_EQ(values(w), (Floats{10, 20}));
}

/// Steps have no slope: a gradient of zeros, not none, so that an optimizer takes its step.
TEST(Gradient, OfSteps) {
  for (auto* f : {sign, floor, ceil, round}) {
    const Tensor x = variable(Tensor{0.3, -1.7});
    const Tensor y = sum(f(x));
    const Tensors found = vector_jacobian({y}, {ones_like(y)}, {x});
    ASSERT_TRUE(found[0].defined());
    EXPECT_EQ(values(found[0]), (Floats{0, 0}));
  }
}

}  // namespace
}  // namespace hebb
