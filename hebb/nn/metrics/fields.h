/// The metrics' options beside the name, field by field. Internal.
#pragma once

#include "hebb/nn/config_fields.h"
#include "hebb/nn/metrics/metrics.h"

namespace hebb {

/// The metrics that have a name alone.
template <class Visitor, class Options>
  requires(FieldsOf<Options, AccuracyOptions> || FieldsOf<Options, CategoricalAccuracyOptions> ||
           FieldsOf<Options, SparseCategoricalAccuracyOptions> || FieldsOf<Options, MeanAbsoluteErrorOptions> ||
           FieldsOf<Options, RootMeanSquaredErrorOptions>)
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

namespace metrics {

template <class Visitor, FieldsOf<MeanSquaredErrorOptions> Options>
void fields(Visitor&, Options&) {}

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

}  // namespace hebb
