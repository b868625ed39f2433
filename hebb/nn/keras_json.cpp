#include "hebb/nn/keras_json.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

Json shape_to_json(const Shape& shape) {
  Json json = Json::array();
  for (const int64_t size : shape) json.push_back(size == Shape::unknown ? Json() : Json(size));
  return json;
}

Shape shape_from_json(const Json& json) {
  if (json.is_object()) {
    const Json* items = json.find("items");
    return shape_from_json(items ? *items : json.at("config"));
  }
  std::vector<int64_t> sizes;
  for (const Json& size : json.items()) sizes.push_back(size.is_null() ? Shape::unknown : size.as_int());
  return Shape(sizes);
}

Json under_one_name(const std::vector<std::string>& names, const Json::Array& values, size_t& at) {
  const auto argument = [&](size_t i) { return names[i].substr(0, names[i].find('/')); };
  const std::string first = argument(at);
  const bool nested = names[at] != first;
  Json::Array all;
  while (at < names.size() && argument(at) == first) {
    Json::Array part;
    const std::string& name = names[at];
    while (at < names.size() && names[at] == name) part.push_back(values.at(at++));
    if (!nested)
      all = std::move(part);
    else
      all.emplace_back(std::move(part));
  }
  return all.size() == 1 && !nested ? all.front() : Json(std::move(all));  // Keras does not load a list of one
}

Json object_to_json(const std::string& module, const std::string& class_name, Json config) {
  return Json::object(
      {{"module", module}, {"class_name", class_name}, {"config", std::move(config)}, {"registered_name", nullptr}});
}

}  // namespace hebb
