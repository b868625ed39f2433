// Keras's operations element by element that are asked for more seldom: bits, signs, ranges of numbers, functions
// without a kernel of their own (keras/src/ops/numpy.py, math.py).

#include <cmath>
#include <limits>
#include <numbers>

#include "hebb/base/text.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

// ----------------------------------------------------------------------------------------------------- functions

/// The polynomial with these coefficients, that of the highest power first.
Tensor polynomial(const Tensor& x, std::initializer_list<double> coefficients) {
  Tensor y = Tensor::scalar(*coefficients.begin(), x.dtype());
  for (const double* next = coefficients.begin() + 1; next != coefficients.end(); ++next) y = y * x + *next;
  return y;
}

/// Where erf is x: the two polynomials of Giles (2010), good to single precision, and a step of Newton's from there, in
/// float64.
Tensors inverse_of_erf(const OperationCall& call) {
  const Tensor given = floating(call.tensor(0, "x")), x = cast(given, DType::float64);
  const Tensor is_end = equal(abs(x), 1.0), inside = select(is_end, 0.0, x);
  const Tensor w = negative(log((1.0 - inside) * (1.0 + inside)));
  const Tensor near =
      polynomial(minimum(w, 5.0) - 2.5, {2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
                                         -0.00125372503, -0.00417768164, 0.246640727, 1.50140941});
  const Tensor far =
      polynomial(sqrt(maximum(w, 5.0)) - 3.0, {-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844,
                                               0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682});
  const Tensor start = select(less(w, 5.0), near, far) * inside;
  const Tensor better = start - (erf(start) - inside) * exp(square(start)) * (std::sqrt(std::numbers::pi) / 2);
  return {cast(select(is_end, stop_gradient(x) * std::numeric_limits<double>::infinity(), better), given.dtype())};
}

/// The modified Bessel function of the first kind of order 0 (Abramowitz and Stegun 1964, 9.8.1 and 9.8.2).
Tensors bessel(const OperationCall& call) {
  constexpr double middle = 3.75;
  const Tensor x = floating(call.tensor(0, "x")), size = abs(x);
  const Tensor small = minimum(size, middle) / middle, large = maximum(size, middle);
  const Tensor near =
      polynomial(square(small), {0.0045813, 0.0360768, 0.2659732, 1.2067492, 3.0899424, 3.5156229, 1.0});
  const Tensor far = exp(large) * rsqrt(large) *
                     polynomial(middle / large, {0.00392377, -0.01647633, 0.02635537, -0.02057706, 0.00916281,
                                                 -0.00157565, 0.00225319, 0.01328592, 0.39894228});
  return {select(less(size, middle), near, far)};
}

Tensors signs(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  if (!is_floating(x.dtype())) return {less(x, 0.0)};
  return {logical_or(less(x, 0.0), equal(1.0 / x, -std::numeric_limits<double>::infinity()))};
}

Tensors angle_of_reals(const OperationCall& call) {
  const Tensor x = floating(call.tensor(0, "x"));
  return {select(less(x, 0.0), Tensor::scalar(std::numbers::pi, x.dtype()), 0.0)};
}

Tensors themselves(const OperationCall& call) { return {call.tensor(0, "x")}; }
Tensors zeros_of(const OperationCall& call) { return {zeros_like(call.tensor(0, "x"))}; }
Tensors all_true(const OperationCall& call) {
  return {cast(ones_like(cast(call.tensor(0, "x"), DType::float32)), DType::boolean)};
}

/// a * 2^b, of which infinities and zeros are themselves.
Tensors scaled_by_powers(const OperationCall& call) {
  const Tensor a = floating(call.tensor(0, "x1")), b = cast(call.tensor(1, "x2"), a.dtype());
  const Tensor is_fixed = logical_or(equal(a, 0.0), equal(abs(a), std::numeric_limits<double>::infinity()));
  return {select(is_fixed, a, a * power(2.0, b))};
}

