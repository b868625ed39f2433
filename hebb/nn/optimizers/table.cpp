#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/optimizers/optimizers.h"

namespace hebb {

namespace {

/// Reads members of a configuration by name; at the end, what nobody asked for is an error with the nearest name.
class Reader {
 public:
  Reader(const char* optimizer, const Json& config) : optimizer_(optimizer), config_(config) {}

  void operator()(const char* name, double& value) { take(name, [&](const Json& json) { value = json.as_double(); }); }
  void operator()(const char* name, bool& value) { take(name, [&](const Json& json) { value = json.as_bool(); }); }
  void operator()(const char* name, std::string& value) { take(name, [&](const Json& json) { value = json.as_string(); }); }
  void operator()(const char* name, std::optional<double>& value) { take(name, [&](const Json& json) { value = json.as_double(); }); }
  void operator()(const char* name, std::optional<int64_t>& value) { take(name, [&](const Json& json) { value = json.as_int(); }); }
  void operator()(const char* name, LearningRate& value) { take(name, [&](const Json& json) { value = LearningRate::from_json(json); }); }

  template <class Options>
  void settings(Options& options) {
    (*this)("learning_rate", options.learning_rate);
    (*this)("weight_decay", options.weight_decay);
    (*this)("clipnorm", options.clipnorm);
    (*this)("clipvalue", options.clipvalue);
    (*this)("global_clipnorm", options.global_clipnorm);
    (*this)("use_ema", options.use_ema);
    (*this)("ema_momentum", options.ema_momentum);
    (*this)("ema_overwrite_frequency", options.ema_overwrite_frequency);
    (*this)("loss_scale_factor", options.loss_scale_factor);
    (*this)("gradient_accumulation_steps", options.gradient_accumulation_steps);
    (*this)("name", options.name);
  }

  void finish() const {
    // What other versions write and what has no meaning here.
    const std::vector<std::string> ignored = {"jit_compile", "is_legacy_optimizer", "decay", "dtype"};
    for (const auto& [name, value] : config_.members()) {
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      if (std::find(ignored.begin(), ignored.end(), name) != ignored.end()) continue;
      throw InvalidArgument(message(optimizer_, ": ", unknown_name("option", name, known_)));
    }
  }

 private:
  template <class Use>
  void take(const char* name, Use use) {
    known_.emplace_back(name);
    const Json* value = config_.find(name);
    if (!value || value->is_null()) return;
    try {
      use(*value);
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(message(optimizer_, ": option '", name, "': ", error.what()));
    }
  }

  const char* optimizer_;
  const Json& config_;
  std::vector<std::string> known_;
};

Optimizer make_sgd(const Json& config) {
  SGDOptions options;
  Reader read("SGD", config);
  read.settings(options);
  read("momentum", options.momentum);
  read("nesterov", options.nesterov);
  read.finish();
  return SGD(options);
}

Optimizer make_rmsprop(const Json& config) {
  RMSpropOptions options;
  Reader read("RMSprop", config);
  read.settings(options);
  read("rho", options.rho);
  read("momentum", options.momentum);
  read("epsilon", options.epsilon);
  read("centered", options.centered);
  read.finish();
  return RMSprop(options);
}

Optimizer make_adagrad(const Json& config) {
  AdagradOptions options;
  Reader read("Adagrad", config);
  read.settings(options);
  read("initial_accumulator_value", options.initial_accumulator_value);
  read("epsilon", options.epsilon);
  read.finish();
  return Adagrad(options);
}

Optimizer make_adadelta(const Json& config) {
  AdadeltaOptions options;
  Reader read("Adadelta", config);
  read.settings(options);
  read("rho", options.rho);
  read("epsilon", options.epsilon);
  read.finish();
  return Adadelta(options);
}

template <class Options>
void read_adam(Reader& read, Options& options) {
  read.settings(options);
  read("beta_1", options.beta_1);
  read("beta_2", options.beta_2);
  read("epsilon", options.epsilon);
}

Optimizer make_adam(const Json& config) {
  AdamOptions options;
  Reader read("Adam", config);
  read_adam(read, options);
  read("amsgrad", options.amsgrad);
  read.finish();
  return Adam(options);
}

Optimizer make_adamw(const Json& config) {
  AdamWOptions options;
  Reader read("AdamW", config);
  read_adam(read, options);
  read("amsgrad", options.amsgrad);
  read.finish();
  return AdamW(options);
}

Optimizer make_nadam(const Json& config) {
  NadamOptions options;
  Reader read("Nadam", config);
  read_adam(read, options);
  read.finish();
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
