/// Losses and metrics of one's own in files: a file can name them but not hold them. Internal.
///
/// Keras writes a function as {"module": "builtins", "class_name": "function", "config": its name}, a class as
/// {"class_name", "config", "registered_name": "Custom>NAME"}. Read back, either is a placeholder, which is written as
/// it was read, and with which a model is not compiled.
#pragma once

#include <string>

#include "hebb/base/json.h"

namespace hebb {

/// How a function and a class of one's own are written.
Json own_function_to_json(const std::string& name);
Json own_class_to_json(const std::string& class_name, Json config);

/// Whether this is something that only the program that wrote the file knows.
bool is_own(const Json& json);
/// Its name, for messages.
std::string own_name(const Json& json);

/// What is written as it was read.
struct GivenAsJson {
  explicit GivenAsJson(Json given) : json(std::move(given)) {}
  Json json;
};

/// What a placeholder stands for; a loss or metric that is none is no `ReadFromFile`.
struct ReadFromFile : GivenAsJson {
  using GivenAsJson::GivenAsJson;
};

}  // namespace hebb
