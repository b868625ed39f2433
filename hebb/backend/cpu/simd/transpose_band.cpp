#include "hebb/backend/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hebb/backend/cpu/simd/transpose_band.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "hebb/backend/cpu/simd/strided_copy.h"

HWY_BEFORE_NAMESPACE();
namespace hebb::simd::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
/// 8 x 8 elements: neighbours are interleaved in pairs, then in fours, then halves are put together.
HWY_INLINE void transpose_tile(const float* in, int64_t in_stride, float* out, int64_t out_stride) {
  const hn::CappedTag<float, 8> d;
  const hn::Repartition<uint64_t, decltype(d)> d64;
  using V = hn::Vec<decltype(d)>;
  V row[8];
  for (int i = 0; i < 8; ++i) row[i] = hn::LoadU(d, in + i * in_stride);
  V pairs[8];
  for (int i = 0; i < 8; i += 2) {
    pairs[i] = hn::InterleaveLower(d, row[i], row[i + 1]);
    pairs[i + 1] = hn::InterleaveUpper(d, row[i], row[i + 1]);
  }
  V fours[8];
  for (int i = 0; i < 8; i += 4) {
    for (int k = 0; k < 2; ++k) {
      const auto a = hn::BitCast(d64, pairs[i + k]), b = hn::BitCast(d64, pairs[i + k + 2]);
      fours[i + 2 * k] = hn::BitCast(d, hn::InterleaveLower(d64, a, b));
      fours[i + 2 * k + 1] = hn::BitCast(d, hn::InterleaveUpper(d64, a, b));
    }
  }
  for (int i = 0; i < 4; ++i) {
    hn::StoreU(hn::ConcatLowerLower(d, fours[i + 4], fours[i]), d, out + i * out_stride);
    hn::StoreU(hn::ConcatUpperUpper(d, fours[i + 4], fours[i]), d, out + (i + 4) * out_stride);
  }
}
#endif

void transpose_band(const void* in_bytes, int64_t in_stride, void* out_bytes, int64_t out_stride, int64_t rows,
                    int64_t columns) {
  // Floats stand for any four bytes: they are only moved.
  const auto* in = static_cast<const float*>(in_bytes);
  auto* out = static_cast<float*>(out_bytes);
  int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const int64_t whole_columns = columns / 8 * 8;
  for (; i + 8 <= rows; i += 8) {
    for (int64_t j = 0; j < whole_columns; j += 8) {
      transpose_tile(in + i * in_stride + j, in_stride, out + j * out_stride + i, out_stride);
    }
    for (int64_t j = whole_columns; j < columns; ++j) {
      for (int64_t k = i; k < i + 8; ++k) out[j * out_stride + k] = in[k * in_stride + j];
    }
  }
#endif
  for (; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) out[j * out_stride + i] = in[i * in_stride + j];
  }
}

}  // namespace

TransposeBand get_transpose_band() { return transpose_band; }

}  // namespace hebb::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hebb::simd {
HEBB_EXPORT(get_transpose_band);
TransposeBand find_transpose_band() { return HEBB_DISPATCH(get_transpose_band)(); }
}  // namespace hebb::simd
#endif
