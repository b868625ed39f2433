#include <array>
#include <numbers>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/gelu.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/rounding.h"

namespace hebb {

namespace {

using Args = const GradientArgs&;

// The gradient of a function of one argument: g times its derivative, which is written in terms of x or of the result
// y.
#define HEBB_DERIVATIVE(expression)                                          \
  [](Args args) -> Tensors {                                                 \
    [[maybe_unused]] const Tensor &x = args.inputs[0], &y = args.outputs[0]; \
    const Tensor& g = args.output_gradients[0];                              \
    return {expression};                                                     \
  }

// The gradients of a function of two arguments, each summed over the axes along which its argument was broadcast.
#define HEBB_DERIVATIVES(for_a, for_b)                                                            \
  [](Args args) -> Tensors {                                                                      \
    [[maybe_unused]] const Tensor &a = args.inputs[0], &b = args.inputs[1], &y = args.outputs[0]; \
    const Tensor& g = args.output_gradients[0];                                                   \
    return {args.wanted[0] ? sum_to(for_a, a.shape()) : Tensor(),                                 \
            args.wanted[1] ? sum_to(for_b, b.shape()) : Tensor()};                                \
  }

/// The gradient of max or min goes to the chosen operand, half to each at a tie, as in TensorFlow's maximum and JAX.
Tensors choice_gradient(Args args, const Tensor& a_chosen, const Tensor& b_chosen) {
  const Tensor& g = args.output_gradients[0];
  const Tensor half = select(equal(args.inputs[0], args.inputs[1]), g * 0.5, zeros_like(g));
  return {args.wanted[0] ? sum_to(select(a_chosen, g, half), args.inputs[0].shape()) : Tensor(),
          args.wanted[1] ? sum_to(select(b_chosen, g, half), args.inputs[1].shape()) : Tensor()};
}

/// As in TensorFlow, except that a^0 does not depend on a where a is 0 either: there b a^(b - 1) would be 0 * infinity,
/// at b = 0 in the first and at b = 1 in the second order. JAX (for whole exponents) and PyTorch have 0, too.
Tensors power_gradient(Args args) {
  const Tensor &a = args.inputs[0], &b = args.inputs[1], &y = args.outputs[0], &g = args.output_gradients[0];
  Tensors out(2);
  if (args.wanted[0]) {
    const Tensor base = select(logical_and(equal(a, 0.0), equal(b, 0.0)), 1.0, a);
    out[0] = sum_to(g * b * power(base, b - 1.0), a.shape());
  }
  if (args.wanted[1]) {
    const Tensor positive = greater(a, 0.0);
    out[1] = sum_to(g * y * select(positive, log(select(positive, a, 1.0)), 0.0), b.shape());
  }
  return out;
}

constexpr auto any = OperandType::any;
constexpr auto floating = OperandType::floating;
constexpr auto logical = OperandType::boolean;
constexpr auto same = ResultType::same;
constexpr auto boolean = ResultType::boolean;

using std::numbers::inv_sqrtpi;

const std::array records = {
    // name, arity, operands, result, gradient, doc, domain of the tests, error bounds
    ElementwiseRecord{"negative", 1, any, same, HEBB_DERIVATIVE(-g), "-x", -5, 5, 0},
    ElementwiseRecord{"abs", 1, any, same, HEBB_DERIVATIVE(g * sign(x)), "|x|", 0.1, 5, 0},
    ElementwiseRecord{"sign", 1, any, same, HEBB_DERIVATIVE(zeros_like(g)), "-1, 0 or 1", -5, 5, 0},
    ElementwiseRecord{"floor", 1, floating, same, HEBB_DERIVATIVE(zeros_like(g)), "the largest whole number not above x", -5, 5, 0},
    ElementwiseRecord{"ceil", 1, floating, same, HEBB_DERIVATIVE(zeros_like(g)), "the smallest whole number not below x", -5, 5, 0},
    ElementwiseRecord{"round", 1, floating, same, HEBB_DERIVATIVE(zeros_like(g)), "the nearest whole number, halves to even", -5, 5, 0},
    ElementwiseRecord{"round_to_bfloat16", 1, floating, same, HEBB_DERIVATIVE(rounded(g, Rounding::bfloat16)), "the nearest bfloat16; the gradient is rounded alike", -5, 5, 0},
    ElementwiseRecord{"round_to_float16", 1, floating, same, HEBB_DERIVATIVE(rounded(g, Rounding::float16)), "the nearest float16; the gradient is rounded alike", -5, 5, 0},
    ElementwiseRecord{"square", 1, any, same, HEBB_DERIVATIVE(g * x * 2.0), "x * x", -5, 5, 0},
    ElementwiseRecord{"sqrt", 1, floating, same, HEBB_DERIVATIVE(g * 0.5 / y), "the square root", 0.1, 5, 1},
    ElementwiseRecord{"rsqrt", 1, floating, same, HEBB_DERIVATIVE(g * -0.5 * y / x), "1 / sqrt(x)", 0.1, 5, 2},
    ElementwiseRecord{"reciprocal", 1, floating, same, HEBB_DERIVATIVE(-(g * square(y))), "1 / x", 0.1, 5, 1},
    ElementwiseRecord{"exp", 1, floating, same, HEBB_DERIVATIVE(g * y), "e to the x", -5, 5, 2},
    ElementwiseRecord{"expm1", 1, floating, same, HEBB_DERIVATIVE(g * (y + 1.0)), "exp(x) - 1", -5, 5, 4},
    ElementwiseRecord{"log", 1, floating, same, HEBB_DERIVATIVE(g / x), "the natural logarithm", 0.1, 5, 4},
    ElementwiseRecord{"log1p", 1, floating, same, HEBB_DERIVATIVE(g / (x + 1.0)), "log(1 + x)", -0.9, 5, 4},
    ElementwiseRecord{"sin", 1, floating, same, HEBB_DERIVATIVE(g * cos(x)), "the sine", -5, 5, 4},
    ElementwiseRecord{"cos", 1, floating, same, HEBB_DERIVATIVE(-(g * sin(x))), "the cosine", -5, 5, 4},
    ElementwiseRecord{"tan", 1, floating, same, HEBB_DERIVATIVE(g * (square(y) + 1.0)), "the tangent", -1, 1, 8},
    ElementwiseRecord{"asin", 1, floating, same, HEBB_DERIVATIVE(g * rsqrt(1.0 - square(x))), "the inverse sine", -0.9, 0.9, 4},
    ElementwiseRecord{"acos", 1, floating, same, HEBB_DERIVATIVE(-(g * rsqrt(1.0 - square(x)))), "the inverse cosine", -0.9, 0.9, 4},
    ElementwiseRecord{"atan", 1, floating, same, HEBB_DERIVATIVE(g / (square(x) + 1.0)), "the inverse tangent", -5, 5, 4},
    ElementwiseRecord{"sinh", 1, floating, same, HEBB_DERIVATIVE(g * cosh(x)), "the hyperbolic sine", -3, 3, 4},
    ElementwiseRecord{"cosh", 1, floating, same, HEBB_DERIVATIVE(g * sinh(x)), "the hyperbolic cosine", -3, 3, 4},
    ElementwiseRecord{"asinh", 1, floating, same, HEBB_DERIVATIVE(g * rsqrt(square(x) + 1.0)), "the inverse hyperbolic sine", -5, 5, 4},
    ElementwiseRecord{"acosh", 1, floating, same, HEBB_DERIVATIVE(g * rsqrt(square(x) - 1.0)), "the inverse hyperbolic cosine", 1.1, 5, 4},
    ElementwiseRecord{"atanh", 1, floating, same, HEBB_DERIVATIVE(g / (1.0 - square(x))), "the inverse hyperbolic tangent", -0.9, 0.9, 4},
    ElementwiseRecord{"tanh", 1, floating, same, HEBB_DERIVATIVE(g * (1.0 - square(y))), "the hyperbolic tangent", -5, 5, 4},
    ElementwiseRecord{"sigmoid", 1, floating, same, HEBB_DERIVATIVE(g * y * (1.0 - y)), "1 / (1 + exp(-x))", -8, 8, 4},
    ElementwiseRecord{"erf", 1, floating, same, HEBB_DERIVATIVE(g * exp(-square(x)) * (2 * inv_sqrtpi)), "the error function", -3, 3, 8},
    ElementwiseRecord{"gelu", 1, floating, same, HEBB_DERIVATIVE(g * gelu_derivative(x)), "x P(X <= x), X normal", -5, 5, 16, 1e-6},
    ElementwiseRecord{"gelu_derivative", 1, floating, same, HEBB_DERIVATIVE(g * (exp(square(x) * -0.5) * normal_density_factor * (2.0 - square(x)))), "the derivative of gelu", -5, 5, 16, 1e-6},
    ElementwiseRecord{"relu", 1, any, same, HEBB_DERIVATIVE(select(greater(y, 0.0), g, 0.0)), "max(x, 0)", 0.1, 5, 0},
    ElementwiseRecord{"softplus", 1, floating, same, HEBB_DERIVATIVE(g * sigmoid(x)), "log(1 + exp(x))", -8, 8, 4},
    ElementwiseRecord{"isnan", 1, floating, boolean, nullptr, "whether x is not a number", -5, 5, 0},
    ElementwiseRecord{"isfinite", 1, floating, boolean, nullptr, "whether x is neither infinite nor NaN", -5, 5, 0},
    ElementwiseRecord{"logical_not", 1, logical, boolean, nullptr, "whether x is false", -1, 1, 0},

    ElementwiseRecord{"add", 2, any, same, HEBB_DERIVATIVES(g, g), "a + b", -5, 5, 0},
    ElementwiseRecord{"subtract", 2, any, same, HEBB_DERIVATIVES(g, -g), "a - b", -5, 5, 0},
    ElementwiseRecord{"multiply", 2, any, same, HEBB_DERIVATIVES(g * b, g * a), "a * b", -5, 5, 0},
    ElementwiseRecord{"divide", 2, floating, same, HEBB_DERIVATIVES(g / b, -(g * y / b)), "a / b", 0.5, 5, 0},
    ElementwiseRecord{"power", 2, floating, same, power_gradient, "a to the power b", 0.5, 3, 16},
    ElementwiseRecord{"maximum", 2, any, same,
                      [](Args args) { return choice_gradient(args, greater(args.inputs[0], args.inputs[1]), greater(args.inputs[1], args.inputs[0])); },
                      "the larger of a and b; NaN where one is", -5, 5, 0},
    ElementwiseRecord{"minimum", 2, any, same,
                      [](Args args) { return choice_gradient(args, less(args.inputs[0], args.inputs[1]), less(args.inputs[1], args.inputs[0])); },
                      "the smaller of a and b; NaN where one is", -5, 5, 0},
    ElementwiseRecord{"equal", 2, any, boolean, nullptr, "a == b", -5, 5, 0},
    ElementwiseRecord{"not_equal", 2, any, boolean, nullptr, "a != b", -5, 5, 0},
    ElementwiseRecord{"less", 2, any, boolean, nullptr, "a < b", -5, 5, 0},
    ElementwiseRecord{"less_equal", 2, any, boolean, nullptr, "a <= b", -5, 5, 0},
    ElementwiseRecord{"greater", 2, any, boolean, nullptr, "a > b", -5, 5, 0},
    ElementwiseRecord{"greater_equal", 2, any, boolean, nullptr, "a >= b", -5, 5, 0},
    ElementwiseRecord{"logical_and", 2, logical, boolean, nullptr, "a and b", -1, 1, 0},
    ElementwiseRecord{"logical_or", 2, logical, boolean, nullptr, "a or b", -1, 1, 0},

    ElementwiseRecord{"select", 3, any, same,
                      [](Args args) -> Tensors {
                        const Tensor &condition = args.inputs[0], &g = args.output_gradients[0];
                        return {Tensor(),
                                args.wanted[1] ? sum_to(select(condition, g, 0.0), args.inputs[1].shape()) : Tensor(),
                                args.wanted[2] ? sum_to(select(condition, 0.0, g), args.inputs[2].shape()) : Tensor()};
                      },
                      "where the condition holds a, elsewhere b", -5, 5, 0},
};

#undef HEBB_DERIVATIVE
#undef HEBB_DERIVATIVES

}  // namespace

std::span<const ElementwiseRecord> elementwise_records() { return records; }

const ElementwiseRecord& elementwise_record(std::string_view name) {
  for (const ElementwiseRecord& record : records) {
    if (record.name == name) return record;
  }
  throw InternalError(message("there is no elementwise operation '", name, "'."));
}

}  // namespace hebb
