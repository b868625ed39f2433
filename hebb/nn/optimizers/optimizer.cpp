#include "hebb/nn/optimizers/optimizer.h"

#include <algorithm>
#include <regex>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/optimizers/old_config.h"
#include "hebb/nn/optimizers/rules.h"
#include "hebb/nn/optimizers/whole_set.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

/// g shortened to at most `norm`.
Tensor clip_by_norm(const Tensor& g, const Tensor& length, double norm) { return g * norm / maximum(length, norm); }

}  // namespace

struct OptimizerBase::Undecayed {
  std::vector<std::regex> names;
  Tensors variables;

  bool has(const Tensor& variable) const {
    return std::any_of(variables.begin(), variables.end(),
                       [&](const Tensor& one) { return one.body() == variable.body(); }) ||
           std::any_of(names.begin(), names.end(),
                       [&](const std::regex& name) { return std::regex_search(variable.name(), name); });
  }
};

OptimizerBase::OptimizerBase(OptimizerSettings settings) : settings_(std::move(settings)) {
  if (settings_.name.empty()) settings_.name = "optimizer";
  const int clippings =
      settings_.clipnorm.has_value() + settings_.clipvalue.has_value() + settings_.global_clipnorm.has_value();
  if (clippings > 1) {
    throw InvalidArgument(message(settings_.name,
                                  ": expected at most one of clipnorm, clipvalue and global_clipnorm, got ", clippings,
                                  ". Leave the others out."));
  }
  if (settings_.gradient_accumulation_steps && *settings_.gradient_accumulation_steps < 2) {
    throw InvalidArgument(message(settings_.name, ": expected gradient_accumulation_steps of at least 2, got ",
                                  *settings_.gradient_accumulation_steps, ". Leave it out to update in every step."));
  }
  if (settings_.use_ema && !(settings_.ema_momentum >= 0 && settings_.ema_momentum <= 1)) {
    throw InvalidArgument(message(settings_.name, ": expected ema_momentum from 0 to 1, got ", settings_.ema_momentum,
                                  ". Keras's default is 0.99."));
  }
  if (settings_.ema_overwrite_frequency && *settings_.ema_overwrite_frequency < 1) {
    throw InvalidArgument(message(settings_.name, ": expected ema_overwrite_frequency of at least 1, got ",
                                  *settings_.ema_overwrite_frequency,
                                  ". Leave it out to overwrite at the end of fit alone."));
  }
  iterations_ = add_state(Tensor::scalar(0, DType::int64), "iteration");
  if (!settings_.learning_rate.schedule())
    learning_rate_ = add_state(Tensor::scalar(settings_.learning_rate.value()), "learning_rate");
}

Json OptimizerBase::config() const {
  OptimizerSettings now = settings_;
  if (learning_rate_.defined()) now.learning_rate = learning_rate_.item();
  Json json = Json::object();
  ConfigWriter write(json);
  setting_fields(write, std::as_const(now));
  return json;
}

double OptimizerBase::learning_rate() const {
  if (learning_rate_.defined()) return learning_rate_.item();
  return settings_.learning_rate.at(static_cast<int64_t>(iterations_.item()));
}

void OptimizerBase::set_learning_rate(double value) {
  if (!learning_rate_.defined()) {
    throw InvalidArgument(message("optimizer '", settings_.name,
                                  "': its learning rate follows a schedule and cannot be set. Make the "
                                  "optimizer with a number instead."));
  }
  write_variable(learning_rate_, Tensor::scalar(value));
}

void OptimizerBase::build(const Tensors& variables) {
  if (built_) return;
  const WithRecorder at_once(nullptr);
  variables_ = variables;
  if (settings_.use_ema) averages_ = add_slots(variables, "average");
  if (settings_.gradient_accumulation_steps) accumulators_ = add_slots(variables, "gradient_accumulator");
  make_slots(variables);
  built_ = true;
}

Tensors OptimizerBase::add_slots(const Tensors& variables, const std::string& name, double initial) {
  Tensors slots;
  for (const Tensor& variable : variables) {
    slots.push_back(add_state(full(variable.shape(), initial, variable.dtype()), message(variable.name(), "_", name)));
  }
  return slots;
}

void OptimizerBase::add_slot_pairs(const Tensors& variables, const std::string& first_name, Tensors& first,
                                   const std::string& second_name, Tensors& second, double first_initial) {
  for (const Tensor& variable : variables) {
    first.push_back(add_slots({variable}, first_name, first_initial).front());
    second.push_back(add_slots({variable}, second_name).front());
  }
}

