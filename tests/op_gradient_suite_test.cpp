// Every gradient rule against central differences in float64: of first order, and of second order, which differentiates
// the operations that the rule is written in.
#include "tests/op_suite.h"

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

constexpr double step = 1e-4;           // the error of a central difference is about step^2 of the third derivative
constexpr int64_t most_elements = 400;  // of all inputs together: a difference needs two evaluations

/// The floating inputs of a sample as float64 variables; the other inputs as they are.
Tensors float64_variables(const Tensors& inputs) {
  Tensors out;
  for (const Tensor& input : inputs)
    out.push_back(is_floating(input.dtype()) ? variable(cast(input, DType::float64)) : input);
  return out;
}

Tensors variables_among(const Tensors& inputs) {
  Tensors out;
  for (const Tensor& input : inputs) {
    if (input.is_variable()) out.push_back(input);
  }
  return out;
}

using Function = std::function<Tensor()>;  // a scalar that depends on variables

double moved_value(const Function& f, const Tensors& variables, const Tensors& direction, double by) {
  Tensors before;
  for (const Tensor& x : variables) before.push_back(x + 0.0);
  for (size_t i = 0; i < variables.size(); ++i) assign(variables[i], before[i] + direction[i] * by);
  const double value = f().item();
  for (size_t i = 0; i < variables.size(); ++i) assign(variables[i], before[i]);
  return value;
}

double difference(const Function& f, const Tensors& variables, const Tensors& direction) {
  return (moved_value(f, variables, direction, step) - moved_value(f, variables, direction, -step)) / (2 * step);
}

/// Compares gradient(f, variables) with differences along random directions, and along a few single elements.
void check_gradient(const Function& f, const Tensors& variables, const std::string& what) {
  const Tensors gradients = gradient(f(), variables);
  auto check = [&](const Tensors& direction, const std::string& along) {
    double expected = 0, size = 1;
    for (size_t i = 0; i < variables.size(); ++i) {
      expected += sum(gradients[i] * direction[i]).item();
      size += sum(abs(gradients[i] * direction[i])).item();
    }
    EXPECT_NEAR(difference(f, variables, direction), expected, 2e-6 * size) << what << " along " << along;
  };
  for (uint64_t seed : {1, 2}) {
    Tensors direction;
    for (const Tensor& x : variables) direction.push_back(draw(x.shape(), DType::float64, -1, 1, seed += 10));
    check(direction, "everything");
  }
  for (size_t i = 0; i < variables.size(); ++i) {
    const int64_t count = variables[i].size();
    for (int64_t at : {int64_t{0}, count / 3, count - 1}) {
      if (count == 0) continue;
      Tensors direction;
      for (const Tensor& x : variables) direction.push_back(zeros(x.shape(), DType::float64));
      direction[i].mutable_data<double>()[at] = 1;
      check(direction, message("element ", at, " of variable ", i));
    }
  }
}

/// Samples that a gradient can be checked on: few enough numbers, all of them finite.
std::vector<Sample> small_samples(const OperationRecord& record) {
  std::vector<Sample> out;
  for (const Sample& sample : record.samples()) {
    const Case c(sample);
    int64_t elements = 0;
    const bool differentiable =
        record.gradient == GradientRule::differentiable || record.gradient == GradientRule::once;
    bool fits = !differentiable;
    for (const Tensor& input : sample.inputs) {
      elements += input.size();
      fits = fits || input.dtype() == DType::float32;  // the samples of float64 have the same shapes
    }
    for (const Tensor& input : sample.inputs) {
      fits = fits && input.dtype() != DType::float64;
      for (double value : input.to_vector<double>()) fits = fits && std::isfinite(value);
    }
    std::vector<Spec> in = c.in;
    for (Spec& spec : in) spec.dtype = is_floating(spec.dtype) ? DType::float64 : spec.dtype;
    // A cast to float32 rounds too much for differences.
    fits = fits && elements <= most_elements && (!differentiable || sample.op->infer(in)[0].dtype == DType::float64);
    if (fits) out.push_back(sample);
  }
  return out;
}

class OpGradients : public ::testing::TestWithParam<const OperationRecord*> {};
class OpsThatRound : public ::testing::TestWithParam<const OperationRecord*> {};
class OpsOfSteps : public ::testing::TestWithParam<const OperationRecord*> {};
class OpWithoutGradient : public ::testing::TestWithParam<const OperationRecord*> {};

INSTANTIATE_TEST_SUITE_P(Operations, OpGradients, each_operation({GradientRule::differentiable, GradientRule::once}),
                         operation_name);
