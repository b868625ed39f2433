/// GroupNormalization: groups of an example's channels with their mean and deviation taken out. It needs no batch.
///
///     Tensor y = GroupNormalization({.groups = 8})(x);       // -1: each channel by itself
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct GroupNormalizationOptions {
  int64_t groups = 32;  ///< divides the channels; -1: as many as there are channels (instance normalisation)
  int64_t axis = -1;    ///< the axis of the channels
  double epsilon = 1e-3;
  bool center = true;  ///< add beta
  bool scale = true;   ///< multiply by gamma
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance over a group's channels and all other axes but
/// the batch (Wu and He 2018). Weights: gamma, beta, one for each channel. InvalidArgument unless the groups divide the
/// channels.
Layer GroupNormalization(const GroupNormalizationOptions& options = {});

}  // namespace hebb
