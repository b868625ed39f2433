#include "hebb/nn/losses/overlap.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/comparison.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr double epsilon = 1e-7;

Tensor area(const Tensor& x, const std::optional<Axes>& axis) { return axis ? sum(x, {.axes = axis->values}) : sum(x); }

/// InvalidArgument, with the loss's name, for axes that predictions have not.
void check_axes(const char* name, const std::optional<Axes>& axis, const Tensor& predictions) {
  if (!axis) return;
  for (const int64_t one : axis->values) {
    if (one >= -predictions.rank() && one < predictions.rank()) continue;
    throw InvalidArgument(message(name, ": expected axes from ", -predictions.rank(), " to ", predictions.rank() - 1,
                                  ", got ", one, " for predictions ", predictions.shape(),
                                  ". Give an axis that they have, or none for all."));
  }
}

}  // namespace

Tensor dice(const Tensor& y_true, const Tensor& y_pred, const std::optional<Axes>& axis) {
  const auto [targets, predictions] = compared("dice", y_true, y_pred);
  check_axes("dice", axis, predictions);
  return 1.0 - area(targets * predictions, axis) * 2.0 / (area(targets, axis) + area(predictions, axis) + epsilon);
}

Tensor tversky(const Tensor& y_true, const Tensor& y_pred, double alpha, double beta, const std::optional<Axes>& axis) {
  const auto [targets, predictions] = compared("tversky", y_true, y_pred);
  check_axes("tversky", axis, predictions);
  const Tensor both = area(targets * predictions, axis), target_alone = area((1.0 - predictions) * targets, axis),
               prediction_alone = area(predictions * (1.0 - targets), axis);
  return 1.0 - both / (both + target_alone * alpha + prediction_alone * beta + epsilon);
}

Loss Dice(const DiceOptions& options) {
  return comparing_loss("Dice", "dice", options, [axis = options.axis](const Tensor& y_true, const Tensor& y_pred) {
    return dice(y_true, y_pred, axis);
  });
}

Loss Tversky(const TverskyOptions& options) {
  return comparing_loss("Tversky", "tversky", options, [options](const Tensor& y_true, const Tensor& y_pred) {
    return tversky(y_true, y_pred, options.alpha, options.beta, options.axis);
  });
}

}  // namespace hebb
