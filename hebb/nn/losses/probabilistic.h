/// Losses between distributions, and of counts.
///
///     model.compile({.loss = "kl_divergence"});               // softmax outputs, distributions as targets
///     model.compile({.loss = "poisson"});                     // counts, predictions above 0
#pragma once

#include <string>

#include "hebb/nn/losses/loss.h"

namespace hebb {

struct KLDivergenceOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "kl_divergence";
};
/// sum(t log(t / p)) over the last axis (Kullback and Leibler 1951), both kept within [1e-7, 1].
Loss KLDivergence(const KLDivergenceOptions& options = {});
/// (batch, ..., n), (batch, ..., n) -> (batch, ...). InvalidArgument for shapes that differ.
Tensor kl_divergence(const Tensor& y_true, const Tensor& y_pred);

struct PoissonOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "poisson";
};
/// The mean of p - t log(p + 1e-7) over the last axis: minus the logarithm of the likelihood of counts t at rates p, up
/// to what depends on the counts alone.
Loss Poisson(const PoissonOptions& options = {});
/// (batch, ..., n), (batch, ..., n) -> (batch, ...). InvalidArgument for shapes that differ.
Tensor poisson(const Tensor& y_true, const Tensor& y_pred);

struct CategoricalGeneralizedCrossEntropyOptions {
  double q = 0.5;  ///< between 0 (crossentropy) and 1 (mean absolute error), both excluded
  std::string reduction = "sum_over_batch_size";
  std::string name = "categorical_generalized_cross_entropy";
};
/// (1 - p[label]^q) / q with integer labels: wrong labels cost less than with crossentropy (Zhang and Sabuncu 2018).
/// InvalidArgument unless 0 < q < 1.
Loss CategoricalGeneralizedCrossEntropy(const CategoricalGeneralizedCrossEntropyOptions& options = {});
/// Labels (batch, ...) or (batch, ..., 1), probabilities (batch, ..., classes) -> (batch, ...).
Tensor categorical_generalized_cross_entropy(const Tensor& y_true, const Tensor& y_pred, double q);

}  // namespace hebb
