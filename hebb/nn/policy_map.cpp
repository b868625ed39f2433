#include "hebb/nn/policy_map.h"

#include <optional>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/model_entries.h"

namespace hebb {

namespace {

constexpr const char* remedy =
    " In Keras, make the layer with one policy, such as dtype=\"float32\", set its weights and save the model again.";

/// Whether a pattern of `.` and `.*` stands for all of a text, as re.fullmatch says.
bool fits(std::string_view pattern, std::string_view text) {
  constexpr size_t none = std::string_view::npos;
  size_t at = 0, in = 0, behind_any = none, taken = 0;  // the last `.*` takes the text from `taken` on, first nothing
  while (in < text.size()) {
    if (pattern.substr(at).starts_with(".*")) {
      behind_any = at += 2;
      taken = in;
    } else if (at < pattern.size() && (pattern[at] == '.' || pattern[at] == text[in])) {
      ++at, ++in;
    } else if (behind_any != none) {
      at = behind_any;
      in = ++taken;
    } else {
      return false;
    }
  }
  while (pattern.substr(at).starts_with(".*")) at += 2;
  return at == pattern.size();
}

void check_pattern(const std::string& key) {
  for (size_t i = 0; i < key.size(); ++i) {
    const bool repeats_any = key[i] == '*' && i > 0 && key[i - 1] == '.';
    if (std::string_view("*+?[](){}|\\^$").find(key[i]) != std::string_view::npos && !repeats_any)
      throw NotSupported(message("the dtype policy 'DTypePolicyMap': the pattern '", key,
                                 "'; hebb has paths, and patterns of `.` and `.*`.", remedy));
  }
}

const Json* entry_of(const Json& entries, const std::string& path) {
  if (path.empty()) return nullptr;
  if (const Json* exact = entries.find(path)) return exact;
  const Json* found = nullptr;
  for (const auto& [key, policy] : entries.members()) {
    check_pattern(key);
    if (!fits(key, path)) continue;
    if (found)
      throw InvalidArgument(message("the dtype policy 'DTypePolicyMap': expected one key for '", path,
                                    "', got several, one of them '", key, "'. Leave the others out."));
    found = &policy;
  }
  return found;
}

/// The policy of an entry; nothing where it is that of the map: so Keras writes a policy beside a default that is left
/// open, and reads the default.
std::optional<DTypePolicy> policy_of(const Json& entry, const std::string& path) {
  if (const Json* config = entry.is_object() ? entry.find("config") : nullptr) {
    if (config->contains("mode"))
      throw NotSupported(message("the dtype policy 'DTypePolicyMap', which quantises '", path, "'.", remedy));
    if (const Json* name = config->find("name"); name && name->is_null()) return std::nullopt;
  }
  return dtype_policy_from_json(entry);
}

DTypePolicy default_of(const Json& map) {
  const Json* standard = map.at("config").find("default_policy");
  return dtype_policy_from_json(standard ? *standard : Json());
}

/// Whether the layers that a layer makes compute each by itself.
bool is_attention(const LayerBase& layer) {
  const std::string name = layer.class_name();
  return name == "MultiHeadAttention" || name == "GroupQueryAttention";
}

}  // namespace

bool is_policy_map(const Json& dtype) { return dtype.is_object() && dtype.get("class_name", "") == "DTypePolicyMap"; }

DTypePolicy policy_of_all(const Json& map) {
  const DTypePolicy standard = default_of(map);
  for (const auto& [path, entry] : map.at("config").at("policy_map").members()) {
    if (policy_of(entry, path).value_or(standard) == standard) continue;
    throw NotSupported(message("the dtype policy 'DTypePolicyMap', which gives '", path, "' ", entry.dump(), " beside ",
                               standard.name(), "; hebb has one for a layer and all in it.", remedy));
  }
  return standard;
}

DTypePolicy policy_at(const Json& map, const std::string& path) {
  const Json* entry = entry_of(map.at("config").at("policy_map"), path);
  const std::optional<DTypePolicy> own = entry ? policy_of(*entry, path) : std::nullopt;
  return own ? *own : default_of(map);
}

void give_policies(LayerBase& layer, const Json& map) {
  // The layers inside of wrappers and the cells that are given have configurations of their own.
  if (detail::has_given_layers(layer.config())) return;
  const bool is_one_of_many = is_attention(layer);
  if (is_one_of_many && layer.sublayers().empty()) dtype_policy_from_json(map);  // refuses those that differ
  for (const auto& [attribute, inside] : layer.sublayers()) {
    if (attribute.ends_with("activation")) continue;  // given, too
    // Keras gives no path to what has no weights.
    const bool has_path = !inside->weights().empty() || !is_one_of_many;
    const std::string path = message(layer.name(), "/", inside->name());
    const DTypePolicy policy = policy_at(map, has_path ? path : "");
    if (policy == inside->dtype_policy()) continue;
    if (!is_one_of_many || policy.variable_dtype() != inside->dtype())
      throw NotSupported(message("the dtype policy 'DTypePolicyMap', which gives '", path, "' ", policy.name(),
                                 " beside ", inside->dtype_policy().name(), ", in which hebb computes it.", remedy));
    inside->set_dtype(policy);
  }
}

Json policies_to_json(const LayerBase& layer) {
  Json own = dtype_policy_to_json(layer.dtype_policy());
  Json others = Json::object();
  if (is_attention(layer)) {
    for (const auto& [attribute, inside] : layer.sublayers()) {
      if (inside->weights().empty() || inside->dtype_policy() == layer.dtype_policy()) continue;
      // In models of all names.
      others.set(message(".*", layer.name(), "/", inside->name()), dtype_policy_to_json(inside->dtype_policy()));
    }
  }
  if (others.size() == 0) return own;
  return object_to_json("keras.dtype_policies", "DTypePolicyMap",
                        Json::object({{"default_policy", own}, {"policy_map", others}}));
}

}  // namespace hebb
