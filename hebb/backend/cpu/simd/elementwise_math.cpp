#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/elementwise_math.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "hebb/backend/cpu/simd/block_loop-inl.h"
#include "hebb/backend/cpu/simd/block_tables.h"
#include "hebb/backend/cpu/simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

// A function of math-inl.h as a functor, and its row in the table.
#define HEBB_UNARY(name)                  \
  struct Apply_##name {                   \
    template <class D, class V>           \
    static HWY_INLINE V apply(D d, V x) { \
      return name(d, x);                  \
    }                                     \
  };
#define HEBB_ROW(name) {#name, costly_block<Apply_##name, 1>},
// The layout tool changes these lines back and forth.
// clang-format off
#define HEBB_FUNCTIONS(F)                                                              \
  F(exp) F(expm1) F(log) F(log1p) F(sin) F(cos) F(tan) F(asin) F(acos) F(atan) F(sinh) \
  F(cosh) F(asinh) F(acosh) F(atanh) F(tanh) F(sigmoid) F(erf) F(gelu) F(gelu_derivative) F(softplus)
// clang-format on

template <class D, class V>
HWY_INLINE V asin(D d, V x) {
  return hn::Asin(d, x);
}
template <class D, class V>
HWY_INLINE V acos(D d, V x) {
  return hn::Acos(d, x);
}
template <class D, class V>
HWY_INLINE V atan(D d, V x) {
  return hn::Atan(d, x);
}

HEBB_FUNCTIONS(HEBB_UNARY)

struct Power {
  template <class D, class V>
  static HWY_INLINE V apply(D d, V a, V b) {
    return power(d, a, b);
  }
};

}  // namespace

BlockRows math_rows() {
  static const BlockRow rows[] = {HEBB_FUNCTIONS(HEBB_ROW){"power", costly_block<Power, 2>}};
  return rows;
}

#undef HEBB_FUNCTIONS
#undef HEBB_ROW
#undef HEBB_UNARY

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(math_rows);
BlockRows float_math_rows() { return HEBB_DISPATCH(math_rows)(); }
}  // namespace hebb::simd
#endif
