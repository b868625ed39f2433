/// BatchNormalization: each channel with the mean and deviation of the batch taken out (Ioffe and Szegedy 2015).
///
///     Tensor y = BatchNormalization()(x);
#pragma once

#include <string>
#include <utility>
#include <vector>

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
  /// Batch renormalization (Ioffe 2017): training sees what inference does, also with small batches.
  bool renorm = false;
  /// Bounds of the corrections r ("rmin", "rmax") and d ("dmax": its largest magnitude); those left out: none.
  std::vector<std::pair<std::string, double>> renorm_clipping = {};
  double renorm_momentum = 0.99;  ///< of the means and deviations that the corrections are taken from
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// gamma (x - mean) / sqrt(variance + epsilon) + beta, for each channel. In training mean and variance are the batch's
/// (the divisor is the count) and the moving ones follow: moving = momentum * moving + (1 - momentum) * batch.
/// Otherwise, and always when it is not trainable, they are the moving ones. Weights: gamma, beta, moving_mean,
/// moving_variance.
/// With renorm, in training, gamma (r (x - mean) / deviation + d) + beta, where r = deviation / renorm_stddev and
/// d = (mean - renorm_mean) / renorm_stddev are taken as constants by the gradient; renorm_mean and renorm_stddev
/// follow with renorm_momentum, and moving_variance is what moving_stddev, which follows with momentum, says. More
/// weights: moving_stddev, renorm_mean, renorm_stddev. InvalidArgument for other bounds than these, an rmin above rmax,
/// or a negative dmax.
Layer BatchNormalization(const BatchNormalizationOptions& options = {});

}  // namespace hebb
