#include "hebb/nn/losses/own.h"

namespace hebb {

Json own_function_to_json(const std::string& name) {
  return Json::object(
      {{"module", "builtins"}, {"class_name", "function"}, {"config", name}, {"registered_name", "function"}});
}

Json own_class_to_json(const std::string& class_name, Json config) {
  return Json::object({{"module", nullptr},
                       {"class_name", class_name},
                       {"config", std::move(config)},
                       {"registered_name", "Custom>" + class_name}});
}

bool is_own(const Json& json) {
  if (!json.is_object()) return false;
  const Json* registered = json.find("registered_name");
  if (registered && registered->is_string() && registered->as_string().starts_with("Custom>")) return true;
  const Json* module = json.find("module");
  return module && module->is_string() && !module->as_string().starts_with("keras");
}

std::string own_name(const Json& json) {
  const Json* config = json.find("config");
  return config && config->is_string() ? config->as_string() : json.get("class_name", "");
}

}  // namespace hebb
