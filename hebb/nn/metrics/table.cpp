#include "hebb/nn/metrics/fields.h"

namespace hebb {

namespace {

template <class Options>
Options read_options(const char* class_name, const Json& config) {
  Options options;
  ConfigReader read(class_name, config);
  read("name", options.name);
  fields(read, options);
  read.finish({"dtype"});
  return options;
}

}  // namespace

const std::vector<MetricRecord>& metric_records() {
  static const std::vector<MetricRecord> records = {
      {"Accuracy",
       {},
       [](const Json& config) { return Accuracy(read_options<AccuracyOptions>("Accuracy", config)); },
       "how often predictions equal the targets"},
      {"BinaryAccuracy",
       {"binary_accuracy"},
       [](const Json& config) { return BinaryAccuracy(read_options<BinaryAccuracyOptions>("BinaryAccuracy", config)); },
       "how often predictions are on their target's side of a threshold"},
      {"CategoricalAccuracy",
       {"categorical_accuracy"},
       [](const Json& config) {
         return CategoricalAccuracy(read_options<CategoricalAccuracyOptions>("CategoricalAccuracy", config));
       },
       "how often the largest prediction is that of the one-hot target"},
      {"SparseCategoricalAccuracy",
       {"sparse_categorical_accuracy"},
       [](const Json& config) {
         return SparseCategoricalAccuracy(
             read_options<SparseCategoricalAccuracyOptions>("SparseCategoricalAccuracy", config));
       },
       "how often the largest prediction is that of the label"},
      {"TopKCategoricalAccuracy",
       {"top_k_categorical_accuracy"},
       [](const Json& config) {
         return TopKCategoricalAccuracy(
             read_options<TopKCategoricalAccuracyOptions>("TopKCategoricalAccuracy", config));
       },
       "how often the one-hot target is among the k largest predictions"},
      {"SparseTopKCategoricalAccuracy",
       {"sparse_top_k_categorical_accuracy"},
       [](const Json& config) {
         return SparseTopKCategoricalAccuracy(
             read_options<SparseTopKCategoricalAccuracyOptions>("SparseTopKCategoricalAccuracy", config));
       },
       "how often the label is among the k largest predictions"},
      {"MeanSquaredError",
       {"mean_squared_error", "mse", "MSE"},
       [](const Json& config) {
         return metrics::MeanSquaredError(read_options<metrics::MeanSquaredErrorOptions>("MeanSquaredError", config));
       },
       "the mean of the squared differences"},
      {"RootMeanSquaredError",
       {"root_mean_squared_error"},
       [](const Json& config) {
         return RootMeanSquaredError(read_options<RootMeanSquaredErrorOptions>("RootMeanSquaredError", config));
       },
       "the root of the mean of the squared differences"},
      {"MeanAbsoluteError",
       {"mean_absolute_error", "mae", "MAE"},
       [](const Json& config) {
         return MeanAbsoluteError(read_options<MeanAbsoluteErrorOptions>("MeanAbsoluteError", config));
       },
       "the mean of the differences' magnitudes"},
      {"BinaryCrossentropy",
       {"binary_crossentropy", "bce", "BCE"},
       [](const Json& config) {
         return metrics::BinaryCrossentropy(
             read_options<metrics::BinaryCrossentropyOptions>("BinaryCrossentropy", config));
       },
       "the mean of the loss of that name"},
      {"CategoricalCrossentropy",
       {"categorical_crossentropy"},
       [](const Json& config) {
         return metrics::CategoricalCrossentropy(
             read_options<metrics::CategoricalCrossentropyOptions>("CategoricalCrossentropy", config));
       },
       "the mean of the loss of that name"},
      {"SparseCategoricalCrossentropy",
       {"sparse_categorical_crossentropy"},
       [](const Json& config) {
         return metrics::SparseCategoricalCrossentropy(
             read_options<metrics::SparseCategoricalCrossentropyOptions>("SparseCategoricalCrossentropy", config));
       },
       "the mean of the loss of that name"},
  };
  return records;
}

}  // namespace hebb
