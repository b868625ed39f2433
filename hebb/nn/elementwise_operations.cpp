// Keras's operations that compute: element by element, and along axes (keras/src/ops/numpy.py, nn.py, math.py).

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/einsum.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);

template <Unary function>
Tensors unary(const OperationCall& call) {
  return {function(call.tensor(0, "x"))};
}

template <Unary function>
Tensors of_reals(const OperationCall& call) {
  return {function(floating(call.tensor(0, "x")))};
}

/// The two operands; a number takes the type of the tensor beside it.
std::pair<Tensor, Tensor> operands(const OperationCall& call, size_t first = 0, const char* left = "x1",
                                   const char* right = "x2") {
  const Json *a = call.arguments.find(first, left), *b = call.arguments.find(first + 1, right);
  const auto beside = [](const Json& number, const Tensor& other) {
    DType dtype = other.dtype();
    if (!is_floating(dtype) && !number.is_int()) dtype = DType::float32;
    if (dtype == DType::boolean) dtype = DType::int32;
    return Tensor::scalar(number.as_double(), dtype);
  };
  const bool number_left = a && a->is_number(), number_right = b && b->is_number();
  if (number_left && !number_right) {
    const Tensor y = call.tensor(first + 1, right);
    return {beside(*a, y), y};
  }
  const Tensor x = call.tensor(first, left);
  if (number_right && !number_left) return {x, beside(*b, x)};
  return {x, call.tensor(first + 1, right)};
}

template <Binary function>
Tensors binary(const OperationCall& call) {
  const auto [a, b] = operands(call);
  return {function(a, b)};
}

Tensor quotient(const Tensor& a, const Tensor& b) { return divide(floating(a), floating(b)); }
Tensor safe_quotient(const Tensor& a, const Tensor& b) {
  const Tensor divisor = floating(b);
  const Tensor is_zero = equal(divisor, 0.0);
  return select(is_zero, 0.0, divide(floating(a), select(is_zero, 1.0, divisor)));
}
/// Whole numbers stay such: their quotient is exact in float64.
Tensor floor_quotient(const Tensor& a, const Tensor& b) {
  const DType dtype = promote(a.dtype(), b.dtype());
  if (is_floating(dtype)) return floor(divide(a, b));
  return cast(floor(divide(cast(a, DType::float64), cast(b, DType::float64))), dtype);
}
Tensor remainder(const Tensor& a, const Tensor& b) { return a - floor_quotient(a, b) * b; }
Tensor boolean(const Tensor& x) { return x.dtype() == DType::boolean ? x : not_equal(x, 0.0); }
Tensor both(const Tensor& a, const Tensor& b) { return logical_and(boolean(a), boolean(b)); }
Tensor either(const Tensor& a, const Tensor& b) { return logical_or(boolean(a), boolean(b)); }
Tensor one_of_both(const Tensor& a, const Tensor& b) { return not_equal(boolean(a), boolean(b)); }
Tensor inverted(const Tensor& x) { return logical_not(boolean(x)); }
Tensor log2(const Tensor& x) { return log(x) / std::log(2.0); }
Tensor log10(const Tensor& x) { return log(x) / std::log(10.0); }
Tensor absolute(const Tensor& x) { return abs(x); }
Tensor squared_difference(const Tensor& a, const Tensor& b) { return square(a - b); }

