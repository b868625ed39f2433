#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/elementwise_arithmetic.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "hebb/backend/cpu/simd/block_loop-inl.h"
#include "hebb/backend/cpu/simd/block_tables.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

#define HEBB_UNARY(Name, expression)                          \
  struct Name {                                               \
    template <class D, class V>                               \
    static HWY_INLINE auto apply([[maybe_unused]] D d, V x) { \
      return expression;                                      \
    }                                                         \
  };
#define HEBB_BINARY(Name, expression)                              \
  struct Name {                                                    \
    template <class D, class V>                                    \
    static HWY_INLINE auto apply([[maybe_unused]] D d, V a, V b) { \
      return expression;                                           \
    }                                                              \
  };

template <class D>
HWY_INLINE hn::Vec<D> one(D d) {
  return hn::Set(d, hn::TFromD<D>(1));
}

/// As rounded_to_bfloat16 and rounded_to_float16 (tensor/rounding.h).
template <class D, class V>
HWY_INLINE V to_bfloat16(D d, V x) {
  const hn::RebindToUnsigned<D> du;
  const auto bits = hn::BitCast(du, x), odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1u));
  const auto nearest = hn::And(hn::Add(hn::Add(bits, hn::Set(du, 0x7FFFu)), odd), hn::Set(du, 0xFFFF0000u));
  return hn::IfThenElse(hn::IsNaN(x), x, hn::BitCast(d, nearest));
}

template <class D, class V>
HWY_INLINE V to_float16(D d, V x) {
  const hn::RebindToUnsigned<D> du;
  const auto magnitude = hn::Abs(x), half = hn::Set(d, 0.5f);
  const auto bits = hn::BitCast(du, magnitude), odd = hn::And(hn::ShiftRight<13>(bits), hn::Set(du, 1u));
  const auto nearest =
      hn::BitCast(d, hn::And(hn::Add(hn::Add(bits, hn::Set(du, 0xFFFu)), odd), hn::Set(du, 0xFFFFE000u)));
  const auto large = hn::IfThenElse(hn::Ge(nearest, hn::Set(d, 0x1p16f)), hn::Inf(d), nearest);
  const auto small = hn::Sub(hn::Add(magnitude, half), half);
  const auto rounded = hn::IfThenElse(hn::Lt(magnitude, hn::Set(d, 0x1p-14f)), small, large);
  return hn::IfThenElse(hn::IsNaN(x), x, hn::CopySign(rounded, x));
}

// What comes out for NaN and for zeros of either sign is what the reference has.
HEBB_UNARY(Negative, hn::Neg(x))
HEBB_UNARY(Abs, hn::Abs(x))
HEBB_UNARY(Sign,
           hn::IfThenElse(hn::Gt(x, hn::Zero(d)), one(d), hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Neg(one(d)), x)))
HEBB_UNARY(Floor, hn::Floor(x))
HEBB_UNARY(Ceil, hn::Ceil(x))
HEBB_UNARY(Round, hn::Round(x))
HEBB_UNARY(ToBfloat16, to_bfloat16(d, x))
HEBB_UNARY(ToFloat16, to_float16(d, x))
HEBB_UNARY(Square, hn::Mul(x, x))
HEBB_UNARY(Sqrt, hn::Sqrt(x))
HEBB_UNARY(Rsqrt, hn::Div(one(d), hn::Sqrt(x)))
HEBB_UNARY(Reciprocal, hn::Div(one(d), x))
HEBB_UNARY(Relu, hn::IfThenZeroElse(hn::Le(x, hn::Zero(d)), x))
HEBB_UNARY(IsNan, hn::IsNaN(x))
HEBB_UNARY(IsFinite, hn::IsFinite(x))

HEBB_BINARY(Add, hn::Add(a, b))
HEBB_BINARY(Subtract, hn::Sub(a, b))
HEBB_BINARY(Multiply, hn::Mul(a, b))
HEBB_BINARY(Divide, hn::Div(a, b))
HEBB_BINARY(Maximum, hn::IfThenElse(hn::Or(hn::Gt(a, b), hn::IsNaN(a)), a, b))
HEBB_BINARY(Minimum, hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::IsNaN(a)), a, b))
HEBB_BINARY(Equal, hn::Eq(a, b))
HEBB_BINARY(NotEqual, hn::Not(hn::Eq(a, b)))  // true for NaN
HEBB_BINARY(Less, hn::Lt(a, b))
HEBB_BINARY(LessEqual, hn::Le(a, b))
HEBB_BINARY(Greater, hn::Gt(a, b))
HEBB_BINARY(GreaterEqual, hn::Ge(a, b))

// Booleans are bytes of 0 or 1.
HEBB_UNARY(Not, hn::Xor(x, one(d)))
HEBB_BINARY(And, hn::And(a, b))
HEBB_BINARY(Or, hn::Or(a, b))

#undef HEBB_UNARY
#undef HEBB_BINARY

// What float32 and float64 have in common.
#define HEBB_ARITHMETIC(T)                                                                                       \
  {"negative", unary_block<T, Negative>}, {"abs", unary_block<T, Abs>}, {"sign", unary_block<T, Sign>},          \
      {"floor", unary_block<T, Floor>}, {"ceil", unary_block<T, Ceil>}, {"round", unary_block<T, Round>},        \
      {"square", unary_block<T, Square>}, {"sqrt", unary_block<T, Sqrt>}, {"rsqrt", unary_block<T, Rsqrt>},      \
      {"reciprocal", unary_block<T, Reciprocal>}, {"relu", unary_block<T, Relu>}, {"add", binary_block<T, Add>}, \
      {"subtract", binary_block<T, Subtract>}, {"multiply", binary_block<T, Multiply>},                          \
      {"divide", binary_block<T, Divide>}, {"maximum", binary_block<T, Maximum>}, {                              \
    "minimum", binary_block<T, Minimum>                                                                          \
  }

}  // namespace

BlockRows float_rows() {
  static const BlockRow rows[] = {
      HEBB_ARITHMETIC(float),
      {"round_to_bfloat16", unary_block<float, ToBfloat16>},
      {"round_to_float16", unary_block<float, ToFloat16>},
      {"isnan", test_block<float, IsNan>},
      {"isfinite", test_block<float, IsFinite>},
      {"equal", compare_block<float, Equal>},
      {"not_equal", compare_block<float, NotEqual>},
      {"less", compare_block<float, Less>},
      {"less_equal", compare_block<float, LessEqual>},
      {"greater", compare_block<float, Greater>},
      {"greater_equal", compare_block<float, GreaterEqual>},
      {"select", select_block<float>},
  };
  return rows;
}

BlockRows double_rows() {
  static const BlockRow rows[] = {HEBB_ARITHMETIC(double)};
  return rows;
}

#undef HEBB_ARITHMETIC

BlockRows byte_rows() {
  static const BlockRow rows[] = {
      {"logical_not", unary_block<uint8_t, Not>},
      {"logical_and", binary_block<uint8_t, And>},
      {"logical_or", binary_block<uint8_t, Or>},
  };
  return rows;
}

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(float_rows);
HEBB_EXPORT(double_rows);
HEBB_EXPORT(byte_rows);
BlockRows float_arithmetic_rows() { return HEBB_DISPATCH(float_rows)(); }
BlockRows double_arithmetic_rows() { return HEBB_DISPATCH(double_rows)(); }
BlockRows logical_rows() { return HEBB_DISPATCH(byte_rows)(); }
}  // namespace hebb::simd
#endif
