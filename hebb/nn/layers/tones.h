/// Tones of images and their histograms, for the layers that change them. Internal.
#pragma once

#include "hebb/nn/layers/augmentation_options.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/shaping.h"

namespace hebb {

/// The range in which Keras computes with tones.
inline constexpr ValueRange byte_tones = {0, 255};

/// From one range of values to another.
inline Tensor between_ranges(const Tensor& x, const ValueRange& from, const ValueRange& to) {
  if (from == to) return x;
  return (x - from.low) / (from.high - from.low) * (to.high - to.low) + to.low;
}

/// Of each row of counts (rows, bins) the sums up to each bin.
inline Tensor running_sums(const Tensor& counts) {
  const int64_t bins = counts.shape().back();
  const Tensor at = arange(bins);
  return matmul(counts, cast(less_equal(reshape(at, {bins, 1}), reshape(at, {1, bins})), DType::float32));
}

}  // namespace hebb