Tensor cube_root(const Tensor& x) { return sign(x) * power(abs(x), Tensor::scalar(1.0 / 3, x.dtype())); }
Tensor power_of_two(const Tensor& x) { return exp(x * std::log(2.0)); }
Tensor truncated(const Tensor& x) { return sign(x) * floor(abs(x)); }
Tensor is_infinite(const Tensor& x) { return equal(abs(x), HUGE_VAL); }
Tensor radians(const Tensor& x) { return x * (M_PI / 180); }
Tensor degrees(const Tensor& x) { return x * (180 / M_PI); }
/// The angle of (x, y), whose quotient is not taken where x is zero.
Tensor angle(const Tensor& y, const Tensor& x) {
  const Tensor is_upright = equal(x, 0.0);
  const Tensor slope = atan(floating(y) / select(is_upright, 1.0, floating(x)));
  const Tensor turned = slope + select(less(y, 0.0), Tensor::scalar(-M_PI, slope.dtype()), M_PI);
  return select(is_upright, sign(floating(y)) * (M_PI / 2), select(less(x, 0.0), turned, slope));
}
Tensor hypotenuse(const Tensor& a, const Tensor& b) { return sqrt(square(floating(a)) + square(floating(b))); }
Tensor log_of_sum(const Tensor& a, const Tensor& b) {
  const Tensor difference = a - b;  // none of two infinities
  return select(isnan(difference), a + b, maximum(a, b) + log1p(exp(negative(abs(difference)))));
}
/// Of two numbers of which one is none the other.
template <Binary chosen>
Tensor of_numbers(const Tensor& a, const Tensor& b) {
  if (!is_floating(a.dtype()) || !is_floating(b.dtype())) return chosen(a, b);
  return select(isnan(a), b, select(isnan(b), a, chosen(a, b)));
}
Tensor outer_product(const Tensor& a, const Tensor& b) { return reshape(a, {-1, 1}) * reshape(b, {1, -1}); }

// ----------------------------------------------------------------------------------------------------- along axes

ReduceOptions reduction(const OperationCall& call, const Tensor& x) {
  return {.axes = call.axes("axis", x.rank()), .keepdims = call.flag("keepdims", false)};
}

template <Tensor (*function)(const Tensor&, const ReduceOptions&)>
Tensors reduced(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  if (x.rank() == 0) return {x};
  return {function(x, reduction(call, x))};
}

/// Of the largest and the smallest, whose results are at least (at most) `initial` where there is one.
template <Tensor (*function)(const Tensor&, const ReduceOptions&), Binary bound>
Tensors extreme(const OperationCall& call) {
  const Tensor y = reduced<function>(call).front();
  const Json* initial = call.config.find("initial");
  if (!initial || initial->is_null()) return {y};
  if (!initial->is_number()) call.refuse("expected a number as initial.");
  return {bound(y, Tensor::scalar(initial->as_double(), y.dtype()))};
}

/// Of the type that is asked for, from the first factor on.
Tensors multiplied(const OperationCall& call) {
  Tensor x = call.tensor(0, "x");
  const Json* type = call.config.find("dtype");
  if (type && type->is_string()) x = cast(x, type_named(type->as_string()));
  if (x.dtype() == DType::boolean) x = cast(x, DType::int32);
  return {x.rank() == 0 ? x : prod(x, reduction(call, x))};
}

Tensor counted(const Tensor& x, const ReduceOptions& options) {
  return sum(x.dtype() == DType::boolean ? cast(x, DType::int32) : x, options);
}
Tensor any(const Tensor& x, const ReduceOptions& options) {
  return not_equal(max(cast(boolean(x), DType::int32), options), 0.0);
}
Tensor all(const Tensor& x, const ReduceOptions& options) {
  return not_equal(min(cast(boolean(x), DType::int32), options), 0.0);
}
Tensor deviation(const Tensor& x, const ReduceOptions& options) { return sqrt(variance(floating(x), options)); }
Tensor spread(const Tensor& x, const ReduceOptions& options) { return variance(floating(x), options); }
Tensor log_sum_exp(const Tensor& x, const ReduceOptions& options) {
  const Tensor largest = stop_gradient(max(x, {.axes = options.axes, .keepdims = true}));
  const Tensor total = log(sum(exp(x - largest), options));
  return total + (options.keepdims ? largest : reshape(largest, total.shape()));
}

Tensor how_many(const Tensor& x, const ReduceOptions& options) { return sum(cast(boolean(x), DType::int32), options); }
Tensor extent(const Tensor& x, const ReduceOptions& options) { return max(x, options) - min(x, options); }

template <bool largest>
Tensors extreme_at(const OperationCall& call) {
  Tensor x = call.tensor(0, "x");
  const Json* axis = call.option(1, "axis");
  const bool keepdims = call.flag("keepdims", false);
  const int rank = x.rank();
  if (!axis) x = reshape(x, {-1});
  const int64_t at = axis ? axis->as_int() : 0;
  Tensor y = cast(largest ? argmax(x, at) : argmin(x, at), DType::int32);
  if (keepdims && !axis) return {reshape(y, Shape(std::vector<int64_t>(static_cast<size_t>(rank), 1)))};
  if (keepdims) y = expand_dims(y, at < 0 ? at + x.rank() : at);
  return {y};
}

