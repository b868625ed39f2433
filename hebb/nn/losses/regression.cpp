#include "hebb/nn/losses/regression.h"

#include <cmath>
#include <numbers>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/comparison.h"
#include "hebb/nn/losses/fields.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr double epsilon = 1e-7;

}  // namespace

Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred) {
  const auto [targets, predictions] = compared("mean_squared_error", y_true, y_pred);
  return mean_of_last(square(predictions - targets));
}

Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred) {
  const auto [targets, predictions] = compared("mean_absolute_error", y_true, y_pred);
  return mean_of_last(abs(predictions - targets));
}

Tensor mean_absolute_percentage_error(const Tensor& y_true, const Tensor& y_pred) {
  const auto [targets, predictions] = compared("mean_absolute_percentage_error", y_true, y_pred);
  return 100.0 * mean_of_last(abs(targets - predictions) / maximum(abs(targets), epsilon));
}

Tensor mean_squared_logarithmic_error(const Tensor& y_true, const Tensor& y_pred) {
  const auto [targets, predictions] = compared("mean_squared_logarithmic_error", y_true, y_pred);
  return mean_of_last(square(log(maximum(predictions, epsilon) + 1.0) - log(maximum(targets, epsilon) + 1.0)));
}

Tensor cosine_similarity(const Tensor& y_true, const Tensor& y_pred, int64_t axis) {
  const auto [targets, predictions] = compared("cosine_similarity", y_true, y_pred);
  return -sum(normalized(targets, axis) * normalized(predictions, axis), {.axes = {axis}});
}

Tensor huber(const Tensor& y_true, const Tensor& y_pred, double delta) {
  const auto [targets, predictions] = compared("huber", y_true, y_pred);
  const Tensor error = predictions - targets, magnitude = abs(error);
  return mean_of_last(
      select(less_equal(magnitude, delta), square(error) * 0.5, magnitude * delta - 0.5 * delta * delta));
}

Tensor log_cosh(const Tensor& y_true, const Tensor& y_pred) {
  const auto [targets, predictions] = compared("log_cosh", y_true, y_pred);
  const Tensor error = predictions - targets;
  return mean_of_last(error + softplus(error * -2.0) - std::numbers::ln2);
}

Loss MeanSquaredError(const MeanSquaredErrorOptions& options) {
  return comparing_loss("MeanSquaredError", "mean_squared_error", options, mean_squared_error);
}

Loss MeanAbsoluteError(const MeanAbsoluteErrorOptions& options) {
  return comparing_loss("MeanAbsoluteError", "mean_absolute_error", options, mean_absolute_error);
}

Loss MeanAbsolutePercentageError(const MeanAbsolutePercentageErrorOptions& options) {
  return comparing_loss("MeanAbsolutePercentageError", "mean_absolute_percentage_error", options,
                        mean_absolute_percentage_error);
}

Loss MeanSquaredLogarithmicError(const MeanSquaredLogarithmicErrorOptions& options) {
  return comparing_loss("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", options,
                        mean_squared_logarithmic_error);
}

Loss CosineSimilarity(const CosineSimilarityOptions& options) {
  return comparing_loss("CosineSimilarity", "cosine_similarity", options,
                        [axis = options.axis](const Tensor& y_true, const Tensor& y_pred) {
                          return cosine_similarity(y_true, y_pred, axis);
                        });
}

Loss Huber(const HuberOptions& options) {
  if (!(options.delta > 0) || std::isinf(options.delta)) {
    throw InvalidArgument(
        message("huber: expected a delta above 0, got ", options.delta, ". Take 1, Keras's default."));
  }
  return comparing_loss("Huber", "huber", options, [delta = options.delta](const Tensor& y_true, const Tensor& y_pred) {
    return huber(y_true, y_pred, delta);
  });
}

Loss LogCosh(const LogCoshOptions& options) { return comparing_loss("LogCosh", "log_cosh", options, log_cosh); }

}  // namespace hebb
