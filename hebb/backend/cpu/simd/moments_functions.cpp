#include "hebb/backend/cpu/simd/moments_functions.h"

#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/moments_functions.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "hebb/backend/cpu/simd/across-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

HWY_INLINE constexpr int64_t lanes() { return hn::MaxLanes(D()); }

/// The sum of `sets` partial results, by pairs.
template <int sets>
HWY_INLINE V joined(V (&partial)[sets]) {
  for (int width = sets / 2; width > 0; width /= 2) {
    for (int s = 0; s < width; ++s) partial[s] = hn::Add(partial[s], partial[s + width]);
  }
  return partial[0];
}

/// The sum of term(row) over all rows, with several on the way so that additions do not wait for each other.
template <class Term>
HWY_INLINE V sum_of(int64_t rows, Term term) {
  constexpr int sets = 8;
  V partial[sets];
  for (V& v : partial) v = hn::Zero(D());
  int64_t row = 0;
  for (; row + sets <= rows; row += sets) {
#pragma GCC unroll 8
    for (int s = 0; s < sets; ++s) partial[s] = hn::Add(partial[s], term(row + s));
  }
  for (; row < rows; ++row) partial[0] = hn::Add(partial[0], term(row));
  return joined(partial);
}

void columns(const float* x, int64_t rows, int64_t width, float* means, float* squares) {
  const D d;
  for (int64_t i = 0; i < width; i += lanes()) {
    const auto count = static_cast<size_t>(HWY_MIN(lanes(), width - i));
    const auto mask = hn::FirstN(d, count);
    const float* from = x + i;
    const auto load = [&](int64_t row) HWY_ATTR { return hn::MaskedLoad(mask, d, from + row * width); };
    const V mean = hn::Div(sum_of(rows, load), hn::Set(d, static_cast<float>(rows)));
    const V total = sum_of(rows, [&](int64_t row) HWY_ATTR {
      const V centred = hn::Sub(load(row), mean);
      return hn::Mul(centred, centred);
    });
    hn::BlendedStore(mean, mask, d, means + i);
    hn::BlendedStore(total, mask, d, squares + i);
  }
}

void row(const float* x, int64_t length, float* mean, float* squares) {
  const D d;
  const int64_t whole = length / lanes(), rest = length % lanes();
  const auto mask = hn::FirstN(d, static_cast<size_t>(rest));
  const auto load = [&](int64_t i) HWY_ATTR { return hn::LoadU(d, x + i * lanes()); };
  V sum = sum_of(whole, load);
  if (rest > 0) sum = hn::Add(sum, hn::MaskedLoad(mask, d, x + whole * lanes()));
  *mean = across<SumOf>(d, sum) / static_cast<float>(length);
  const V middle = hn::Set(d, *mean);
  V total = sum_of(whole, [&](int64_t i) HWY_ATTR {
    const V centred = hn::Sub(load(i), middle);
    return hn::Mul(centred, centred);
  });
  if (rest > 0) {
    const V centred = hn::IfThenElseZero(mask, hn::Sub(hn::MaskedLoad(mask, d, x + whole * lanes()), middle));
    total = hn::MulAdd(centred, centred, total);
  }
  *squares = across<SumOf>(d, total);
}

}  // namespace

MomentsFunctions moments_functions() { return {columns, row}; }

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(moments_functions);
MomentsFunctions find_moments_functions() { return HEBB_DISPATCH(moments_functions)(); }
}  // namespace hebb::simd
#endif