Tensors clipped(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const Json *low = call.option(1, "x_min"), *high = call.option(2, "x_max");
  Tensor y = x;
  if (low) y = low->is_number() ? maximum(y, low->as_double()) : maximum(y, call.tensor(1, "x_min"));
  if (high) y = high->is_number() ? minimum(y, high->as_double()) : minimum(y, call.tensor(2, "x_max"));
  return {y};
}

Tensors rounded(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const int64_t decimals = call.whole("decimals", 0);
  if (decimals == 0) return {round(x)};
  const double scale = std::pow(10.0, static_cast<double>(decimals));
  return {round(x * scale) / scale};
}

Tensors chosen(const OperationCall& call) {
  const Json* x1 = call.arguments.find(1, "x1");
  if (!x1 || x1->is_null()) call.refuse("hebb has it with two tensors to choose from.");
  const auto [a, b] = operands(call, 1);
  return {select(boolean(call.tensor(0, "condition")), a, b)};
}

Tensors product(const OperationCall& call) { return {matmul(call.tensor(0, "x1"), call.tensor(1, "x2"))}; }

Tensors dotted(const OperationCall& call) {
  const Tensor a = call.tensor(0, "x1"), b = call.tensor(1, "x2");
  if (a.rank() == 0 || b.rank() == 0) return {a * b};
  if (b.rank() > 2 || a.rank() < 2) call.refuse("hebb has it for a second operand of at most two axes.");
  if (b.rank() == 2) return {matmul(a, b)};
  return {squeeze(matmul(a, expand_dims(b, 1)), -1)};
}

/// The first two operands to one whose axes are those that the others or the result have, and so on.
Tensor summed_one_by_one(const OperationCall& call, const std::string& equation, const Tensors& tensors) {
  const size_t arrow = equation.find("->");
  std::string operands = equation.substr(0, arrow),
              result = arrow == std::string::npos ? "" : equation.substr(arrow + 2);
  std::erase(operands, ' ');
  std::erase(result, ' ');
  if (arrow == std::string::npos || operands.find('.') != std::string::npos)
    call.refuse(
        message("hebb has it for more than two operands with all axes named, \"ab,bc,cd->ad\", got ", equation, "."));
  const auto first_of = [](std::string& all) {
    const size_t end = std::min(all.find(','), all.size());
    std::string one = all.substr(0, end);
    all.erase(0, std::min(end + 1, all.size()));
    return one;
  };
  std::string left = first_of(operands);
  Tensor y = tensors.front();
  for (size_t i = 1; i < tensors.size(); ++i) {
    const std::string right = first_of(operands);
    std::string kept;
    for (const char axis : left + right) {
      const bool is_needed = (operands + result).find(axis) != std::string::npos;
      if (is_needed && kept.find(axis) == std::string::npos) kept += axis;
    }
    if (i + 1 == tensors.size()) kept = result;
    y = einsum(message(left, ",", right, "->", kept), y, tensors[i]);
    left = kept;
  }
  return y;
}

Tensors summed_products(const OperationCall& call) {
  const std::string equation = call.config.at("subscripts").as_string();
  const auto commas = static_cast<size_t>(std::count(equation.begin(), equation.end(), ','));
  Tensors operands;  // some of them may be constants
  for (size_t i = 0; i <= commas; ++i) operands.push_back(call.tensor(i, "operands"));
  if (operands.size() == 1) return {einsum(equation, operands[0])};
  if (operands.size() == 2) return {einsum(equation, operands[0], operands[1])};
  return {summed_one_by_one(call, equation, operands)};
}

/// Of the type that was asked for; a mask's are booleans.
template <Tensor (*make)(const Tensor&)>
Tensors of_type(const OperationCall& call) {
  const Tensor y = make(call.tensor(0, "x"));
  const Json* type = call.config.find("dtype");
  if (!type || !type->is_string() || type->as_string().ends_with("float16")) return {y};
  return {cast(y, dtype_from_name(type->as_string()))};
}

