#include "hebb/nn/constraints.h"

#include <algorithm>
#include <functional>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/config_fields.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/known_options.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr double epsilon = 1e-7;

template <class Visitor, FieldsOf<MaxNormOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("max_value", options.max_value);
  visit("axis", options.axis);
}

template <class Visitor, FieldsOf<MinMaxNormOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("min_value", options.min_value);
  visit("max_value", options.max_value);
  visit("rate", options.rate);
  visit("axis", options.axis);
}

template <class Visitor, FieldsOf<UnitNormOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("axis", options.axis);
}

template <class Options>
Options read_options(const char* class_name, const Json& config) {
  Options options;
  ConfigReader read(class_name, config);
  fields(read, options);
  read.finish();
  return options;
}

/// One class for all: what it is called, its configuration, and what it does.
class SimpleConstraint : public ConstraintBase {
 public:
  using Function = std::function<Tensor(const Tensor&)>;
  SimpleConstraint(std::string class_name, Json config, Function function)
      : class_name_(std::move(class_name)), config_(std::move(config)), function_(std::move(function)) {}
  std::string class_name() const override { return class_name_; }
  Json config() const override { return config_; }
  Tensor constrained(const Tensor& weight) const override { return function_(weight); }

 private:
  std::string class_name_;
  Json config_;
  Function function_;
};

template <class Options>
Constraint constraint(const char* class_name, const Options& options, SimpleConstraint::Function function) {
  Json config = Json::object();
  ConfigWriter write(config);
  fields(write, options);
  return Constraint(std::make_shared<SimpleConstraint>(class_name, std::move(config), std::move(function)));
}

Tensor norms(const Tensor& weight, const Axes& axis) {
  return sqrt(sum(square(weight), {.axes = axis.values, .keepdims = true}));
}

/// The weight with its norms brought to those desired, by Keras's formula.
Tensor with_norms(const Tensor& weight, const Tensor& norms, const Tensor& desired) {
  return weight * (desired / (norms + epsilon));
}

const ConstraintRecord& record_of(const std::string& name) {
  std::vector<std::string> known;
  for (const ConstraintRecord& record : constraint_records()) {
    if (record.class_name == name) return record;
    if (std::find(record.aliases.begin(), record.aliases.end(), name) != record.aliases.end()) return record;
    known.push_back(record.class_name);
    known.insert(known.end(), record.aliases.begin(), record.aliases.end());
  }
  throw InvalidArgument(unknown_name("constraint", name, known));
}

}  // namespace

Constraint::Constraint(const std::string& name) : Constraint(record_of(name).from_config(Json::object())) {}

void Constraint::attach_to(const Tensor& variable) const {
  variable.body()->constraint =
      object_ ? std::make_shared<const VariableConstraint>(
                    [object = object_](const Tensor& weight) { return object->constrained(weight); })
              : nullptr;
}

Json Constraint::to_json() const {
  return object_ ? object_to_json("keras.constraints", object_->class_name(), object_->config()) : Json();
}

Constraint Constraint::from_json(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_string()) return Constraint(json.as_string());
  const Json* config = json.find("config");
  return record_of(json.at("class_name").as_string())
      .from_config(config && config->is_object() ? *config : Json::object());
}

Constraint MaxNorm(const MaxNormOptions& options) {
  return constraint("MaxNorm", options, [options](const Tensor& weight) {
    const Tensor now = norms(weight, options.axis);
    return with_norms(weight, now, clip(now, 0, options.max_value));
  });
}

Constraint MinMaxNorm(const MinMaxNormOptions& options) {
  return constraint("MinMaxNorm", options, [options](const Tensor& weight) {
    const Tensor now = norms(weight, options.axis);
    const Tensor desired = clip(now, options.min_value, options.max_value) * options.rate + now * (1 - options.rate);
    return with_norms(weight, now, desired);
  });
}

Constraint NonNeg() {
  return Constraint(std::make_shared<SimpleConstraint>("NonNeg", Json::object(),
                                                       [](const Tensor& weight) { return maximum(weight, 0.0); }));
}

Constraint UnitNorm(const UnitNormOptions& options) {
  return constraint("UnitNorm", options,
                    [options](const Tensor& weight) { return weight / (norms(weight, options.axis) + epsilon); });
}

const std::vector<ConstraintRecord>& constraint_records() {
  static const std::vector<ConstraintRecord> records = {
      {"MaxNorm",
       {"max_norm"},
       [](const Json& config) { return MaxNorm(read_options<MaxNormOptions>("MaxNorm", config)); },
       "no vector longer than a bound"},
      {"MinMaxNorm",
       {"min_max_norm"},
       [](const Json& config) { return MinMaxNorm(read_options<MinMaxNormOptions>("MinMaxNorm", config)); },
       "lengths between two bounds"},
      {"NonNeg",
       {"non_neg"},
       [](const Json& config) {
         refuse_other_options("NonNeg", config, Json::object());
         return NonNeg();
       },
       "nothing below 0"},
      {"UnitNorm",
       {"unit_norm"},
       [](const Json& config) { return UnitNorm(read_options<UnitNormOptions>("UnitNorm", config)); },
       "vectors of length 1"},
  };
  return records;
}

}  // namespace hebb
