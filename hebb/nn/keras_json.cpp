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

Json object_to_json(const std::string& module, const std::string& class_name, Json config) {
  return Json::object(
      {{"module", module}, {"class_name", class_name}, {"config", std::move(config)}, {"registered_name", nullptr}});
}

}  // namespace hebb
