#include "hebb/nn/losses/hinge.h"

#include "hebb/nn/losses/comparison.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

/// What is missing from the margin, for targets of -1 and 1, or of 0 and 1 alone.
Tensor missing_margin(const char* name, const Tensor& y_true, const Tensor& y_pred) {
  const auto [targets, predictions] = compared(name, y_true, y_pred);
  const Tensor is_binary = min(cast(logical_or(equal(targets, 0.0), equal(targets, 1.0)), targets.dtype()));
  const Tensor signs = select(equal(is_binary, 1.0), targets * 2.0 - 1.0, targets);
  return maximum(1.0 - signs * predictions, 0.0);
}

}  // namespace

Tensor hinge(const Tensor& y_true, const Tensor& y_pred) {
  return mean_of_last(missing_margin("hinge", y_true, y_pred));
}

Tensor squared_hinge(const Tensor& y_true, const Tensor& y_pred) {
  return mean_of_last(square(missing_margin("squared_hinge", y_true, y_pred)));
}

Tensor categorical_hinge(const Tensor& y_true, const Tensor& y_pred) {
  const auto [targets, predictions] = compared("categorical_hinge", y_true, y_pred);
  const Tensor of_class = sum(targets * predictions, {.axes = {-1}}),
               of_others = max((1.0 - targets) * predictions, {.axes = {-1}});
  return maximum(of_others - of_class + 1.0, 0.0);
}

Loss Hinge(const HingeOptions& options) { return comparing_loss("Hinge", "hinge", options, hinge); }

Loss SquaredHinge(const SquaredHingeOptions& options) {
  return comparing_loss("SquaredHinge", "squared_hinge", options, squared_hinge);
}

Loss CategoricalHinge(const CategoricalHingeOptions& options) {
  return comparing_loss("CategoricalHinge", "categorical_hinge", options, categorical_hinge);
}

}  // namespace hebb
