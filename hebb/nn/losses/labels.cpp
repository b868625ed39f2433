#include "hebb/nn/losses/labels.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// "17", or "(3, 17)" where there are several axes.
std::string position_text(int64_t at, const Shape& shape) {
  if (shape.rank() <= 1) return message(at);
  std::vector<int64_t> position(static_cast<size_t>(shape.rank()));
  for (int i = shape.rank(); i-- > 0; at /= shape[i]) position[static_cast<size_t>(i)] = at % shape[i];
  return Shape(position).to_string();
}

}  // namespace

Shape label_shape(const Shape& y_true, const Shape& y_pred) {
  return y_true.rank() == y_pred.rank() && !y_true.empty() && y_true.back() == 1 ? y_true.without(-1) : y_true;
}

void check_label_shapes(const char* name, const Shape& y_true, const Shape& y_pred) {
  const Shape expected = y_pred.without(-1), labels = label_shape(y_true, y_pred);
  bool fits = labels.rank() == expected.rank();
  for (int i = 0; fits && i < labels.rank(); ++i) {
    fits = labels[i] == expected[i] || labels[i] == Shape::unknown || expected[i] == Shape::unknown;
  }
  if (fits) return;
  const bool one_hot = y_true.rank() == y_pred.rank() && y_true.back() == y_pred.back();
  throw InvalidArgument(message(
      name, ": expected labels of shape ", expected, " for predictions of shape ", y_pred, ", got ", y_true, ". ",
      one_hot ? "These look like one-hot targets: use categorical_crossentropy, or argmax(targets) as labels."
              : "Give one class number for each example."));
}

void check_labels(const char* name, const Tensor& labels, int64_t classes, const std::optional<int64_t>& ignored) {
  if (!labels.is_concrete()) return;
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
      throw InvalidArgument(message(name, ": the label at position ", position_text(i, labels.shape()), " is ", label,
                                    ", but the predictions have the ", classes, " classes from 0 to ", classes - 1,
                                    ". ", remedy, "."));
    }
  });
}

Tensor as_labels(const Tensor& y_true, const Shape& y_pred) {
  const Tensor labels = reshape(y_true, label_shape(y_true.shape(), y_pred));
  return labels.dtype() == DType::int64 ? labels : cast(labels, DType::int32);
}

}  // namespace hebb
