/// How two configurations of models differ.
#pragma once

#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/base/text.h"

namespace hebb::configurations {

/// The paths at which two values differ.
inline void differences(const Json& a, const Json& b, const std::string& at, std::vector<std::string>& out) {
  if (a.is_object() && b.is_object()) {
    for (const auto& [key, value] : a.members()) {
      const Json* other = b.find(key);
      if (other) {
        differences(value, *other, at + "/" + key, out);
      } else if (!(value.is_object() && value.size() == 0)) {
        out.push_back(at + "/" + key + " is missing");
      }
    }
    for (const auto& [key, value] : b.members()) {
      if (!a.contains(key)) out.push_back(at + "/" + key + " is new");
    }
  } else if (a.is_array() && b.is_array() && a.size() == b.size()) {
    for (size_t i = 0; i < a.size(); ++i) differences(a.at(i), b.at(i), message(at, "/", i), out);
  } else if (a.is_number() && b.is_number() ? a.as_double() != b.as_double() : a != b) {
    out.push_back(at + ": " + a.dump() + " instead of " + b.dump());
  }
}

}  // namespace hebb::configurations
