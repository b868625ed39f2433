#include "hebb/nn/old_names.h"

namespace hebb {

namespace {

Json renamed(const Json& json) {
  if (json.is_array()) {
    Json out = Json::array();
    for (const Json& item : json.items()) out.push_back(renamed(item));
    return out;
  }
  if (!json.is_object()) return json;
  Json out = Json::object();
  for (const auto& [key, value] : json.members()) {
    const bool is_function = key == "activation" || key == "recurrent_activation";
    out.set(key, is_function && value == Json("hard_sigmoid") ? Json(hard_sigmoid_of_keras_2) : renamed(value));
  }
  return out;
}

}  // namespace

Json with_names_of_today(const Json& config, const std::string& keras_version) {
  return keras_version.starts_with("1.") || keras_version.starts_with("2.") ? renamed(config) : config;
}

}  // namespace hebb
