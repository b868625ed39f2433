#include "hebb/nn/old_names.h"

#include <algorithm>
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
  const Json *name = out.find("class_name"), *config = out.find("config");
  if (name && *name == Json("TimeDistributed") && config && config->is_object()) {
    Json marked = *config;
    marked.set(all_steps_at_once, true);
    out.set("config", std::move(marked));
  }
  return out;
}

bool is_old(const std::string& keras_version) {
  return keras_version.starts_with("1.") || keras_version.starts_with("2.");
}

using Names = std::map<std::string, const char*>;
constexpr const char* divergence = "kullback_leibler_divergence";

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

/// "accuracy" where a file has the function that Keras 2 chose for it: before the first batch it took the targets to be
/// as large as the outputs, and files of models that were not trained have the accuracy of one-hot targets so.
Json with_open_metrics(const Json& json) {
  if (json.is_array()) {
    Json out = Json::array();
    for (const Json& item : json.items()) out.push_back(with_open_metrics(item));
    return out;
  }
  if (!json.is_object()) return json;
  const Json* config = json.find("config");
  const Json* wrapped = config && config->is_object() ? config->find("fn") : nullptr;
  if (json.get("class_name", "") == "MeanMetricWrapper" && wrapped && wrapped->is_string()) {
    const std::string name = config->get("name", ""), function = wrapped->as_string();
    const bool is_open = ((name == "accuracy" || name == "acc") && function.ends_with("_accuracy")) ||
                         ((name == "crossentropy" || name == "ce") && function.ends_with("_crossentropy"));
    return is_open ? Json(name) : json;
  }
  if (json.contains("class_name")) return json;
  Json out = Json::object();
  for (const auto& [key, value] : json.members()) out.set(key, with_open_metrics(value));
  return out;
}

}  // namespace

const std::map<std::string, const char*>& losses_of_keras_2() {
  static const Names names = {{divergence, "kl_divergence"},
                              {"logcosh", "log_cosh"},
                              {"cosine_proximity", "cosine_similarity"},
                              {"cosine", "cosine_similarity"}};
  return names;
}

Json training_with_names_of_today(const Json& training, const std::string& keras_version) {
  if (!is_old(keras_version) || !training.is_object()) return training;
  // The similarity has another sign as a metric.
  const Names of_metrics = {{divergence, "kl_divergence"}, {"logcosh", "log_cosh_error"}};
  Json out = training;
  if (const Json* loss = training.find("loss")) out.set("loss", with_functions(*loss, losses_of_keras_2()));
  for (const char* key : {"metrics", "weighted_metrics"}) {
    if (const Json* metrics = training.find(key)) out.set(key, with_open_metrics(with_functions(*metrics, of_metrics)));
  }
  return out;
}

namespace {

constexpr const char* metrics_keys[] = {"metrics", "weighted_metrics"};

Json without_prefix(const Json& metric, const std::string& prefix) {
  if (metric.is_array()) {
    Json out = Json::array();
    for (const Json& item : metric.items()) out.push_back(without_prefix(item, prefix));
    return out;
  }
  const Json* config = metric.is_object() ? metric.find("config") : nullptr;
  const Json* name = config && config->is_object() ? config->find("name") : nullptr;
  if (!name || !name->is_string() || !name->as_string().starts_with(prefix)) return metric;
  Json renamed = *config, out = metric;
  renamed.set("name", name->as_string().substr(prefix.size()));
  out.set("config", std::move(renamed));
  return out;
}

}  // namespace

Json metrics_per_output(const Json& training, const std::string& keras_version,
                        const std::vector<std::string>& outputs) {
  if (!is_old(keras_version) || !training.is_object() || outputs.size() < 2) return training;
  Json out = training;
  for (const char* key : metrics_keys) {
    const Json* metrics = training.find(key);
    const auto is_one = [](const Json& metric) {
      return metric.is_string() || (metric.is_object() && metric.contains("class_name"));
    };
    if (!metrics || !metrics->is_array() || metrics->size() == 0 ||
        !std::all_of(metrics->items().begin(), metrics->items().end(), is_one))
      continue;
    out.set(key, Json(Json::Array(outputs.size(), *metrics)));
  }
  return out;
}

Json with_own_names_of_metrics(const Json& training, const std::string& keras_version,
                               const std::vector<std::string>& outputs) {
  if (!is_old(keras_version) || !training.is_object() || outputs.size() < 2) return training;
  Json out = training;
  for (const char* key : metrics_keys) {
    const Json* metrics = training.find(key);
    if (!metrics || !metrics->is_array() || metrics->size() != outputs.size()) continue;
    Json lists = Json::array();
    for (size_t i = 0; i < outputs.size(); ++i) lists.push_back(without_prefix(metrics->at(i), outputs[i] + "_"));
    out.set(key, std::move(lists));
  }
  return out;
}

Json with_names_of_today(const Json& config, const std::string& keras_version) {
  return is_old(keras_version) ? renamed(config) : config;
}

}  // namespace hebb
