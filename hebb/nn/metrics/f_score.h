/// Scores that weigh precision against recall, for each class or over all.
///
///     model.compile({.metrics = {F1Score({.average = "macro"})}});
#pragma once

#include <optional>
#include <string>

#include "hebb/nn/metrics/metric.h"

namespace hebb {

struct FBetaScoreOptions {
  std::optional<std::string> average = {};  ///< "micro", "macro", "weighted" (by ones); unset: a number for each class
  double beta = 1;                          ///< how many times recall counts as much as precision; above 0
  std::optional<double> threshold = {};  ///< in (0, 1]: predictions above it mean 1; unset: the largest of a row does
  std::string name = "fbeta_score";
};
/// (1 + beta^2) precision recall / (beta^2 precision + recall). Targets and predictions: (batch, classes).
Metric FBetaScore(const FBetaScoreOptions& options = {});

struct F1ScoreOptions {
  std::optional<std::string> average = {};
  std::optional<double> threshold = {};
  std::string name = "f1_score";
};
/// The same with beta 1: the harmonic mean of precision and recall.
Metric F1Score(const F1ScoreOptions& options = {});

}  // namespace hebb
