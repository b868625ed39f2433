#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/optimizers/rules.h"
#include "hebb/nn/optimizers/wrappers.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

constexpr const char* class_name_of_multi = "MultiOptimizer";

struct Held {
  Optimizer optimizer;
  Tensors variables;
};

/// The keys of a map as they are tried on variables' names.
class Keys {
 public:
  Keys(const std::vector<std::pair<std::string, Optimizer>>& map, const std::vector<std::string>& names) {
    for (const auto& [key, optimizer] : map) {
      std::string text = key;
      const auto fits_one = [&](const std::string& pattern) {
        return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return fits(pattern, name); });
      };
      // "sequential/dense/.*": the model's own name, which is not in hebb's names.
      const size_t slash = key.find('/');
      if (!fits_one(key) && slash != std::string::npos && fits_one(key.substr(slash + 1))) text = key.substr(slash + 1);
      keys_.push_back(text);
    }
  }

  /// The index of the key that fits, or that behind the last. An equal name goes before patterns.
  size_t of(const std::string& name) const {
    const auto equal = std::find(keys_.begin(), keys_.end(), name);
    if (equal != keys_.end()) return static_cast<size_t>(equal - keys_.begin());
    size_t found = keys_.size();
    for (size_t i = 0; i < keys_.size(); ++i) {
      if (!fits(keys_[i], name)) continue;
      if (found < keys_.size()) {
        throw InvalidArgument(message("MultiOptimizer: expected one key that fits the variable '", name, "', got '",
                                      keys_[found], "' and '", keys_[i], "'. Make them exclude each other."));
      }
      found = i;
    }
    return found;
  }

 private:
  static bool fits(const std::string& pattern, const std::string& name) {
    return pattern == name ||
           std::regex_match(name, regular_expression("MultiOptimizer: a key of the optimizer_map", pattern));
  }

  std::vector<std::string> keys_;
};

class MultiRule : public OptimizerBase {
 public:
  MultiRule(OptimizerMap map, const MultiOptions& options)
      : OptimizerBase({.learning_rate = 0.0,
                       .loss_scale_factor = options.loss_scale_factor,
                       .name = options.name.empty() ? snake_case(class_name_of_multi) : options.name}),
        map_(std::move(map)) {
    for (const auto& [key, optimizer] : map_.optimizer_map) hold(optimizer);
    hold(map_.default_optimizer);
  }
  std::string class_name() const override { return class_name_of_multi; }
  Json config() const override {
    Json optimizers = Json::object();
    for (const auto& [key, optimizer] : map_.optimizer_map) optimizers.set(key, optimizer.to_json());
    const Json map = Json::object({{"module", "keras.optimizers"},
                                   {"class_name", "OptimizerMap"},
                                   {"config", Json::object({{"default_optimizer", map_.default_optimizer.to_json()},
                                                            {"optimizer_map", optimizers}})},
                                   {"registered_name", nullptr}});
    Json json = Json::object({{"optimizer_map", map}});
    const MultiOptions options{.loss_scale_factor = settings().loss_scale_factor, .name = settings().name};
    ConfigWriter write(json);
    fields(write, options);
    return json;
  }

  void set_paths(const std::vector<std::pair<Tensor, std::string>>& paths) override {
    paths_ = VariablePaths(paths);
    for (const Held& held : held_) held.optimizer->set_paths(paths);
  }
  double learning_rate() const override { return map_.default_optimizer.learning_rate(); }
  void set_learning_rate(double) override {
    throw InvalidArgument(
        message("optimizer '", settings().name,
                "': expected one of its optimizers for a new learning rate, got the whole, which has none of its own. "
                "Call set_learning_rate of the optimizers in its map."));
  }
  void exclude_from_weight_decay(const std::vector<std::string>& names, const Tensors& variables) override {
    for (const Held& held : held_) held.optimizer->exclude_from_weight_decay(names, variables);
  }
  void apply_if(const Tensor& condition, const Tensors& gradients, const Tensors& variables) override {
    build(variables);
    if (gradients.empty()) return;  // where nothing is trained, no step counts
    for (const Held& held : held_) {
      Tensors own_gradients, own_variables;
      for (size_t i = 0; i < variables.size(); ++i) {
        if (!held.optimizer->is_built() || !held.optimizer->has(variables[i])) continue;
        own_gradients.push_back(gradients[i]);
        own_variables.push_back(variables[i]);
      }
      if (!own_variables.empty()) held.optimizer->apply_if(condition, own_gradients, own_variables);
    }
    const NoTape no_tape;
    assign_if(condition, iterations(), read(iterations()) + 1.0);
  }
  void finalize(const Tensors& variables) override {
    for (const Held& held : held_) {
      Tensors own;
      for (const Tensor& variable : variables) {
        if (held.optimizer->is_built() && held.optimizer->has(variable)) own.push_back(variable);
      }
      if (!own.empty()) held.optimizer->finalize(own);
    }
  }
  std::vector<std::pair<Tensor, Tensor>> averages() const override {
    std::vector<std::pair<Tensor, Tensor>> all;
    for (const Held& held : held_) {
      for (const auto& pair : held.optimizer->averages()) all.push_back(pair);
    }
    return all;
  }
  Tensors variables() const override {
    Tensors all = OptimizerBase::variables();
    for (const Held& held : held_) {
      for (const Tensor& one : held.optimizer->variables()) all.push_back(one);
    }
    return all;
  }
  Tensors variables_in_wrapper() const override {
    Tensors all = OptimizerBase::variables_in_wrapper();
    for (const Held& held : held_) {
      for (const Tensor& one : held.optimizer->variables_in_wrapper()) all.push_back(one);
    }
    return all;
  }

