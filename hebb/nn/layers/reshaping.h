/// Layers that move values without computing: Flatten, Reshape, ZeroPadding2D.
///
///     Tensor y = Flatten()(x);                   // (batch, 28, 28) -> (batch, 784)
///     Tensor z = Reshape({28, -1})(y);           // -> (batch, 28, 28)
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct FlattenOptions {
  std::string data_format = "channels_last";  ///< NotSupported: "channels_first"
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};

/// All axes but the batch in one; (batch,) becomes (batch, 1).
Layer Flatten(const FlattenOptions& options = {});

/// `target_shape`, without the batch axis, may have one -1: whatever is left.
Layer Reshape(const Shape& target_shape, const LayerOptions& options = {});

struct ZeroPadding2DOptions {
  std::string data_format = "channels_last";  ///< NotSupported: "channels_first"
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};

/// Zeros around an image: `ZeroPadding2D(1)`, `ZeroPadding2D({1, 2})` for height and width,
/// `ZeroPadding2D({{top, bottom}, {left, right}})`.
Layer ZeroPadding2D(Borders padding = 1, const ZeroPadding2DOptions& options = {});

}  // namespace hebb
