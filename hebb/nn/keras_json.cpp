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

Json dtype_to_json(DType dtype) {
  return object_to_json("keras", "DTypePolicy", Json::object({{"name", name_of(dtype)}}));
}

DType dtype_from_json(const Json& json) {
  if (json.is_null()) return DType::float32;
  std::string name;
  if (json.is_object()) {
    const Json& config = json.at("config");
    const Json* source = config.find("source_name");  // of a policy that quantises
    name = (source ? *source : config.at("name")).as_string();
  } else {
    name = json.as_string();
  }
  if (const size_t from = name.find("_from_"); from != std::string::npos) name = name.substr(from + 6);
  if (name.find("16") != std::string::npos || name.starts_with("mixed") || name.starts_with("float8")) {
    throw NotSupported(message("the dtype policy '", name,
                               "': hebb computes in float32. In Keras, make the model with the ",
                               "policy float32, set its weights and save it again."));
  }
  return dtype_from_name(name);
}

Json object_to_json(const std::string& module, const std::string& class_name, Json config) {
  return Json::object(
      {{"module", module}, {"class_name", class_name}, {"config", std::move(config)}, {"registered_name", nullptr}});
}

}  // namespace hebb
