/// Layers that add to the borders of sequences, images and volumes, or cut them off.
///
///     Tensor y = ZeroPadding2D({1, 2})(x);                   // a row above and below, two columns left and right
///     Tensor z = Cropping2D({{0, 1}, {0, 1}})(y);            // without the last row and column
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct BordersOptions {
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, ...)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

using ZeroPadding1DOptions = BordersOptions;
using ZeroPadding2DOptions = BordersOptions;
using ZeroPadding3DOptions = BordersOptions;
using Cropping2DOptions = BordersOptions;
using Cropping3DOptions = BordersOptions;

/// Zeros in front of a sequence and behind it: `ZeroPadding1D(1)`, `ZeroPadding1D({front, behind})`.
Layer ZeroPadding1D(Ends padding = 1, const ZeroPadding1DOptions& options = {});
/// Zeros around an image: `ZeroPadding2D(1)`, `ZeroPadding2D({1, 2})` for height and width,
/// `ZeroPadding2D({{top, bottom}, {left, right}})`.
Layer ZeroPadding2D(Borders padding = 1, const ZeroPadding2DOptions& options = {});
/// Zeros around a volume: one number, one for each of depth, height and width, or two for each.
Layer ZeroPadding3D(VolumeBorders padding = 1, const ZeroPadding3DOptions& options = {});

/// A sequence, an image or a volume without what is cut off at its borders, given as for the padding. InvalidArgument
/// when nothing is left. Cropping1D has no data format, as in Keras: its steps are axis 1.
Layer Cropping1D(Ends cropping = 1, const LayerOptions& options = {});
Layer Cropping2D(Borders cropping = 0, const Cropping2DOptions& options = {});
Layer Cropping3D(VolumeBorders cropping = 1, const Cropping3DOptions& options = {});

}  // namespace hebb