INSTANTIATE_TEST_SUITE_P(Operations, OpsThatRound, each_operation({GradientRule::rounding}), operation_name);
INSTANTIATE_TEST_SUITE_P(Operations, OpsOfSteps, each_operation({GradientRule::steps}), operation_name);
INSTANTIATE_TEST_SUITE_P(Operations, OpWithoutGradient,
                         each_operation({GradientRule::none, GradientRule::internal, GradientRule::refused}),
                         operation_name);

/// The sum of the results with weights, which are variables too: the second order then goes through the rule's
/// operations with respect to the gradients that come in.
struct WeightedSum {
  explicit WeightedSum(const Sample& sample)
      : op(sample.op), inputs(float64_variables(sample.inputs)), variables(variables_among(inputs)) {
    const NoTape no_tape;
    const Tensor result = apply_one(op, inputs);
    weight = variable(draw(result.shape(), result.dtype(), -1, 1, 77));
  }
  Tensor operator()() const { return sum(apply_one(op, inputs) * weight); }

  OpPtr op;
  Tensors inputs, variables;
  Tensor weight;
};

TEST_P(OpGradients, FirstOrder) {
  const std::vector<Sample> samples = small_samples(*GetParam());
  ASSERT_GE(samples.size(), 3u);
  for (const Sample& sample : samples) {
    const WeightedSum f(sample);
    check_gradient([&] { return f(); }, f.variables, Case(sample).text());
  }
}

TEST_P(OpGradients, SecondOrder) {
  const bool once = GetParam()->gradient == GradientRule::once;
  for (const Sample& sample : small_samples(*GetParam())) {
    const WeightedSum f(sample);
    Tensors directions;
    for (const Tensor& x : f.variables) directions.push_back(draw(x.shape(), x.dtype(), -1, 1, 55));
    const auto slope = [&] {
      const Tensors gradients = gradient(f(), f.variables);
      Tensor total = sum(gradients[0] * directions[0]);
      for (size_t i = 1; i < gradients.size(); ++i) total = total + sum(gradients[i] * directions[i]);
      return total;
    };
    Tensors all = f.variables;
    all.push_back(f.weight);
    if (once) {
      EXPECT_THROW(gradient(slope(), all), NotSupported) << Case(sample).text();
      continue;
    }
    check_gradient(slope, all, "second order: " + Case(sample).text());
  }
}

TEST_P(OpsThatRound, RoundTheGradientAlike) {
  for (const Sample& sample : small_samples(*GetParam())) {
    if (sample.inputs[0].dtype() != DType::float32) continue;
    const Tensor x = variable(sample.inputs[0]), weight = variable(draw(x.shape(), x.dtype(), -1, 1, 77));
    const Tensor slope = gradient(sum(apply_one(sample.op, {x}) * weight), x);
    EXPECT_TRUE(agree(apply_one(sample.op, {weight}), slope)) << Case(sample).text();
    const Tensor direction = draw(x.shape(), x.dtype(), -1, 1, 55);
    EXPECT_TRUE(agree(apply_one(sample.op, {direction}), gradient(sum(slope * direction), weight)))
        << "second order: " << Case(sample).text();
  }
}

/// Zeros and not nothing: an optimizer takes a step for the variables behind, as Keras does on every backend for
/// `sign`.
TEST_P(OpsOfSteps, HaveAGradientOfZeros) {
  for (const Sample& sample : small_samples(*GetParam())) {
    if (sample.inputs[0].dtype() != DType::float32) continue;
    const Tensor x = variable(sample.inputs[0]), y = apply_one(sample.op, {x});
    const Tensor slope = vector_jacobian({y}, {ones_like(y)}, {x})[0];
    ASSERT_TRUE(slope.defined()) << Case(sample).text();
    EXPECT_TRUE(agree(zeros_like(x), slope)) << Case(sample).text();
  }
}

/// What the samples leave out, since a power of a negative number has no slope in the exponent.
TEST(PowerGradient, OfAnyBaseToAWholeExponent) {
  const Tensor base = variable(Tensor::from(std::vector<double>{-2, -0.5, 0, -0.0, 1.5}, {5, 1}));
  const Tensor exponent = Tensor::from(std::vector<double>{0, 1, 2, 3}, {4});
  const Tensor weight = variable(draw({5, 4}, DType::float64, -1, 1, 77));
  const auto f = [&] { return sum(power(base, exponent) * weight); };
  check_gradient(f, {base}, "power");
  check_gradient([&] { return sum(gradient(f(), base) * square(base + 1.0)); }, {base, weight}, "power, second order");
}

