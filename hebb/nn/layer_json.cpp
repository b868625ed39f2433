// Layers as Keras's JSON: names, configurations, and the classes of one's own.

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/absent_layers.h"
#include "hebb/nn/isolated.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/layers/quantizable.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/model_entries.h"
#include "hebb/nn/policy_map.h"
#include "hebb/nn/shared_layers.h"

namespace hebb {

namespace {

struct Names {
  std::mutex mutex;
  std::map<std::string, int64_t> counts;
};

Names& names() {
  static Names instance;
  return instance;
}

using FromConfig = Layer (*)(const Json& config);

struct Registered {
  std::mutex mutex;
  std::map<std::string, FromConfig> layers;  // "package>Class"
};

Registered& registered() {
  static Registered instance;
  return instance;
}

std::string with_package(const std::string& name) {
  return name.find('>') == std::string::npos ? "Custom>" + name : name;
}

std::string without_package(const std::string& name) {
  const size_t end = name.rfind('>');
  return end == std::string::npos ? name : name.substr(end + 1);
}

const LayerRecord* find_record(const std::string& class_name) {
  for (const LayerRecord& record : layer_records()) {
    if (record.class_name == class_name) return &record;
  }
  return nullptr;
}

/// The registered name of a class of one's own, or empty: an exact one first, else any package's.
std::string find_registered(const std::string& name) {
  Registered& known = registered();
  const std::lock_guard lock(known.mutex);
  if (known.layers.contains(with_package(name))) return with_package(name);
  for (const auto& [full_name, from_config] : known.layers) {
    if (without_package(full_name) == without_package(name)) return full_name;
  }
  return {};
}

/// Classes whose layers are code.
bool holds_code(std::string_view class_name) {
  constexpr std::string_view classes[] = {"Lambda", "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFSMLayer"};
  return std::find(std::begin(classes), std::end(classes), class_name) != std::end(classes);
}

/// A layer of Keras 2: zero up to a threshold.
Layer thresholded_relu(const Json& config) {
  Json as_relu = Json::object({{"threshold", config.get("theta", 1.0)}});
  for (const auto& [name, value] : config.members()) {
    if (name != "theta") as_relu.set(name, value);
  }
  return find_record("ReLU")->from_config(as_relu);
}

/// What Keras calls its class in code, older formats write; Keras 2 had two classes of some kinds.
std::string name_of_today(const std::string& class_name) {
  static const std::map<std::string, const char*> other_names = {{"GroupedQueryAttention", "GroupQueryAttention"},
                                                                 {"BatchNormalizationV1", "BatchNormalization"},
                                                                 {"BatchNormalizationV2", "BatchNormalization"},
                                                                 {"SyncBatchNormalization", "BatchNormalization"},
                                                                 {"CuDNNLSTM", "LSTM"}};
  const auto other = other_names.find(class_name);
  return other == other_names.end() ? class_name : other->second;
}

/// A layer of Keras 2: a GRU as cuDNN computes it.
Layer cudnn_gru(const Json& config) {
  Json as_gru = config;
  as_gru.set("reset_after", true);
  return find_record("GRU")->from_config(as_gru);
}

/// The row of an entry's class, or null. A class of a net's own may have the name of another program's: it is known
/// where the entry says that it is that net's, or not whose.
const LayerRecord* record_of(const Json& entry) {
  const LayerRecord* record = find_record(name_of_today(detail::class_of(entry)));
  const std::string module = entry.get("module", "");
  const bool is_of_a_net = record != nullptr && record->module.starts_with("keras.src.applications");
  return is_of_a_net && !module.empty() && module.find(".applications.") == std::string::npos ? nullptr : record;
}

FromConfig find_from_config(const Json& json) {
  const std::string class_name = json.at("class_name").as_string();
  const Json* registered_name = json.find("registered_name");
  const std::string known_name = without_package(class_name);
  const Json* config = json.find("config");
  // A function has no class of its own; what takes its place is known by the layer's name.
  const std::string own_name =
      holds_code(known_name) && config && config->is_object() ? config->get("name", "") : std::string();
  for (const std::string& name :
       {own_name, registered_name && registered_name->is_string() ? registered_name->as_string() : "", class_name}) {
    if (const std::string full_name = name.empty() ? "" : find_registered(name); !full_name.empty()) {
      const std::lock_guard lock(registered().mutex);
      return registered().layers.at(full_name);
    }
  }
  if (holds_code(known_name)) {
    throw NotSupported(
        message("layer '", own_name, "' (", known_name,
                "): it holds code, and code in files is never run. Put a layer of your own in its place, "
                "register_layer(\"",
                own_name.empty() ? known_name : own_name,
                "\", ...), or in Keras replace it by a layer (keras.layers has Rescaling, Reshape, "
                "Activation, ...) and save the model again."));
  }
  if (known_name == "ThresholdedReLU") return thresholded_relu;
  if (known_name == "CuDNNGRU") return cudnn_gru;
  if (const LayerRecord* record = record_of(json)) return record->from_config;
  if (const std::string why = why_absent(known_name); !why.empty()) {
    throw NotSupported(message("layer '", config && config->is_object() ? config->get("name", "") : "", "' (",
                               known_name, "): ", why));
  }
  std::vector<std::string> known;
  for (const LayerRecord& record : layer_records()) known.push_back(record.class_name);
  {
    const std::lock_guard lock(registered().mutex);
    for (const auto& [full_name, from_config] : registered().layers) known.push_back(without_package(full_name));
  }
  throw InvalidArgument(unknown_name("layer", class_name, known) +
                        " A layer of one's own is made known with register_layer().");
}

/// The shapes in a build_config; empty where it has none that can be read.
std::vector<Shape> build_shapes(const Json& json) {
  const Json* config = json.find("build_config");
  if (const Json* named = config && config->is_object() ? config->find("shapes_dict") : nullptr) {
    std::vector<Shape> shapes;  // in the order of the arguments of the layer's `build`, as Keras writes them
    const std::function<void(const Json&)> add = [&](const Json& shape) {
      const bool several = shape.is_array() && shape.size() > 0 && shape.at(size_t{0}).is_array();
      if (!several) return shapes.push_back(shape_from_json(shape));
      for (const Json& each : shape.items()) add(each);
    };
    for (const auto& [name, shape] : named->members()) add(shape);
    return shapes;
  }
  const Json* shape = config && config->is_object() ? config->find("input_shape") : nullptr;
  if (!shape || !shape->is_array() || shape->size() == 0) return {};
  const auto& items = shape->items();
  if (std::none_of(items.begin(), items.end(), [](const Json& item) { return item.is_array(); }))
    return {shape_from_json(*shape)};
  std::vector<Shape> shapes;
  for (const Json& item : items) shapes.push_back(shape_from_json(item));
  return shapes;
}

}  // namespace

bool detail::is_known_layer(const Json& entry) {
  const std::string name = class_of(entry);
  return is_model(entry) || holds_code(name) || name == "ThresholdedReLU" || name == "InputLayer" ||
         record_of(entry) != nullptr || !find_registered(entry.at("class_name").as_string()).empty();
}

std::string unique_layer_name(const std::string& class_name) {
  const std::string name = snake_case(class_name);
  const auto counted = [&] {
    if (Isolated* isolated = Isolated::current()) return isolated->names()[name]++;
    const std::lock_guard lock(names().mutex);
    return names().counts[name]++;
  };
  const int64_t count = counted();
  return count == 0 ? name : message(name, "_", count);
}

void clear_session() {
  if (Isolated* isolated = Isolated::current()) return isolated->names().clear();
  const std::lock_guard lock(names().mutex);
  names().counts.clear();
}

Json LayerBase::config() const {
  Json json = Json::object({{"name", name_}, {"trainable", trainable_}, {"dtype", policies_to_json(*this)}});
  if (activity_regularizer_) json.set("activity_regularizer", activity_regularizer_.to_json());
  return json;
}

void LayerBase::read_base_config(const Json& config) {
  name_ = config.get("name", name_.c_str());
  // Of Keras 2's recurrent layers.
  if (config.get("time_major", false)) {
    throw NotSupported(message(where(), "time_major: expected sequences as (batch, steps, features), got a layer that ",
                               "takes (steps, batch, features). Build the model without it and set its weights."));
  }
  if (const Json* dtype = config.find("dtype")) {
    set_dtype(dtype_policy_from_json(*dtype));
    if (const std::string mode = quantization_mode(*dtype); !mode.empty()) start_quantized(mode);
  }
  if (const Json* regularizer = config.find("activity_regularizer"))
    activity_regularizer_ = Regularizer::from_json(*regularizer);
  // Layers inside that have a configuration of their own say for themselves whether they train; others do as this one.
  const bool trains = config.get("trainable", trainable_);
  if (trains || detail::has_given_layers(config)) {
    set_own_trainable(trains);
  } else {
    set_trainable(false);
  }
}

void LayerBase::start_quantized(const std::string& mode) {
  throw NotSupported(
      message(where(), "the quantization '", mode, "'. Save the model before it is quantised, and quantise it here."));
}

std::string LayerBase::module() const {
  const LayerRecord* record = find_record(class_name());
  return record != nullptr ? record->module : "";
}

Json LayerBase::build_config() const {
  if (!built_ || built_for_.empty()) return nullptr;
  // As Keras does, for layers whose building makes something, and for those that join inputs.
  if (own_weights_.empty() && sublayers_.empty() && built_for_.size() == 1) return nullptr;
  if (const std::vector<std::string> names = input_argument_names(); names.size() > 1 && built_for_.size() > 1) {
    Json shapes = Json::object();
    for (size_t i = 0; i < built_for_.size(); ++i) shapes.set(names[i] + "_shape", shape_to_json(built_for_[i]));
    return Json::object({{"shapes_dict", shapes}});
  }
  if (const std::vector<std::string> names = argument_names(built_for_.size());
      names.size() > 1 && names[1].starts_with("initial_state")) {
    Json::Array shapes;
    for (const Shape& shape : built_for_) shapes.push_back(shape_to_json(shape));
    size_t at = 1;
    return Json::object({{"shapes_dict", Json::object({{"sequences_shape", shapes.front()},
                                                       {"initial_state_shape", under_one_name(names, shapes, at)}})}});
  }
  if (built_for_.size() == 1) return Json::object({{"input_shape", shape_to_json(built_for_.front())}});
  Json shapes = Json::array();
  for (const Shape& shape : built_for_) shapes.push_back(shape_to_json(shape));
  return Json::object({{"input_shape", shapes}});
}

void register_layer(const std::string& registered_name, Layer (*from_config)(const Json& config)) {
  const std::lock_guard lock(registered().mutex);
  registered().layers[with_package(registered_name)] = from_config;
}

namespace {

Layer make_from_json(const Json& json) {
  const FromConfig from_config = find_from_config(json);
  const Json* given = json.find("config");
  const Json* build_config = json.find("build_config");
  Json config = given && given->is_object() ? *given : Json::object();
  const Json* dtype = config.find("dtype");
  const Json policies = dtype && is_policy_map(*dtype) ? *dtype : Json();
  if (!policies.is_null()) {
    // A layer that Keras did not build has no path: the map's default counts. `.h5`, which tells no modules, does not
    // tell either what was built: there Keras builds layers when it calls them.
    const bool has_path = !json.contains("module") || (build_config && build_config->is_object());
    config.set("dtype", dtype_policy_to_json(policy_at(policies, has_path ? config.get("name", "") : "")));
  }
  Layer layer = from_config(config);
  const std::vector<Shape> shapes = build_shapes(json);
  // Keras 2 wrote an attention's first input alone.
  const std::vector<std::string> names = layer->input_argument_names();
  const bool is_partial = shapes.size() == 1 && names.size() > 1 && names[1] == "value";
  if (!shapes.empty() && !is_partial) layer->build_for(shapes);
  if (!policies.is_null()) give_policies(*layer.shared(), policies);
  return layer;
}

}  // namespace

Layer layer_from_json(const Json& json) {
  if (detail::is_model(json)) return detail::layer_or_model(json);
  return SharedLayersRead::find_or_make(json, [&] { return make_from_json(json); });
}

Json layer_to_json(const Layer& layer) {
  if (const auto* model = layer.as<ModelBase>()) {
    Json json = model_to_json(*model);
    SharedLayersWritten::mark(*model, json);
    return json;
  }
  const std::string class_name = layer.class_name(), module = layer->module();
  Json json = Json::object(
      {{"module", module.empty() ? Json() : Json(module)}, {"class_name", class_name}, {"config", layer->config()}});
  if (module.empty()) {
    // What is hebb's own stands in the package "hebb", where a program in Python can register a class for it.
    const std::string registered_name = find_registered(class_name);
    const std::string full_name = find_record(class_name) != nullptr ? "hebb>" + class_name : with_package(class_name);
    json.set("registered_name", registered_name.empty() ? full_name : registered_name);
  } else {
    json.set("registered_name", module == "keras.layers" ? Json() : Json(class_name));
  }
  if (Json build_config = layer->build_config(); !build_config.is_null())
    json.set("build_config", std::move(build_config));
  SharedLayersWritten::mark(*layer.operator->(), json);
  return json;
}

}  // namespace hebb
