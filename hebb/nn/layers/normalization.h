/// BatchNormalization: each channel with the mean and deviation of the batch taken out (Ioffe and Szegedy 2015).
///
///     Tensor y = BatchNormalization()(x);
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct BatchNormalizationOptions {
  int64_t axis = -1;  ///< the axis of the channels
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;  ///< add beta
  bool scale = true;   ///< multiply by gamma
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Initializer moving_mean_initializer = "zeros";
  Initializer moving_variance_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// gamma (x - mean) / sqrt(variance + epsilon) + beta, for each channel. In training mean and variance are the batch's
/// (the divisor is the count) and the moving ones follow: moving = momentum * moving + (1 - momentum) * batch.
/// Otherwise, and always when it is not trainable, they are the moving ones. Weights: gamma, beta, moving_mean,
/// moving_variance.
Layer BatchNormalization(const BatchNormalizationOptions& options = {});

}  // namespace hebb