 protected:
  void make_slots(const Tensors& variables) override {
    std::vector<std::string> names;
    for (const Tensor& variable : variables) names.push_back(paths_.of(variable));
    const Keys keys(map_.optimizer_map, names);
    for (const Tensor& variable : variables) {
      const size_t key = keys.of(paths_.of(variable));
      const auto& map = map_.optimizer_map;
      held_of(key < map.size() ? map[key].second : map_.default_optimizer).variables.push_back(variable);
    }
    for (const Held& held : held_) {
      if (!held.variables.empty()) held.optimizer->build(held.variables);
    }
  }
  void update(const Tensor&, const Tensor&, size_t, const Tensor&) override {}

 private:
  void hold(const Optimizer& optimizer) {
    const bool known = std::any_of(held_.begin(), held_.end(), [&](const Held& held) {
      return held.optimizer.operator->() == optimizer.operator->();
    });
    if (known) return;
    optimizer->set_loss_scale_factor(settings().loss_scale_factor);
    held_.push_back({optimizer, {}});
  }
  Held& held_of(const Optimizer& optimizer) {
    return *std::find_if(held_.begin(), held_.end(),
                         [&](const Held& held) { return held.optimizer.operator->() == optimizer.operator->(); });
  }

  OptimizerMap map_;
  VariablePaths paths_;
  std::vector<Held> held_;  // in the map's order, the default last, each once
};

void check_held(const std::string& key, const Optimizer& optimizer) {
  const std::string where = key.empty() ? "MultiOptimizer: default_optimizer" : "MultiOptimizer: key '" + key + "'";
  if (!optimizer) throw InvalidArgument(where + ": expected an optimizer, got none. Name one, such as \"sgd\".");
  for (const OptimizerRecord& record : optimizer_records()) {
    if (!record.holds_others || record.class_name != optimizer->class_name()) continue;
    throw InvalidArgument(message(where, ": expected an optimizer of its own, got a ", record.class_name,
                                  ", which holds others. ", "Put a LossScaleOptimizer around the MultiOptimizer."));
  }
}

}  // namespace

Optimizer MultiOptimizer(const OptimizerMap& optimizer_map, const MultiOptions& options) {
  check_held("", optimizer_map.default_optimizer);
  for (const auto& [key, optimizer] : optimizer_map.optimizer_map) check_held(key, optimizer);
  return std::make_shared<MultiRule>(optimizer_map, options);
}

Optimizer multi_optimizer_from_config(const Json& config) {
  MultiOptions options;
  OptimizerMap map;
  ConfigReader read(class_name_of_multi, config);
  read.take("optimizer_map", [&](const Json& json) {
    if (!json.is_object() || !json.contains("config")) {
      throw InvalidArgument(
          "MultiOptimizer: optimizer_map: expected an OptimizerMap with its config, got something else. A function "
          "that chooses optimizers is Python and cannot be read; write the choice as an OptimizerMap.");
    }
    ConfigReader read_map("OptimizerMap", json.at("config"));
    read_map.take("default_optimizer", [&](const Json& one) {
      if (!one.is_null()) map.default_optimizer = Optimizer::from_json(one);
    });
    read_map.take("optimizer_map", [&](const Json& optimizers) {
      for (const auto& [key, one] : optimizers.members())
        map.optimizer_map.emplace_back(key, Optimizer::from_json(one));
    });
    read_map.require("default_optimizer");
    read_map.finish();
  });
  read.require("optimizer_map");
  fields(read, options);
  read.finish();
  return MultiOptimizer(map, options);
}

}  // namespace hebb
