/// The losses with their options, in the order of Keras's arguments and with Keras's defaults, and the functions behind
/// them: the crossentropies here, the others in the files that this one includes.
///
///     model.compile({.loss = SparseCategoricalCrossentropy({.from_logits = true, .ignore_class = 255})});
///     Tensor loss = mean(sparse_categorical_crossentropy(labels, logits, {.from_logits = true}));
///
/// Crossentropies want probabilities unless `from_logits` is set. Probabilities are kept 1e-7 away from 0 and 1, beyond
/// which their gradient is 0; so, as in Keras, the loss of what comes directly out of `softmax` (out of `sigmoid`, for
/// the binary one) is computed from what went in, which loses nothing however sure the predictions are. A plan always
/// sees that; computed at once, it is seen where gradients are recorded, that is where predictions depend on a
/// variable.
#pragma once

#include <optional>
#include <string>

#include "hebb/nn/layers/options.h"
#include "hebb/nn/losses/circle.h"
#include "hebb/nn/losses/ctc.h"
#include "hebb/nn/losses/focal_crossentropy.h"
#include "hebb/nn/losses/hinge.h"
#include "hebb/nn/losses/loss.h"
#include "hebb/nn/losses/overlap.h"
#include "hebb/nn/losses/probabilistic.h"
#include "hebb/nn/losses/regression.h"

namespace hebb {

struct BinaryCrossentropyOptions {
  bool from_logits = false;
  double label_smoothing = 0;  ///< in [0, 1]: targets are drawn towards 1/2 by this fraction
  Axes axis = -1;              ///< over which the mean is taken
  std::string reduction = "sum_over_batch_size";
  std::string name = "binary_crossentropy";
};
/// The mean of -(t log p + (1 - t) log(1 - p)) over an axis: each output is a yes-or-no answer of its own.
Loss BinaryCrossentropy(const BinaryCrossentropyOptions& options = {});

struct CategoricalCrossentropyOptions {
  bool from_logits = false;
  double label_smoothing = 0;  ///< in [0, 1]: this fraction of the targets is spread evenly over the classes
  int64_t axis = -1;           ///< of the classes
  std::string reduction = "sum_over_batch_size";
  std::string name = "categorical_crossentropy";
};
/// -sum(t log p) over the classes, with targets one-hot or any distribution. Probabilities are divided by their sum
/// first.
Loss CategoricalCrossentropy(const CategoricalCrossentropyOptions& options = {});

struct SparseCategoricalCrossentropyOptions {
  bool from_logits = false;
  std::optional<int64_t> ignore_class = {};  ///< examples with this label do not count; need not be a class
  std::string reduction = "sum_over_batch_size";
  int64_t axis = -1;  ///< of the classes: the last, as in Keras on TensorFlow
  std::string name = "sparse_categorical_crossentropy";
};
/// -log p[label], with labels from 0 to classes - 1. At once, a label that is no class is InvalidArgument; in a plan,
/// where nobody sees it, its loss is 0 (`fit` looks at all labels before it starts).
Loss SparseCategoricalCrossentropy(const SparseCategoricalCrossentropyOptions& options = {});

struct BinaryCrossentropyArguments {
  bool from_logits = false;
  double label_smoothing = 0;
  Axes axis = -1;
};
/// (batch, ..., n), (batch, ..., n) -> (batch, ...). Targets (batch,) go with predictions (batch, 1), here and below.
/// InvalidArgument for any other difference in shape.
Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                           const BinaryCrossentropyArguments& arguments = {});

struct CategoricalCrossentropyArguments {
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
};
/// (batch, ..., classes), (batch, ..., classes) -> (batch, ...).
Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                const CategoricalCrossentropyArguments& arguments = {});

struct SparseCategoricalCrossentropyArguments {
  bool from_logits = false;
  std::optional<int64_t> ignore_class = {};
  int64_t axis = -1;
};
/// Labels (batch, ...) or (batch, ..., 1) of any type, predictions (batch, ..., classes) -> (batch, ...).
Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                       const SparseCategoricalCrossentropyArguments& arguments = {});

}  // namespace hebb
