/// SpectralNormalization: a layer whose kernel is kept at spectral norm 1, as the discriminators of generative
/// adversarial networks like it.
///
///     Tensor y = SpectralNormalization(Conv2D(64, 3))(x);
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct SpectralNormalizationOptions {
  int64_t power_iterations = 1;  ///< steps of the power method in each call while training
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// Applies a layer that has a weight "kernel" or "embeddings". In training that weight is divided by its largest
/// singular value first, as the power method finds it (Miyato et al. 2018). Weights: vector_u, which the method goes on
/// from, and the layer's. InvalidArgument for a layer without such a weight, or power_iterations below 1.
Layer SpectralNormalization(const Layer& layer, const SpectralNormalizationOptions& options = {});

}  // namespace hebb
