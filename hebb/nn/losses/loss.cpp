#include "hebb/nn/losses/loss.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/nn/losses/own.h"
#include "hebb/nn/masking.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

const std::vector<std::string>& reductions() {
  static const std::vector<std::string> names = {"sum_over_batch_size", "sum", "none", "mean",
                                                 "mean_with_sample_weight"};
  return names;
}

bool is_mean_of_all(const std::string& reduction) { return reduction == "sum_over_batch_size" || reduction == "mean"; }

/// The mask as weights. For a mean over all values those that count weigh total / valid, so that it is a mean over
/// them.
Tensor mask_weights(const Tensor& mask, const std::string& reduction, DType dtype) {
  const Tensor counts = cast(mask, dtype);
  if (!is_mean_of_all(reduction)) return counts;
  return counts * divide_no_nan(Tensor::scalar(static_cast<double>(mask.size()), dtype), sum(counts));
}

const LossRecord* find_record(const std::string& name) {
  for (const LossRecord& record : loss_records()) {
    if (record.class_name == name || std::find(record.names.begin(), record.names.end(), name) != record.names.end())
      return &record;
  }
  return nullptr;
}

const LossRecord& record_of(const std::string& name) {
  if (const LossRecord* record = find_record(name)) return *record;
  std::vector<std::string> known = {"crossentropy"};
  for (const LossRecord& record : loss_records()) {
    known.push_back(record.class_name);
    known.insert(known.end(), record.names.begin(), record.names.end());
  }
  throw InvalidArgument(unknown_name("loss", name, known));
}

class OwnLossOfAFile : public LossBase, public ReadFromFile {
 public:
  explicit OwnLossOfAFile(const Json& json) : LossBase(own_name(json), "sum_over_batch_size"), ReadFromFile(json) {}
  std::string class_name() const override { return json.get("class_name", ""); }
  Tensor values(const Tensor&, const Tensor&) const override {
    throw InvalidArgument(message("loss '", name(), "': the file it was named in could not hold it. Call compile() ",
                                  "again with the function itself."));
  }
};

}  // namespace

LossBase::LossBase(std::string name, std::string reduction) : name_(std::move(name)), reduction_(std::move(reduction)) {
  const auto& known = reductions();
  if (std::find(known.begin(), known.end(), reduction_) == known.end()) {
    throw InvalidArgument(message("loss '", name_, "': ", unknown_name("reduction", reduction_, known)));
  }
}

Json LossBase::config() const { return Json::object({{"name", name_}, {"reduction", reduction_}}); }

Tensor LossBase::mask(const Tensor&, const Tensor&) const { return {}; }

void LossBase::check_targets(const Tensor&, const Shape&) const {}

Tensor LossBase::reduced(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) const {
  Tensor losses = as_floating(values(y_true, y_pred)), weights;
  if (sample_weight.defined()) weights = cast(sample_weight, losses.dtype());
  Tensor valid = mask(y_true, y_pred);
  if (const Tensor steps = mask_of(y_pred); steps.defined())
    valid = valid.defined() ? logical_and(valid, steps) : steps;
  if (valid.defined()) {
    Tensor more = mask_weights(valid, reduction_, losses.dtype());
    if (weights.defined()) {
      make_same_rank(more, weights);
      more = more * weights_for(weights, more.shape(), name_);
    }
    weights = more;
  }
  if (weights.defined()) {
    make_same_rank(losses, weights);
    // One value for the whole batch is weighed by each weight.
    losses = losses * (losses.rank() == 0 ? weights : weights_for(weights, losses.shape(), name_));
  }
  if (reduction_ == "none" || losses.rank() == 0) return losses;
  const Tensor total = sum(losses);
  if (reduction_ == "sum") return total;
  if (reduction_ == "mean_with_sample_weight" && weights.defined()) return divide_no_nan(total, sum(weights));
  return total / static_cast<double>(std::max<int64_t>(losses.size(), 1));
}

Loss::Loss(const std::string& name) {
  *this = is_open_crossentropy(name) ? open_crossentropy(name) : record_of(name).from_config(Json::object());
  given_name_ = name;
}

const LossBase* Loss::operator->() const {
  if (!object_)
    throw InvalidArgument(
        "this loss is empty. Make it from a name, such as \"mse\", or by a function, such as MeanSquaredError().");
  return object_.get();
}

Json Loss::to_json() const {
  if (!given_name_.empty()) return is_function_ ? own_function_to_json(given_name_) : Json(given_name_);
  if (!object_) return {};
  if (const auto* read = dynamic_cast<const ReadFromFile*>(object_.get())) return read->json;
  if (object_->class_name() == "Custom") return own_function_to_json(object_->name());
  if (!find_record(object_->class_name())) return own_class_to_json(object_->class_name(), object_->config());
  return object_to_json("keras.losses", object_->class_name(), object_->config());
}

Loss Loss::from_json(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_string()) return Loss(json.as_string());
  const std::string class_name = json.at("class_name").as_string();
  // A function stands in files as {"class_name": "function", "config": its name}.
  const Json* config = json.find("config");
  const std::string name = config && config->is_string() ? config->as_string() : class_name;
  if (is_own(json) && !is_open_crossentropy(name) && !find_record(name)) return std::make_shared<OwnLossOfAFile>(json);
  if (config && config->is_string()) {
    Loss loss(config->as_string());
    loss.is_function_ = class_name == "function";
    return loss;
  }
  return from_config(class_name, config ? *config : Json::object());
}

std::string Loss::missing() const { return dynamic_cast<const ReadFromFile*>(object_.get()) ? object_->name() : ""; }

Loss Loss::from_config(const std::string& name, const Json& config) { return record_of(name).from_config(config); }

}  // namespace hebb
