/// The optimizers' rules as classes. Internal: users make them through optimizers.h.
#pragma once

#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "hebb/base/text.h"
#include "hebb/nn/optimizers/fields.h"

namespace hebb {

/// The settings that stand in every optimizer's options. Without a name Keras makes one of the class's.
template <class Options>
OptimizerSettings settings_of(const Options& options, const char* class_name) {
  return {.learning_rate = options.learning_rate,
          .weight_decay = options.weight_decay,
          .clipnorm = options.clipnorm,
          .clipvalue = options.clipvalue,
          .global_clipnorm = options.global_clipnorm,
          .use_ema = options.use_ema,
          .ema_momentum = options.ema_momentum,
          .ema_overwrite_frequency = options.ema_overwrite_frequency,
          .loss_scale_factor = options.loss_scale_factor,
          .gradient_accumulation_steps = options.gradient_accumulation_steps,
          .name = options.name.empty() ? snake_case(class_name) : options.name};
}

/// InvalidArgument, with `where` before it, for what is no regular expression (ECMAScript's, which agree with Python's
/// for what names need).
std::regex regular_expression(const std::string& where, const std::string& pattern);

/// What variables are called in a whole model, for optimizers that choose by it (`OptimizerBase::set_paths`).
class VariablePaths {
 public:
  VariablePaths() = default;
  explicit VariablePaths(std::vector<std::pair<Tensor, std::string>> paths) : paths_(std::move(paths)) {}
  /// A variable of none of the model's layers is called by its own name.
  std::string of(const Tensor& variable) const {
    for (const auto& [known, path] : paths_) {
      if (known.body() == variable.body()) return path;
    }
    return variable.name();
  }

 private:
  std::vector<std::pair<Tensor, std::string>> paths_;
};

/// The base of the built-in optimizers: their options, which are also their configuration.
template <class Options>
class OptimizerRule : public OptimizerBase {
 public:
  OptimizerRule(const Options& options, const char* class_name)
      : OptimizerBase(settings_of(options, class_name)), options_(options), class_name_(class_name) {}
  std::string class_name() const override { return class_name_; }
  Json config() const override {
    Json json = OptimizerBase::config();
    ConfigWriter write(json);
    fields(write, options_);
    return json;
  }

 protected:
  const Options options_;

 private:
  const char* class_name_;
};

}  // namespace hebb
