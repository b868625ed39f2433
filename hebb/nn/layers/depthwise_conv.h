/// Depthwise convolutions, a kernel for each channel alone, and separable ones, which mix the channels behind it by a
/// kernel of size 1 (Sifre, Mallat 2014; Chollet 2017): far fewer weights and products than a convolution has.
///
///     Tensor y = DepthwiseConv2D(3, {.padding = "same"})(x);            // (batch, 32, 32, 64) -> (batch, 32, 32, 64)
///     Tensor z = SeparableConv2D(128, 3, {.padding = "same"})(x);       // -> (batch, 32, 32, 128)
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

/// `Sizes`: a number for each spatial axis.
template <class Sizes>
struct DepthwiseConvLayerOptions {
  Sizes strides = 1;
  std::string padding = "valid";  ///< "valid": windows inside the input; "same": zeros outside, as TensorFlow puts them
  int64_t depth_multiplier = 1;   ///< how many kernels, and so outputs, each channel has
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, ...)
  Sizes dilation_rate = 1;                    ///< distance between the taps
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint bias_constraint = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

using DepthwiseConv1DOptions = DepthwiseConvLayerOptions<Single>;
using DepthwiseConv2DOptions = DepthwiseConvLayerOptions<Pair>;

/// x: (batch, steps, channels) -> (batch, new steps, channels * depth_multiplier); kernel: (kernel_size, channels,
/// depth_multiplier), bias: (channels * depth_multiplier,). The outputs of a channel stand next to each other.
Layer DepthwiseConv1D(Single kernel_size, const DepthwiseConv1DOptions& options = {});
/// x: (batch, height, width, channels) -> (batch, new height, new width, channels * depth_multiplier); kernel: (height,
/// width, channels, depth_multiplier).
Layer DepthwiseConv2D(Pair kernel_size, const DepthwiseConv2DOptions& options = {});

/// `Sizes`: a number for each spatial axis.
template <class Sizes>
struct SeparableConvLayerOptions {
  Sizes strides = 1;
  std::string padding = "valid";  ///< as a depthwise convolution's
  std::string data_format = "channels_last";
  Sizes dilation_rate = 1;
  int64_t depth_multiplier = 1;
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer pointwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer pointwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint pointwise_constraint = {};
  Constraint bias_constraint = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

using SeparableConv1DOptions = SeparableConvLayerOptions<Single>;
using SeparableConv2DOptions = SeparableConvLayerOptions<Pair>;

/// A depthwise convolution without bias, then a convolution by (1, channels * depth_multiplier, filters).
/// x: (batch, steps, channels) -> (batch, new steps, filters).
Layer SeparableConv1D(int64_t filters, Single kernel_size, const SeparableConv1DOptions& options = {});
/// x: (batch, height, width, channels) -> (batch, new height, new width, filters).
Layer SeparableConv2D(int64_t filters, Pair kernel_size, const SeparableConv2DOptions& options = {});

}  // namespace hebb
