// Models from Keras's configuration.

#include <algorithm>
#include <optional>

#include "hebb/base/error.h"
#include "hebb/base/problems.h"
#include "hebb/base/text.h"
#include "hebb/nn/config_problems.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/model_entries.h"
#include "hebb/nn/operation_layer.h"
#include "hebb/nn/operation_nodes.h"
#include "hebb/nn/shared_layers.h"
#include "hebb/nn/weights_from_file.h"

namespace hebb {

using namespace detail;

namespace {

/// The input that the first layer of an old file carries in its own configuration; null when there is none.
const Json* input_shape_in(const Json& entry) {
  const Json* config = entry.find("config");
  if (!config || !config->is_object() || is_model(entry) || class_of(entry) == "InputLayer") return nullptr;
  const Json* shape = config->find("batch_input_shape");
  if (!shape) shape = config->find("batch_shape");
  return shape && !shape->is_null() ? shape : nullptr;
}

Model sequential_from_json(const Json& json) {
  const Json& config = json.at("config");
  const bool bare_list = config.is_array();
  Sequential model({}, bare_list ? "" : config.get("name", ""));
  bool first = true;
  for (const Json& entry : layers_of(json)) {
    const Json* shape = first ? input_shape_in(entry) : nullptr;
    if (shape) {
      const Json* dtype = entry.at("config").find("dtype");
      model.add(make_layer<InputLayer>(
          Spec{shape_from_json(*shape), dtype ? dtype_policy_from_json(*dtype).variable_dtype() : DType::float32}));
    }
    model.add(layer_or_model(entry));
    first = false;
  }
  if (const Json* policy = bare_list ? nullptr : config.find("dtype"))
    model.base().set_dtype(dtype_policy_from_json(*policy));
  if (bare_list) return model;
  const Json* shape = config.find("build_input_shape");
  if (shape && !shape->is_null() && !model.base().is_connected() && !model.base().layers().empty()) {
    model.base().build_for({shape_from_json(*shape)});
  }
  return model;
}

Model read_model(const Json& json) {
  if (!json.is_object() || !json.contains("class_name") || !json.contains("config")) {
    throw InvalidArgument(
        "expected a model as Keras writes it, {\"class_name\": ..., \"config\": ...}. Make it with model.to_json().");
  }
  if (!is_model(json)) {
    const std::vector<std::string> known = {"Sequential", "Functional"};
    throw NotSupported(unknown_name("class of models", class_of(json), known) +
                       " A model of a class of one's own is code; make it functional in Keras and save it again.");
  }
  count_calls(json);
  return is_sequential(json) ? sequential_from_json(json) : functional_from_json(json);
}

/// Of a Sequential that is trained itself Keras does not read whether it is trainable: there the layers alone count.
/// Inside of another model that decides in which order `.h5` has the weights.
Layer nested_model(const Json& entry) {
  Model model = read_model(entry);
  if (is_sequential(entry) && entry.at("config").is_object())
    model.base().set_own_trainable(entry.at("config").get("trainable", true));
  return model;
}

}  // namespace

Layer detail::layer_or_model(const Json& entry) {
  if (is_old_operation(entry)) {
    Layer last;
    for (const Json& operation : new_operations(entry)) last = make_layer<OperationLayer>(operation);
    return last;
  }
  if (is_operation(entry)) return make_layer<OperationLayer>(entry);
  if (is_model(entry)) return SharedLayersRead::find_or_make(entry, [&] { return nested_model(entry); });
  return layer_from_json(entry);
}

namespace {

/// Makes each layer by itself, to find all that is wrong in it.
void try_layers(const Json& json, const std::string& path, Problems& problems) {
  for (const Json& entry : layers_of(json)) {
    problems.run([&] {
      const std::string name = path + "/" + name_of_entry(entry);
      if (is_model(entry)) return try_layers(entry, name, problems);
      const auto make = [&](const Json& json) {
        std::optional<WeightsFromFile> scope;  // what one layer needs does not count for the next
        if (const auto options = WeightsFromFile::current()) scope.emplace(*options);
        try {
          layer_or_model(json);
        } catch (const NotSupported& error) {
          throw NotSupported(message(name, ": ", error.what()));
        } catch (const InvalidArgument& error) {
          throw InvalidArgument(message(name, ": ", error.what()));
        }
      };
      run_thoroughly(entry, make, problems);
    });
  }
}

}  // namespace

Model model_from_json(const Json& json) {
  Problems problems;
  std::optional<Model> model;
  const auto read = [&] {
    const SharedLayersRead shared(json);
    model.emplace(read_model(json));
  };
  if (problems.run(read)) return *std::move(model);
  Problems all;
  if (json.is_object() && json.contains("class_name") && is_model(json))
    all.run([&] { try_layers(json, "layers", all); });
  if (all.texts().empty()) problems.throw_all();
  // What the model as a whole says may be of a layer alone, and of how they hang together.
  for (const std::string& text : problems.parts()) {
    const auto is_same = [&](const std::string& found) { return found.find(text) != std::string::npos; };
    if (std::none_of(all.texts().begin(), all.texts().end(), is_same)) all.add(text);
  }
  all.throw_all();
  throw InternalError("model_from_json: an error was lost");
}

std::vector<std::string> output_keys(const Json& json) {
  std::vector<std::string> keys;
  const Json* config = json.find("config");
  const Json* ends = config && config->is_object() ? config->find("output_layers") : nullptr;
  if (!ends || !ends->is_object() || ends->contains("class_name")) return keys;
  for (const auto& [key, value] : ends->members()) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<std::string> layers_of_output_keys(const Json& json) {
  std::vector<std::string> layers;
  for (const std::string& key : output_keys(json)) {
    const Json& place = json.at("config").at("output_layers").at(key);
    const bool is_output = place.is_array() && place.size() > 0 && place.at(size_t{0}).is_string();
    layers.push_back(is_output ? place.at(size_t{0}).as_string() : key);
  }
  return layers;
}

std::vector<std::string> output_names(const Json& model) {
  const Json* config = model.find("config");
  const Json* ends = config && config->is_object() ? config->find("output_layers") : nullptr;
  if (!ends || !ends->is_array() || ends->size() == 0) return output_keys(model);
  // Of one output the list is its place itself.
  const bool is_one = ends->at(size_t{0}).is_string();
  const Json places = is_one ? Json::array({*ends}) : *ends;
  std::vector<std::string> names;
  for (const Json& end : places.items()) {
    if (end.is_array() && end.size() > 0 && end.at(size_t{0}).is_string())
      names.push_back(end.at(size_t{0}).as_string());
  }
  return names;
}

}  // namespace hebb