Tensors OptimizerBase::variables_in_wrapper() const {
  Tensors out;
  for (size_t i = 0; i < state_.size(); ++i) {
    if (!is_attribute_[i]) out.push_back(state_[i]);
  }
  return out;
}

Tensor OptimizerBase::add_state(const Tensor& initial, const std::string& name, bool is_attribute) {
  state_.push_back(hebb::variable(initial, name, false));
  is_attribute_.push_back(is_attribute);
  return state_.back();
}

void OptimizerBase::assign_if(const Tensor& condition, const Tensor& variable, const Tensor& value) {
  assign(variable, condition.defined() ? select(condition, value, read(variable)) : value);
}

Tensor OptimizerBase::step_number(int64_t more) const {
  Tensor step = cast(read(iterations_), DType::float32);
  if (settings_.gradient_accumulation_steps)
    step = floor(step / static_cast<double>(*settings_.gradient_accumulation_steps));
  return step + static_cast<double>(more);
}

Tensor OptimizerBase::current_learning_rate() const {
  return learning_rate_.defined() ? read(learning_rate_)
                                  : settings_.learning_rate.schedule()->at(cast(read(iterations_), DType::float32));
}

bool OptimizerBase::has(const Tensor& variable) const {
  return std::any_of(variables_.begin(), variables_.end(),
                     [&](const Tensor& known) { return known.body() == variable.body(); });
}

size_t OptimizerBase::index_of(const Tensor& variable) const {
  for (size_t i = 0; i < variables_.size(); ++i) {
    if (variables_[i].body() == variable.body()) return i;
  }
  throw InvalidArgument(message("optimizer '", settings_.name, "': variable '", variable.name(), "' is not one of the ",
                                variables_.size(),
                                " that it was built for. Use one optimizer for each set of variables."));
}

Tensors OptimizerBase::clipped(const Tensors& gradients) const {
  Tensors out = gradients;
  if (settings_.clipnorm && *settings_.clipnorm > 0) {
    for (Tensor& g : out) g = clip_by_norm(g, sqrt(sum(square(g))), *settings_.clipnorm);
  } else if (settings_.global_clipnorm && *settings_.global_clipnorm > 0) {
    Tensor squares;
    for (const Tensor& g : out) squares = squares.defined() ? squares + sum(square(g)) : sum(square(g));
    const Tensor length = sqrt(squares);
    for (Tensor& g : out) g = clip_by_norm(g, length, *settings_.global_clipnorm);
  } else if (settings_.clipvalue && *settings_.clipvalue > 0) {
    for (Tensor& g : out) g = clip(g, -*settings_.clipvalue, *settings_.clipvalue);
  }
  return out;
}

Tensor OptimizerBase::scale_loss(const Tensor& loss) const {
  return settings_.loss_scale_factor ? loss * *settings_.loss_scale_factor : loss;
}

void OptimizerBase::exclude_from_weight_decay(const std::vector<std::string>& names, const Tensors& variables) {
  if (built_) {
    throw InvalidArgument(message("optimizer '", settings_.name,
                                  "': expected exclude_from_weight_decay before the first training step, got it after. "
                                  "Call it when the optimizer is made."));
  }
  Undecayed undecayed;
  for (const std::string& name : names)
    undecayed.names.push_back(regular_expression(message("optimizer '", settings_.name, "'"), name));
  undecayed.variables = variables;
  undecayed_ = std::make_shared<const Undecayed>(std::move(undecayed));
}

void OptimizerBase::decay(const Tensors& variables, const Tensor& learning_rate) const {
  for (const Tensor& variable : variables) {
    const std::optional<double> decay =
        undecayed_ && undecayed_->has(variable) ? std::nullopt : weight_decay_of(variable);
    if (!decay) continue;
    const Tensor now = read(variable);
    set(variable, now - now * *decay * learning_rate);
  }
}

void OptimizerBase::average(const Tensor& condition) const {
  const Tensor momentum = cast(not_equal(step_number(0), 0.0), DType::float32) * settings_.ema_momentum;
  const Tensor next = step_number(1);
  for (size_t i = 0; i < variables_.size(); ++i) {
    const Tensor average = momentum * read(averages_[i]) + (1.0 - momentum) * read(variables_[i]);
    assign_if(condition, averages_[i], average);
    if (!settings_.ema_overwrite_frequency) continue;
    const auto every = static_cast<double>(*settings_.ema_overwrite_frequency);
    const Tensor overwrites = equal(next - floor(next / every) * every, 0.0);
    assign_if(condition.defined() ? logical_and(condition, overwrites) : overwrites, variables_[i], average);
  }
}

