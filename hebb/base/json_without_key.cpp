#include "hebb/base/json.h"

namespace hebb {

Json without_key(const Json& json, std::string_view key) {
  if (json.is_array()) {
    Json out = Json::array();
    for (const Json& item : json.items()) out.push_back(without_key(item, key));
    return out;
  }
  if (!json.is_object()) return json;
  Json out = Json::object();
  for (const auto& [name, value] : json.members()) {
    if (name != key) out.set(name, without_key(value, key));
  }
  return out;
}

}  // namespace hebb
