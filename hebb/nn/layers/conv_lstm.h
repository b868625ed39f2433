/// An LSTM whose products are convolutions, for sequences of sequences, images or volumes (Shi et al. 2015): what the
/// next frame of a film looks like.
///
///     Tensor y = ConvLSTM2D(16, 3, {.padding = "same"})(film);       // (batch, 10, 32, 32, 1) -> (batch, 32, 32, 16)
#pragma once

#include <optional>

#include "hebb/nn/layers/options.h"

namespace hebb {

/// `Sizes`: a number for each spatial axis.
template <class Sizes>
struct ConvLSTMLayerOptions {
  Sizes strides = 1;                          ///< of the convolution of the inputs; that of the state has none
  std::string padding = "valid";              ///< of the inputs, "valid" or "same"; that of the state is always "same"
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, steps, channels, ...)
  Sizes dilation_rate = 1;                    ///< of the inputs; InvalidArgument with strides above 1
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  bool unit_forget_bias = true;  ///< the bias of the forget gate starts with ones
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;            ///< the share of the inputs that is dropped, for each gate others
  double recurrent_dropout = 0;  ///< and of the state
  std::optional<int64_t> seed = {};
  bool return_sequences = false;  ///< the outputs of all steps, instead of the last one
  bool return_state = false;      ///< the two states as well
  bool go_backwards = false;
  bool stateful = false;  ///< the next batch starts with the states that this one ends with
  bool unroll = false;
  bool zero_output_for_mask = false;
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

using ConvLSTM1DOptions = ConvLSTMLayerOptions<Single>;
using ConvLSTM2DOptions = ConvLSTMLayerOptions<Pair>;
using ConvLSTM3DOptions = ConvLSTMLayerOptions<Triple>;

/// x: (batch, steps, length, channels) -> (batch, new length, filters), with return_sequences (batch, steps, ...).
/// Weights of its cell: kernel (kernel_size, channels, 4 filters), recurrent_kernel (kernel_size, filters, 4 filters),
/// bias (4 filters,); the gates are input, forget, cell, output.
Layer ConvLSTM1D(int64_t filters, Single kernel_size, const ConvLSTM1DOptions& options = {});
/// x: (batch, steps, height, width, channels) -> (batch, new height, new width, filters).
Layer ConvLSTM2D(int64_t filters, Pair kernel_size, const ConvLSTM2DOptions& options = {});
/// x: (batch, steps, depth, height, width, channels) -> (batch, new depth, new height, new width, filters).
Layer ConvLSTM3D(int64_t filters, Triple kernel_size, const ConvLSTM3DOptions& options = {});

}  // namespace hebb