/// Of the type that was asked for, without what that type cannot hold.
Tensors cast_within_limits(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const DType dtype = type_named(call.config.get("dtype", "float32"));
  if (is_floating(dtype)) return {cast(x, dtype)};
  if (dtype == DType::boolean) return {cast(x, dtype)};
  const double low = dtype == DType::uint8   ? 0
                     : dtype == DType::int32 ? std::numeric_limits<int32_t>::min()
                                             : static_cast<double>(std::numeric_limits<int64_t>::min());
  // In float32 and float64 the largest number below 2^63 and 2^31 is none of those types.
  const double above = dtype == DType::uint8 ? 256 : dtype == DType::int32 ? 0x1p31 : 0x1p63;
  const double high = x.dtype() == DType::float32 ? static_cast<double>(std::nextafter(static_cast<float>(above), 0.0f))
                                                  : std::nextafter(above, 0.0);
  const double most = dtype == DType::uint8 ? 255 : dtype == DType::int32 ? std::min(high, 0x1p31 - 1) : high;
  return {cast(clip(x, low, most), dtype)};
}

// ------------------------------------------------------------------------------------------------------------ bits

void check_whole(const OperationCall& call, const Tensor& x) {
  if (is_floating(x.dtype())) call.refuse(message("expected whole numbers, got ", x.spec(), "."));
}

/// The bits that both have, one after the other: of numbers of 32 bits, and of larger ones up to 2^53.
Tensor common_bits(const Tensor& a, const Tensor& b) {
  const int bits = promote(a.dtype(), b.dtype()) == DType::int64 ? 53 : 31;
  Tensor x = cast(a, DType::float64), y = cast(b, DType::float64), sum = 0.0 * (x + y);
  for (int i = 0; i < bits; ++i) {
    const Tensor half_x = floor(x / 2.0), half_y = floor(y / 2.0);
    sum = sum + (x - half_x * 2.0) * (y - half_y * 2.0) * std::ldexp(1.0, i);
    x = half_x;
    y = half_y;
  }
  return sum + x * y * -std::ldexp(1.0, bits);  // what is left is 0, or -1 of negative numbers
}

enum class Bits { both, either, one };

template <Bits kind>
Tensors of_bits(const OperationCall& call) {
  const Tensor a = call.tensor(0, "x"), b = call.tensor(1, "y");
  check_whole(call, a);
  check_whole(call, b);
  const DType dtype = promote(a.dtype(), b.dtype());
  if (kind == Bits::both) return {cast(common_bits(a, b), dtype)};
  const Tensor sum = cast(a, DType::float64) + cast(b, DType::float64), common = common_bits(a, b);
  return {cast(sum - common * (kind == Bits::one ? 2.0 : 1.0), dtype)};
}

Tensors other_bits(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  check_whole(call, x);
  if (x.dtype() == DType::boolean) return {logical_not(x)};
  return {cast((x.dtype() == DType::uint8 ? 255.0 : -1.0) - cast(x, DType::float64), x.dtype())};
}

template <bool left>
Tensors shifted_bits(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x"), places = call.tensor(1, "y");
  check_whole(call, x);
  const Tensor scale = power(2.0, cast(places, DType::float64)), wide = cast(x, DType::float64);
  return {cast(left ? wide * scale : floor(wide / scale), promote(x.dtype(), places.dtype()))};
}

// ----------------------------------------------------------------------------------------------------- comparisons

Tensor close(const Tensor& a, const Tensor& b, double relative, double absolute, bool equal_nan) {
  const Tensor x = floating(a), y = floating(b);
  Tensor out = logical_or(less_equal(abs(x - y), absolute + relative * abs(y)), equal(x, y));
  if (equal_nan) out = logical_or(out, logical_and(isnan(x), isnan(y)));
  return out;
}

Tensors each_close(const OperationCall& call) {
  const Json *relative = call.option(2, "rtol"), *absolute = call.option(3, "atol");
  return {close(call.tensor(0, "x1"), call.tensor(1, "x2"), relative ? relative->as_double() : 1e-5,
                absolute ? absolute->as_double() : 1e-8, call.flag("equal_nan", false))};
}

Tensors all_close(const OperationCall& call) {
  const Tensor each = close(call.tensor(0, "x1"), call.tensor(1, "x2"), call.real("rtol", 1e-5),
                            call.real("atol", 1e-8), call.flag("equal_nan", false));
  return {not_equal(min(cast(each, DType::int32)), 0.0)};
}