/// What TensorFlow 2 and JAX give, as y and its derivatives by a, b, aa, ab, ba and bb. Where both have NaN for a = 0
/// and b = 0 (or b = 1, in the second order by a), the zeros that JAX has when the exponent is an integer.
TEST(PowerGradient, AtTheEdges) {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const double ln2 = std::log(2.0);
  struct {
    double a, b;
    std::vector<double> expected;
  } const points[] = {
      {0, 1, {0, 1, 0, 0, 1, 0, 0}},
      {0, 2, {0, 0, 0, 2, 0, 0, 0}},
      {0, 3, {0, 0, 0, 0, 0, 0, 0}},
      {0, 0.5, {0, inf, 0, -inf, nan, nan, 0}},
      {0, -1, {inf, -inf, nan, inf, nan, nan, nan}},
      {0, 1.5, {0, 0, 0, inf, 0, 0, 0}},
      {-2, 3, {-8, 12, 0, -12, 4, 0, 0}},
      {-2, 2, {4, -4, 0, 2, -2, 0, 0}},
      {-2, 0, {1, 0, 0, 0, -0.5, 0, 0}},
      {-2, 1, {-2, 1, 0, 0, 1, 0, 0}},
      {-2, 0.5, {nan, nan, nan, nan, nan, nan, nan}},
      {2, 0, {1, 0, ln2, 0, 0.5, 0.5, ln2 * ln2}},
      {2, 3, {8, 12, 8 * ln2, 12, 4 + 12 * ln2, 4 + 12 * ln2, 8 * ln2 * ln2}},
  };
  for (const auto& point : points) {
    const Tensor a = variable(Tensor::scalar(point.a, DType::float64));
    const Tensor b = variable(Tensor::scalar(point.b, DType::float64));
    const Tensor y = power(a, b);
    const Tensors first = gradient(y, {a, b}), of_a = gradient(first[0], {a, b}), of_b = gradient(first[1], {a, b});
    const Tensors got = {y, first[0], first[1], of_a[0], of_a[1], of_b[0], of_b[1]};
    for (size_t i = 0; i < got.size(); ++i) {
      const double value = got[i].item(), expected = point.expected[i];
      const bool same = std::isnan(expected) ? std::isnan(value) : value == expected;
      EXPECT_TRUE(same || std::abs(value - expected) < 1e-12)
          << point.a << "^" << point.b << ", number " << i << ": expected " << expected << ", got " << value;
    }
  }
  const Tensor zero = variable(Tensor::scalar(0)), exponent = variable(Tensor::scalar(0));
  const Tensors slopes = gradient(power(zero, exponent), {zero, exponent});
  EXPECT_EQ(slopes[0].item(), 0);
  EXPECT_EQ(slopes[1].item(), 0);
  EXPECT_EQ(gradient(slopes[0], zero).item(), 0);
}

TEST_P(OpWithoutGradient, TheRuleSaysSo) {
  for (const Sample& sample : small_samples(*GetParam())) {
    const Tensors inputs = sample.inputs, outputs = apply_op(sample.op, inputs);
    Tensors gradients_of_outputs;
    for (const Tensor& output : outputs) gradients_of_outputs.push_back(ones(output.shape(), output.dtype()));
    const std::vector<bool> wanted(inputs.size(), true);
    const auto rule = [&] { return sample.op->gradient({inputs, outputs, gradients_of_outputs, wanted}); };
    if (GetParam()->gradient == GradientRule::internal) {
      EXPECT_THROW(rule(), InternalError) << Case(sample).text();
      continue;
    }
    if (GetParam()->gradient == GradientRule::refused) {
      EXPECT_THROW(rule(), NotSupported) << Case(sample).text();
      continue;
    }
    const Tensors gradients = rule();
    ASSERT_EQ(gradients.size(), inputs.size());
    for (const Tensor& each : gradients) EXPECT_FALSE(each.defined()) << Case(sample).text();
  }
}

TEST_P(OpGradients, OnlyWhatIsWantedIsComputed) {
  const std::vector<Sample> samples = small_samples(*GetParam());
  const Sample& sample = samples.front();
  const WeightedSum f(sample);
  const Tensors together = gradient(f(), f.variables);
  for (size_t i = 0; i < f.variables.size(); ++i) {
    EXPECT_TRUE(agree(together[i], gradient(f(), f.variables[i]))) << Case(sample).text();
  }
}

}  // namespace
}  // namespace hebb
