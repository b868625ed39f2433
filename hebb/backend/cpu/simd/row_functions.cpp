#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/row_functions.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "hebb/backend/cpu/simd/across-inl.h"
#include "hebb/backend/cpu/simd/math-inl.h"
#include "hebb/backend/cpu/simd/reduce_functions.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int64_t lanes = hn::MaxLanes(D());

/// Calls `body(i, x)` with the vectors of a row; the last one is filled up with `other`.
template <class Body>
HWY_INLINE void for_row(const float* row, int64_t length, V other, Body body) {
  const D d;
  int64_t i = 0;
  for (; i + lanes <= length; i += lanes) body(i, hn::LoadU(d, row + i));
  if (i < length) body(i, load_or(d, row + i, length - i, other));
}

HWY_INLINE void store_at(V v, float* row, int64_t i, int64_t length) {
  const D d;
  if (length - i >= lanes) {
    hn::StoreU(v, d, row + i);
  } else {
    store_part(v, d, row + i, length - i);
  }
}

HWY_INLINE float largest_of(const float* row, int64_t length) {
  const D d;
  const V lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  V largest = lowest;
  for_row(row, length, lowest, [&](int64_t, V x) HWY_ATTR { largest = MaxOfNumbers::apply(d, largest, x); });
  return across<MaxOfNumbers>(d, largest);
}

void softmax_rows(const float* in, int64_t rows, int64_t length, float* out) {
  const D d;
  const V lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  for (int64_t row = 0; row < rows; ++row, in += length, out += length) {
    const V largest = hn::Set(d, largest_of(in, length));
    V total = hn::Zero(d);
    for_row(in, length, lowest, [&](int64_t i, V x) HWY_ATTR {
      const V e = exp(d, hn::Sub(x, largest));
      total = hn::Add(total, hn::IfThenElseZero(hn::FirstN(d, static_cast<size_t>(length - i)), e));
      store_at(e, out, i, length);
    });
    const V sum = hn::Set(d, across<SumOf>(d, total));
    for_row(out, length, lowest, [&](int64_t i, V e) HWY_ATTR { store_at(hn::Div(e, sum), out, i, length); });
  }
}

void log_softmax_rows(const float* in, int64_t rows, int64_t length, float* out) {
  const D d;
  const V lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  for (int64_t row = 0; row < rows; ++row, in += length, out += length) {
    const V largest = hn::Set(d, largest_of(in, length));
    V total = hn::Zero(d);
    for_row(in, length, lowest, [&](int64_t i, V x) HWY_ATTR {
      const V e = exp(d, hn::Sub(x, largest));
      total = hn::Add(total, hn::IfThenElseZero(hn::FirstN(d, static_cast<size_t>(length - i)), e));
    });
    const V logarithm = log(d, hn::Set(d, across<SumOf>(d, total)));
    for_row(in, length, lowest,
            [&](int64_t i, V x) HWY_ATTR { store_at(hn::Sub(hn::Sub(x, largest), logarithm), out, i, length); });
  }
}

template <class F>
void arg_rows(const float* in, int64_t rows, int64_t length, int64_t* out) {
  const D d;
  const V other = hn::Set(d, F::template identity<float>());
  for (int64_t row = 0; row < rows; ++row, in += length) {
    V best = other;
    for_row(in, length, other, [&](int64_t, V x) HWY_ATTR { best = F::apply(d, best, x); });
    const float extreme = across<F>(d, best);
    const V wanted = hn::Set(d, extreme);
    const bool is_nan = extreme != extreme;
    int64_t index = 0;
    for (int64_t i = 0; i < length; i += lanes) {
      const int64_t left = length - i;
      const auto inside = hn::FirstN(d, static_cast<size_t>(left));
      const V x = left >= lanes ? hn::LoadU(d, in + i) : hn::MaskedLoad(inside, d, in + i);
      const auto found = hn::And(inside, is_nan ? hn::IsNaN(x) : hn::Eq(x, wanted));
      const intptr_t at = hn::FindFirstTrue(d, found);
      if (at >= 0) {
        index = i + at;
        break;
      }
    }
    out[row] = index;
  }
}

}  // namespace

RowFunctions row_functions() { return {softmax_rows, log_softmax_rows, arg_rows<MaxOf>, arg_rows<MinOf>}; }

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(row_functions);
RowFunctions find_row_functions() { return HEBB_DISPATCH(row_functions)(); }
}  // namespace hebb::simd
#endif
