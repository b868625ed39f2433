#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/nn/losses/labels.h"
#include "hebb/ops/crossentropy.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

constexpr const char* function_name = "sparse_categorical_crossentropy";

void check_axis(int64_t axis, const Shape& y_pred) {
  if (y_pred.rank() < 1)
    throw InvalidArgument(message(function_name, ": expected predictions of rank 1 or more, got ", y_pred, "."));
  if (normalize_axis(axis, y_pred.rank(), function_name) == y_pred.rank() - 1) return;
  throw NotSupported(message(function_name, ": the classes have to be the last axis, got axis ", axis,
                             " of predictions ", y_pred, ". Transpose them first."));
}

class SparseCategoricalCrossentropyLoss : public ConfiguredLoss<SparseCategoricalCrossentropyOptions> {
 public:
  explicit SparseCategoricalCrossentropyLoss(const SparseCategoricalCrossentropyOptions& options)
      : ConfiguredLoss(options, "SparseCategoricalCrossentropy"),
        arguments_{options.from_logits, options.ignore_class, options.axis} {}
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return sparse_categorical_crossentropy(y_true, y_pred, arguments_);
  }
  Tensor mask(const Tensor& y_true, const Tensor& y_pred) const override {
    if (!arguments_.ignore_class) return {};
    const Tensor labels = reshape(y_true, label_shape(y_true.shape(), y_pred.shape()));
    return not_equal(labels.dtype() == DType::uint8 ? cast(labels, DType::int32) : labels,
                     static_cast<double>(*arguments_.ignore_class));
  }
  void check_targets(const Tensor& y_true, const Shape& prediction) const override {
    check_axis(arguments_.axis, prediction);
    check_label_shapes(function_name, y_true.shape(), prediction);
    check_labels(function_name, y_true, prediction.back(), arguments_.ignore_class);
  }

 private:
  SparseCategoricalCrossentropyArguments arguments_;
};

}  // namespace

Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                       const SparseCategoricalCrossentropyArguments& arguments) {
  check_axis(arguments.axis, y_pred.shape());
  check_label_shapes(function_name, y_true.shape(), y_pred.shape());
  const int64_t classes = y_pred.shape().back();
  if (!current_recorder()) check_labels(function_name, y_true, classes, arguments.ignore_class);
  const Tensor predictions = as_floating(y_pred);
  Tensor labels = as_labels(y_true, y_pred.shape());
  if (arguments.ignore_class)
    labels = select(equal(labels, static_cast<double>(*arguments.ignore_class)), -1.0, labels);
  const Tensor before = logits_before_softmax(predictions, -1);
  const Tensor& logits = before.defined() ? before : predictions;
  // A label that is no class, as -1 is, costs nothing.
  return softmax_crossentropy(arguments.from_logits || before.defined() ? logits : log(clip_probabilities(predictions)),
                              labels)[0];
}

Loss SparseCategoricalCrossentropy(const SparseCategoricalCrossentropyOptions& options) {
  return std::make_shared<SparseCategoricalCrossentropyLoss>(options);
}

}  // namespace hebb
