/// A loss of pairs within a batch, for embeddings: equal labels are drawn together, others pushed apart.
///
///     model.compile({.loss = Circle({.gamma = 32.0})});       // the last layer: UnitNormalization()
#pragma once

#include <string>

#include "hebb/nn/losses/loss.h"

namespace hebb {

struct CircleOptions {
  double gamma = 80;            ///< the scale of the similarities
  double margin = 0.4;          ///< how far similarities of equal and of other labels are to be apart
  bool remove_diagonal = true;  ///< an example is no pair with itself
  std::string reduction = "sum_over_batch_size";
  std::string name = "circle";
};
/// softplus(logsumexp over other labels + logsumexp over equal labels) of weighted cosine distances (Sun et al. 2020).
/// Where reduced to a mean, examples whose loss is 0 do not count, as in Keras.
Loss Circle(const CircleOptions& options = {});

struct CircleArguments {
  bool remove_diagonal = true;
  double gamma = 80;
  double margin = 0.4;
};
/// Labels (batch,) or (batch, 1), embeddings of length 1 (batch, n) -> (batch,). InvalidArgument for other shapes.
Tensor circle(const Tensor& y_true, const Tensor& y_pred, const CircleArguments& arguments = {});

}  // namespace hebb