void OptimizerBase::apply_if(const Tensor& condition, const Tensors& gradients, const Tensors& variables) {
  if (gradients.size() != variables.size()) {
    throw InvalidArgument(message("optimizer '", settings_.name, "': expected one gradient for each of ",
                                  variables.size(), " variables, got ", gradients.size(),
                                  ". Give them in the same order."));
  }
  build(variables);
  const NoTape no_tape;
  Tensors given, targets;
  std::vector<size_t> indices;
  for (size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].defined()) continue;
    given.push_back(settings_.loss_scale_factor ? gradients[i] / *settings_.loss_scale_factor : gradients[i]);
    targets.push_back(variables[i]);
    indices.push_back(index_of(variables[i]));
  }
  if (given.empty()) return;
  const Tensor rate = current_learning_rate();
  updates_ = condition;
  if (const auto& steps = settings_.gradient_accumulation_steps) {
    const Tensor next = cast(read(iterations_), DType::float32) + 1.0;
    const auto every = static_cast<double>(*steps);
    const Tensor is_last = equal(next - floor(next / every) * every, 0.0);
    for (size_t i = 0; i < given.size(); ++i) {
      const Tensor& accumulator = accumulators_[indices[i]];
      const Tensor total = given[i] + read(accumulator);
      assign_if(condition, accumulator, select(is_last, 0.0, total));
      given[i] = total / every;
    }
    updates_ = condition.defined() ? logical_and(condition, is_last) : is_last;
  }
  given = clipped(given);
  decay(targets, rate);
  start_update();
  for (size_t i = 0; i < given.size(); ++i) update(given[i], targets[i], indices[i], rate);
  updates_ = {};
  if (settings_.use_ema) average(condition);
  // As in Keras, also in a step that only accumulates.
  for (const Tensor& variable : targets) {
    if (const auto& constraint = variable.body()->constraint)
      assign_if(condition, variable, (*constraint)(read(variable)));
  }
  assign_if(condition, iterations_, read(iterations_) + 1.0);
}

void OptimizerBase::finalize(const Tensors& variables) {
  if (!settings_.use_ema) return;
  for (const Tensor& variable : variables) assign(variable, read(averages_[index_of(variable)]));
}

std::vector<std::pair<Tensor, Tensor>> OptimizerBase::averages() const {
  std::vector<std::pair<Tensor, Tensor>> out;
  for (size_t i = 0; i < averages_.size(); ++i) out.emplace_back(variables_[i], averages_[i]);
  return out;
}

std::regex regular_expression(const std::string& where, const std::string& pattern) {
  try {
    return std::regex(pattern);
  } catch (const std::regex_error&) {
    throw InvalidArgument(
        message(where, ": expected a regular expression, got '", pattern, "'. Check its brackets and its escapes."));
  }
}

Optimizer::Optimizer(const std::string& name) : Optimizer(from_config(name, Json::object())) {}

Json Optimizer::to_json() const {
  return Json::object({{"module", "keras.optimizers"},
                       {"class_name", object_->class_name()},
                       {"config", object_->config()},
                       {"registered_name", nullptr}});
}

Optimizer Optimizer::from_json(const Json& written) {
  if (written.is_string()) return Optimizer(written.as_string());
  const Json json = optimizer_of_today(written);
  const std::string class_name = json.at("class_name").as_string();
  // tf_keras writes "Custom>Adam".
  const size_t at = class_name.rfind('>');
  return from_config(at == std::string::npos ? class_name : class_name.substr(at + 1), json.at("config"));
}

Optimizer Optimizer::from_config(const std::string& name, const Json& config) {
  std::vector<std::string> names;
  for (const OptimizerRecord& record : optimizer_records()) {
    const std::string lower = lower_case(record.class_name);
    if (name == record.class_name || name == lower) return record.from_config(config);
    names.push_back(lower);
  }
  for (const OptimizerRecord& record : whole_set_optimizer_records()) {
    const bool is_word = record.class_name == "LBFGS";
    const std::string short_name = is_word ? "lbfgs" : snake_case(record.class_name);
    if (name == record.class_name || name == short_name || name == lower_case(record.class_name))
      return record.from_config(config);
    names.push_back(short_name);
  }
  throw InvalidArgument(unknown_name("optimizer", name, names));
}

}  // namespace hebb
