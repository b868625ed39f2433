/// GaussianSampling: what makes an autoencoder variational. A layer of hebb's own, which Keras does not have.
///
///     Tensor code = GaussianSampling({.kl_weight = 1.0 / 784})({mean, log_variance});
///
/// Kingma and Welling, Auto-encoding variational Bayes, 2014.
#pragma once

#include <optional>

#include "hebb/nn/layers/options.h"

namespace hebb {

struct GaussianSamplingOptions {
  /// Factor of the Kullback-Leibler divergence. 1 beside a loss that is summed over the elements of an example; beside
  /// one that is their mean, as Keras's losses, 1 / the number of elements. More than that: the beta of Higgins et al.,
  /// beta-VAE, 2017.
  double kl_weight = 1;
  std::optional<int64_t> seed = {};  ///< unset: from the process's sequence (`set_random_seed`)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// Inputs mean and log_variance, both (batch, size) -> (batch, size): in training mean + exp(log_variance / 2) * n with
/// n standard normal, drawn in each call, so that gradients reach both (the reparametrisation trick); otherwise the
/// mean. It adds kl_weight times the divergence of these normals from the standard one,
///
///     KL = -1/2 sum(1 + log_variance - mean^2 - exp(log_variance)),
///
/// averaged over the examples, to the loss. Files hold it as "hebb>GaussianSampling": hebb reads it back; Keras only
/// where a class of that name is registered. InvalidArgument for other shapes and a negative kl_weight.
Layer GaussianSampling(const GaussianSamplingOptions& options = {});

}  // namespace hebb