// ------------------------------------------------------------------------------------------- of numbers, more seldom

Tensor rest_of_erf(const Tensor& x) { return 1.0 - erf(x); }
Tensor same(const Tensor& x) { return x; }
Tensor is_above_all(const Tensor& x) { return equal(x, std::numeric_limits<double>::infinity()); }
Tensor is_below_all(const Tensor& x) { return equal(x, -std::numeric_limits<double>::infinity()); }
Tensor wave_over_angle(const Tensor& x) {
  const Tensor at_zero = equal(x, 0.0), angle = select(at_zero, 1.0, x) * std::numbers::pi;
  return select(at_zero, 1.0, sin(angle) / angle);
}
Tensor step_at_zero(const Tensor& x, const Tensor& at_zero) {
  const Tensor a = floating(x), steps = cast(greater(a, 0.0), a.dtype());
  return select(equal(a, 0.0), cast(at_zero, a.dtype()), steps);
}
Tensor log2_of_sum(const Tensor& a, const Tensor& b) {
  const Tensor x = floating(a), y = floating(b), difference = x - y;  // none of two infinities
  return select(isnan(difference), x + y,
                maximum(x, y) + log1p(exp(-abs(difference) * std::numbers::ln2)) / std::numbers::ln2);
}
/// With the sign of the dividend.
Tensor remainder_of_size(const Tensor& a, const Tensor& b) { return a - truncated(floating(a) / floating(b)) * b; }

Tensors without_nan(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  if (!is_floating(x.dtype())) return {x};
  const double most = x.dtype() == DType::float64 ? std::numeric_limits<double>::max()
                                                  : static_cast<double>(std::numeric_limits<float>::max());
  const auto in_place_of = [&](const char* name, double otherwise) {
    const Json* value = call.option(1, name);
    return value && value->is_number() ? value->as_double() : otherwise;
  };
  Tensor y = select(isnan(x), call.real("nan", 0), x);
  y = select(is_above_all(y), in_place_of("posinf", most), y);
  return {select(is_below_all(y), in_place_of("neginf", -most), y)};
}

Tensors filled_like(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x"), value = call.tensor(1, "fill_value");
  const Json* type = call.config.find("dtype");
  const DType dtype = type && type->is_string() ? dtype_from_name(type->as_string()) : x.dtype();
  return {broadcast_to(cast(value, dtype), x.shape())};
}

}  // namespace

