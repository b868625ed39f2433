#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/ops/crossentropy.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr const char* function_name = "categorical_crossentropy";

void check_shapes(const Shape& y_true, const Shape& y_pred) {
  const int64_t classes = y_pred.empty() ? 1 : y_pred.back();
  check_same_shapes(
      function_name, y_true, y_pred,
      y_true.rank() < y_pred.rank() || (!y_true.empty() && y_true.back() == 1)
          ? message(
                "For integer labels use sparse_categorical_crossentropy, or make them one-hot: to_categorical(labels, ",
                classes, ").")
          : "Give the last layer one unit for each class of the targets.");
}

class CategoricalCrossentropyLoss : public ConfiguredLoss<CategoricalCrossentropyOptions> {
 public:
  explicit CategoricalCrossentropyLoss(const CategoricalCrossentropyOptions& options)
      : ConfiguredLoss(options, "CategoricalCrossentropy"),
        arguments_{options.from_logits, options.label_smoothing, options.axis} {
    check_label_smoothing(function_name, options.label_smoothing);
  }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return categorical_crossentropy(y_true, y_pred, arguments_);
  }
  void check_targets(const Tensor& y_true, const Shape& prediction) const override {
    check_shapes(y_true.shape(), prediction);
    if (prediction[static_cast<int>(arguments_.axis)] == 1) {
      throw InvalidArgument(
          message(function_name, ": the predictions ", prediction,
                  " have one class, whose loss is always 0. Use binary_crossentropy for one yes-or-no answer."));
    }
  }

 private:
  CategoricalCrossentropyArguments arguments_;
};

}  // namespace

Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                const CategoricalCrossentropyArguments& arguments) {
  check_label_smoothing(function_name, arguments.label_smoothing);
  check_shapes(y_true.shape(), y_pred.shape());
  Tensor predictions = as_floating(y_pred), targets = cast(y_true, predictions.dtype());
  make_same_rank(targets, predictions);
  const int axis = normalize_axis(arguments.axis, predictions.rank(), function_name);
  if (const double smoothing = arguments.label_smoothing; smoothing != 0) {
    // Keras counts the classes on the last axis, wherever they are.
    targets = targets * (1 - smoothing) + smoothing / static_cast<double>(predictions.shape().back());
  }
  const Tensor before = logits_before_softmax(predictions, axis);
  if (arguments.from_logits || before.defined())
    return softmax_crossentropy(before.defined() ? before : predictions, targets, axis)[0];
  const Tensor total = sum(predictions, {.axes = {axis}, .keepdims = true});
  return -sum(targets * log(clip_probabilities(predictions / total)), {.axes = {axis}});
}

Loss CategoricalCrossentropy(const CategoricalCrossentropyOptions& options) {
  return std::make_shared<CategoricalCrossentropyLoss>(options);
}

}  // namespace hebb
