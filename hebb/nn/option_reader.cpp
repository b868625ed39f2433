#include "hebb/nn/option_reader.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void OptionReader::operator()(const char* name, bool& value) {
  take(name, [&](const Json& json) { value = json.is_null() ? value : json.as_bool(); });
}

void OptionReader::operator()(const char* name, int64_t& value) {
  take(name, [&](const Json& json) { value = json.is_null() ? value : json.as_int(); });
}

void OptionReader::operator()(const char* name, double& value) {
  take(name, [&](const Json& json) { value = json.is_null() ? value : json.as_double(); });
}

void OptionReader::operator()(const char* name, std::string& value) {
  take(name, [&](const Json& json) { value = json.is_null() ? value : json.as_string(); });
}

void OptionReader::operator()(const char* name, std::optional<int64_t>& value) {
  take(name, [&](const Json& json) { value = json.is_null() ? std::nullopt : std::optional(json.as_int()); });
}

void OptionReader::operator()(const char* name, std::optional<double>& value) {
  take(name, [&](const Json& json) { value = json.is_null() ? std::nullopt : std::optional(json.as_double()); });
}

void OptionReader::take(const char* name, FunctionRef<void(const Json&)> use) {
  known_.emplace_back(name);
  const Json* value = config_.find(name);
  if (!value) return;
  try {
    use(*value);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(message(owner_, ": option '", name, "': ", error.what()));
  }
}

void OptionReader::finish(const std::vector<std::string>& ignored) const {
  if (!config_.is_object()) return;
  for (const auto& [name, value] : config_.members()) {
    if (!holds(known_, name) && !holds(ignored, name))
      throw InvalidArgument(message(owner_, ": ", unknown_name("option", name, known_)));
  }
}

}  // namespace hebb
