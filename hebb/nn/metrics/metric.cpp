#include "hebb/nn/metrics/metric.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/nn/losses/own.h"
#include "hebb/nn/masking.h"
#include "hebb/nn/metrics/mean.h"
#include "hebb/nn/metrics/metrics.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/op.h"

namespace hebb {

namespace {

bool is_open_accuracy(const std::string& name) {
  const std::string lower = lower_case(name);
  return lower == "accuracy" || lower == "acc";
}

const MetricRecord* find_record(const std::string& name) {
  for (const MetricRecord& record : metric_records()) {
    if (record.class_name == name || std::find(record.names.begin(), record.names.end(), name) != record.names.end())
      return &record;
  }
  return nullptr;
}

const MetricRecord& record_of(const std::string& name) {
  if (const MetricRecord* record = find_record(name)) return *record;
  std::vector<std::string> known = {"accuracy", "crossentropy"};
  for (const MetricRecord& record : metric_records()) {
    known.push_back(record.class_name);
    known.insert(known.end(), record.names.begin(), record.names.end());
  }
  throw InvalidArgument(unknown_name("metric", name, known));
}

/// The function's name in what Keras wrote for a metric that wraps one: {"fn": "binary_accuracy"}, or with a
/// description of the function in place of its name.
std::string wrapped_function(const Json& config) {
  const Json& function = config.at("fn");
  return function.is_string() ? function.as_string() : function.at("config").as_string();
}

class OwnMetricOfAFile : public MetricBase, public ReadFromFile {
 public:
  explicit OwnMetricOfAFile(const Json& json) : MetricBase(own_name(json)), ReadFromFile(json) {}
  std::string class_name() const override { return json.get("class_name", ""); }
};

/// Whether it is the name of a loss's function.
bool is_loss_function(const std::string& name) {
  return std::any_of(loss_records().begin(), loss_records().end(), [&](const LossRecord& record) {
    return std::find(record.names.begin(), record.names.end(), name) != record.names.end();
  });
}

/// Whether a function of this name in a file is the loss's, of which there is no class of metrics: that of the cosine
/// similarity is its negative.
bool is_only_loss_function(const std::string& name) {
  return is_loss_function(name) && (!find_record(name) || name == "cosine_similarity");
}

/// A loss's function as a metric, which in Keras has no class and no name of its own: {"class_name": "function",
/// "config": "huber"}, or a MeanMetricWrapper around that.
class LossFunctionMetric : public MetricBase, public GivenAsJson {
 public:
  LossFunctionMetric(const std::string& name, Loss loss, const Json& json)
      : MetricBase(name), GivenAsJson(json), loss_(std::move(loss)) {}
  std::string class_name() const override { return "MeanMetricWrapper"; }
  Direction direction() const override { return Direction::down; }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return loss_->values(y_true, y_pred); }
  Tensor mask(const Tensor& y_true, const Tensor& y_pred) const override { return loss_->mask(y_true, y_pred); }

 private:
  const Loss loss_;
};

}  // namespace

MetricBase::MetricBase(std::string name) : name_(std::move(name)) {}

Json MetricBase::config() const { return Json::object({{"name", name_}, {"dtype", "float32"}}); }

const Tensors& MetricBase::state() const {
  if (state_.empty()) {
    const WithRecorder at_once(nullptr);
    state_ = make_state();
  }
  return state_;
}

void MetricBase::build(const Shape& y_true, const Shape& y_pred) const {
  if (!state_.empty()) return;
  const WithRecorder at_once(nullptr);
  state_ = make_state(y_true, y_pred);
}

Tensors MetricBase::make_state() const { return {make_sum("total"), make_sum("count")}; }

Tensors MetricBase::make_state(const Shape&, const Shape&) const { return make_state(); }

Tensor MetricBase::mask(const Tensor&, const Tensor&) const { return {}; }

void MetricBase::update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) {
  const NoTape no_tape;
  Tensor weight = sample_weight;
  if (const Tensor steps = mask_of(y_pred); steps.defined()) {
    Tensor counted = cast(steps, DType::float32);
    if (weight.defined()) {
      weight = cast(weight, DType::float32);
      make_same_rank(counted, weight);
      counted = counted * weights_for(weight, counted.shape(), name_);
    }
    weight = counted;
  }
  if (Tensor counts; weight.defined() && (counts = mask(y_true, y_pred)).defined()) {
    counts = cast(counts, DType::float32);
    make_same_rank(counts, weight);
    weight = counts * weights_for(cast(weight, DType::float32), counts.shape(), name_);
  }
  add_to_mean(state().at(0), state().at(1), values(y_true, y_pred), weight, name_);
}

double MetricBase::result() const { return mean_of(state().at(0), state().at(1)); }

