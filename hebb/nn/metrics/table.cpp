#include "hebb/nn/metrics/fields.h"

namespace hebb {

namespace {

template <class Options>
Options read_options(const char* class_name, const Json& config) {
  Options options;
  ConfigReader read(class_name, config);
  read("name", options.name);
  fields(read, options);
  read.finish({"dtype", "fn"});
  return options;
}

/// A row: Keras's class, its other names, what makes it of its options, and what it measures.
template <class Options>
MetricRecord row(const char* class_name, std::vector<std::string> names, Metric (*make)(const Options&),
                 const char* doc) {
  return {class_name, std::move(names),
          [class_name, make](const Json& config) { return make(read_options<Options>(class_name, config)); }, doc};
}

constexpr const char* of_loss = "the mean of the loss of that name";

}  // namespace

const std::vector<MetricRecord>& metric_records() {
  static const std::vector<MetricRecord> records = {
      row("Accuracy", {}, Accuracy, "how often predictions equal the targets"),
      row("BinaryAccuracy", {"binary_accuracy"}, BinaryAccuracy,
          "how often predictions are on their target's side of a threshold"),
      row("CategoricalAccuracy", {"categorical_accuracy"}, CategoricalAccuracy,
          "how often the largest prediction is that of the one-hot target"),
      row("SparseCategoricalAccuracy", {"sparse_categorical_accuracy"}, SparseCategoricalAccuracy,
          "how often the largest prediction is that of the label"),
      row("TopKCategoricalAccuracy", {"top_k_categorical_accuracy"}, TopKCategoricalAccuracy,
          "how often the one-hot target is among the k largest predictions"),
      row("SparseTopKCategoricalAccuracy", {"sparse_top_k_categorical_accuracy"}, SparseTopKCategoricalAccuracy,
          "how often the label is among the k largest predictions"),
      row("MeanSquaredError", {"mean_squared_error", "mse", "MSE"}, metrics::MeanSquaredError,
          "the mean of the squared differences"),
      row("RootMeanSquaredError", {"root_mean_squared_error"}, RootMeanSquaredError,
          "the root of the mean of the squared differences"),
      row("MeanAbsoluteError", {"mean_absolute_error", "mae", "MAE"}, metrics::MeanAbsoluteError,
          "the mean of the differences' magnitudes"),
      row("MeanAbsolutePercentageError", {"mean_absolute_percentage_error", "mape", "MAPE"},
          metrics::MeanAbsolutePercentageError, "the mean of the differences in percent of the targets"),
      row("MeanSquaredLogarithmicError", {"mean_squared_logarithmic_error", "msle", "MSLE"},
          metrics::MeanSquaredLogarithmicError, "the mean of the squared differences of the logarithms"),
      row("LogCoshError", {"log_cosh_error"}, LogCoshError, "the mean of the loss LogCosh"),
      row("CosineSimilarity", {"cosine_similarity"}, metrics::CosineSimilarity,
          "the mean of the cosines between targets and predictions"),
      row("R2Score", {"r2_score"}, R2Score, "the share of the targets' variance that predictions explain"),
      row("PearsonCorrelation", {"pearson_correlation"}, PearsonCorrelation, "the correlation along an axis"),
      row("ConcordanceCorrelation", {"concordance_correlation"}, ConcordanceCorrelation,
          "the correlation, lowered by other means and variances"),
      row("BinaryCrossentropy", {"binary_crossentropy", "bce", "BCE"}, metrics::BinaryCrossentropy, of_loss),
      row("CategoricalCrossentropy", {"categorical_crossentropy"}, metrics::CategoricalCrossentropy, of_loss),
      row("SparseCategoricalCrossentropy", {"sparse_categorical_crossentropy"}, metrics::SparseCategoricalCrossentropy,
          of_loss),
      row("KLDivergence", {"kl_divergence"}, metrics::KLDivergence, of_loss),
      row("Poisson", {"poisson"}, metrics::Poisson, of_loss),
      row("Hinge", {"hinge"}, metrics::Hinge, of_loss),
      row("SquaredHinge", {"squared_hinge"}, metrics::SquaredHinge, of_loss),
      row("CategoricalHinge", {"categorical_hinge"}, metrics::CategoricalHinge, of_loss),
      row("TruePositives", {"true_positives"}, TruePositives, "how many ones are predicted"),
      row("TrueNegatives", {"true_negatives"}, TrueNegatives, "how many zeros are not predicted"),
      row("FalsePositives", {"false_positives"}, FalsePositives, "how many zeros are predicted"),
      row("FalseNegatives", {"false_negatives"}, FalseNegatives, "how many ones are not predicted"),
      row("Precision", {"precision"}, Precision, "the share of ones among what is predicted"),
      row("Recall", {"recall"}, Recall, "the share of the ones that is predicted"),
      row("SensitivityAtSpecificity", {"sensitivity_at_specificity"}, SensitivityAtSpecificity,
          "the best sensitivity at a specificity"),
      row("SpecificityAtSensitivity", {"specificity_at_sensitivity"}, SpecificityAtSensitivity,
          "the best specificity at a sensitivity"),
      row("PrecisionAtRecall", {"precision_at_recall"}, PrecisionAtRecall, "the best precision at a recall"),
      row("RecallAtPrecision", {"recall_at_precision"}, RecallAtPrecision, "the best recall at a precision"),
      row("AUC", {"auc"}, AUC, "the area under a curve, of ROC or of precision over recall"),
      row("FBetaScore", {"f_beta_score"}, FBetaScore, "precision and recall in one, weighed by beta"),
      row("F1Score", {"f1_score"}, F1Score, "precision and recall in one"),
      row("IoU", {"io_u"}, IoU, "intersection over union of some classes"),
      row("BinaryIoU", {"binary_io_u"}, BinaryIoU, "intersection over union of yes-or-no answers"),
      row("MeanIoU", {"mean_io_u"}, MeanIoU, "intersection over union of all classes"),
      row("OneHotIoU", {"one_hot_io_u"}, OneHotIoU, "intersection over union of some classes, for one-hot targets"),
      row("OneHotMeanIoU", {"one_hot_mean_io_u"}, OneHotMeanIoU,
          "intersection over union of all classes, for one-hot targets"),
      row("Mean", {"mean"}, metrics::Mean, "the mean of numbers, in a loop of one's own"),
      row("Sum", {"sum"}, metrics::Sum, "the sum of numbers, in a loop of one's own"),
  };
  return records;
}

}  // namespace hebb
