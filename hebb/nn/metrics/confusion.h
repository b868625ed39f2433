/// Metrics that count what predictions above thresholds get right and wrong.
///
///     model.compile({.metrics = {Precision(), Recall({.class_id = 3}), AUC({.curve = "PR"})}});
///
/// Targets are 0 and 1 (whatever is not 0 is 1), predictions lie between 0 and 1; both have one shape, and all their
/// elements count alike. Sums are kept over batches, so that the numbers are those of all data, not means over batches.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/nn/layers/options.h"
#include "hebb/nn/metrics/metric.h"

namespace hebb {

struct TruePositivesOptions {
  std::optional<Numbers> thresholds = {};  ///< from 0 to 1; a list gives a number for each; unset: 0.5
  std::string name = "true_positives";
};
/// How many ones are predicted above the threshold (their weights, where there are sample weights).
Metric TruePositives(const TruePositivesOptions& options = {});

struct TrueNegativesOptions {
  std::optional<Numbers> thresholds = {};
  std::string name = "true_negatives";
};
/// How many zeros are predicted at the threshold or below.
Metric TrueNegatives(const TrueNegativesOptions& options = {});

struct FalsePositivesOptions {
  std::optional<Numbers> thresholds = {};
  std::string name = "false_positives";
};
/// How many zeros are predicted above the threshold.
Metric FalsePositives(const FalsePositivesOptions& options = {});

struct FalseNegativesOptions {
  std::optional<Numbers> thresholds = {};
  std::string name = "false_negatives";
};
/// How many ones are predicted at the threshold or below.
Metric FalseNegatives(const FalseNegativesOptions& options = {});

struct PrecisionOptions {
  std::optional<Numbers> thresholds = {};  ///< from 0 to 1; a list gives a number for each; unset: 0.5
  std::optional<int64_t> top_k = {};       ///< the k largest of each row count as predicted, thresholds beside it
  std::optional<int64_t> class_id = {};    ///< this column alone
  std::string name = "precision";
};
/// The share of ones among what is predicted.
Metric Precision(const PrecisionOptions& options = {});

struct RecallOptions {
  std::optional<Numbers> thresholds = {};
  std::optional<int64_t> top_k = {};
  std::optional<int64_t> class_id = {};
  std::string name = "recall";
};
/// The share of the ones that is predicted.
Metric Recall(const RecallOptions& options = {});

struct SensitivityAtSpecificityOptions {
  double specificity = -1;               ///< from 0 to 1; has to be given
  int64_t num_thresholds = 200;          ///< evenly from 0 to 1
  std::optional<int64_t> class_id = {};  ///< this column alone
  std::string name = "sensitivity_at_specificity";
};
/// The largest share of the ones found (sensitivity) where at least `specificity` of the zeros are told to be such.
Metric SensitivityAtSpecificity(const SensitivityAtSpecificityOptions& options);

struct SpecificityAtSensitivityOptions {
  double sensitivity = -1;  ///< from 0 to 1; has to be given
  int64_t num_thresholds = 200;
  std::optional<int64_t> class_id = {};
  std::string name = "specificity_at_sensitivity";
};
/// The largest specificity where the sensitivity is at least this.
Metric SpecificityAtSensitivity(const SpecificityAtSensitivityOptions& options);

struct PrecisionAtRecallOptions {
  double recall = -1;  ///< from 0 to 1; has to be given
  int64_t num_thresholds = 200;
  std::optional<int64_t> class_id = {};
  std::string name = "precision_at_recall";
};
/// The largest precision where the recall is at least this.
Metric PrecisionAtRecall(const PrecisionAtRecallOptions& options);

struct RecallAtPrecisionOptions {
  double precision = -1;  ///< from 0 to 1; has to be given
  int64_t num_thresholds = 200;
  std::optional<int64_t> class_id = {};
  std::string name = "recall_at_precision";
};
/// The largest recall where the precision is at least this.
Metric RecallAtPrecision(const RecallAtPrecisionOptions& options);

struct AUCOptions {
  int64_t num_thresholds = 200;                    ///< evenly from 0 to 1, at least 2
  std::string curve = "ROC";                       ///< "ROC", "PR" (precision over recall), "PRGAIN"
  std::string summation_method = "interpolation";  ///< "interpolation", "minoring", "majoring"
  std::string name = "auc";
  std::vector<double> thresholds = {};     ///< instead of even ones; 0 and 1 are added
  bool multi_label = false;                ///< a curve for each column, and the mean of their areas
  std::optional<int64_t> num_labels = {};  ///< the columns, with multi_label; unset: as the data has
  std::vector<double> label_weights = {};  ///< of the columns
  bool from_logits = false;                ///< predictions go through a sigmoid first
};
/// The area under a curve, by sums over thresholds: of the true positive rate over the false positive rate (ROC), or of
/// precision over recall (Davis and Goadrich 2006), or of their gains (Flach and Kull 2015).
Metric AUC(const AUCOptions& options = {});

}  // namespace hebb