void MetricBase::reset() {
  for (const Tensor& sum : state_) write_variable(sum, zeros(sum.shape(), sum.dtype()));
}

Tensor MetricBase::values(const Tensor&, const Tensor&) const {
  throw InternalError(
      message("metric '", name_, "' (", class_name(), "): it overrides neither values() nor update()."));
}

Metric::Metric(const std::string& name) : given_name_(name) {
  if (is_open_accuracy(name) || is_open_crossentropy(name)) return;
  object_ = record_of(name).from_config(Json::object()).object_;
  object_->set_name(name);
}

MetricBase* Metric::operator->() const {
  if (object_) return object_.get();
  if (given_name_.empty())
    throw InvalidArgument(
        "this metric is empty. Make it from a name, such as \"mse\", or by a function, such as BinaryAccuracy().");
  throw InvalidArgument(
      message("metric '", given_name_,
              "' stands for one that depends on the shapes of targets and predictions. Name it, such as ",
              "SparseCategoricalAccuracy(), or call resolved() first."));
}

Metric Metric::resolved(const Shape& y_true, const Shape& y_pred, const Loss&) const {
  if (dynamic_cast<const MeasuresValues*>(object_.get()))
    throw InvalidArgument(MeasuresValues::no_comparison(object_->name(), object_->class_name()));
  if (!is_open() || given_name_.empty()) return *this;
  const bool accuracy = is_open_accuracy(given_name_);
  Metric metric;
  switch (kind_of_targets(y_true, y_pred)) {
    case TargetKind::binary: metric = accuracy ? BinaryAccuracy() : metrics::BinaryCrossentropy(); break;
    case TargetKind::sparse:
      metric = accuracy ? SparseCategoricalAccuracy() : metrics::SparseCategoricalCrossentropy();
      break;
    case TargetKind::categorical: metric = accuracy ? CategoricalAccuracy() : metrics::CategoricalCrossentropy(); break;
  }
  metric.object_->set_name(given_name_);
  metric.given_name_ = given_name_;
  metric.is_function_ = is_function_;
  return metric;
}

Metric Metric::clone() const {
  if (is_open()) return *this;
  if (const auto* function = dynamic_cast<const LossFunctionMetric*>(object_.get())) return from_json(function->json);
  if (!find_record(object_->class_name())) {
    throw NotSupported(
        message("metric '", object_->name(), "' (", object_->class_name(),
                "): a metric of a class of one's own cannot be copied. Make one object for each output."));
  }
  Metric copy = from_config(object_->class_name(), object_->config());
  copy.given_name_ = given_name_;
  copy.is_function_ = is_function_;
  return copy;
}

Json Metric::to_json() const {
  if (!given_name_.empty()) return is_function_ ? own_function_to_json(given_name_) : Json(given_name_);
  if (!object_) return {};
  if (const auto* read = dynamic_cast<const GivenAsJson*>(object_.get())) return read->json;
  if (!find_record(object_->class_name())) return own_class_to_json(object_->class_name(), object_->config());
  return object_to_json("keras.metrics", object_->class_name(), object_->config());
}

Metric Metric::from_json(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_string()) return Metric(json.as_string());
  const std::string class_name = json.at("class_name").as_string();
  const Json* config = json.find("config");
  const std::string own = config && config->is_string() ? config->as_string() : class_name;
  if (is_own(json) && !is_open_accuracy(own) && !is_open_crossentropy(own) && !find_record(own) &&
      class_name != "MeanMetricWrapper") {
    if (is_loss_function(own)) return std::make_shared<LossFunctionMetric>(own, Loss(own), json);
    return std::make_shared<OwnMetricOfAFile>(json);
  }
  if (class_name == "function" && is_only_loss_function(own))
    return std::make_shared<LossFunctionMetric>(own, Loss(own), json);
  // A function stands in files as {"class_name": "function", "config": its name}.
  if (config && config->is_string()) {
    Metric metric(config->as_string());
    metric.is_function_ = class_name == "function";
    return metric;
  }
  if (class_name == "MeanMetricWrapper" && config) {
    const std::string function = wrapped_function(*config);
    const std::string name = config->get("name", function.c_str());
    if (is_open_accuracy(function) || is_open_crossentropy(function)) return Metric(function);
    if (is_only_loss_function(function))
      return std::make_shared<LossFunctionMetric>(name, Loss::from_config(function, *config), json);
    Metric metric = from_config(function, *config);
    metric.object_->set_name(name);
    return metric;
  }
  return from_config(class_name, config ? *config : Json::object());
}

std::string Metric::missing() const { return dynamic_cast<const ReadFromFile*>(object_.get()) ? object_->name() : ""; }

Metric Metric::from_config(const std::string& name, const Json& config) { return record_of(name).from_config(config); }

}  // namespace hebb
