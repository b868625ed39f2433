#include "hebb/data/array_names.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::data {

namespace {

[[noreturn]] void refuse(const std::vector<std::string>& found, const std::string& where, const std::string& expected) {
  throw IoError(message(where, ": expected ", expected, ", found ", found.empty() ? "none" : join(found),
                        ". Save the arrays under these names."));
}

}  // namespace

std::vector<std::string> array_names(const std::vector<std::string>& found, const std::string& where,
                                     const std::string& letter, const std::vector<std::string>& layers) {
  std::vector<std::string> out;
  auto take = [&](const std::string& name) {
    const bool is_there = std::find(found.begin(), found.end(), name) != found.end();
    if (is_there) out.push_back(name);
    return is_there;
  };
  const char* const kind = letter == "x" ? "input" : "output";
  if (layers.empty()) {
    if (take(letter)) return out;
    while (take(message(letter, out.size()))) {
    }
    if (out.empty())
      refuse(found, where,
             message("an array '", letter, "' (or '", letter, "0', '", letter, "1', ...)",
                     letter == "y" ? " with the targets" : ""));
    return out;
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    if (take(layers[i]) || take(message(letter, i))) continue;
    if (layers.size() == 1) {
      if (take(letter)) continue;
      refuse(found, where, message("an array '", letter, "' (or '", layers[i], "') for the model's ", kind));
    }
    refuse(found, where, message("an array '", layers[i], "' (or '", letter, i, "') for an ", kind, " of the model"));
  }
  return out;
}

void check_examples(const std::string& where, const std::vector<std::string>& names, const std::vector<Spec>& arrays) {
  const Spec& first = arrays.front();
  for (size_t i = 0; i < arrays.size(); ++i) {
    const Spec& array = arrays[i];
    const std::string name = message("array '", names[i], "'");
    if (array.shape.rank() < 1)
      throw IoError(message(where, ": ", name, ": expected one entry for each example, got a single number."));
    if (array.shape.front() != first.shape.front()) {
      throw IoError(message(where, ": expected as many examples in every array, got ", first, " in '", names.front(),
                            "' and ", array, " in '", names[i], "'."));
    }
    if (array.shape.front() == 0)
      throw IoError(message(where, ": ", name, ": expected at least one example, got none: ", array, "."));
    if (array.shape.elements() == 0)
      throw IoError(message(where, ": ", name, ": expected at least one number for each example, got ", array, "."));
  }
}

void check_weights(const std::string& where, const Spec& weights, const std::vector<Spec>& targets) {
  const Shape& shape = weights.shape;
  for (const Spec& target : targets) {
    bool fits = shape.rank() > 0;
    for (int i = 1; fits && i < shape.rank(); ++i)
      fits = shape[i] == 1 || (i < target.shape.rank() && shape[i] == target.shape[i]);
    if (fits) continue;
    throw IoError(message(where, ": ", sample_weight_name, ": expected one number for each example, (n,), or for each ",
                          "step of it, (n, steps), got ", weights, " for targets ", target, "."));
  }
}

}  // namespace hebb::data
