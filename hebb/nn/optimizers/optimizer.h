/// Optimizers: how gradients change weights. All of Keras's rules, in operations, so that a training step is one plan.
///
///     model.compile({.optimizer = "adam", ...});
///     model.compile({.optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}), ...});
///
///     Optimizer optimizer = Adam();                                        // a loop of one's own
///     optimizer.apply(gradient(loss, variables), variables);
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hebb/nn/optimizers/learning_rate.h"

namespace hebb {

/// What every optimizer takes, in Keras's order.
struct OptimizerSettings {
  LearningRate learning_rate = 0.001;
  std::optional<double> weight_decay = {};     ///< w -= w * weight_decay * learning_rate before each update
  std::optional<double> clipnorm = {};         ///< each gradient is shortened to this norm
  std::optional<double> clipvalue = {};        ///< each element is cut off at this magnitude
  std::optional<double> global_clipnorm = {};  ///< all gradients together are shortened to this norm
  bool use_ema = false;                        ///< keep a moving average of the weights, and end the training with it
  double ema_momentum = 0.99;
  std::optional<int64_t> ema_overwrite_frequency = {};  ///< put the average into the weights every so many steps
  std::optional<double> loss_scale_factor = {};
  std::optional<int64_t> gradient_accumulation_steps =
      {};  ///< update once in so many steps, with the mean of their gradients
  std::string name = {};
};

/// The base of all optimizers. Override `make_slots` and `update`; what is virtual besides is for optimizers that hold
/// others (wrappers.cpp).
class OptimizerBase {
 public:
  /// InvalidArgument when the settings contradict each other.
  explicit OptimizerBase(OptimizerSettings settings);
  virtual ~OptimizerBase() = default;

  virtual std::string class_name() const = 0;
  /// Keras's configuration: the settings and the optimizer's own.
  virtual Json config() const;

  const OptimizerSettings& settings() const { return settings_; }
  virtual const Tensor& iterations() const { return iterations_; }
  /// The learning rate of the next step.
  virtual double learning_rate() const;
  /// InvalidArgument when the optimizer has a schedule.
  virtual void set_learning_rate(double value);
  /// Keeps weight decay from these variables, and from those whose names have one of these texts (regular expressions)
  /// in them, as `{"bias", "gamma"}`. A second call replaces the first. Files do not keep it, as Keras's do not.
  /// InvalidArgument after `build` and for what is no regular expression.
  virtual void exclude_from_weight_decay(const std::vector<std::string>& names, const Tensors& variables);
  void exclude_from_weight_decay(const std::vector<std::string>& names) { exclude_from_weight_decay(names, {}); }

  /// What variables are called in a whole model, "encoder/dense/kernel", for optimizers that choose by it. Before
  /// `build`; what is not given is called by its own name.
  virtual void set_paths([[maybe_unused]] const std::vector<std::pair<Tensor, std::string>>& paths) {}
  /// Makes the slots for these variables, once.
  virtual void build(const Tensors& variables);
  bool is_built() const { return built_; }
  /// Whether it was built for this variable.
  bool has(const Tensor& variable) const;
  /// One step; `gradients` fit `variables` one to one, undefined where there is none.
  void apply(const Tensors& gradients, const Tensors& variables) { apply_if({}, gradients, variables); }
  /// One step that changes nothing where `condition`, a bool scalar, is false; undefined: a step like any other.
  virtual void apply_if(const Tensor& condition, const Tensors& gradients, const Tensors& variables);
  /// What the loss is multiplied with before it is differentiated.
  virtual Tensor scale_loss(const Tensor& loss) const;
  /// Takes the place of the setting `loss_scale_factor`; for optimizers that hold this one.
  void set_loss_scale_factor(std::optional<double> value) { settings_.loss_scale_factor = value; }
  /// At the end of training: the moving average becomes the weights' values, with `use_ema`.
  virtual void finalize(const Tensors& variables);

  /// Each variable with its moving average; empty without `use_ema` and before `build`.
  virtual std::vector<std::pair<Tensor, Tensor>> averages() const;

