/// Conv2D: one small set of weights moved over an image (LeCun et al. 1989).
///
///     Tensor y = Conv2D(32, 3, {.padding = "same", .activation = "relu"})(x);   // (batch, 28, 28, 1) -> (batch, 28, 28, 32)
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct Conv2DOptions {
  Pair strides = 1;
  std::string padding = "valid";  ///< "valid": windows inside the image; "same": zeros outside, as TensorFlow puts them
  std::string data_format = "channels_last";  ///< NotSupported: "channels_first"
  Pair dilation_rate = 1;                     ///< distance between the taps; InvalidArgument with strides above 1
  int64_t groups = 1;                         ///< channels are cut into groups that do not see each other
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};

/// x: (batch, height, width, channels) -> (batch, new height, new width, filters); kernel: (height, width,
/// channels / groups, filters), bias: (filters,). InvalidArgument when groups divides channels or filters not evenly,
/// or the kernel does not fit into the image.
Layer Conv2D(int64_t filters, Pair kernel_size, const Conv2DOptions& options = {});

}  // namespace hebb
