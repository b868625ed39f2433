// Block functions in plain loops: integers, booleans taken as numbers, the functions of float64 that Highway lacks, and
// conversions. The compiler makes what vectors it can of them.

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "hebb/backend/cpu/simd/block_tables.h"
#include "hebb/ops/gelu.h"
#include "hebb/tensor/rounding.h"

namespace hebb::simd {

namespace {

/// What integers are computed in, so that they wrap around instead of overflowing. Booleans and bytes are computed as
/// int.
template <class T>
using Wrapping = std::conditional_t<sizeof(T) == 1, int32_t,
                                    std::make_unsigned_t<std::conditional_t<std::is_same_v<T, bool>, char, T>>>;

template <class T, class W>
T wrapped(W value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value != 0;
  } else {
    return static_cast<T>(value);
  }
}

template <class T, class Result, class F>
void unary(const BlockOperand* operands, void* out, size_t count) {
  const auto* x = static_cast<const T*>(operands[0].data);
  const size_t mask = operands[0].mask;
  auto* to = static_cast<Result*>(out);
  for (size_t i = 0; i < count; ++i) to[i] = F::apply(x[i & mask]);
}

template <class T, class Result, class F>
void binary(const BlockOperand* operands, void* out, size_t count) {
  const auto *a = static_cast<const T*>(operands[0].data), *b = static_cast<const T*>(operands[1].data);
  const size_t a_mask = operands[0].mask, b_mask = operands[1].mask;
  auto* to = static_cast<Result*>(out);
  for (size_t i = 0; i < count; ++i) to[i] = F::apply(a[i & a_mask], b[i & b_mask]);
}

template <class T>
void select(const BlockOperand* operands, void* out, size_t count) {
  const auto* condition = static_cast<const bool*>(operands[0].data);
  const auto *a = static_cast<const T*>(operands[1].data), *b = static_cast<const T*>(operands[2].data);
  const size_t condition_mask = operands[0].mask, a_mask = operands[1].mask, b_mask = operands[2].mask;
  auto* to = static_cast<T*>(out);
  for (size_t i = 0; i < count; ++i) to[i] = condition[i & condition_mask] ? a[i & a_mask] : b[i & b_mask];
}

#define HEBB_UNARY(Name, expression) \
  struct Name {                      \
    template <class T>               \
    static auto apply(T x) {         \
      return expression;             \
    }                                \
  };
#define HEBB_BINARY(Name, expression) \
  struct Name {                       \
    template <class T>                \
    static auto apply(T a, T b) {     \
      return expression;              \
    }                                 \
  };

HEBB_UNARY(Negative, wrapped<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(x)))
HEBB_UNARY(Abs, (x <= T(0) ? wrapped<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(x)) : x))
HEBB_UNARY(Sign, (x > T(0) ? T(1) : x < T(0) ? static_cast<T>(-1) : x))
HEBB_UNARY(Square, wrapped<T>(static_cast<Wrapping<T>>(x) * static_cast<Wrapping<T>>(x)))
HEBB_UNARY(Relu, (x <= T(0) ? T(0) : x))
HEBB_BINARY(Add, wrapped<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b)))
HEBB_BINARY(Subtract, wrapped<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b)))
HEBB_BINARY(Multiply, wrapped<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b)))
HEBB_BINARY(Maximum, (a > b ? a : b))
HEBB_BINARY(Minimum, (a < b ? a : b))
HEBB_BINARY(Equal, a == b)
HEBB_BINARY(NotEqual, a != b)
HEBB_BINARY(Less, a < b)
HEBB_BINARY(LessEqual, a <= b)
HEBB_BINARY(Greater, a > b)
HEBB_BINARY(GreaterEqual, a >= b)

#define HEBB_COMPARISONS(T)                                                                                     \
  {"equal", binary<T, bool, Equal>}, {"not_equal", binary<T, bool, NotEqual>}, {"less", binary<T, bool, Less>}, \
      {"less_equal", binary<T, bool, LessEqual>}, {"greater", binary<T, bool, Greater>}, {                      \
    "greater_equal", binary<T, bool, GreaterEqual>                                                              \
  }

