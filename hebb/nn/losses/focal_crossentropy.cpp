#include "hebb/nn/losses/focal_crossentropy.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/comparison.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/op.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr const char* binary_name = "binary_focal_crossentropy";
constexpr const char* categorical_name = "categorical_focal_crossentropy";

/// A list goes along the last axis, as in Keras, wherever the classes are.
Tensor factors(const Numbers& alpha, const Shape& predictions) {
  const auto count = static_cast<int64_t>(alpha.values.size());
  if (!alpha.is_list) return Tensor::scalar(alpha.values.front());
  if (count != 1 && predictions.back() != 1 && predictions.back() != count) {
    throw InvalidArgument(message(categorical_name, ": expected alpha to be a number, or a list of ",
                                  predictions.back(), ", one for each class, got a list of ", count, "."));
  }
  return cast(Tensor::from(alpha.values), DType::float32);
}

}  // namespace

Tensor binary_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                 const BinaryFocalCrossentropyArguments& arguments) {
  check_label_smoothing(binary_name, arguments.label_smoothing);
  auto [targets, predictions] = compared(binary_name, y_true, y_pred);
  if (arguments.label_smoothing != 0)
    targets = targets * (1 - arguments.label_smoothing) + 0.5 * arguments.label_smoothing;
  if (arguments.from_logits) predictions = sigmoid(predictions);
  const Tensor p = clip_probabilities(predictions);
  const Tensor crossentropy = -(targets * log(p) + (1.0 - targets) * log(1.0 - p));
  const Tensor of_target = targets * predictions + (1.0 - targets) * (1.0 - predictions);
  Tensor losses = power(1.0 - of_target, arguments.gamma) * crossentropy;
  if (arguments.apply_class_balancing)
    losses = losses * (targets * arguments.alpha + (1.0 - targets) * (1 - arguments.alpha));
  return losses.rank() == 0 ? losses : mean(losses, {.axes = arguments.axis.values});
}

Tensor categorical_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                      const CategoricalFocalCrossentropyArguments& arguments) {
  check_label_smoothing(categorical_name, arguments.label_smoothing);
  auto [targets, predictions] = compared(categorical_name, y_true, y_pred);
  const int axis = normalize_axis(arguments.axis, predictions.rank(), categorical_name);
  if (const double smoothing = arguments.label_smoothing; smoothing != 0) {
    // Keras counts the classes on the last axis, wherever they are.
    targets = targets * (1 - smoothing) + smoothing / static_cast<double>(predictions.shape().back());
  }
  if (arguments.from_logits) predictions = softmax(predictions, axis);
  const Tensor p = clip_probabilities(predictions / sum(predictions, {.axes = {axis}, .keepdims = true}));
  const Tensor alpha = factors(arguments.alpha, predictions.shape());
  return -sum(power(1.0 - p, arguments.gamma) * alpha * (targets * log(p)), {.axes = {axis}});
}

Loss BinaryFocalCrossentropy(const BinaryFocalCrossentropyOptions& options) {
  check_label_smoothing(binary_name, options.label_smoothing);
  const BinaryFocalCrossentropyArguments arguments = {
      options.apply_class_balancing, options.alpha,           options.gamma,
      options.from_logits,           options.label_smoothing, options.axis};
  return comparing_loss("BinaryFocalCrossentropy", binary_name, options,
                        [arguments](const Tensor& y_true, const Tensor& y_pred) {
                          return binary_focal_crossentropy(y_true, y_pred, arguments);
                        });
}

Loss CategoricalFocalCrossentropy(const CategoricalFocalCrossentropyOptions& options) {
  check_label_smoothing(categorical_name, options.label_smoothing);
  const CategoricalFocalCrossentropyArguments arguments = {options.alpha, options.gamma, options.from_logits,
                                                           options.label_smoothing, options.axis};
  return comparing_loss("CategoricalFocalCrossentropy", categorical_name, options,
                        [arguments](const Tensor& y_true, const Tensor& y_pred) {
                          return categorical_focal_crossentropy(y_true, y_pred, arguments);
                        });
}

}  // namespace hebb
