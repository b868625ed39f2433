/// Layers that Keras defines for nets of keras.applications, not in keras.layers: files of those nets hold them.
///
///     Tensor y = x + LayerScale(1e-6, 96)(branch);          // ConvNeXt
///     Tensor z = CustomScaleLayer(0.17)({x, branch});       // InceptionResNetV2: x + 0.17 branch
#pragma once

#include "hebb/nn/layers/noise.h"
#include "hebb/nn/layers/options.h"

namespace hebb {

/// x times a learned factor for each of the `projection_dim` channels of its last axis, which begin with `init_values`
/// (Touvron et al., Going deeper with image transformers, 2021). InvalidArgument for other sizes of that axis.
Layer LayerScale(double init_values, int64_t projection_dim, const LayerOptions& options = {});

/// The first of two inputs plus `scale` times the second (Szegedy et al., Inception-v4, 2016, section 3.3).
Layer CustomScaleLayer(double scale, const LayerOptions& options = {});

/// While training, whole examples become 0 at random, each with the probability `drop_path_rate`, and the others are
/// divided by the share that is left (Huang et al., Deep networks with stochastic depth, 2016); otherwise x itself.
/// InvalidArgument unless 0 <= drop_path_rate < 1.
Layer StochasticDepth(double drop_path_rate, const NoiseOptions& options = {});

}  // namespace hebb
