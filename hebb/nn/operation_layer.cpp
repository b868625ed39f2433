#include "hebb/nn/operation_layer.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_entries.h"
#include "hebb/nn/operations.h"

namespace hebb::detail {

namespace {

constexpr const char* tensor_place = "__hebb_tensor__";

bool is_object_of(const Json& json, const char* class_name) {
  return json.is_object() && json.get("class_name", "") == std::string(class_name);
}

/// A copy in which every tensor is a numbered place; the tensors go to `places`.
Json with_places(const Json& json, std::vector<Json>& places) {
  if (is_object_of(json, "__keras_tensor__")) {
    places.push_back(json);
    return Json::object({{"class_name", tensor_place}, {"index", static_cast<int64_t>(places.size()) - 1}});
  }
  if (json.is_array()) {
    Json out = Json::array();
    for (const Json& item : json.items()) out.push_back(with_places(item, places));
    return out;
  }
  if (!json.is_object()) return json;
  Json out = Json::object();
  for (const auto& [key, value] : json.members()) out.set(key, with_places(value, places));
  return out;
}

Json with_tensors(const Json& json, const Json::Array& tensors) {
  if (const int64_t index = OperationArguments::tensor_at(json); index >= 0)
    return tensors.at(static_cast<size_t>(index));
  if (json.is_array()) {
    Json out = Json::array();
    for (const Json& item : json.items()) out.push_back(with_tensors(item, tensors));
    return out;
  }
  if (!json.is_object()) return json;
  Json out = Json::object();
  for (const auto& [key, value] : json.members()) out.set(key, with_tensors(value, tensors));
  return out;
}

}  // namespace

bool is_old_operation(const Json& entry) {
  const std::string name = entry.get("class_name", "");
  return name == "TFOpLambda" || name == "SlicingOpLambda" || name == "TensorFlowOpLayer";
}

bool is_operation(const Json& entry) {
  if (entry.get("module", "").starts_with("keras.src.ops") || is_old_operation(entry)) return true;
  // Where the module is left out, layers are what says whether it trains, or what has a layer's name.
  const Json* config = entry.find("config");
  const Json* nodes = entry.find("inbound_nodes");
  return !entry.contains("module") && config && config->is_object() && !config->contains("trainable") && nodes &&
         nodes->is_array() && nodes->size() == 1 && nodes->at(size_t{0}).is_object() &&
         find_operation(entry.get("class_name", "")) != nullptr && !is_known_layer(entry);
}

Json with_modules_of_operations(const Json& model) {
  const Json* config = model.is_object() ? model.find("config") : nullptr;
  const Json* layers = config && config->is_object() ? config->find("layers") : nullptr;
  if (!layers || !layers->is_array()) return model;
  Json list = Json::array();
  for (const Json& layer : layers->items()) {
    Json entry = with_modules_of_operations(layer);
    const Json* options = entry.is_object() ? entry.find("config") : nullptr;
    const Json* nodes = entry.is_object() ? entry.find("inbound_nodes") : nullptr;
    const bool is_node = nodes && nodes->is_array() && nodes->size() > 0 && nodes->at(size_t{0}).is_object();
    if (is_node && options && options->is_object() && !options->contains("trainable") && !entry.contains("module")) {
      const bool is_layer = is_known_layer(entry);
      const OperationRecord* record = find_operation(entry.get("class_name", ""));
      if (record && !(is_layer && options->contains("dtype"))) {
        entry.set("module", message("keras.src.ops.", record->module));
      } else if (!is_layer) {
        entry.set("module", "keras.src.ops");  // one that hebb has not, which is told when it is made
      }
    }
    list.push_back(std::move(entry));
  }
  return Json(model).set("config", Json(*config).set("layers", std::move(list)));
}

OperationArguments::OperationArguments(const Json& node)
    : args_(with_places(node.at("args"), places_)), kwargs_(with_places(node.at("kwargs"), places_)) {}

Json OperationArguments::with(const Json::Array& tensors) const {
  return Json::object({{"args", with_tensors(args_, tensors)}, {"kwargs", with_tensors(kwargs_, tensors)}});
}

const Json* OperationArguments::find(size_t position, const std::string& name) const {
  if (position < args_.size()) return &args_.at(position);
  return kwargs_.find(name);
}

int64_t OperationArguments::tensor_at(const Json& place) {
  return is_object_of(place, tensor_place) ? place.at("index").as_int() : -1;
}

OperationLayer::OperationLayer(const Json& entry)
    : class_name_(entry.at("class_name").as_string()), module_(entry.get("module", "")) {
  autocast_ = false;
  follow(Rounding::none);
  const Json* config = entry.find("config");
  config_ = config && config->is_object() ? *config : Json::object();
  const std::string name = entry.get("name", config_.get("name", "").c_str());
  set_name(name);
  const OperationRecord* record = find_operation(class_name_);
  if (!record) {
    throw NotSupported(message("operation '", name, "' (", class_name_, "): hebb has none of this name. Make the ",
                               "model in Keras with layers in place of operations on tensors, and set its weights."));
  }
  if (module_.empty()) module_ = message("keras.src.ops.", record->module);
  const Json* nodes = entry.find("inbound_nodes");
  if (!nodes || !nodes->is_array() || nodes->size() == 0) return;
  arguments_ = OperationArguments(nodes->at(size_t{0}));
  if (nodes->size() > 1) {
    throw NotSupported(message("operation '", name, "' (", class_name_, "): expected one call of it, got ",
                               nodes->size(), ". Make the model in Keras with an operation for each."));
  }
}

Json OperationLayer::config() const {
  Json config = config_;
  config.set("name", name());
  return config;
}

void OperationLayer::follow(Rounding operands) {
  DTypePolicy policy = DType::float32;
  const std::string to = class_name_ == "Cast" ? config_.get("dtype", "") : "";
  if (to == "bfloat16" || (to.empty() && operands == Rounding::bfloat16)) policy = "mixed_bfloat16";
  if (to == "float16" || (to.empty() && operands == Rounding::float16)) policy = "mixed_float16";
  set_dtype(policy);
}

Tensors OperationLayer::call_many(const Tensors& xs, const CallOptions&) {
  return find_operation(class_name_)->compute({class_name_, config_, arguments_, xs});
}

}  // namespace hebb::detail
