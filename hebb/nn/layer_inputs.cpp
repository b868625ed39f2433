// What the inputs of a layer's call are.

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/layers/dictionary_layer.h"

namespace hebb {

namespace {

/// Whether a call is one with the parts of a dictionary (nn/layers/dictionary_layer.h).
bool has_parts(const LayerBase& layer, const CallOptions& options) {
  return !options.inputs.empty() && dynamic_cast<const DictionaryLayer*>(&layer) != nullptr;
}

/// Whether parts are by the alphabet, each once; the keys of the inner dictionaries count by themselves.
bool are_by_the_alphabet(const std::vector<std::string>& parts) {
  const auto is_before = [](std::string a, std::string b) {
    std::replace(a.begin(), a.end(), '/', '\0');
    std::replace(b.begin(), b.end(), '/', '\0');
    return a < b;
  };
  return std::adjacent_find(parts.begin(), parts.end(),
                            [&](const auto& a, const auto& b) { return !is_before(a, b); }) == parts.end();
}

}  // namespace

std::vector<std::string> LayerBase::argument_names(size_t) const { return {}; }

std::vector<std::string> LayerBase::input_argument_names() const { return {}; }

std::vector<std::string> LayerBase::names_of_inputs(size_t inputs, const CallOptions& options) const {
  const std::vector<std::string> known = input_argument_names();
  const std::vector<std::string>& given = options.inputs;
  if (has_parts(*this, options)) {
    if (given.size() == inputs && are_by_the_alphabet(given)) return given;
    throw InvalidArgument(message(where(), "expected the parts of a dictionary by the alphabet, a name for each of ",
                                  inputs, " inputs, got ", join(given, ", "),
                                  ". Say in CallOptions::inputs which they are."));
  }
  if (known.empty() && given.empty()) return {};
  const std::vector<std::string> first(known.begin(),
                                       known.begin() + static_cast<std::ptrdiff_t>(std::min(inputs, known.size())));
  std::vector<std::string> names = given.empty() ? first : given;
  for (size_t i = 0; i < std::min(names.size(), first.size()) && names[i].empty(); ++i) names[i] = first[i];
  auto at = known.begin();
  bool fits = names.size() == inputs;
  for (const std::string& name : names) {
    at = std::find(at, known.end(), name);
    fits = fits && at != known.end();
    if (at != known.end()) ++at;
  }
  if (fits) return names;
  throw InvalidArgument(message(where(), "expected inputs from ", known.empty() ? "none with names" : join(known, ", "),
                                " in this order, got ", inputs, given.empty() ? "" : " under " + join(given, ", "),
                                ". Say in CallOptions::inputs which they are."));
}

std::vector<Shape> LayerBase::shapes_that_count(const std::vector<Shape>& inputs, const CallOptions& options) const {
  const size_t count = inputs.size() - options.given_masks.size();
  const std::vector<std::string> names = names_of_inputs(count, options);
  std::vector<Shape> out;
  if (has_parts(*this, options)) {
    const auto images = std::find(names.begin(), names.end(), "images");
    if (images == names.end()) {
      throw InvalidArgument(message(where(), "expected a dictionary with \"images\", got ", join(names, ", "),
                                    ". Give it the images, too."));
    }
    return {inputs[static_cast<size_t>(images - names.begin())]};
  }
  for (size_t i = 0; i < count; ++i) {
    if (names.empty() || (!names[i].ends_with("mask") && !names[i].ends_with("weights"))) out.push_back(inputs[i]);
  }
  return out;
}

}  // namespace hebb
