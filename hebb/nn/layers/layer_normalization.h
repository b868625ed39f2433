/// Normalisation within an example, which needs no batch: over its features, or to length one.
///
///     Tensor y = LayerNormalization()(x);
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct LayerNormalizationOptions {
  Axes axis = -1;  ///< over which mean and variance are taken; gamma and beta have their sizes
  double epsilon = 1e-3;
  bool center = true;  ///< add beta
  bool scale = true;   ///< multiply by gamma
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  bool rms_scaling = false;  ///< as Keras has it: gamma x / sqrt(variance + epsilon), no beta
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance of each example (Ba et al. 2016). Weights:
/// gamma, beta.
Layer LayerNormalization(const LayerNormalizationOptions& options = {});

struct RMSNormalizationOptions {
  Axes axis = -1;
  double epsilon = 1e-6;
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// scale x / sqrt(mean(x^2) + epsilon) (Zhang and Sennrich 2019). Weight: scale.
Layer RMSNormalization(const RMSNormalizationOptions& options = {});

struct UnitNormalizationOptions {
  Axes axis = -1;
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// x min(1 / sqrt(sum(x^2)), 1e12): length one.
Layer UnitNormalization(const UnitNormalizationOptions& options = {});

}  // namespace hebb
