/// Crossentropies that count what is predicted well already less (Lin et al. 2017): for classes of very different
/// sizes.
///
///     model.compile({.loss = BinaryFocalCrossentropy({.apply_class_balancing = true, .gamma = 3.0})});
#pragma once

#include <string>

#include "hebb/nn/layers/options.h"
#include "hebb/nn/losses/loss.h"

namespace hebb {

struct BinaryFocalCrossentropyOptions {
  bool apply_class_balancing = false;  ///< weigh ones with alpha, zeros with 1 - alpha
  double alpha = 0.25;
  double gamma = 2;  ///< the exponent of (1 - probability of the target)
  bool from_logits = false;
  double label_smoothing = 0;  ///< in [0, 1]: targets are drawn towards 1/2 by this fraction
  Axes axis = -1;              ///< over which the mean is taken
  std::string reduction = "sum_over_batch_size";
  std::string name = "binary_focal_crossentropy";
};
/// The mean over an axis of (1 - q)^gamma times the binary crossentropy, where q is the probability given to the
/// target.
Loss BinaryFocalCrossentropy(const BinaryFocalCrossentropyOptions& options = {});

struct BinaryFocalCrossentropyArguments {
  bool apply_class_balancing = false;
  double alpha = 0.25;
  double gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  Axes axis = -1;
};
/// (batch, ..., n), (batch, ..., n) -> (batch, ...).
Tensor binary_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                 const BinaryFocalCrossentropyArguments& arguments = {});

struct CategoricalFocalCrossentropyOptions {
  Numbers alpha = 0.25;  ///< a factor of the whole, or a list of one for each class
  double gamma = 2;      ///< the exponent of (1 - probability)
  bool from_logits = false;
  double label_smoothing = 0;  ///< in [0, 1]: this fraction of the targets is spread evenly over the classes
  int64_t axis = -1;           ///< of the classes
  std::string reduction = "sum_over_batch_size";
  std::string name = "categorical_focal_crossentropy";
};
/// -alpha sum((1 - p)^gamma t log p) over the classes, with one-hot targets; probabilities are divided by their sum
/// first.
Loss CategoricalFocalCrossentropy(const CategoricalFocalCrossentropyOptions& options = {});

struct CategoricalFocalCrossentropyArguments {
  Numbers alpha = 0.25;
  double gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
};
/// (batch, ..., classes), (batch, ..., classes) -> (batch, ...).
Tensor categorical_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                      const CategoricalFocalCrossentropyArguments& arguments = {});

}  // namespace hebb
