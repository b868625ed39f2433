#include "hebb/backend/cpu/simd/reduce_functions.h"

#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/reduce_functions.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "hebb/backend/cpu/simd/across-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

/// One row, in a fixed order: eight vectors of partial results, then these by pairs.
template <class T, class F>
HWY_INLINE T reduce_row(const T* x, int64_t length) {
  const hn::ScalableTag<T> d;
  constexpr int64_t lanes = hn::MaxLanes(d);
  const auto start = hn::Set(d, F::template identity<T>());
  int64_t i = 0;
  auto total = start;
  if (length >= 8 * lanes) {
    auto p0 = hn::LoadU(d, x), p1 = hn::LoadU(d, x + lanes), p2 = hn::LoadU(d, x + 2 * lanes),
         p3 = hn::LoadU(d, x + 3 * lanes);
    auto p4 = hn::LoadU(d, x + 4 * lanes), p5 = hn::LoadU(d, x + 5 * lanes), p6 = hn::LoadU(d, x + 6 * lanes),
         p7 = hn::LoadU(d, x + 7 * lanes);
    for (i = 8 * lanes; i + 8 * lanes <= length; i += 8 * lanes) {
      p0 = F::apply(d, p0, hn::LoadU(d, x + i));
      p1 = F::apply(d, p1, hn::LoadU(d, x + i + lanes));
      p2 = F::apply(d, p2, hn::LoadU(d, x + i + 2 * lanes));
      p3 = F::apply(d, p3, hn::LoadU(d, x + i + 3 * lanes));
      p4 = F::apply(d, p4, hn::LoadU(d, x + i + 4 * lanes));
      p5 = F::apply(d, p5, hn::LoadU(d, x + i + 5 * lanes));
      p6 = F::apply(d, p6, hn::LoadU(d, x + i + 6 * lanes));
      p7 = F::apply(d, p7, hn::LoadU(d, x + i + 7 * lanes));
    }
    p0 = F::apply(d, F::apply(d, p0, p1), F::apply(d, p2, p3));
    p4 = F::apply(d, F::apply(d, p4, p5), F::apply(d, p6, p7));
    total = F::apply(d, p0, p4);
  }
  for (; i + lanes <= length; i += lanes) total = F::apply(d, total, hn::LoadU(d, x + i));
  if (i < length) total = F::apply(d, total, load_or(d, x + i, length - i, start));
  return across<F>(d, total);
}

template <class T, class F>
void reduce_rows(const void* in, int64_t rows, int64_t length, void* out) {
  const T* x = static_cast<const T*>(in);
  T* to = static_cast<T*>(out);
  for (int64_t row = 0; row < rows; ++row) to[row] = reduce_row<T, F>(x + row * length, length);
}

/// `vectors` vectors of columns, with `sets` rows on the way at once so that additions do not wait for each other. The
/// last vector has `last` columns.
template <class T, class F, int vectors, int sets>
HWY_INLINE void reduce_strip(const T* x, int64_t rows, int64_t stride, int64_t last, T* out) {
  const hn::ScalableTag<T> d;
  constexpr int64_t lanes = hn::MaxLanes(d);
  using V = hn::Vec<decltype(d)>;
  const V start = hn::Set(d, F::template identity<T>());
  const bool whole = last == lanes;
  V partial[sets][vectors];
  for (auto& set : partial) {
    for (V& v : set) v = start;
  }
  const auto add_rows = [&](int64_t row, auto count) HWY_ATTR {
    for (int s = 0; s < count; ++s) {
      for (int v = 0; v < vectors; ++v) {
        const T* from = x + (row + s) * stride + v * lanes;
        partial[s][v] =
            F::apply(d, partial[s][v], v + 1 < vectors || whole ? hn::LoadU(d, from) : load_or(d, from, last, start));
      }
    }
  };
  int64_t row = 0;
  for (; row + sets <= rows; row += sets) add_rows(row, std::integral_constant<int, sets>());
  for (; row < rows; ++row) add_rows(row, std::integral_constant<int, 1>());
  for (int width = sets / 2; width > 0; width /= 2) {
    for (int s = 0; s < width; ++s) {
      for (int v = 0; v < vectors; ++v) partial[s][v] = F::apply(d, partial[s][v], partial[s + width][v]);
    }
  }
  for (int v = 0; v < vectors; ++v) {
    if (v + 1 < vectors || whole) {
      hn::StoreU(partial[0][v], d, out + v * lanes);
    } else {
      store_part(partial[0][v], d, out + v * lanes, last);
    }
  }
}

