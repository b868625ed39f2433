/// The losses' own options, field by field, and the base of the losses that have some. Internal.
#pragma once

#include "hebb/nn/config_fields.h"
#include "hebb/nn/losses/losses.h"

namespace hebb {

template <class Visitor, FieldsOf<MeanSquaredErrorOptions> Options>
void fields(Visitor&, Options&) {}

template <class Visitor, FieldsOf<BinaryCrossentropyOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("from_logits", options.from_logits);
  visit("label_smoothing", options.label_smoothing);
  visit("axis", options.axis);
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
  visit.only_read("axis", options.axis);
}

/// A loss whose configuration is its options.
template <class Options>
class ConfiguredLoss : public LossBase {
 public:
  ConfiguredLoss(const Options& options, const char* class_name)
      : LossBase(options.name, options.reduction), options_(options), class_name_(class_name) {}
  std::string class_name() const override { return class_name_; }
  Json config() const override {
    Json json = LossBase::config();
    ConfigWriter write(json);
    fields(write, options_);
    return json;
  }

 private:
  const Options options_;
  const char* class_name_;
};

}  // namespace hebb
