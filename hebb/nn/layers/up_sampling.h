/// Longer sequences and larger images and volumes, by repeating what is there; images also by interpolating.
///
///     Tensor y = UpSampling2D()(x);                                       // (batch, 7, 7, 8) -> (batch, 14, 14, 8)
///     Tensor z = UpSampling2D(2, {.interpolation = "bilinear"})(x);
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

/// Each step `size` times: (batch, steps, channels) -> (batch, steps * size, channels).
Layer UpSampling1D(int64_t size = 2, const LayerOptions& options = {});

struct UpSampling2DOptions {
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, height, width)
  /// "nearest" repeats pixels; "bilinear", "bicubic", "lanczos3", "lanczos5" interpolate, pixels being little squares
  /// (the corners of the image stay where they are).
  std::string interpolation = "nearest";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// `size`: how many rows and columns each one becomes. x: (batch, height, width, channels) -> (batch, height * rows,
/// width * columns, channels).
Layer UpSampling2D(Pair size = 2, const UpSampling2DOptions& options = {});

struct UpSampling3DOptions {
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, depth, height, width)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// Each place of a volume repeated along depth, height and width: (batch, depth, height, width, channels) -> (batch,
/// depth * size.depth, height * size.height, width * size.width, channels).
Layer UpSampling3D(Triple size = 2, const UpSampling3DOptions& options = {});

}  // namespace hebb
