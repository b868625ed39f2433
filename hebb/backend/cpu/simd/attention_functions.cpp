#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/attention_functions.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>

#include "hebb/backend/cpu/simd/across-inl.h"
#include "hebb/backend/cpu/simd/attention_functions.h"
#include "hebb/backend/cpu/simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
using M = hn::Mask<D>;
constexpr int64_t lanes = hn::MaxLanes(D());

/// The first `count` lanes, which may be none or more than there are.
HWY_INLINE M first_lanes(int64_t count) {
  return hn::FirstN(D(), static_cast<size_t>(std::clamp<int64_t>(count, 0, lanes)));
}

/// Which of the scores from `column` on count.
HWY_INLINE M counted(const AttentionRows& r, int64_t row, int64_t column) {
  const D d;
  int64_t end = r.columns;
  if (r.first >= 0) end = std::min(end, r.first + row + 1);
  const M inside = first_lanes(end - column);
  if (!r.mask) return inside;
  const bool* mask = r.mask + row * r.mask_row;
  if (r.mask_column == 0) return *mask ? inside : first_lanes(0);
  const hn::Rebind<uint8_t, D> bytes;
  const hn::RebindToSigned<D> whole;
  const auto* from = reinterpret_cast<const uint8_t*>(mask) + column;
  uint8_t last[lanes] = {};
  if (r.columns - column < lanes) {
    std::copy_n(from, r.columns - column, last);
    from = last;
  }
  const auto wide = hn::PromoteTo(whole, hn::LoadU(bytes, from));
  return hn::And(inside, hn::RebindMask(d, hn::Ne(wide, hn::Zero(whole))));
}

void exponentials(const AttentionRows& r) {
  const D d;
  const V scale = hn::Set(d, r.scale), lowest = hn::Set(d, r.lowest);
  for (int64_t i = 0; i < r.rows; ++i) {
    float* row = r.scores + i * r.step;
    V largest = lowest;
    for (int64_t j = 0; j < r.columns; j += lanes) {
      const V x = hn::IfThenElse(counted(r, i, j), hn::Mul(hn::LoadU(d, row + j), scale), lowest);
      largest = MaxOf::apply(d, largest, x);
    }
    const float top = across<MaxOf>(d, largest);
    r.statistics[2 * i] = top;
    if (top <= r.lowest) {  // none counts
      std::fill_n(row, r.columns, 1.0f);
      r.statistics[2 * i + 1] = 1 / static_cast<float>(r.columns);
      continue;
    }
    const V shift = hn::Set(d, top);
    V total = hn::Zero(d);
    for (int64_t j = 0; j < r.columns; j += lanes) {
      const V x = hn::Sub(hn::Mul(hn::LoadU(d, row + j), scale), shift);
      const V e = hn::IfThenElseZero(counted(r, i, j), exp(d, x));
      total = hn::Add(total, e);
      hn::StoreU(e, d, row + j);
    }
    r.statistics[2 * i + 1] = 1 / across<SumOf>(d, total);
  }
}

void gradients(const AttentionRows& r) {
  const D d;
  const V scale = hn::Set(d, r.scale);
  for (int64_t i = 0; i < r.rows; ++i) {
    float *row = r.scores + i * r.step, *slope = r.slopes + i * r.step;
    const float top = r.statistics[2 * i], share = r.statistics[2 * i + 1];
    if (top <= r.lowest) {
      std::fill_n(row, r.columns, share);
      std::fill_n(slope, r.columns, 0.0f);
      continue;
    }
    const V shift = hn::Set(d, top), factor = hn::Set(d, share);
    V total = hn::Zero(d);
    for (int64_t j = 0; j < r.columns; j += lanes) {
      const V x = hn::Sub(hn::Mul(hn::LoadU(d, row + j), scale), shift);
      const M counts = counted(r, i, j);
      const V p = hn::IfThenElseZero(counts, hn::Mul(exp(d, x), factor));
      const V y = hn::IfThenElseZero(counts, hn::LoadU(d, slope + j));
      total = hn::MulAdd(p, y, total);
      hn::StoreU(p, d, row + j);
      hn::StoreU(y, d, slope + j);
    }
    // Of these numbers themselves, and not the product of the result and its gradient, which is as large but for
    // rounding: where one key counts, nothing at all is left, and optimizers that divide by the gradient's size make no
    // step of rounding errors.
    const V sum = hn::Set(d, across<SumOf>(d, total));
    for (int64_t j = 0; j < r.columns; j += lanes) {
      const V g = hn::Mul(hn::Mul(hn::LoadU(d, row + j), hn::Sub(hn::LoadU(d, slope + j), sum)), scale);
      hn::StoreU(hn::IfThenElseZero(counted(r, i, j), g), d, slope + j);
    }
  }
}

void normalize(float* y, int64_t step, int64_t rows, int64_t width, const float* statistics) {
  const D d;
  for (int64_t i = 0; i < rows; ++i) {
    float* row = y + i * step;
    const V factor = hn::Set(d, statistics[2 * i + 1]);
    int64_t j = 0;
    for (; j + lanes <= width; j += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, row + j), factor), d, row + j);
    if (j < width) store_part(hn::Mul(load_or(d, row + j, width - j, hn::Zero(d)), factor), d, row + j, width - j);
  }
}

}  // namespace

AttentionFunctions attention_functions() { return {exponentials, gradients, normalize, lanes}; }

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(attention_functions);
AttentionFunctions find_attention_functions() { return HEBB_DISPATCH(attention_functions)(); }
}  // namespace hebb::simd
#endif