  /// All state in Keras's order: iteration, learning rate (without a schedule), averages, accumulators, slots.
  virtual Tensors variables() const { return state_; }
  /// Those of `variables()` that a LossScaleOptimizer around this one has in its files: it does not see what Keras's
  /// class keeps as a plain attribute (Nadam's product, Adafactor's unused places), which begins anew in each file.
  virtual Tensors variables_in_wrapper() const;

 protected:
  /// Makes what the rule remembers of each variable, through `add_slots`.
  virtual void make_slots(const Tensors& variables) = 0;
  /// Once a step, before the variables' updates.
  virtual void start_update() {}
  /// Changes variable number `index` through `set`.
  virtual void update(const Tensor& gradient, const Tensor& variable, size_t index, const Tensor& learning_rate) = 0;
  /// The decay of a variable that is not excluded from it.
  virtual std::optional<double> weight_decay_of(const Tensor& /*variable*/) const { return settings_.weight_decay; }

  /// Tensors like the variables, one for each, filled with a number, as a block.
  Tensors add_slots(const Tensors& variables, const std::string& name, double initial = 0);
  /// Two for each variable, by turns, as Adam's m and v stand in files.
  void add_slot_pairs(const Tensors& variables, const std::string& first_name, Tensors& first,
                      const std::string& second_name, Tensors& second, double first_initial = 0);
  /// `is_attribute`: whether Keras's class keeps it as a plain attribute (`variables_in_wrapper`).
  Tensor add_state(const Tensor& initial, const std::string& name, bool is_attribute = false);
  /// Assigns, except in a step that only accumulates or whose condition does not hold.
  void set(const Tensor& variable, const Tensor& value) const { assign_if(updates_, variable, value); }
  static void assign_if(const Tensor& condition, const Tensor& variable, const Tensor& value);
  /// The number of updates before this step plus `more`: float32 scalar. With accumulation, steps that only accumulate
  /// do not count.
  Tensor step_number(int64_t more = 1) const;

 private:
  Tensors clipped(const Tensors& gradients) const;
  Tensor current_learning_rate() const;
  void decay(const Tensors& variables, const Tensor& learning_rate) const;
  void average(const Tensor& condition) const;
  size_t index_of(const Tensor& variable) const;

  OptimizerSettings settings_;
  Tensor iterations_, learning_rate_;
  Tensors state_;
  std::vector<bool> is_attribute_;  // one for each of state_
  bool built_ = false;
  Tensors variables_, averages_, accumulators_;
  struct Undecayed;  // regular expressions, whose header is heavy
  std::shared_ptr<const Undecayed> undecayed_;
  Tensor updates_;  // bool, while applying: whether this step changes what `set` sets; undefined: it does
};

/// A handle: a name (`"adam"`, `"Adam"`) or an object.
class Optimizer {
 public:
  Optimizer() = default;
  Optimizer(const char* name) : Optimizer(std::string(name)) {}
  Optimizer(const std::string& name);  ///< InvalidArgument for an unknown name
  template <std::derived_from<OptimizerBase> Rule>
  Optimizer(std::shared_ptr<Rule> object) : object_(std::move(object)) {}

  explicit operator bool() const { return object_ != nullptr; }
  OptimizerBase* operator->() const { return object_.get(); }
  void apply(const Tensors& gradients, const Tensors& variables) const { object_->apply(gradients, variables); }
  double learning_rate() const { return object_->learning_rate(); }
  void set_learning_rate(double value) const { object_->set_learning_rate(value); }

  Json to_json() const;
  static Optimizer from_json(const Json& json);
  /// From a name and its options as Keras's configuration has them; what is not given has its default. InvalidArgument,
  /// with the nearest name, for unknown names and options.
  static Optimizer from_config(const std::string& name, const Json& config);

 private:
  std::shared_ptr<OptimizerBase> object_;
};

/// One row of the table of optimizers.
struct OptimizerRecord {
  std::string class_name;
  Optimizer (*from_config)(const Json& config);
  std::string doc;
  bool holds_others = false;  ///< has no defaults: it needs an optimizer to hold
};
const std::vector<OptimizerRecord>& optimizer_records();

}  // namespace hebb
