#include "cli/arrays.h"

namespace hebb::cli {

namespace {

const data::NamedTensor* find(const std::vector<data::NamedTensor>& file, const std::string& name) {
  for (const data::NamedTensor& entry : file) {
    if (entry.first == name) return &entry;
  }
  return nullptr;
}

[[noreturn]] void refuse(const std::vector<data::NamedTensor>& file, const std::string& where,
                         const std::string& expected) {
  std::vector<std::string> names;
  for (const auto& [name, array] : file) names.push_back(name);
  throw IoError(message(where, ": expected ", expected, ", found ", names.empty() ? "none" : join(names),
                        ". Save the arrays under these names."));
}

}  // namespace

NamedArrays arrays_for(const std::vector<data::NamedTensor>& file, const std::string& where, const std::string& letter,
                       const std::vector<std::string>& layers) {
  NamedArrays out;
  auto take = [&](const data::NamedTensor* entry) {
    if (!entry) return false;
    out.names.push_back(entry->first);
    out.arrays.push_back(entry->second);
    return true;
  };
  const char* const kind = letter == "x" ? "input" : "output";
  if (layers.empty()) {
    if (take(find(file, letter))) return out;
    while (take(find(file, message(letter, out.names.size())))) {
    }
    if (out.names.empty())
      refuse(file, where,
             message("an array '", letter, "' (or '", letter, "0', '", letter, "1', ...)",
                     letter == "y" ? " with the targets" : ""));
    return out;
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    if (take(find(file, layers[i])) || take(find(file, message(letter, i)))) continue;
    if (layers.size() == 1) {
      if (take(find(file, letter))) continue;
      refuse(file, where, message("an array '", letter, "' (or '", layers[i], "') for the model's ", kind));
    }
    refuse(file, where, message("an array '", layers[i], "' (or '", letter, i, "') for an ", kind, " of the model"));
  }
  return out;
}

}  // namespace hebb::cli