Tensors is_among(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x1"), among = reshape(call.tensor(1, "x2"), {-1});
  const Tensor is_one = max(cast(equal(expand_dims(x, -1), among), DType::int32), {.axes = {x.rank()}});
  return {call.flag("invert", false) ? equal(is_one, 0.0) : not_equal(is_one, 0.0)};
}

// ---------------------------------------------------------------------------------------------------------- ranges

/// Numbers at equal distances along a new axis, and that distance.
std::pair<Tensor, Tensor> steps_between(const OperationCall& call, const Tensor& start, const Tensor& stop) {
  const int64_t count = call.whole("num", 50);
  constexpr int64_t most = 100'000'000;
  if (count < 0 || count > most) call.refuse(message("expected a num from 0 to ", most, ", got ", count, "."));
  const auto gaps = static_cast<double>(std::max<int64_t>(call.flag("endpoint", true) ? count - 1 : count, 1));
  const Tensor whole = stop - start, origin = start + whole * 0.0;
  const int64_t axis = call.counted(call.whole("axis", 0), whole.rank() + 1);
  Shape places = Shape(std::vector<int64_t>(static_cast<size_t>(whole.rank() + 1), 1));
  places[static_cast<int>(axis)] = count;
  const Tensor parts = reshape(arange(count, whole.dtype()) / gaps, places);
  return {expand_dims(origin, axis) + parts * expand_dims(whole, axis), whole / gaps};
}

Tensor of_option_type(const OperationCall& call, const Tensor& x) {
  const Json* dtype = call.config.find("dtype");
  if (!dtype || !dtype->is_string()) return x;
  const DType type = type_named(dtype->as_string());
  return cast(is_floating(type) ? x : floor(x), type);
}

Tensors linear_range(const OperationCall& call) {
  const auto [values, step] = steps_between(call, floating(call.tensor(0, "start")), floating(call.tensor(1, "stop")));
  if (call.flag("retstep", false)) return {of_option_type(call, values), step};
  return {of_option_type(call, values)};
}

Tensors range_of_powers(const OperationCall& call) {
  const Tensor powers = steps_between(call, floating(call.tensor(0, "start")), floating(call.tensor(1, "stop"))).first;
  return {of_option_type(call, power(call.real("base", 10), powers))};
}

Tensors range_of_ratios(const OperationCall& call) {
  const Tensor start = floating(call.tensor(0, "start")), stop = floating(call.tensor(1, "stop"));
  const Tensor logarithms = steps_between(call, log(abs(start)), log(abs(stop))).first;
  const int64_t axis = call.counted(call.whole("axis", 0), logarithms.rank());
  const Tensor side = expand_dims(sign(start) + zeros_like(stop), axis);
  return {of_option_type(call, exp(logarithms) * side)};
}

}  // namespace

const std::vector<OperationRecord>& number_operations() {
  static const std::vector<OperationRecord> rows = {
      {"Erfinv", "math", inverse_of_erf},
      {"I0", "numpy", bessel},
      {"Signbit", "numpy", signs},
      {"Angle", "numpy", angle_of_reals},
      {"Real", "numpy", themselves},
      {"Conjugate", "numpy", themselves},
      {"Conj", "numpy", themselves},
      {"Imag", "numpy", zeros_of},
      {"Isreal", "numpy", all_true},
      {"Ldexp", "numpy", scaled_by_powers},
      {"SaturateCast", "core", cast_within_limits},
      {"BitwiseAnd", "numpy", of_bits<Bits::both>},
      {"BitwiseOr", "numpy", of_bits<Bits::either>},
      {"BitwiseXor", "numpy", of_bits<Bits::one>},
      {"BitwiseNot", "numpy", other_bits},
      {"BitwiseInvert", "numpy", other_bits},
      {"BitwiseLeftShift", "numpy", shifted_bits<true>},
      {"LeftShift", "numpy", shifted_bits<true>},
      {"BitwiseRightShift", "numpy", shifted_bits<false>},
      {"RightShift", "numpy", shifted_bits<false>},
      {"Isclose", "numpy", each_close},
      {"AllClose", "numpy", all_close},
      {"IsIn", "numpy", is_among},
      {"Linspace", "numpy", linear_range},
      {"Logspace", "numpy", range_of_powers},
      {"Geomspace", "numpy", range_of_ratios},
  };
  return rows;
}

}  // namespace hebb::detail
