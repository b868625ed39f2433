/// The losses' own options, field by field, and the base of the losses that have some. Internal.
#pragma once

#include <functional>

#include "hebb/nn/config_fields.h"
#include "hebb/nn/losses/comparison.h"
#include "hebb/nn/losses/losses.h"

namespace hebb {

/// The losses without options of their own.
template <class Visitor,
          FieldsOfOneOf<CTCOptions, CategoricalHingeOptions, HingeOptions, KLDivergenceOptions, LogCoshOptions,
                        MeanAbsoluteErrorOptions, MeanAbsolutePercentageErrorOptions, MeanSquaredErrorOptions,
                        MeanSquaredLogarithmicErrorOptions, PoissonOptions, SquaredHingeOptions>
              Options>
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
  visit.unless_default("axis", options.axis, int64_t{-1});  // Keras forgets it
}

template <class Visitor, FieldsOf<BinaryFocalCrossentropyOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("from_logits", options.from_logits);
  visit("label_smoothing", options.label_smoothing);
  visit("axis", options.axis);
  visit("apply_class_balancing", options.apply_class_balancing);
  visit("alpha", options.alpha);
  visit("gamma", options.gamma);
}

template <class Visitor, FieldsOf<CategoricalFocalCrossentropyOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("from_logits", options.from_logits);
  visit("label_smoothing", options.label_smoothing);
  visit("axis", options.axis);
  visit("alpha", options.alpha);
  visit("gamma", options.gamma);
}

template <class Visitor, FieldsOf<CategoricalGeneralizedCrossEntropyOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("q", options.q);
}

/// What Keras's configuration forgets, though its constructor takes it, is written where it is not the default.
template <class Visitor, FieldsOf<CosineSimilarityOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit.unless_default("axis", options.axis, int64_t{-1});
}

template <class Visitor, FieldsOf<HuberOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit.unless_default("delta", options.delta, 1.0);
}

template <class Visitor, FieldsOf<DiceOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("axis", options.axis);
}

template <class Visitor, FieldsOf<TverskyOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("alpha", options.alpha);
  visit("beta", options.beta);
  visit("axis", options.axis);
}

template <class Visitor, FieldsOf<CircleOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("gamma", options.gamma);
  visit("margin", options.margin);
  visit("remove_diagonal", options.remove_diagonal);
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

/// A loss whose values are a function of targets and predictions of equal shapes.
template <class Options>
class FunctionLoss : public ConfiguredLoss<Options> {
 public:
  using Function = std::function<Tensor(const Tensor& y_true, const Tensor& y_pred)>;
  /// `function_name`: what messages call it.
  FunctionLoss(const char* class_name, const char* function_name, const Options& options, Function function)
      : ConfiguredLoss<Options>(options, class_name), function_name_(function_name), function_(std::move(function)) {}
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return function_(y_true, y_pred); }
  void check_targets(const Tensor& y_true, const Shape& prediction) const override {
    check_comparable(function_name_, y_true.shape(), prediction);
  }

 private:
  const char* function_name_;
  const Function function_;
};

template <class Options>
Loss comparing_loss(const char* class_name, const char* function_name, const Options& options,
                    typename FunctionLoss<Options>::Function function) {
  return std::make_shared<FunctionLoss<Options>>(class_name, function_name, options, std::move(function));
}

}  // namespace hebb
