/// Losses for numbers: how far predictions are from their targets.
///
///     model.compile({.loss = Huber({.delta = 2.0})});
///     Tensor error = mean(mean_absolute_error(y_true, y_pred));
///
/// Targets have the predictions' shape; targets (batch,) go with predictions (batch, 1). InvalidArgument for any other
/// difference in shape: Keras broadcasts, and what comes of it is hardly ever what was meant. Every function takes
/// (batch, ..., n), (batch, ..., n) -> (batch, ...).
#pragma once

#include <string>

#include "hebb/nn/losses/loss.h"

namespace hebb {

struct MeanSquaredErrorOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_squared_error";
};
/// The mean of (target - prediction)^2 over the last axis.
Loss MeanSquaredError(const MeanSquaredErrorOptions& options = {});
Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred);

struct MeanAbsoluteErrorOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_absolute_error";
};
/// The mean of |target - prediction| over the last axis.
Loss MeanAbsoluteError(const MeanAbsoluteErrorOptions& options = {});
Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred);

struct MeanAbsolutePercentageErrorOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_absolute_percentage_error";
};
/// 100 times the mean of |target - prediction| / max(|target|, 1e-7) over the last axis.
Loss MeanAbsolutePercentageError(const MeanAbsolutePercentageErrorOptions& options = {});
Tensor mean_absolute_percentage_error(const Tensor& y_true, const Tensor& y_pred);

struct MeanSquaredLogarithmicErrorOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "mean_squared_logarithmic_error";
};
/// The mean of (log(1 + target) - log(1 + prediction))^2 over the last axis; numbers below 1e-7 count as that.
Loss MeanSquaredLogarithmicError(const MeanSquaredLogarithmicErrorOptions& options = {});
Tensor mean_squared_logarithmic_error(const Tensor& y_true, const Tensor& y_pred);

struct CosineSimilarityOptions {
  int64_t axis = -1;  ///< of the vectors that are compared
  std::string reduction = "sum_over_batch_size";
  std::string name = "cosine_similarity";
};
/// Minus the cosine of the angle between target and prediction: -1 where they point the same way.
Loss CosineSimilarity(const CosineSimilarityOptions& options = {});
Tensor cosine_similarity(const Tensor& y_true, const Tensor& y_pred, int64_t axis = -1);

struct HuberOptions {
  double delta = 1;  ///< where the loss turns from square to linear
  std::string reduction = "sum_over_batch_size";
  std::string name = "huber_loss";
};
/// The mean over the last axis of e^2 / 2 where |e| <= delta, of delta |e| - delta^2 / 2 elsewhere (Huber 1964).
Loss Huber(const HuberOptions& options = {});
Tensor huber(const Tensor& y_true, const Tensor& y_pred, double delta = 1);

struct LogCoshOptions {
  std::string reduction = "sum_over_batch_size";
  std::string name = "log_cosh";
};
/// The mean of log(cosh(prediction - target)) over the last axis: e^2 / 2 for small errors, |e| - log 2 for large ones.
Loss LogCosh(const LogCoshOptions& options = {});
Tensor log_cosh(const Tensor& y_true, const Tensor& y_pred);

}  // namespace hebb
