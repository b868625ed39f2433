/// UpSampling2D: larger images, by repeating pixels or by interpolating between them.
///
///     Tensor y = UpSampling2D()(x);                                       // (batch, 7, 7, 8) -> (batch, 14, 14, 8)
///     Tensor z = UpSampling2D(2, {.interpolation = "bilinear"})(x);
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct UpSampling2DOptions {
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, height, width)
  /// "nearest" repeats pixels; "bilinear", "bicubic", "lanczos3", "lanczos5" interpolate, pixels being little squares
  /// (the corners of the image stay where they are).
  std::string interpolation = "nearest";
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};

/// `size`: how many rows and columns each one becomes. x: (batch, height, width, channels) -> (batch, height * rows,
/// width * columns, channels).
Layer UpSampling2D(Pair size = 2, const UpSampling2DOptions& options = {});

}  // namespace hebb