const std::vector<OperationRecord>& elementwise_operations() {
  static const std::vector<OperationRecord> rows = {
      {"Abs", "numpy", unary<absolute>},
      {"Absolute", "numpy", unary<absolute>},
      {"Negative", "numpy", unary<negative>},
      {"Sign", "numpy", unary<sign>},
      {"Floor", "numpy", unary<floor>},
      {"Ceil", "numpy", unary<ceil>},
      {"Round", "numpy", rounded},
      {"Square", "numpy", unary<square>},
      {"Sqrt", "numpy", of_reals<sqrt>},
      {"Rsqrt", "math", of_reals<rsqrt>},
      {"Reciprocal", "numpy", of_reals<reciprocal>},
      {"Exp", "numpy", of_reals<exp>},
      {"Expm1", "numpy", of_reals<expm1>},
      {"Log", "numpy", of_reals<log>},
      {"Log1p", "numpy", of_reals<log1p>},
      {"Log2", "numpy", of_reals<log2>},
      {"Log10", "numpy", of_reals<log10>},
      {"Sin", "numpy", of_reals<sin>},
      {"Cos", "numpy", of_reals<cos>},
      {"Tan", "numpy", of_reals<tan>},
      {"Arcsin", "numpy", of_reals<asin>},
      {"Arccos", "numpy", of_reals<acos>},
      {"Arctan", "numpy", of_reals<atan>},
      {"Sinh", "numpy", of_reals<sinh>},
      {"Cosh", "numpy", of_reals<cosh>},
      {"Arcsinh", "numpy", of_reals<asinh>},
      {"Arccosh", "numpy", of_reals<acosh>},
      {"Arctanh", "numpy", of_reals<atanh>},
      {"Tanh", "numpy", of_reals<tanh>},
      {"Cbrt", "numpy", of_reals<cube_root>},
      {"Exp2", "numpy", of_reals<power_of_two>},
      {"Trunc", "numpy", of_reals<truncated>},
      {"Deg2rad", "numpy", of_reals<radians>},
      {"Rad2deg", "numpy", of_reals<degrees>},
      {"Erf", "math", of_reals<erf>},
      {"Isnan", "numpy", of_reals<isnan>},
      {"Isfinite", "numpy", of_reals<isfinite>},
      {"Isinf", "numpy", of_reals<is_infinite>},
      {"Isposinf", "numpy", of_reals<is_above_all>},
      {"Isneginf", "numpy", of_reals<is_below_all>},
      {"Erfc", "math", of_reals<rest_of_erf>},
      {"Fabs", "numpy", of_reals<abs>},
      {"Sinc", "numpy", of_reals<wave_over_angle>},
      {"Copy", "numpy", unary<same>},
      {"NanToNum", "numpy", without_nan},
      {"FullLike", "numpy", filled_like},
      {"Heaviside", "numpy", binary<step_at_zero>},
      {"Logaddexp2", "numpy", binary<log2_of_sum>},
      {"Fmod", "numpy", binary<remainder_of_size>},
      {"LogicalNot", "numpy", unary<inverted>},
      {"ZerosLike", "numpy", of_type<zeros_like>},
      {"OnesLike", "numpy", of_type<ones_like>},
      {"StopGradient", "core", unary<stop_gradient>},
      {"Add", "numpy", binary<add>},
      {"Subtract", "numpy", binary<subtract>},
      {"Multiply", "numpy", binary<multiply>},
      {"Divide", "numpy", binary<quotient>},
      {"TrueDivide", "numpy", binary<quotient>},
      {"DivideNoNan", "numpy", binary<safe_quotient>},
      {"FloorDivide", "numpy", binary<floor_quotient>},
      {"Mod", "numpy", binary<remainder>},
      {"Power", "numpy", binary<power>},
      {"Maximum", "numpy", binary<maximum>},
      {"Minimum", "numpy", binary<minimum>},
      {"SquaredDifference", "numpy", binary<squared_difference>},
      {"Arctan2", "numpy", binary<angle>},
      {"Hypot", "numpy", binary<hypotenuse>},
      {"Logaddexp", "numpy", binary<log_of_sum>},
      {"Fmax", "numpy", binary<of_numbers<maximum>>},
      {"Fmin", "numpy", binary<of_numbers<minimum>>},
      {"Outer", "numpy", binary<outer_product>},
      {"Equal", "numpy", binary<equal>},
      {"NotEqual", "numpy", binary<not_equal>},
      {"Less", "numpy", binary<less>},
      {"LessEqual", "numpy", binary<less_equal>},
      {"Greater", "numpy", binary<greater>},
      {"GreaterEqual", "numpy", binary<greater_equal>},
      {"LogicalAnd", "numpy", binary<both>},
      {"LogicalOr", "numpy", binary<either>},
      {"LogicalXor", "numpy", binary<one_of_both>},
      {"Mean", "numpy", reduced<mean>},
      {"Sum", "numpy", reduced<counted>},
      {"Max", "numpy", extreme<max, maximum>},
      {"Min", "numpy", extreme<min, minimum>},
      {"Amax", "numpy", reduced<max>},
      {"Amin", "numpy", reduced<min>},
      {"Prod", "numpy", multiplied},
      {"CountNonzero", "numpy", reduced<how_many>},
      {"Ptp", "numpy", reduced<extent>},
      {"Var", "numpy", reduced<spread>},
      {"Std", "numpy", reduced<deviation>},
      {"Any", "numpy", reduced<any>},
      {"All", "numpy", reduced<all>},
      {"Logsumexp", "math", reduced<log_sum_exp>},
      {"Argmax", "numpy", extreme_at<true>},
      {"Argmin", "numpy", extreme_at<false>},
      {"Clip", "numpy", clipped},
      {"Where", "numpy", chosen},
      {"Matmul", "numpy", product},
      {"Dot", "numpy", dotted},
      {"Einsum", "numpy", summed_products},
  };
  return rows;
}

}  // namespace hebb::detail
