/// The optimizers' options, field by field, in the order in which Keras writes them. Internal.
#pragma once

#include "hebb/nn/config_fields.h"
#include "hebb/nn/optimizers/optimizers.h"

namespace hebb {

inline Json to_json(const LearningRate& value) { return value.to_json(); }
inline void from_json(const Json& json, LearningRate& value) {
  if (!json.is_null()) value = LearningRate::from_json(json);
}

inline Json to_json(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(text);
  return list;
}
/// Also from one text alone, as a command line has it.
inline void from_json(const Json& json, std::vector<std::string>& texts) {
  texts.clear();
  if (json.is_null()) return;
  if (json.is_string()) {
    texts.push_back(json.as_string());
    return;
  }
  for (const Json& text : json.items()) texts.push_back(text.as_string());
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
  // Keras has it no longer: files for it leave it out.
  if constexpr (requires { options.schedule_decay; })
    visit.unless_default("schedule_decay", options.schedule_decay, 1.0);
}

template <class Visitor, class Options>
  requires(FieldsOf<Options, AdamaxOptions> || FieldsOf<Options, LambOptions>)
void fields(Visitor& visit, Options& options) {
  visit("beta_1", options.beta_1);
  visit("beta_2", options.beta_2);
  visit("epsilon", options.epsilon);
}

template <class Visitor, FieldsOf<LionOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("beta_1", options.beta_1);
  visit("beta_2", options.beta_2);
}

template <class Visitor, FieldsOf<AdafactorOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("beta_2_decay", options.beta_2_decay);
  visit("epsilon_1", options.epsilon_1);
  visit("epsilon_2", options.epsilon_2);
  visit("clip_threshold", options.clip_threshold);
  visit("relative_step", options.relative_step);
}

template <class Visitor, FieldsOf<FtrlOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("learning_rate_power", options.learning_rate_power);
  visit("initial_accumulator_value", options.initial_accumulator_value);
  visit("l1_regularization_strength", options.l1_regularization_strength);
  visit("l2_regularization_strength", options.l2_regularization_strength);
  visit("l2_shrinkage_regularization_strength", options.l2_shrinkage_regularization_strength);
  visit("beta", options.beta);
}

template <class Visitor, FieldsOf<MuonOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("adam_beta_1", options.adam_beta_1);
  visit("adam_beta_2", options.adam_beta_2);
  visit("epsilon", options.epsilon);
  visit("exclude_layers", options.exclude_layers);
  visit("muon_a", options.muon_a);
  visit("muon_b", options.muon_b);
  visit("muon_c", options.muon_c);
  visit("adam_lr_ratio", options.adam_lr_ratio);
  visit("momentum", options.momentum);
  visit("ns_steps", options.ns_steps);
  visit("nesterov", options.nesterov);
  visit("exclude_embeddings", options.exclude_embeddings);
  visit("adam_weight_decay", options.adam_weight_decay);
  visit("rms_rate", options.rms_rate);
}

template <class Visitor, FieldsOf<ScheduleFreeAdamWOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("beta_1", options.beta_1);
  visit("beta_2", options.beta_2);
  visit("epsilon", options.epsilon);
  visit("warmup_steps", options.warmup_steps);
}

/// Behind the name and the optimizer that is held.
template <class Visitor, FieldsOf<LossScaleOptions> Options>
void scale_fields(Visitor& visit, Options& options) {
  visit("initial_scale", options.initial_scale);
  visit("dynamic_growth_steps", options.dynamic_growth_steps);
}

template <class Visitor, FieldsOf<MultiOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("loss_scale_factor", options.loss_scale_factor);
  visit("name", options.name);
}

}  // namespace hebb
