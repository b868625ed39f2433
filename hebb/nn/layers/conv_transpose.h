/// Conv2DTranspose: the way back of a convolution, from few positions to many (Zeiler et al. 2010). Decoders grow
/// images with it.
///
///     Tensor y = Conv2DTranspose(16, 3, {.strides = 2, .padding = "same"})(x);   // (batch, 7, 7, 32) -> (batch, 14, 14, 16)
///
/// It computes what the gradient of a Conv2D computes: each position of the input lays a kernel, weighted with its
/// value, over the output, and what overlaps is added (Dumoulin and Visin, A guide to convolution arithmetic for deep
/// learning, 2016).
#pragma once

#include <optional>

#include "hebb/nn/layers/options.h"

namespace hebb {

struct Conv2DTransposeOptions {
  Pair strides = 1;               ///< how far apart the kernels of neighbouring positions lie
  std::string padding = "valid";  ///< "valid": all that the kernels reach; "same": size * strides, cut at the borders
  /// What the output is larger than it has to be, at the bottom and on the right: 0 to strides - 1. Unset: as much as
  /// `padding` says. With "same" the output is (size - 1) * strides + kernel % 2 + output_padding, as in Keras.
  std::optional<Pair> output_padding = {};
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, height, width)
  Pair dilation_rate = 1;                     ///< distance between the taps; InvalidArgument with strides above 1
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

/// x: (batch, height, width, channels) -> (batch, new height, new width, filters), where a size becomes
///  - "valid": (size - 1) * stride + max(kernel, stride), with an output_padding (size - 1) * stride + kernel + that;
///  - "same": size * stride;
/// and `kernel` counts from the first tap to the last, (kernel_size - 1) * dilation_rate + 1. kernel: (height, width,
/// filters, channels), bias: (filters,). InvalidArgument for an output_padding that is not below the stride.
Layer Conv2DTranspose(int64_t filters, Pair kernel_size, const Conv2DTransposeOptions& options = {});

}  // namespace hebb
