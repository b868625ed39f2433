/// The metrics' options beside the name, field by field. Internal.
#pragma once

#include <type_traits>

#include "hebb/nn/config_fields.h"
#include "hebb/nn/metrics/metrics.h"

namespace hebb {

/// The metrics that have a name alone.
template <class Visitor,
          FieldsOfOneOf<AccuracyOptions, CategoricalAccuracyOptions, LogCoshErrorOptions, RootMeanSquaredErrorOptions,
                        SparseCategoricalAccuracyOptions, metrics::MeanOptions, metrics::SumOptions>
              Options>
void fields(Visitor&, Options&) {}

template <class Visitor, FieldsOf<BinaryAccuracyOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("threshold", options.threshold);
}

template <class Visitor, FieldsOf<TopKCategoricalAccuracyOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("k", options.k);
}

template <class Visitor, FieldsOf<SparseTopKCategoricalAccuracyOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("k", options.k);
  visit.unless_default("from_sorted_ids", options.from_sorted_ids, false);
}

template <
    class Visitor,
    FieldsOfOneOf<FalseNegativesOptions, FalsePositivesOptions, TrueNegativesOptions, TruePositivesOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("thresholds", options.thresholds);
}

template <class Visitor, FieldsOfOneOf<PrecisionOptions, RecallOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("thresholds", options.thresholds);
  visit("top_k", options.top_k);
  visit("class_id", options.class_id);
}

template <class Visitor, FieldsOfOneOf<PrecisionAtRecallOptions, RecallAtPrecisionOptions,
                                       SensitivityAtSpecificityOptions, SpecificityAtSensitivityOptions>
                             Options>
void fields(Visitor& visit, Options& options) {
  visit("class_id", options.class_id);
  visit("num_thresholds", options.num_thresholds);
  if constexpr (requires { options.recall; }) visit.required("recall", options.recall);
  if constexpr (requires { options.precision; }) visit.required("precision", options.precision);
  if constexpr (requires { options.specificity; }) visit.required("specificity", options.specificity);
  if constexpr (requires { options.sensitivity; }) visit.required("sensitivity", options.sensitivity);
}

template <class Visitor, FieldsOf<AUCOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("num_thresholds", options.num_thresholds);
  visit("curve", options.curve);
  visit("summation_method", options.summation_method);
  visit("multi_label", options.multi_label);
  visit("num_labels", options.num_labels);
  visit("label_weights", options.label_weights);
  visit("from_logits", options.from_logits);
  visit.unless_default("thresholds", options.thresholds, {});
}

template <class Visitor, FieldsOf<FBetaScoreOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("average", options.average);
  visit("beta", options.beta);
  visit("threshold", options.threshold);
}

template <class Visitor, FieldsOf<F1ScoreOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("average", options.average);
  visit("threshold", options.threshold);
}

template <class Visitor, FieldsOf<R2ScoreOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("class_aggregation", options.class_aggregation);
  visit("num_regressors", options.num_regressors);
}

template <class Visitor, FieldsOfOneOf<ConcordanceCorrelationOptions, PearsonCorrelationOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("axis", options.axis);
}

/// The intersections over union write what is about classes, name and type in one order or the other.
template <class Visitor, class Options>
void class_fields(Visitor& visit, Options& options) {
  if constexpr (requires { options.num_classes; }) visit.required("num_classes", options.num_classes);
  // BinaryIoU takes both of its classes by default.
  if constexpr (std::is_same_v<std::remove_const_t<Options>, BinaryIoUOptions>) {
    visit("target_class_ids", options.target_class_ids);
    visit("threshold", options.threshold);
  } else if constexpr (requires { options.target_class_ids; }) {
    visit.required("target_class_ids", options.target_class_ids);
  }
}

template <class Visitor, class Options>
void position_fields(Visitor& visit, Options& options) {
  if constexpr (requires { options.ignore_class; }) visit("ignore_class", options.ignore_class);
  if constexpr (requires { options.sparse_y_true; }) visit("sparse_y_true", options.sparse_y_true);
  if constexpr (requires { options.sparse_y_pred; }) visit("sparse_y_pred", options.sparse_y_pred);
  if constexpr (requires { options.axis; }) visit("axis", options.axis);
}

template <FieldsOfOneOf<BinaryIoUOptions, IoUOptions, MeanIoUOptions, OneHotIoUOptions, OneHotMeanIoUOptions> Options>
void fields(ConfigReader& read, Options& options) {
  read.take("dtype", [&](const Json& json) {
    if (!json.is_null()) options.dtype = json.as_string() == "int" ? DType::int32 : dtype_from_name(json.as_string());
  });
  class_fields(read, options);
  position_fields(read, options);
}

namespace metrics {

template <class Visitor,
          FieldsOfOneOf<CategoricalHingeOptions, HingeOptions, KLDivergenceOptions, MeanAbsoluteErrorOptions,
                        MeanAbsolutePercentageErrorOptions, MeanSquaredErrorOptions, MeanSquaredLogarithmicErrorOptions,
                        PoissonOptions, SquaredHingeOptions>
              Options>
void fields(Visitor&, Options&) {}

/// Keras's configuration forgets the axis, though its constructor takes it.
template <class Visitor, FieldsOf<CosineSimilarityOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit.unless_default("axis", options.axis, int64_t{-1});
}

template <class Visitor, FieldsOf<BinaryCrossentropyOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("from_logits", options.from_logits);
  visit("label_smoothing", options.label_smoothing);
}

template <class Visitor, FieldsOf<CategoricalCrossentropyOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("from_logits", options.from_logits);
  visit("label_smoothing", options.label_smoothing);
  visit("axis", options.axis);
}

template <class Visitor, FieldsOf<SparseCategoricalCrossentropyOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("from_logits", options.from_logits);
  visit("ignore_class", options.ignore_class);
  visit("axis", options.axis);
}

}  // namespace metrics

/// The configuration of a metric with its own options in it.
template <class Options>
Json with_fields(Json config, const Options& options) {
  ConfigWriter write(config);
  fields(write, options);
  return config;
}

/// A metric whose configuration is its options.
template <class Options, class Base>
class ConfiguredMetric : public Base {
 public:
  ConfiguredMetric(const char* class_name, Direction direction, const Options& options)
      : Base(options.name), class_name_(class_name), direction_(direction), options_(options) {}
  std::string class_name() const override { return class_name_; }
  Direction direction() const override { return direction_; }
  Json config() const override { return with_fields(MetricBase::config(), options_); }
  const Options& options() const { return options_; }

 private:
  const char* const class_name_;
  const Direction direction_;
  const Options options_;
};

}  // namespace hebb
