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

/// A row: Keras's class, the names of its function, what makes it of its options, and what it is for.
template <class Options>
LossRecord row(const char* class_name, std::vector<std::string> names, Loss (*make)(const Options&), const char* doc) {
  return {class_name, std::move(names),
          [class_name, make](const Json& config) { return make(read_options<Options>(class_name, config)); }, doc};
}

}  // namespace

const std::vector<LossRecord>& loss_records() {
  static const std::vector<LossRecord> records = {
      row("MeanSquaredError", {"mean_squared_error", "mse", "MSE"}, MeanSquaredError,
          "the mean of the squared differences"),
      row("MeanAbsoluteError", {"mean_absolute_error", "mae", "MAE"}, MeanAbsoluteError,
          "the mean of the differences' magnitudes"),
      row("MeanAbsolutePercentageError", {"mean_absolute_percentage_error", "mape", "MAPE"},
          MeanAbsolutePercentageError, "the mean of the differences in percent of the targets"),
      row("MeanSquaredLogarithmicError", {"mean_squared_logarithmic_error", "msle", "MSLE"},
          MeanSquaredLogarithmicError, "the mean of the squared differences of the logarithms"),
      row("CosineSimilarity", {"cosine_similarity"}, CosineSimilarity, "minus the cosine between the vectors"),
      row("Huber", {"huber"}, Huber, "squared for small differences, linear for large ones"),
      row("LogCosh", {"log_cosh"}, LogCosh, "the logarithm of the differences' hyperbolic cosine"),
      row("BinaryCrossentropy", {"binary_crossentropy", "bce", "BCE"}, BinaryCrossentropy,
          "for yes-or-no answers, each on its own"),
      row("BinaryFocalCrossentropy", {"binary_focal_crossentropy"}, BinaryFocalCrossentropy,
          "for yes-or-no answers, most for those that are hard"),
      row("CategoricalCrossentropy", {"categorical_crossentropy"}, CategoricalCrossentropy,
          "for one class of several, with one-hot targets"),
      row("CategoricalFocalCrossentropy", {"categorical_focal_crossentropy"}, CategoricalFocalCrossentropy,
          "for one class of several, most for examples that are hard"),
      row("SparseCategoricalCrossentropy", {"sparse_categorical_crossentropy"}, SparseCategoricalCrossentropy,
          "for one class of several, with integer labels"),
      row("CategoricalGeneralizedCrossEntropy", {}, CategoricalGeneralizedCrossEntropy,
          "for integer labels of which some are wrong"),
      row("KLDivergence", {"kl_divergence", "kld", "KLD"}, KLDivergence, "between distributions"),
      row("Poisson", {"poisson"}, Poisson, "for counts"),
      row("Hinge", {"hinge"}, Hinge, "a margin for yes-or-no answers"),
      row("SquaredHinge", {"squared_hinge"}, SquaredHinge, "a squared margin for yes-or-no answers"),
      row("CategoricalHinge", {"categorical_hinge"}, CategoricalHinge, "a margin for one class of several"),
      row("Dice", {"dice"}, Dice, "how far two areas are from overlapping"),
      row("Tversky", {"tversky"}, Tversky, "the same, with weights for what either has alone"),
      row("Circle", {"circle"}, Circle, "for embeddings, over the pairs of a batch"),
      row("CTC", {"ctc"}, CTC, "for labels without places in a sequence"),
  };
  return records;
}

}  // namespace hebb
