#include "hebb/nn/model_entries.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::detail {

namespace {

/// Calls of layers that a model may come to when the calls of its nested models are counted each time. The largest
/// models of keras.applications have about a thousand; a file of a kilobyte can ask for 2^30.
constexpr int64_t most_calls = 1 << 15;

/// The model that an entry is, or that layers around it hold; null when there is none.
const Json* model_in(const Json& entry) {
  const Json* at = &entry;
  while (at && at->is_object() && at->contains("class_name")) {
    if (is_model(*at)) return at;
    const Json* config = at->find("config");
    at = config && config->is_object() ? config->find("layer") : nullptr;
  }
  return nullptr;
}

}  // namespace

std::string class_of(const Json& json) {
  const std::string name = json.at("class_name").as_string();
  const size_t package = name.rfind('>');  // "Custom>Dense", as tf_keras writes
  return package == std::string::npos ? name : name.substr(package + 1);
}

bool is_sequential(const Json& json) { return class_of(json) == "Sequential"; }
bool is_functional(const Json& json) {
  const std::string name = class_of(json);
  if (name == "Functional") return true;
  const Json* config = json.find("config");  // Keras 2 called it Model
  return name == "Model" && config && config->contains("output_layers");
}
bool is_model(const Json& json) { return is_sequential(json) || is_functional(json); }

const Json::Array& layers_of(const Json& json) {
  const Json& config = json.at("config");
  return config.is_array() ? config.items() : config.at("layers").items();
}

std::string name_in_config(const Json& entry) {
  const Json* config = entry.find("config");
  return config && config->is_object() ? config->get("name", "") : std::string();
}

bool has_given_layers(const Json& config) {
  return config.contains("layer") || config.contains("layers") || config.contains("cell") || config.contains("cells");
}

std::string name_of_entry(const Json& entry) {
  const std::string name = entry.get("name", "");
  return name.empty() ? name_in_config(entry) : name;
}

int64_t count_calls(const Json& json) {
  int64_t total = 0;
  for (const Json& entry : layers_of(json)) {
    const Json* nodes = entry.find("inbound_nodes");
    const int64_t calls = std::max<int64_t>(1, nodes ? static_cast<int64_t>(nodes->size()) : 1);
    const Json* model = model_in(entry);
    const int64_t inside = model ? count_calls(*model) : 1;
    // Both are at most `most_calls` when they are multiplied.
    total += std::min(calls, most_calls) * inside;
    if (total > most_calls) {
      throw InvalidArgument(message("the model's layers are called more than ", most_calls,
                                    " times, nested models counted. It is no model that anybody made."));
    }
  }
  return total;
}

}  // namespace hebb::detail
