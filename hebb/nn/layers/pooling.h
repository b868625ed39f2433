/// Pooling: one value for each window of an image, or for the whole of it.
///
///     Tensor y = MaxPooling2D(2)(x);                  // (batch, 28, 28, 32) -> (batch, 14, 14, 32)
///     Tensor z = GlobalAveragePooling2D()(y);         // -> (batch, 32)
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct Pooling2DOptions {
  Pair strides = {};              ///< not given: the size of the window
  std::string padding = "valid";  ///< "same": windows may reach beyond the image; what is outside does not count
  std::string data_format = "channels_last";  ///< NotSupported: "channels_first"
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};

/// The largest value of each window and channel. The gradient goes to the first of equal values.
Layer MaxPooling2D(Pair pool_size = 2, const Pooling2DOptions& options = {});
/// The mean of each window and channel.
Layer AveragePooling2D(Pair pool_size, const Pooling2DOptions& options = {});

struct GlobalPooling2DOptions {
  std::string data_format = "channels_last";  ///< NotSupported: "channels_first"
  bool keepdims = false;                      ///< keep height and width with size 1
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};

/// The largest value of each channel: (batch, height, width, channels) -> (batch, channels).
Layer GlobalMaxPooling2D(const GlobalPooling2DOptions& options = {});
/// The mean of each channel: (batch, height, width, channels) -> (batch, channels).
Layer GlobalAveragePooling2D(const GlobalPooling2DOptions& options = {});

}  // namespace hebb
