/// Convolutions: one small set of weights moved over a sequence, an image or a volume (LeCun et al. 1989).
///
///     Tensor y = Conv2D(32, 3, {.padding = "same", .activation = "relu"})(x);   // (batch, 28, 28, 1) -> (batch, 28, 28, 32)
///     Tensor z = Conv1D(64, 5, {.padding = "causal"})(s);                       // (batch, 100, 8) -> (batch, 100, 64)
#pragma once

#include <optional>

#include "hebb/nn/layers/options.h"

namespace hebb {

/// `Sizes`: a number for each spatial axis.
template <class Sizes>
struct ConvLayerOptions {
  Sizes strides = 1;
  /// "valid": windows inside the input; "same": zeros outside, as TensorFlow puts them; "causal", of Conv1D alone:
  /// zeros in front, so that no step sees a later one.
  std::string padding = "valid";
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, ...)
  Sizes dilation_rate = 1;                    ///< distance between the taps; InvalidArgument with strides above 1
  int64_t groups = 1;                         ///< channels are cut into groups that do not see each other
  ActivationFunction activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  /// LoRA (Hu et al. 2021): the kernel does not train, beside it a product of two matrices of this rank does.
  std::optional<int64_t> lora_rank = {};
  std::optional<double> lora_alpha = {};  ///< the product counts lora_alpha / lora_rank times; unset: as it is
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

using Conv1DOptions = ConvLayerOptions<Single>;
using Conv2DOptions = ConvLayerOptions<Pair>;
using Conv3DOptions = ConvLayerOptions<Triple>;

/// x: (batch, steps, channels) -> (batch, new steps, filters); kernel: (kernel_size, channels / groups, filters), bias:
/// (filters,). InvalidArgument when groups divides channels or filters not evenly, or the kernel does not fit into the
/// sequence.
Layer Conv1D(int64_t filters, Single kernel_size, const Conv1DOptions& options = {});

/// x: (batch, height, width, channels) -> (batch, new height, new width, filters); kernel: (height, width,
/// channels / groups, filters), bias: (filters,).
Layer Conv2D(int64_t filters, Pair kernel_size, const Conv2DOptions& options = {});

/// x: (batch, depth, height, width, channels) -> (batch, new depth, new height, new width, filters); kernel: (depth,
/// height, width, channels / groups, filters), bias: (filters,).
Layer Conv3D(int64_t filters, Triple kernel_size, const Conv3DOptions& options = {});

}  // namespace hebb
