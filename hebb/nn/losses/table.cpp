#include "hebb/nn/losses/fields.h"

namespace hebb {

namespace {

template <class Options>
Options read_options(const char* class_name, const Json& config) {
  Options options;
  ConfigReader read(class_name, config);
  read("name", options.name);
  read.take("reduction", [&](const Json& json) {
    options.reduction = json.is_null() ? "none" : json.as_string();
    if (options.reduction == "auto") options.reduction = "sum_over_batch_size";  // as Keras 2 wrote it
  });
  fields(read, options);
  read.finish({"dtype", "fn"});
  return options;
}

}  // namespace

const std::vector<LossRecord>& loss_records() {
  static const std::vector<LossRecord> records = {
      {"MeanSquaredError",
       {"mean_squared_error", "mse", "MSE"},
       [](const Json& config) {
         return MeanSquaredError(read_options<MeanSquaredErrorOptions>("MeanSquaredError", config));
       },
       "the mean of the squared differences"},
      {"BinaryCrossentropy",
       {"binary_crossentropy", "bce", "BCE"},
       [](const Json& config) {
         return BinaryCrossentropy(read_options<BinaryCrossentropyOptions>("BinaryCrossentropy", config));
       },
       "for yes-or-no answers, each on its own"},
      {"CategoricalCrossentropy",
       {"categorical_crossentropy"},
       [](const Json& config) {
         return CategoricalCrossentropy(
             read_options<CategoricalCrossentropyOptions>("CategoricalCrossentropy", config));
       },
       "for one class of several, with one-hot targets"},
      {"SparseCategoricalCrossentropy",
       {"sparse_categorical_crossentropy"},
       [](const Json& config) {
         return SparseCategoricalCrossentropy(
             read_options<SparseCategoricalCrossentropyOptions>("SparseCategoricalCrossentropy", config));
       },
       "for one class of several, with integer labels"},
  };
  return records;
}

}  // namespace hebb
