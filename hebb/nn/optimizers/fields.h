/// The optimizers' options, field by field, in the order in which Keras writes them. Internal.
#pragma once

#include "hebb/nn/config_fields.h"
#include "hebb/nn/optimizers/optimizers.h"

namespace hebb {

inline Json to_json(const LearningRate& value) { return value.to_json(); }
inline void from_json(const Json& json, LearningRate& value) {
  if (!json.is_null()) value = LearningRate::from_json(json);
}

/// The settings that all optimizers have.
template <class Visitor, class Settings>
void setting_fields(Visitor& visit, Settings& settings) {
  visit("name", settings.name);
  visit("learning_rate", settings.learning_rate);
  visit("weight_decay", settings.weight_decay);
  visit("clipnorm", settings.clipnorm);
  visit("global_clipnorm", settings.global_clipnorm);
  visit("clipvalue", settings.clipvalue);
  visit("use_ema", settings.use_ema);
  visit("ema_momentum", settings.ema_momentum);
  visit("ema_overwrite_frequency", settings.ema_overwrite_frequency);
  visit("loss_scale_factor", settings.loss_scale_factor);
  visit("gradient_accumulation_steps", settings.gradient_accumulation_steps);
}

template <class Visitor, FieldsOf<SGDOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("momentum", options.momentum);
  visit("nesterov", options.nesterov);
}

template <class Visitor, FieldsOf<RMSpropOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("rho", options.rho);
  visit("momentum", options.momentum);
  visit("epsilon", options.epsilon);
  visit("centered", options.centered);
}

template <class Visitor, FieldsOf<AdagradOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("initial_accumulator_value", options.initial_accumulator_value);
  visit("epsilon", options.epsilon);
}

template <class Visitor, FieldsOf<AdadeltaOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("rho", options.rho);
  visit("epsilon", options.epsilon);
}

/// Adam, AdamW and, without `amsgrad`, Nadam.
template <class Visitor, class Options>
  requires(FieldsOf<Options, AdamOptions> || FieldsOf<Options, AdamWOptions> || FieldsOf<Options, NadamOptions>)
void fields(Visitor& visit, Options& options) {
  visit("beta_1", options.beta_1);
  visit("beta_2", options.beta_2);
  visit("epsilon", options.epsilon);
  if constexpr (requires { options.amsgrad; }) visit("amsgrad", options.amsgrad);
}

}  // namespace hebb
