/// Metrics of how well numbers are predicted, that are no losses.
///
///     model.compile({.metrics = {R2Score(), PearsonCorrelation({.axis = 0})}});
#pragma once

#include <optional>
#include <string>

#include "hebb/nn/metrics/metric.h"

namespace hebb {

struct RootMeanSquaredErrorOptions {
  std::string name = "root_mean_squared_error";
};
/// The root of the mean of (prediction - target)^2.
Metric RootMeanSquaredError(const RootMeanSquaredErrorOptions& options = {});

struct LogCoshErrorOptions {
  std::string name = "logcosh";
};
/// The mean of log(cosh(prediction - target)).
Metric LogCoshError(const LogCoshErrorOptions& options = {});

struct R2ScoreOptions {
  /// "uniform_average" (of the columns), "variance_weighted_average"; unset: a number for each column
  std::optional<std::string> class_aggregation = "uniform_average";
  int64_t num_regressors = 0;  ///< above 0: adjusted for so many inputs
  std::string name = "r2_score";
};
/// The share of the targets' variance that predictions explain. Targets and predictions: (batch, columns).
Metric R2Score(const R2ScoreOptions& options = {});

struct PearsonCorrelationOptions {
  std::string name = "pearson_correlation";
  int64_t axis = -1;  ///< along which values are correlated
};
/// The mean of Pearson's correlations of targets and predictions along an axis.
Metric PearsonCorrelation(const PearsonCorrelationOptions& options = {});

struct ConcordanceCorrelationOptions {
  std::string name = "concordance_correlation";
  int64_t axis = -1;  ///< along which values are compared
};
/// The mean of Lin's concordance (1989) along an axis: the correlation, lowered by other means and variances.
Metric ConcordanceCorrelation(const ConcordanceCorrelationOptions& options = {});

}  // namespace hebb
