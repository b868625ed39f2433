/// The metrics with their options, in the order of Keras's arguments and with Keras's defaults.
///
///     model.compile({.metrics = {"accuracy", TopKCategoricalAccuracy({.k = 3}), metrics::MeanSquaredError()}});
///
/// The accuracies are here, the others in the files that this one includes. Those that share their name with a loss
/// stand in the namespace `metrics`, where the others are found too; so do Mean and Sum, whose names say little alone.
#pragma once

#include <optional>
#include <string>

#include "hebb/nn/metrics/confusion.h"
#include "hebb/nn/metrics/f_score.h"
#include "hebb/nn/metrics/iou.h"
#include "hebb/nn/metrics/metric.h"
#include "hebb/nn/metrics/regression.h"

namespace hebb {

struct AccuracyOptions {
  std::string name = "accuracy";
};
/// How often predictions equal the targets. For labels, not for probabilities: see the others.
Metric Accuracy(const AccuracyOptions& options = {});

struct BinaryAccuracyOptions {
  std::string name = "binary_accuracy";
  double threshold = 0.5;  ///< a prediction above it means 1
};
/// How often predictions are on their target's side of the threshold.
Metric BinaryAccuracy(const BinaryAccuracyOptions& options = {});

struct CategoricalAccuracyOptions {
  std::string name = "categorical_accuracy";
};
/// How often the largest prediction is the one of the one-hot target.
Metric CategoricalAccuracy(const CategoricalAccuracyOptions& options = {});

struct SparseCategoricalAccuracyOptions {
  std::string name = "sparse_categorical_accuracy";
};
/// How often the largest prediction is the one of the integer label. Of equal ones the first counts.
Metric SparseCategoricalAccuracy(const SparseCategoricalAccuracyOptions& options = {});

struct TopKCategoricalAccuracyOptions {
  int64_t k = 5;
  std::string name = "top_k_categorical_accuracy";
};
/// How often the one-hot target's class is among the k largest predictions. Ties at the edge are inside; rows that are
/// not finite never are.
Metric TopKCategoricalAccuracy(const TopKCategoricalAccuracyOptions& options = {});

struct SparseTopKCategoricalAccuracyOptions {
  int64_t k = 5;
  std::string name = "sparse_top_k_categorical_accuracy";
  bool from_sorted_ids = false;  ///< predictions are class numbers, the best first, instead of scores
};
/// The same for integer labels.
Metric SparseTopKCategoricalAccuracy(const SparseTopKCategoricalAccuracyOptions& options = {});

namespace metrics {

using hebb::Accuracy;
using hebb::AUC;
using hebb::BinaryAccuracy;
using hebb::BinaryIoU;
using hebb::CategoricalAccuracy;
using hebb::ConcordanceCorrelation;
using hebb::F1Score;
using hebb::FalseNegatives;
using hebb::FalsePositives;
using hebb::FBetaScore;
using hebb::IoU;
using hebb::LogCoshError;
using hebb::MeanIoU;
using hebb::OneHotIoU;
using hebb::OneHotMeanIoU;
using hebb::PearsonCorrelation;
using hebb::Precision;
using hebb::PrecisionAtRecall;
using hebb::R2Score;
using hebb::Recall;
using hebb::RecallAtPrecision;
using hebb::RootMeanSquaredError;
using hebb::SensitivityAtSpecificity;
using hebb::SparseCategoricalAccuracy;
using hebb::SparseTopKCategoricalAccuracy;
using hebb::SpecificityAtSensitivity;
using hebb::TopKCategoricalAccuracy;
using hebb::TrueNegatives;
using hebb::TruePositives;

struct MeanOptions {
  std::string name = "mean";
};
/// The weighted mean of numbers in a loop of one's own: `mean->update(values, weights)`, or `update(values, {})` where
/// all weigh the same. It compares nothing, so `compile` refuses it; Keras fails in the first step.
Metric Mean(const MeanOptions& options = {});

struct SumOptions {
  std::string name = "sum";
};
/// The weighted sum of numbers, as `Mean`.
Metric Sum(const SumOptions& options = {});

struct MeanSquaredErrorOptions {
  std::string name = "mean_squared_error";
};
/// The mean of (prediction - target)^2.
Metric MeanSquaredError(const MeanSquaredErrorOptions& options = {});

struct MeanAbsoluteErrorOptions {
  std::string name = "mean_absolute_error";
};
/// The mean of |prediction - target|.
Metric MeanAbsoluteError(const MeanAbsoluteErrorOptions& options = {});

struct MeanAbsolutePercentageErrorOptions {
  std::string name = "mean_absolute_percentage_error";
};
/// 100 times the mean of |prediction - target| / |target|.
Metric MeanAbsolutePercentageError(const MeanAbsolutePercentageErrorOptions& options = {});

struct MeanSquaredLogarithmicErrorOptions {
  std::string name = "mean_squared_logarithmic_error";
};
/// The mean of the squared differences of the logarithms.
Metric MeanSquaredLogarithmicError(const MeanSquaredLogarithmicErrorOptions& options = {});

struct HingeOptions {
  std::string name = "hinge";
};
/// The mean of the loss of that name.
Metric Hinge(const HingeOptions& options = {});

struct SquaredHingeOptions {
  std::string name = "squared_hinge";
};
/// The mean of the loss of that name.
Metric SquaredHinge(const SquaredHingeOptions& options = {});

struct CategoricalHingeOptions {
  std::string name = "categorical_hinge";
};
/// The mean of the loss of that name.
Metric CategoricalHinge(const CategoricalHingeOptions& options = {});

struct KLDivergenceOptions {
  std::string name = "kl_divergence";
};
/// The mean of the loss of that name.
Metric KLDivergence(const KLDivergenceOptions& options = {});

struct PoissonOptions {
  std::string name = "poisson";
};
/// The mean of the loss of that name.
Metric Poisson(const PoissonOptions& options = {});

struct CosineSimilarityOptions {
  std::string name = "cosine_similarity";
  int64_t axis = -1;
};
/// The mean of the cosines between targets and predictions: unlike the loss of that name, 1 where they point the same
/// way.
Metric CosineSimilarity(const CosineSimilarityOptions& options = {});

struct BinaryCrossentropyOptions {
  std::string name = "binary_crossentropy";
  bool from_logits = false;
  double label_smoothing = 0;
};
/// The mean of the loss of that name.
Metric BinaryCrossentropy(const BinaryCrossentropyOptions& options = {});

struct CategoricalCrossentropyOptions {
  std::string name = "categorical_crossentropy";
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
};
/// The mean of the loss of that name.
Metric CategoricalCrossentropy(const CategoricalCrossentropyOptions& options = {});

struct SparseCategoricalCrossentropyOptions {
  std::string name = "sparse_categorical_crossentropy";
  bool from_logits = false;
  std::optional<int64_t> ignore_class = {};  ///< counts as 0; where there are sample weights, not at all
  int64_t axis = -1;
};
/// The mean of the loss of that name.
Metric SparseCategoricalCrossentropy(const SparseCategoricalCrossentropyOptions& options = {});

}  // namespace metrics
}  // namespace hebb
