/// Dense: every output is a weighted sum of all inputs, plus a bias, through an activation.
///
///     Tensor y = Dense(128, {.activation = "relu", .kernel_regularizer = L2(1e-4)})(x);   // (batch, n) -> (batch, 128)
#pragma once

#include <optional>

#include "hebb/nn/layers/options.h"

namespace hebb {

struct DenseOptions {
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
  std::optional<double> lora_alpha = {};  ///< as in Keras without effect: the product counts as it is
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// activation(x kernel + bias). x: (batch, ..., n) -> (batch, ..., units); kernel: (n, units), bias: (units,).
/// InvalidArgument when units is below 1 or x has fewer than two axes.
Layer Dense(int64_t units, const DenseOptions& options = {});

}  // namespace hebb
