/// Transposed convolutions: the way back of a convolution, from few positions to many (Zeiler et al. 2010). Decoders
/// grow images with them.
///
///     Tensor y = Conv2DTranspose(16, 3, {.strides = 2, .padding = "same"})(x);   // (batch, 7, 7, 32) -> (batch, 14, 14, 16)
///
/// They compute what the gradient of a convolution computes: each position of the input lays a kernel, weighted with
/// its value, over the output, and what overlaps is added (Dumoulin and Visin, A guide to convolution arithmetic for
/// deep learning, 2016).
#pragma once

#include <optional>

#include "hebb/nn/layers/options.h"

namespace hebb {

/// `Sizes`: a number for each spatial axis.
template <class Sizes>
struct ConvTransposeLayerOptions {
  Sizes strides = 1;              ///< how far apart the kernels of neighbouring positions lie
  std::string padding = "valid";  ///< "valid": all that the kernels reach; "same": size * strides, cut at the borders
  /// What the output is larger than it has to be, behind: 0 to strides - 1. Unset: as much as
  /// `padding` says. With "same" the output is (size - 1) * strides + kernel % 2 + output_padding, as in Keras.
  std::optional<Sizes> output_padding = {};
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, ...)
  Sizes dilation_rate = 1;                    ///< distance between the taps; InvalidArgument with strides above 1
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

using Conv1DTransposeOptions = ConvTransposeLayerOptions<Single>;
using Conv2DTransposeOptions = ConvTransposeLayerOptions<Pair>;
using Conv3DTransposeOptions = ConvTransposeLayerOptions<Triple>;

/// x: (batch, height, width, channels) -> (batch, new height, new width, filters), where a size becomes
///  - "valid": (size - 1) * stride + max(kernel, stride), with an output_padding (size - 1) * stride + kernel + that;
///  - "same": size * stride;
/// and `kernel` counts from the first tap to the last, (kernel_size - 1) * dilation_rate + 1. kernel: (height, width,
/// filters, channels), bias: (filters,). InvalidArgument for an output_padding that is not below the stride.
Layer Conv2DTranspose(int64_t filters, Pair kernel_size, const Conv2DTransposeOptions& options = {});
/// x: (batch, steps, channels) -> (batch, new steps, filters).
Layer Conv1DTranspose(int64_t filters, Single kernel_size, const Conv1DTransposeOptions& options = {});
/// x: (batch, depth, height, width, channels) -> (batch, new depth, new height, new width, filters).
Layer Conv3DTranspose(int64_t filters, Triple kernel_size, const Conv3DTransposeOptions& options = {});

}  // namespace hebb
