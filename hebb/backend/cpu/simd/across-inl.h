/// Folding: functors that join two vectors, and folding the lanes of one vector into a number.

#if defined(HEBB_BACKEND_CPU_SIMD_ACROSS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HEBB_BACKEND_CPU_SIMD_ACROSS_INL_H_
#undef HEBB_BACKEND_CPU_SIMD_ACROSS_INL_H_
#else
#define HEBB_BACKEND_CPU_SIMD_ACROSS_INL_H_
#endif

#include <cstdint>
#include <limits>
#include <type_traits>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

struct SumOf {
  template <class T>
  static constexpr T identity() {
    return 0;
  }
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    return hn::Add(a, b);
  }
};

struct ProductOf {
  template <class T>
  static constexpr T identity() {
    return 1;
  }
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    return hn::Mul(a, b);
  }
};

/// NaN where there is one.
struct MaxOf {
  template <class T>
  static constexpr T identity() {
    return -std::numeric_limits<T>::infinity();
  }
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    return hn::IfThenElse(hn::Or(hn::Gt(b, a), hn::IsNaN(b)), b, a);
  }
};

struct MinOf {
  template <class T>
  static constexpr T identity() {
    return std::numeric_limits<T>::infinity();
  }
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    return hn::IfThenElse(hn::Or(hn::Lt(b, a), hn::IsNaN(b)), b, a);
  }
};

/// The largest of what is not NaN.
struct MaxOfNumbers {
  template <class T>
  static constexpr T identity() {
    return -std::numeric_limits<T>::infinity();
  }
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    return hn::IfThenElse(hn::Gt(b, a), b, a);
  }
};

/// All lanes of a vector folded into one number, always in the same order.
template <class F, class D, class T = hn::TFromD<D>>
HWY_INLINE T across([[maybe_unused]] D d, hn::Vec<D> v) {
#if HWY_TARGET == HWY_SCALAR
  return hn::GetLane(v);
#else
  if constexpr (hn::MaxLanes(d) * sizeof(T) > 16) {
    const hn::Half<D> half;
    return across<F>(half, F::apply(half, hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  } else if constexpr (hn::MaxLanes(d) == 4) {
    const auto pairs = F::apply(d, v, hn::Shuffle1032(v));
    return hn::GetLane(F::apply(d, pairs, hn::Shuffle2301(pairs)));
  } else {
    return hn::GetLane(F::apply(d, v, hn::Shuffle01(v)));
  }
#endif
}

/// The first `count` lanes from memory, `other` in the rest.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> load_or(D d, const T* from, int64_t count, hn::Vec<D> other) {
  const auto mask = hn::FirstN(d, static_cast<size_t>(count));
  return hn::IfThenElse(mask, hn::MaskedLoad(mask, d, from), other);
}

template <class D, class T = hn::TFromD<D>>
HWY_INLINE void store_part(hn::Vec<D> v, D d, T* to, int64_t count) {
  hn::BlendedStore(v, hn::FirstN(d, static_cast<size_t>(count)), d, to);
}

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HEBB_BACKEND_CPU_SIMD_ACROSS_INL_H_
