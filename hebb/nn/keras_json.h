/// How Keras writes shapes and objects into JSON.
///
///     shape_to_json({Shape::unknown, 784});         // [null, 784]
///     object_to_json("keras.initializers", "Zeros", Json::object());
#pragma once

#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/tensor/shape.h"

namespace hebb {

/// A list with null for an unknown axis, and back; also from a list in {"class_name": "__tuple__", "items": [...]} or
/// "TensorShape", as older versions wrote it.
Json shape_to_json(const Shape& shape);
Shape shape_from_json(const Json& json);

/// The values that stand under one name, from number `at` on, which moves behind them: one as it is, several as a list,
/// and those named "NAME/0", "NAME/1" as lists in a list (`LayerBase::argument_names`).
Json under_one_name(const std::vector<std::string>& names, const Json::Array& values, size_t& at);

/// {"module", "class_name", "config", "registered_name": null}.
Json object_to_json(const std::string& module, const std::string& class_name, Json config);

}  // namespace hebb
