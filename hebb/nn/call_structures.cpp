#include "hebb/nn/call_structures.h"

#include <algorithm>
#include <map>

#include "hebb/base/text.h"

namespace hebb::detail {

namespace {

/// A dict's members by the alphabet.
std::map<std::string, const Json*> sorted_members(const Json& dictionary) {
  std::map<std::string, const Json*> sorted;
  for (const auto& [key, value] : dictionary.members()) sorted[key] = &value;
  return sorted;
}

bool is_tuple(const Json& json) { return json.is_object() && json.get("class_name", "") == "__tuple__"; }

void add_places(const Json& json, const std::string& place, std::vector<std::string>& out) {
  if (json.is_null()) return;
  if (is_tuple(json)) return add_places(json.at("items"), place, out);
  if (is_dictionary(json)) {
    for (const auto& [key, value] : sorted_members(json)) add_places(*value, message(place, "/", key), out);
  } else if (json.is_array() && !is_old_reference(json)) {
    for (size_t i = 0; i < json.size(); ++i) add_places(json.at(i), message(place, "/", i), out);
  } else {
    out.push_back(place);
  }
}

void put_at(Json& dictionary, const std::string& place, const Json& tensor) {
  const size_t slash = place.find('/');
  if (slash == std::string::npos) {
    dictionary.set(place, tensor);
    return;
  }
  const std::string key = place.substr(0, slash);
  const Json* known = dictionary.find(key);
  Json inner = known ? *known : Json::object();
  put_at(inner, place.substr(slash + 1), tensor);
  dictionary.set(key, std::move(inner));
}

void add_masks(const Json& json, std::vector<const Json*>& out) {
  if (json.is_array()) {
    for (const Json& item : json.items()) add_masks(item, out);
  } else if (is_tuple(json)) {
    add_masks(json.at("items"), out);
  } else if (is_dictionary(json)) {
    for (const Json* value : by_the_alphabet(json)) add_masks(*value, out);
  } else {
    out.push_back(&json);
  }
}

/// A structure (ModelBase::set_structures) with the next of the items in each of its places.
Json filled(const Json& structure, const Json& items, size_t& next) {
  if (structure.is_object()) {
    std::map<std::string, Json> found;  // by the alphabet
    for (const auto& [key, value] : structure.members()) found.emplace(key, value);
    for (auto& [key, value] : found) value = filled(value, items, next);
    Json out = Json::object();
    for (const auto& [key, value] : structure.members()) out.set(key, found.at(key));
    return out;
  }
  if (structure.size() > 0 && structure.at(size_t{0}).is_string()) return items.at(next++);
  Json out = Json::array();
  for (const Json& item : structure.items()) out.push_back(filled(item, items, next));
  return out;
}

void add_paths(const Json& structure, const Path& path, std::vector<Path>& out) {
  const auto with = [&](const std::string& step, bool is_number) {
    Path longer = path;
    longer.steps.push_back(step);
    longer.ends_with_number = is_number;
    return longer;
  };
  if (structure.is_object()) {
    for (const auto& [key, value] : sorted_members(structure)) add_paths(*value, with(key, false), out);
  } else if (is_old_reference(structure)) {
    out.push_back(path);
  } else {
    for (size_t i = 0; i < structure.size(); ++i) add_paths(structure.at(i), with(std::to_string(i), true), out);
  }
}

}  // namespace

bool is_old_reference(const Json& json) {
  return json.is_array() && json.size() >= 3 && json.at(size_t{0}).is_string() && json.at(1).is_int() &&
         json.at(2).is_int();
}

bool is_dictionary(const Json& json) { return json.is_object() && !json.contains("class_name") && json.size() > 0; }

std::vector<const Json*> by_the_alphabet(const Json& dictionary) {
  std::vector<const Json*> values;
  for (const auto& [key, value] : sorted_members(dictionary)) values.push_back(value);
  return values;
}

std::vector<std::string> places_in(const Json& dictionary) {
  std::vector<std::string> places;
  for (const auto& [key, value] : sorted_members(dictionary)) add_places(*value, key, places);
  return places;
}

Json dictionary_of(const std::vector<std::string>& places, const Json::Array& tensors) {
  Json dictionary = Json::object();
  for (size_t i = 0; i < places.size(); ++i) put_at(dictionary, places[i], tensors.at(i));
  return dictionary;
}

std::vector<const Json*> flat_masks(const Json& json) {
  std::vector<const Json*> masks;
  add_masks(json, masks);
  return masks;
}

std::vector<std::string> keys_of(const Json& json) {
  std::vector<std::string> keys;
  if (!json.is_object() || json.contains("class_name")) return keys;
  for (const auto& [key, value] : json.members()) {
    if (!is_old_reference(value)) return {};
    keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

Json without_tuples(const Json& json) {
  if (is_old_reference(json)) return json;
  if (is_tuple(json) && json.contains("items")) return without_tuples(json.at("items"));
  if (json.is_object()) {
    Json out = json;
    for (const auto& [key, value] : json.members()) out.set(key, without_tuples(value));
    return out;
  }
  Json out = Json::array();
  for (const Json& item : json.items()) out.push_back(without_tuples(item));
  return out;
}

Json structure_of(const Json& json, bool is_old) {
  Json plain = without_tuples(json);
  if (is_old_reference(plain)) return {};
  const auto is_nested = [&](const Json& item) { return !is_old_reference(item); };
  bool nested = false;
  if (plain.is_object()) {
    for (const auto& [key, value] : plain.members()) nested = nested || is_nested(value);
  } else {
    // Keras 2 has a list around one tensor, too; Keras 3 where the model was made with one: it gives a list then.
    nested = (!is_old && plain.size() == 1) || std::any_of(plain.items().begin(), plain.items().end(), is_nested);
  }
  return nested ? plain : Json();
}

Json arranged(const Json& items, const std::vector<std::string>& keys, const Json& structure) {
  size_t next = 0;
  if (!structure.is_null()) return filled(structure, items, next);
  if (keys.empty()) return items;
  Json named = Json::object();
  for (const std::string& key : keys) named.set(key, items.at(next++));
  return named;
}

std::vector<Path> paths_of(const Json& structure) {
  std::vector<Path> paths;
  add_paths(structure, {}, paths);
  return paths;
}

}  // namespace hebb::detail
