#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

constexpr const char* function_name = "sparse_categorical_crossentropy";

/// Labels may stand in a column, as (batch, 1).
Shape label_shape(const Shape& y_true, const Shape& y_pred) {
  return y_true.rank() == y_pred.rank() && !y_true.empty() && y_true.back() == 1 ? y_true.without(-1) : y_true;
}

void check_axis(int64_t axis, const Shape& y_pred) {
  if (y_pred.rank() < 1)
    throw InvalidArgument(message(function_name, ": expected predictions of rank 1 or more, got ", y_pred, "."));
  if (normalize_axis(axis, y_pred.rank(), function_name) == y_pred.rank() - 1) return;
  throw NotSupported(message(function_name, ": the classes have to be the last axis, got axis ", axis,
                             " of predictions ", y_pred, ". Transpose them first."));
}

void check_shapes(const Shape& y_true, const Shape& y_pred) {
  const Shape expected = y_pred.without(-1), labels = label_shape(y_true, y_pred);
  bool fits = labels.rank() == expected.rank();
  for (int i = 0; fits && i < labels.rank(); ++i) {
    fits = labels[i] == expected[i] || labels[i] == Shape::unknown || expected[i] == Shape::unknown;
  }
  if (fits) return;
  const bool one_hot = y_true.rank() == y_pred.rank() && y_true.back() == y_pred.back();
  throw InvalidArgument(
      message(function_name, ": expected labels of shape ", expected, " for predictions of shape ", y_pred, ", got ",
              y_true, ". ",
              one_hot ? "These look like one-hot targets: use categorical_crossentropy, or argmax(targets) as labels."
                      : "Give one class number for each example."));
}

/// "17", or "(3, 17)" where there are several axes.
std::string position_text(int64_t at, const Shape& shape) {
  if (shape.rank() <= 1) return message(at);
  std::vector<int64_t> position(static_cast<size_t>(shape.rank()));
  for (int i = shape.rank(); i-- > 0; at /= shape[i]) position[static_cast<size_t>(i)] = at % shape[i];
  return Shape(position).to_string();
}

/// InvalidArgument for a label that is no class.
void check_labels(const Tensor& labels, int64_t classes, const std::optional<int64_t>& ignored) {
  with_type(labels.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* values = labels.data<T>();
    for (int64_t i = 0; i < labels.size(); ++i) {
      const auto label = static_cast<double>(values[i]);
      if (label >= 0 && label < static_cast<double>(classes) && label == std::floor(label)) continue;
      if (ignored && label == static_cast<double>(*ignored)) continue;
      const auto largest = static_cast<double>(*std::max_element(values, values + labels.size()));
      std::string remedy = "Give the last layer as many units as there are classes";
      if (label != std::floor(label))
        remedy = "Labels are whole numbers; for distributions over classes use categorical_crossentropy";
      if (label < 0) remedy = "If such labels are to be left out, set ignore_class";
      if (label == static_cast<double>(classes) && label == largest &&
          *std::min_element(values, values + labels.size()) >= T(1)) {
        remedy = "The labels seem to count from 1: subtract 1";
      }
      throw InvalidArgument(message(function_name, ": the label at position ", position_text(i, labels.shape()), " is ",
                                    label, ", but the predictions have the ", classes, " classes from 0 to ",
                                    classes - 1, ". ", remedy, "."));
    }
  });
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
    check_shapes(y_true.shape(), prediction);
    if (y_true.is_concrete()) check_labels(y_true, prediction.back(), arguments_.ignore_class);
  }

 private:
  SparseCategoricalCrossentropyArguments arguments_;
};

}  // namespace

Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                       const SparseCategoricalCrossentropyArguments& arguments) {
  check_axis(arguments.axis, y_pred.shape());
  check_shapes(y_true.shape(), y_pred.shape());
  const int64_t classes = y_pred.shape().back();
  if (y_true.is_concrete() && !current_recorder()) check_labels(y_true, classes, arguments.ignore_class);
  const Tensor predictions = as_floating(y_pred);
  Tensor labels = reshape(y_true, label_shape(y_true.shape(), y_pred.shape()));
  if (labels.dtype() != DType::int64) labels = cast(labels, DType::int32);
  if (arguments.ignore_class)
    labels = select(equal(labels, static_cast<double>(*arguments.ignore_class)), -1.0, labels);
  const Tensor before = logits_before_softmax(predictions, -1);
  const Tensor& logits = before.defined() ? before : predictions;
  const Tensor logarithms =
      log_softmax(arguments.from_logits || before.defined() ? logits : log(clip_probabilities(predictions)));
  // A selection, not a product: the logarithm of another class's probability may be -infinity. A label that is no class
  // selects nothing.
  return -sum(select(one_hot(labels, classes, DType::boolean), logarithms, 0.0), {.axes = {-1}});
}

Loss SparseCategoricalCrossentropy(const SparseCategoricalCrossentropyOptions& options) {
  return std::make_shared<SparseCategoricalCrossentropyLoss>(options);
}

}  // namespace hebb
