#include "hebb/nn/metrics/metrics.h"
#include "hebb/nn/option_reader.h"

namespace hebb {

namespace {

/// Reads the options of a metric; `read_own` reads those beside its name.
template <class Options, class ReadOwn>
Options options_of(const char* class_name, const Json& config, ReadOwn read_own) {
  Options options;
  OptionReader read(class_name, config);
  read("name", options.name);
  read_own(read, options);
  read.finish({"dtype"});
  return options;
}

template <class Options>
Options options_of(const char* class_name, const Json& config) {
  return options_of<Options>(class_name, config, [](OptionReader&, Options&) {});
}

}  // namespace

const std::vector<MetricRecord>& metric_records() {
  static const std::vector<MetricRecord> records = {
      {"Accuracy",
       {},
       [](const Json& config) { return Accuracy(options_of<AccuracyOptions>("Accuracy", config)); },
       "how often predictions equal the targets"},
      {"BinaryAccuracy",
       {"binary_accuracy"},
       [](const Json& config) {
         return BinaryAccuracy(options_of<BinaryAccuracyOptions>(
             "BinaryAccuracy", config, [](auto& read, auto& options) { read("threshold", options.threshold); }));
       },
       "how often predictions are on their target's side of a threshold"},
      {"CategoricalAccuracy",
       {"categorical_accuracy"},
       [](const Json& config) {
         return CategoricalAccuracy(options_of<CategoricalAccuracyOptions>("CategoricalAccuracy", config));
       },
       "how often the largest prediction is that of the one-hot target"},
      {"SparseCategoricalAccuracy",
       {"sparse_categorical_accuracy"},
       [](const Json& config) {
         return SparseCategoricalAccuracy(
             options_of<SparseCategoricalAccuracyOptions>("SparseCategoricalAccuracy", config));
       },
       "how often the largest prediction is that of the label"},
      {"TopKCategoricalAccuracy",
       {"top_k_categorical_accuracy"},
       [](const Json& config) {
         return TopKCategoricalAccuracy(options_of<TopKCategoricalAccuracyOptions>(
             "TopKCategoricalAccuracy", config, [](auto& read, auto& options) { read("k", options.k); }));
       },
       "how often the one-hot target is among the k largest predictions"},
      {"SparseTopKCategoricalAccuracy",
       {"sparse_top_k_categorical_accuracy"},
       [](const Json& config) {
         return SparseTopKCategoricalAccuracy(options_of<SparseTopKCategoricalAccuracyOptions>(
             "SparseTopKCategoricalAccuracy", config, [](auto& read, auto& options) {
               read("k", options.k);
               read("from_sorted_ids", options.from_sorted_ids);
             }));
       },
       "how often the label is among the k largest predictions"},
      {"MeanSquaredError",
       {"mean_squared_error", "mse", "MSE"},
       [](const Json& config) {
         return metrics::MeanSquaredError(options_of<metrics::MeanSquaredErrorOptions>("MeanSquaredError", config));
       },
       "the mean of the squared differences"},
      {"RootMeanSquaredError",
       {"root_mean_squared_error"},
       [](const Json& config) {
         return RootMeanSquaredError(options_of<RootMeanSquaredErrorOptions>("RootMeanSquaredError", config));
       },
       "the root of the mean of the squared differences"},
      {"MeanAbsoluteError",
       {"mean_absolute_error", "mae", "MAE"},
       [](const Json& config) {
         return MeanAbsoluteError(options_of<MeanAbsoluteErrorOptions>("MeanAbsoluteError", config));
       },
       "the mean of the differences' magnitudes"},
      {"BinaryCrossentropy",
       {"binary_crossentropy", "bce", "BCE"},
       [](const Json& config) {
         return metrics::BinaryCrossentropy(options_of<metrics::BinaryCrossentropyOptions>(
             "BinaryCrossentropy", config, [](auto& read, auto& options) {
               read("from_logits", options.from_logits);
               read("label_smoothing", options.label_smoothing);
             }));
       },
       "the mean of the loss of that name"},
      {"CategoricalCrossentropy",
       {"categorical_crossentropy"},
       [](const Json& config) {
         return metrics::CategoricalCrossentropy(options_of<metrics::CategoricalCrossentropyOptions>(
             "CategoricalCrossentropy", config, [](auto& read, auto& options) {
               read("from_logits", options.from_logits);
               read("label_smoothing", options.label_smoothing);
               read("axis", options.axis);
             }));
       },
       "the mean of the loss of that name"},
      {"SparseCategoricalCrossentropy",
       {"sparse_categorical_crossentropy"},
       [](const Json& config) {
         return metrics::SparseCategoricalCrossentropy(options_of<metrics::SparseCategoricalCrossentropyOptions>(
             "SparseCategoricalCrossentropy", config, [](auto& read, auto& options) {
               read("from_logits", options.from_logits);
               read("ignore_class", options.ignore_class);
               read("axis", options.axis);
             }));
       },
       "the mean of the loss of that name"},
  };
  return records;
}

}  // namespace hebb
