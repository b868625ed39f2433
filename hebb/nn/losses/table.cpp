#include "hebb/nn/losses/losses.h"
#include "hebb/nn/option_reader.h"

namespace hebb {

namespace {

/// Reads the members that all losses have.
template <class Options>
void read_base(OptionReader& read, Options& options) {
  read("name", options.name);
  read.take("reduction", [&](const Json& json) {
    options.reduction = json.is_null() ? "none" : json.as_string();
    if (options.reduction == "auto") options.reduction = "sum_over_batch_size";  // as Keras 2 wrote it
  });
}

void finish(const OptionReader& read) { read.finish({"dtype", "fn"}); }

Loss make_mean_squared_error(const Json& config) {
  MeanSquaredErrorOptions options;
  OptionReader read("MeanSquaredError", config);
  read_base(read, options);
  finish(read);
  return MeanSquaredError(options);
}

Loss make_binary_crossentropy(const Json& config) {
  BinaryCrossentropyOptions options;
  OptionReader read("BinaryCrossentropy", config);
  read_base(read, options);
  read("from_logits", options.from_logits);
  read("label_smoothing", options.label_smoothing);
  read.take("axis", [&](const Json& json) {
    if (!json.is_array()) return void(options.axis = json.as_int());
    std::vector<int64_t> axes;
    for (const Json& axis : json.items()) axes.push_back(axis.as_int());
    options.axis = axes;
  });
  finish(read);
  return BinaryCrossentropy(options);
}

Loss make_categorical_crossentropy(const Json& config) {
  CategoricalCrossentropyOptions options;
  OptionReader read("CategoricalCrossentropy", config);
  read_base(read, options);
  read("from_logits", options.from_logits);
  read("label_smoothing", options.label_smoothing);
  read("axis", options.axis);
  finish(read);
  return CategoricalCrossentropy(options);
}

Loss make_sparse_categorical_crossentropy(const Json& config) {
  SparseCategoricalCrossentropyOptions options;
  OptionReader read("SparseCategoricalCrossentropy", config);
  read_base(read, options);
  read("from_logits", options.from_logits);
  read("ignore_class", options.ignore_class);
  read("axis", options.axis);
  finish(read);
  return SparseCategoricalCrossentropy(options);
}

}  // namespace

const std::vector<LossRecord>& loss_records() {
  static const std::vector<LossRecord> records = {
      {"MeanSquaredError",
       {"mean_squared_error", "mse", "MSE"},
       make_mean_squared_error,
       "the mean of the squared differences"},
      {"BinaryCrossentropy",
       {"binary_crossentropy", "bce", "BCE"},
       make_binary_crossentropy,
       "for yes-or-no answers, each on its own"},
      {"CategoricalCrossentropy",
       {"categorical_crossentropy"},
       make_categorical_crossentropy,
       "for one class of several, with one-hot targets"},
      {"SparseCategoricalCrossentropy",
       {"sparse_categorical_crossentropy"},
       make_sparse_categorical_crossentropy,
       "for one class of several, with integer labels"},
  };
  return records;
}

}  // namespace hebb