/// Wide rows, eight at a time over their whole width, as memory streams best.
template <class T, class F>
void reduce_wide(const T* x, int64_t rows, int64_t stride, int64_t width, T* out) {
  const hn::ScalableTag<T> d;
  constexpr int64_t lanes = hn::MaxLanes(d);
  const auto start = hn::Set(d, F::template identity<T>());
  for (int64_t row = 0; row < rows; row += 8) {
    const T* from = x + row * stride;
    const int64_t count = HWY_MIN(int64_t{8}, rows - row);
    for (int64_t i = 0; i < width; i += lanes) {
      const int64_t left = width - i;
      const bool whole = left >= lanes;
      const auto load = [&](const T* at) HWY_ATTR { return whole ? hn::LoadU(d, at) : load_or(d, at, left, start); };
      auto total = row == 0 ? start : load(out + i);
      if (count == 8) {
        const T* at = from + i;
        const auto low = F::apply(d, F::apply(d, load(at), load(at + stride)),
                                  F::apply(d, load(at + 2 * stride), load(at + 3 * stride)));
        at += 4 * stride;
        const auto high = F::apply(d, F::apply(d, load(at), load(at + stride)),
                                   F::apply(d, load(at + 2 * stride), load(at + 3 * stride)));
        total = F::apply(d, total, F::apply(d, low, high));
      } else {
        for (int64_t k = 0; k < count; ++k) total = F::apply(d, total, load(from + k * stride + i));
      }
      if (whole) {
        hn::StoreU(total, d, out + i);
      } else {
        store_part(total, d, out + i, left);
      }
    }
  }
}

template <class T, class F>
void reduce_columns(const void* in, int64_t rows, int64_t stride, int64_t width, void* out) {
  constexpr int64_t lanes = hn::MaxLanes(hn::ScalableTag<T>());
  const T* x = static_cast<const T*>(in);
  T* to = static_cast<T*>(out);
  if (width > 8 * lanes) return reduce_wide<T, F>(x, rows, stride, width, to);
  int64_t i = 0;
  for (; i + 4 * lanes <= width; i += 4 * lanes) reduce_strip<T, F, 4, 2>(x + i, rows, stride, lanes, to + i);
  for (; i < width; i += lanes) reduce_strip<T, F, 1, 4>(x + i, rows, stride, HWY_MIN(lanes, width - i), to + i);
}

template <class T>
ReduceFunctions functions_of(Reduce::Kind kind) {
  switch (kind) {
    case Reduce::Kind::sum: return {reduce_rows<T, SumOf>, reduce_columns<T, SumOf>};
    case Reduce::Kind::max: return {reduce_rows<T, MaxOf>, reduce_columns<T, MaxOf>};
    case Reduce::Kind::min: return {reduce_rows<T, MinOf>, reduce_columns<T, MinOf>};
    case Reduce::Kind::prod: break;
  }
  return {reduce_rows<T, ProductOf>, reduce_columns<T, ProductOf>};
}

}  // namespace

ReduceFunctions reduce_functions(Reduce::Kind kind, DType dtype) {
  if (dtype == DType::float32) return functions_of<float>(kind);
  if (dtype == DType::float64) return functions_of<double>(kind);
  return {};
}

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(reduce_functions);
ReduceFunctions find_reduce_functions(Reduce::Kind kind, DType dtype) {
  return HEBB_DISPATCH(reduce_functions)(kind, dtype);
}
}  // namespace hebb::simd
#endif
