// Activations by name, in configurations, and as layers.

#include <cctype>
#include <map>
#include <mutex>
#include <optional>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/activation_table.h"
#include "hebb/nn/activations.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/old_names.h"
#include "hebb/nn/shared_layers.h"
#include "hebb/nn/weights_from_file.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class NamedActivation : public ActivationBase {
 public:
  NamedActivation(std::string name, Tensor (*function)(const Tensor&)) : name_(std::move(name)), function_(function) {}
  std::string name() const override { return name_; }
  Tensor apply(const Tensor& x) const override { return function_(x); }

 private:
  std::string name_;
  Tensor (*function_)(const Tensor&);
};

class LayerActivation : public ActivationBase {
 public:
  /// `begins_anew`: whether its weights, once made, begin as initialised even where those of others come from a file:
  /// Keras builds it at the first call of the layer around it, and a file that was written before has none of it.
  explicit LayerActivation(const Layer& layer, bool begins_anew = false) : layer_(layer), begins_anew_(begins_anew) {}
  std::string name() const override { return layer_.class_name(); }
  Tensor apply(const Tensor& x) const override {
    std::optional<WeightsFromFile> scope;
    if (auto options = WeightsFromFile::current(); options && begins_anew_ && !layer_->is_built()) {
      options->initialize = true;
      scope.emplace(*options);
    }
    Tensor y = layer_(x);
    if (!taken_ && !layer_->own_weights().empty()) {
      throw InvalidArgument(layer_->where() +
                            "a layer with weights cannot be an activation here. Put it behind the layer instead.");
    }
    return y;
  }
  Json to_json() const override {
    // As Keras writes it: what the layer was built for is a part of it where it has weights alone.
    const Json whole = layer_to_json(layer_);
    Json json = Json::object();
    for (const char* key : {"module", "class_name", "config", "registered_name"}) json.set(key, whole.at(key));
    const Json* built = whole.find("build_config");
    if (built && !layer_->own_weights().empty()) json.set("build_config", *built);
    SharedLayersWritten::mark(*layer_.shared(), json);
    return json;
  }
  Layer take() const {
    taken_ = true;
    return layer_;
  }

 private:
  Layer layer_;
  bool begins_anew_;
  mutable bool taken_ = false;  // whether another layer counts its weights
};

struct Registered {
  std::mutex mutex;
  std::map<std::string, Tensor (*)(const Tensor&)> functions;
};

Registered& registered() {
  static Registered instance;
  return instance;
}

}  // namespace

void register_activation(const std::string& name, Tensor (*function)(const Tensor& x)) {
  const std::lock_guard lock(registered().mutex);
  registered().functions[name] = function;
}

ActivationFunction::ActivationFunction(const std::string& name) {
  if (name == "linear" || name == "identity") return;
  if (name == hard_sigmoid_of_keras_2) {
    object_ = std::make_shared<NamedActivation>(name, [](const Tensor& x) { return clip(x * 0.2 + 0.5, 0, 1); });
    return;
  }
  std::vector<std::string> known;
  for (const ActivationRecord& record : learned_activation_records()) {
    if (record.name != name) continue;
    throw InvalidArgument(message("activation '", name,
                                  "' has weights, so it is a layer. Leave the activation out, and put ", name,
                                  name == "Maxout" ? "(units) in the layer's place." : "() behind the layer."));
  }
  for (const ActivationRecord& record : activation_records()) {
    if (record.name == name) {
      object_ = std::make_shared<NamedActivation>(name, record.function);
      return;
    }
    known.push_back(record.name);
  }
  const std::lock_guard lock(registered().mutex);
  for (const auto& [own_name, function] : registered().functions) {
    if (own_name == name) {
      object_ = std::make_shared<NamedActivation>(name, function);
      return;
    }
    known.push_back(own_name);
  }
  // Those with weights of their own are layers, and have no other name.
  const auto plain = [](const std::string& text) {
    std::string out;
    for (const char c : text) {
      if (c != '_' && c != '-' && c != ' ') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return out;
  };
  for (const ActivationRecord& record : learned_activation_records()) {
    if (plain(record.name) != plain(name)) continue;
    throw InvalidArgument(message("activation '", name,
                                  "' has weights that are learned, so it is a layer: expected the "
                                  "name of a function. Add ",
                                  record.name,
                                  record.name == "Maxout" ? "(units) in place of the layer." : "() behind the layer."));
  }
  throw InvalidArgument(unknown_name("activation", name, known));
}

ActivationFunction::ActivationFunction(const Layer& layer) : object_(std::make_shared<LayerActivation>(layer)) {}

Layer ActivationFunction::taken_layer() const {
  const auto* layer = dynamic_cast<const LayerActivation*>(object_.get());
  return layer ? layer->take() : Layer();
}

Json ActivationFunction::to_json() const {
  if (!object_) return "linear";
  // As Keras does: an alias is written under the function's own name.
  Json json = object_->to_json();
  for (const ActivationRecord& record : activation_records()) {
    if (record.same_as != nullptr && json == Json(record.name)) return record.same_as;
  }
  return json;
}

ActivationFunction ActivationFunction::from_json(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_string()) return ActivationFunction(json.as_string());
  if (json.at("class_name").as_string() == "function") return ActivationFunction(json.at("config").as_string());
  ActivationFunction activation;
  activation.object_ = std::make_shared<LayerActivation>(layer_from_json(json), !json.contains("build_config"));
  return activation;
}

}  // namespace hebb
