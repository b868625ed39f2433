#include "hebb/nn/old_names.h"

#include <map>

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

bool is_old(const std::string& keras_version) {
  return keras_version.starts_with("1.") || keras_version.starts_with("2.");
}

using Names = std::map<std::string, const char*>;

/// Functions stand as texts, alone, in lists, for outputs, and in the configurations of what wraps them.
Json with_functions(const Json& json, const Names& names) {
  if (json.is_string()) {
    const auto found = names.find(json.as_string());
    return found == names.end() ? json : Json(found->second);
  }
  if (json.is_array()) {
    Json out = Json::array();
    for (const Json& item : json.items()) out.push_back(with_functions(item, names));
    return out;
  }
  if (!json.is_object()) return json;
  Json out = Json::object();
  for (const auto& [key, value] : json.members()) out.set(key, key == "name" ? value : with_functions(value, names));
  return out;
}

}  // namespace

Json training_with_names_of_today(const Json& training, const std::string& keras_version) {
  if (!is_old(keras_version) || !training.is_object()) return training;
  const char* const divergence = "kullback_leibler_divergence";
  // The similarity has another sign as a metric.
  const Names of_losses = {{divergence, "kl_divergence"},
                           {"logcosh", "log_cosh"},
                           {"cosine_proximity", "cosine_similarity"},
                           {"cosine", "cosine_similarity"}};
  const Names of_metrics = {{divergence, "kl_divergence"}, {"logcosh", "log_cosh_error"}};
  Json out = training;
  if (const Json* loss = training.find("loss")) out.set("loss", with_functions(*loss, of_losses));
  for (const char* key : {"metrics", "weighted_metrics"}) {
    if (const Json* metrics = training.find(key)) out.set(key, with_functions(*metrics, of_metrics));
  }
  return out;
}

Json with_names_of_today(const Json& config, const std::string& keras_version) {
  return is_old(keras_version) ? renamed(config) : config;
}

}  // namespace hebb
