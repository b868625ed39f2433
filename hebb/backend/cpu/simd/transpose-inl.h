/// The transpose of a matrix in memory, for each instruction set: floats by fours in registers.

#if defined(HEBB_BACKEND_CPU_SIMD_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HEBB_BACKEND_CPU_SIMD_TRANSPOSE_INL_H_
#undef HEBB_BACKEND_CPU_SIMD_TRANSPOSE_INL_H_
#else
#define HEBB_BACKEND_CPU_SIMD_TRANSPOSE_INL_H_
#endif

#include <cstdint>
#include <type_traits>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

namespace {

#if HWY_TARGET <= HWY_AVX2
/// Four vectors, each of four neighbours from every fourth row, to four vectors that are columns.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void transpose_fours(D d, V v0, V v1, V v2, V v3, float* out, int64_t out_step) {
  const hn::Repartition<uint64_t, D> d64;
  const auto low01 = hn::BitCast(d64, hn::InterleaveLower(d, v0, v1)),
             low23 = hn::BitCast(d64, hn::InterleaveLower(d, v2, v3));
  const auto high01 = hn::BitCast(d64, hn::InterleaveUpper(d, v0, v1)),
             high23 = hn::BitCast(d64, hn::InterleaveUpper(d, v2, v3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d64, low01, low23)), d, out);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d64, low01, low23)), d, out + out_step);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d64, high01, high23)), d, out + 2 * out_step);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d64, high01, high23)), d, out + 3 * out_step);
}

/// Four columns of eight rows. Halves are put together while they are loaded, which needs no shuffling.
HWY_INLINE void transpose_8x4(const float* in, int64_t in_step, float* out, int64_t out_step) {
  const hn::CappedTag<float, 8> d;
  const hn::Half<decltype(d)> half;
  const auto rows = [&](int64_t i) HWY_ATTR {
    return hn::Combine(d, hn::LoadU(half, in + (i + 4) * in_step), hn::LoadU(half, in + i * in_step));
  };
  transpose_fours(d, rows(0), rows(1), rows(2), rows(3), out, out_step);
}
#endif

#if HWY_TARGET <= HWY_AVX3
HWY_INLINE void transpose_16x4(const float* in, int64_t in_step, float* out, int64_t out_step) {
  const hn::CappedTag<float, 16> d;
  const auto rows = [&](int64_t i) HWY_ATTR {
    __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(in + i * in_step));
    v = _mm512_insertf32x4(v, _mm_loadu_ps(in + (i + 4) * in_step), 1);
    v = _mm512_insertf32x4(v, _mm_loadu_ps(in + (i + 8) * in_step), 2);
    return hn::Vec<decltype(d)>{_mm512_insertf32x4(v, _mm_loadu_ps(in + (i + 12) * in_step), 3)};
  };
  transpose_fours(d, rows(0), rows(1), rows(2), rows(3), out, out_step);
}
#endif

/// out (columns x rows) = the transpose of in (rows x columns).
template <class T>
void transpose(const T* in, int64_t in_step, T* out, int64_t out_step, int64_t rows, int64_t columns) {
  int64_t i = 0;
#if HWY_TARGET <= HWY_AVX2
  if constexpr (std::is_same_v<T, float>) {
    const int64_t whole = columns / 4 * 4;
    const auto rest = [&](int64_t count) {
      for (int64_t j = whole; j < columns; ++j) {
        for (int64_t k = i; k < i + count; ++k) out[j * out_step + k] = in[k * in_step + j];
      }
    };
#if HWY_TARGET <= HWY_AVX3
    for (; i + 16 <= rows; i += 16) {
      for (int64_t j = 0; j < whole; j += 4)
        transpose_16x4(in + i * in_step + j, in_step, out + j * out_step + i, out_step);
      rest(16);
    }
#endif
    for (; i + 8 <= rows; i += 8) {
      for (int64_t j = 0; j < whole; j += 4)
        transpose_8x4(in + i * in_step + j, in_step, out + j * out_step + i, out_step);
      rest(8);
    }
  }
#endif
  for (; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) out[j * out_step + i] = in[i * in_step + j];
  }
}

}  // namespace
}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HEBB_BACKEND_CPU_SIMD_TRANSPOSE_INL_H_
