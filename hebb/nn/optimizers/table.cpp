#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/option_reader.h"

namespace hebb {

namespace {

/// Reads the settings that all optimizers have.
template <class Options>
void read_settings(OptionReader& read, Options& options) {
  read.take("learning_rate", [&](const Json& json) {
    if (!json.is_null()) options.learning_rate = LearningRate::from_json(json);
  });
  read("weight_decay", options.weight_decay);
  read("clipnorm", options.clipnorm);
  read("clipvalue", options.clipvalue);
  read("global_clipnorm", options.global_clipnorm);
  read("use_ema", options.use_ema);
  read("ema_momentum", options.ema_momentum);
  read("ema_overwrite_frequency", options.ema_overwrite_frequency);
  read("loss_scale_factor", options.loss_scale_factor);
  read("gradient_accumulation_steps", options.gradient_accumulation_steps);
  read("name", options.name);
}

void finish(const OptionReader& read) { read.finish({"jit_compile", "is_legacy_optimizer", "decay", "dtype"}); }

Optimizer make_sgd(const Json& config) {
  SGDOptions options;
  OptionReader read("SGD", config);
  read_settings(read, options);
  read("momentum", options.momentum);
  read("nesterov", options.nesterov);
  finish(read);
  return SGD(options);
}

Optimizer make_rmsprop(const Json& config) {
  RMSpropOptions options;
  OptionReader read("RMSprop", config);
  read_settings(read, options);
  read("rho", options.rho);
  read("momentum", options.momentum);
  read("epsilon", options.epsilon);
  read("centered", options.centered);
  finish(read);
  return RMSprop(options);
}

Optimizer make_adagrad(const Json& config) {
  AdagradOptions options;
  OptionReader read("Adagrad", config);
  read_settings(read, options);
  read("initial_accumulator_value", options.initial_accumulator_value);
  read("epsilon", options.epsilon);
  finish(read);
  return Adagrad(options);
}

Optimizer make_adadelta(const Json& config) {
  AdadeltaOptions options;
  OptionReader read("Adadelta", config);
  read_settings(read, options);
  read("rho", options.rho);
  read("epsilon", options.epsilon);
  finish(read);
  return Adadelta(options);
}

template <class Options>
void read_adam(OptionReader& read, Options& options) {
  read_settings(read, options);
  read("beta_1", options.beta_1);
  read("beta_2", options.beta_2);
  read("epsilon", options.epsilon);
}

Optimizer make_adam(const Json& config) {
  AdamOptions options;
  OptionReader read("Adam", config);
  read_adam(read, options);
  read("amsgrad", options.amsgrad);
  finish(read);
  return Adam(options);
}

Optimizer make_adamw(const Json& config) {
  AdamWOptions options;
  OptionReader read("AdamW", config);
  read_adam(read, options);
  read("amsgrad", options.amsgrad);
  finish(read);
  return AdamW(options);
}

Optimizer make_nadam(const Json& config) {
  NadamOptions options;
  OptionReader read("Nadam", config);
  read_adam(read, options);
  finish(read);
  return Nadam(options);
}

}  // namespace

const std::vector<OptimizerRecord>& optimizer_records() {
  static const std::vector<OptimizerRecord> records = {
      {"SGD", make_sgd, "gradient descent, with momentum and Nesterov's if wanted"},
      {"RMSprop", make_rmsprop, "divides by a moving root mean square of the gradient"},
      {"Adagrad", make_adagrad, "divides by the root of the sum of all squared gradients"},
      {"Adadelta", make_adadelta, "scales by the ratio of past updates to past gradients"},
      {"Adam", make_adam, "moving means of the gradient and its square, corrected for their start"},
      {"AdamW", make_adamw, "Adam with decoupled weight decay"},
      {"Nadam", make_nadam, "Adam with Nesterov's momentum"},
  };
  return records;
}

}  // namespace hebb
