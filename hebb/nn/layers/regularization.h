/// Dropout: in training, values are set to zero at random (Srivastava et al. 2014).
///
///     Tensor y = Dropout(0.5)(x);
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct DropoutOptions {
  /// The shape of the mask, broadcast to x: 1 on an axis drops along all of it at once, -1 stands for x's size. Empty:
  /// x's.
  std::vector<int64_t> noise_shape = {};
  std::optional<int64_t> seed = {};  ///< unset: from the process's sequence (`set_random_seed`)
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};

/// In training each value is dropped with probability `rate`, the others divided by 1 - rate, so that the mean stays;
/// otherwise x itself. InvalidArgument unless 0 <= rate <= 1.
Layer Dropout(double rate, const DropoutOptions& options = {});

}  // namespace hebb
