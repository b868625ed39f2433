#include <algorithm>

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

struct RowSums {
  float largest, total;
};

/// The softmax of a row, which `out` may be; `see(i, above)` gets its elements less the largest. The total is the sum
/// of their exponentials.
template <class See>
HWY_INLINE RowSums softmax_row(const float* in, int64_t length, float* out, See see) {
  const D d;
  const V lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  if (length <= lanes) {  // stays in a register
    const V x = load_or(d, in, length, lowest);
    const float largest = across<MaxOfNumbers>(d, x);
    const V above = hn::Sub(x, hn::Set(d, largest));
    see(0, above);
    const V e = hn::IfThenElseZero(hn::FirstN(d, static_cast<size_t>(length)), exp(d, above));
    const float total = across<SumOf>(d, e);
    store_at(hn::Div(e, hn::Set(d, total)), out, 0, length);
    return {largest, total};
  }
  const float highest = largest_of(in, length);
  const V largest = hn::Set(d, highest);
  V total = hn::Zero(d);
  for_row(in, length, lowest, [&](int64_t i, V x) HWY_ATTR {
    const V above = hn::Sub(x, largest);
    see(i, above);
    const V e = exp(d, above);
    total = hn::Add(total, hn::IfThenElseZero(hn::FirstN(d, static_cast<size_t>(length - i)), e));
    store_at(e, out, i, length);
  });
  const float sum = across<SumOf>(d, total);
  const V divisor = hn::Set(d, sum);
  for_row(out, length, lowest, [&](int64_t i, V e) HWY_ATTR { store_at(hn::Div(e, divisor), out, i, length); });
  return {highest, sum};
}

void softmax_rows(const float* in, int64_t rows, int64_t length, float* out) {
  for (int64_t row = 0; row < rows; ++row, in += length, out += length)
    softmax_row(in, length, out, [](int64_t, V) HWY_ATTR {});
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

/// A row's label, -1 where it is no class.
HWY_INLINE int64_t label_of(RowTargets targets, int64_t row, int64_t classes) {
  const int64_t label = targets.dtype == DType::int32 ? static_cast<const int32_t*>(targets.data)[row]
                                                      : static_cast<const int64_t*>(targets.data)[row];
  return label >= 0 && label < classes ? label : -1;
}

/// -sum(t log(p)) is log(total) sum(t) - sum(t above); the logarithms are taken of many rows at once.
void crossentropy_rows(const float* in, RowTargets targets, int64_t rows, int64_t length, float* p, float* losses) {
  const D d;
  constexpr int64_t most = 64;
  HWY_ALIGN float totals[most], weights[most], sums[most];
  for (int64_t first = 0; first < rows; first += most) {
    const int64_t count = std::min(most, rows - first);
    for (int64_t k = 0; k < count; ++k) {
      const int64_t row = first + k;
      const float* x = in + row * length;
      weights[k] = 1;
      if (targets.dtype == DType::float32) {
        const float* t = static_cast<const float*>(targets.data) + row * length;
        V weight = hn::Zero(d), sum = hn::Zero(d);
        totals[k] = softmax_row(x, length, p + row * length, [&](int64_t i, V above) HWY_ATTR {
                      const auto inside = hn::FirstN(d, static_cast<size_t>(length - i));
                      const V target = hn::MaskedLoad(inside, d, t + i);
                      weight = hn::Add(weight, target);
                      sum = hn::Add(sum, hn::IfThenElseZero(inside, hn::Mul(target, above)));
                    }).total;
        weights[k] = across<SumOf>(d, weight);
        sums[k] = across<SumOf>(d, sum);
      } else {
        const int64_t label = label_of(targets, row, length);
        const float wanted = label < 0 ? 0 : x[label];  // p may lie over it
        const RowSums of_row = softmax_row(x, length, p + row * length, [](int64_t, V) HWY_ATTR {});
        totals[k] = label < 0 ? 1 : of_row.total;
        sums[k] = label < 0 ? 0 : wanted - of_row.largest;
      }
    }
    for_row(totals, count, hn::Set(d, 1), [&](int64_t i, V total) HWY_ATTR {
      const V loss = hn::Sub(hn::Mul(log(d, total), hn::Load(d, weights + i)), hn::Load(d, sums + i));
      store_at(loss, losses + first, i, count);
    });
  }
}

void crossentropy_backward_rows(const float* p, RowTargets targets, const float* g, int64_t rows, int64_t length,
                                float* out) {
  const D d;
  const V zero = hn::Zero(d);
  for (int64_t row = 0; row < rows; ++row, p += length, out += length) {
    const V slope = hn::Set(d, g[row]);
    if (targets.dtype == DType::float32) {
      const float* t = static_cast<const float*>(targets.data) + row * length;
      V sum = zero;
      for_row(t, length, zero, [&](int64_t, V target) HWY_ATTR { sum = hn::Add(sum, target); });
      const V total = hn::Set(d, across<SumOf>(d, sum));
      for_row(t, length, zero, [&](int64_t i, V target) HWY_ATTR {
        const V probability = length - i >= lanes ? hn::LoadU(d, p + i) : load_or(d, p + i, length - i, zero);
        store_at(hn::Mul(hn::MulSub(total, probability, target), slope), out, i, length);
      });
    } else {
      const int64_t label = label_of(targets, row, length);
      const float wanted = label < 0 ? 0 : (p[label] - 1) * g[row];  // out may lie over p
      const V total = hn::Set(d, label < 0 ? 0.0f : 1.0f);
      for_row(p, length, zero, [&](int64_t i, V probability) HWY_ATTR {
        store_at(hn::Mul(hn::Mul(total, probability), slope), out, i, length);
      });
      if (label >= 0) out[label] = wanted;
    }
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

RowFunctions row_functions() {
  return {softmax_rows,    log_softmax_rows, crossentropy_rows, crossentropy_backward_rows,
          arg_rows<MaxOf>, arg_rows<MinOf>};
}

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(row_functions);
RowFunctions find_row_functions() { return HEBB_DISPATCH(row_functions)(); }
}  // namespace hebb::simd
#endif
