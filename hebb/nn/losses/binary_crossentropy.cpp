#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr const char* function_name = "binary_crossentropy";

void check_shapes(const Shape& y_true, const Shape& y_pred) {
  check_same_shapes(
      function_name, y_true, y_pred,
      y_true.rank() < y_pred.rank()
          ? "For class labels use sparse_categorical_crossentropy; for one yes-or-no answer give the last layer 1 unit."
          : "Give the last layer one unit for each column of the targets.");
}

class BinaryCrossentropyLoss : public ConfiguredLoss<BinaryCrossentropyOptions> {
 public:
  explicit BinaryCrossentropyLoss(const BinaryCrossentropyOptions& options)
      : ConfiguredLoss(options, "BinaryCrossentropy"),
        arguments_{options.from_logits, options.label_smoothing, options.axis} {
    check_label_smoothing(function_name, options.label_smoothing);
  }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return binary_crossentropy(y_true, y_pred, arguments_);
  }
  void check_targets(const Tensor& y_true, const Shape& prediction) const override {
    check_shapes(y_true.shape(), prediction);
  }

 private:
  BinaryCrossentropyArguments arguments_;
};

}  // namespace

Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred, const BinaryCrossentropyArguments& arguments) {
  check_label_smoothing(function_name, arguments.label_smoothing);
  check_shapes(y_true.shape(), y_pred.shape());
  Tensor predictions = as_floating(y_pred), targets = cast(y_true, predictions.dtype());
  make_same_rank(targets, predictions);
  if (arguments.label_smoothing != 0)
    targets = targets * (1 - arguments.label_smoothing) + 0.5 * arguments.label_smoothing;
  const Tensor before = logits_before_sigmoid(predictions);
  Tensor losses;
  if (arguments.from_logits || before.defined()) {
    // -log sigmoid(x) = softplus(-x) and -log(1 - sigmoid(x)) = softplus(x): nothing cancels, in the gradient neither.
    const Tensor& x = before.defined() ? before : predictions;
    losses = targets * softplus(-x) + (1.0 - targets) * softplus(x);
  } else {
    const Tensor p = clip_probabilities(predictions);
    losses = -(targets * log(p) + (1.0 - targets) * log(1.0 - p));
  }
  return losses.rank() == 0 ? losses : mean(losses, {.axes = arguments.axis.values});
}

Loss BinaryCrossentropy(const BinaryCrossentropyOptions& options) {
  return std::make_shared<BinaryCrossentropyLoss>(options);
}

}  // namespace hebb