template <class T>
BlockRows integer_rows() {
  static const BlockRow rows[] = {
      {"negative", unary<T, T, Negative>},
      {"abs", unary<T, T, Abs>},
      {"sign", unary<T, T, Sign>},
      {"square", unary<T, T, Square>},
      {"relu", unary<T, T, Relu>},
      {"add", binary<T, T, Add>},
      {"subtract", binary<T, T, Subtract>},
      {"multiply", binary<T, T, Multiply>},
      {"maximum", binary<T, T, Maximum>},
      {"minimum", binary<T, T, Minimum>},
      HEBB_COMPARISONS(T),
      {"select", select<T>},
  };
  return rows;
}

#define HEBB_FUNCTION(name) HEBB_UNARY(Double_##name, std::name(x))
#define HEBB_ROW(name) {#name, unary<double, double, Double_##name>},
#define HEBB_FUNCTIONS(F) \
  F(exp)                  \
  F(expm1)                \
  F(log) F(log1p) F(sin) F(cos) F(tan) F(asin) F(acos) F(atan) F(sinh) F(cosh) F(asinh) F(acosh) F(atanh) F(tanh) F(erf)
HEBB_FUNCTIONS(HEBB_FUNCTION)
HEBB_UNARY(Sigmoid, 1 / (1 + std::exp(-x)))
HEBB_UNARY(Softplus, (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x))))
HEBB_UNARY(Gelu, gelu_of(x))
HEBB_UNARY(GeluDerivative, gelu_derivative_of(x))
HEBB_BINARY(Power, std::pow(a, b))

HEBB_UNARY(ToBfloat16, rounded_to_bfloat16(static_cast<float>(x)))
HEBB_UNARY(ToFloat16, rounded_to_float16(static_cast<float>(x)))
HEBB_UNARY(IsNan, std::isnan(x))
HEBB_UNARY(IsFinite, std::isfinite(x))

BlockRows double_rows() {
  static const BlockRow rows[] = {HEBB_FUNCTIONS(HEBB_ROW){"sigmoid", unary<double, double, Sigmoid>},
                                  {"softplus", unary<double, double, Softplus>},
                                  {"gelu", unary<double, double, Gelu>},
                                  {"gelu_derivative", unary<double, double, GeluDerivative>},
                                  {"power", binary<double, double, Power>},
                                  {"round_to_bfloat16", unary<double, double, ToBfloat16>},
                                  {"round_to_float16", unary<double, double, ToFloat16>},
                                  {"isnan", unary<double, bool, IsNan>},
                                  {"isfinite", unary<double, bool, IsFinite>},
                                  HEBB_COMPARISONS(double),
                                  {"select", select<double>}};
  return rows;
}

#undef HEBB_COMPARISONS
#undef HEBB_FUNCTIONS
#undef HEBB_ROW
#undef HEBB_FUNCTION
#undef HEBB_BINARY
#undef HEBB_UNARY

/// Truncates; what the integer type cannot hold becomes its nearest value, and NaN 0.
template <class To, class From>
To converted(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    // Both limits as powers of two: exact in every floating type.
    constexpr auto low = static_cast<From>(std::numeric_limits<To>::min());
    constexpr auto above = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * 2;
    if (value != value) return 0;
    if (value < low) return std::numeric_limits<To>::min();
    if (value >= above) return std::numeric_limits<To>::max();
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

template <class From, class To>
void cast_block(const BlockOperand* operands, void* out, size_t count) {
  const auto* x = static_cast<const From*>(operands[0].data);
  const size_t mask = operands[0].mask;
  auto* to = static_cast<To*>(out);
  for (size_t i = 0; i < count; ++i) to[i] = converted<To>(x[i & mask]);
}

}  // namespace

BlockRows plain_rows(DType dtype) {
  switch (dtype) {
    case DType::float32: return {};
    case DType::float64: return double_rows();
    case DType::int32: return integer_rows<int32_t>();
    case DType::int64: return integer_rows<int64_t>();
    case DType::uint8: return integer_rows<uint8_t>();
    case DType::boolean: return integer_rows<bool>();
    case DType::int8:
    case DType::bfloat16:
    case DType::string: break;
  }
  return {};
}

BlockFunction plain_cast(DType from, DType to) {
  return with_type(from, [&](auto from_zero) {
    return with_type(to,
                     [&](auto to_zero) -> BlockFunction { return cast_block<decltype(from_zero), decltype(to_zero)>; });
  });
}

}  // namespace hebb::simd
