#include "hebb/nn/config_fields.h"

#include <algorithm>

#include "hebb/base/text.h"
#include "hebb/nn/activations.h"
#include "hebb/nn/initializers.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/regularizers.h"

namespace hebb {

Json to_json(bool value) { return value; }
Json to_json(int64_t value) { return value; }
Json to_json(double value) { return value; }
Json to_json(const std::string& value) { return value; }
Json to_json(const Single& value) { return Json::array({value.steps}); }
Json to_json(const Pair& value) { return Json::array({value.height, value.width}); }
Json to_json(const Triple& value) { return Json::array({value.depth, value.height, value.width}); }
Json to_json(const Ends& value) { return Json::array({value.front, value.behind}); }
Json to_json(const Borders& value) { return Json::array({to_json(value.vertical), to_json(value.horizontal)}); }
Json to_json(const VolumeBorders& value) {
  return Json::array({to_json(value.depth), to_json(value.height), to_json(value.width)});
}
Json to_json(const Numbers& value) { return value.is_list ? Json(value.values) : Json(value.values.front()); }
Json to_json(const Axes& value) { return value.is_list ? Json(value.values) : Json(value.values.front()); }
Json to_json(const Shape& value) {
  return value.to_vector();  // with -1, unlike the shape of a tensor
}
Json to_json(const std::vector<double>& value) { return value.empty() ? Json() : Json(value); }
Json to_json(const std::vector<int64_t>& value) { return value.empty() ? Json() : shape_to_json(Shape(value)); }
Json to_json(const ActivationFunction& value) { return value.to_json(); }
Json to_json(const Initializer& value) { return value.to_json(); }
Json to_json(const Regularizer& value) { return value.to_json(); }
Json to_json(const Constraint& value) { return value.to_json(); }

namespace {

/// The items of a list; Keras's older files have tuples as objects.
const Json::Array& list_of(const Json& json) { return json.is_object() ? json.at("items").items() : json.items(); }

/// A NumPy array or scalar is written as {"class_name": "__numpy__", "config": {"value": ..., "dtype": ...}}, a tensor
/// likewise as "__tensor__".
const Json& plain_value(const Json& json) {
  if (!json.is_object()) return json;
  const std::string class_name = json.get("class_name", "");
  if (class_name != "__numpy__" && class_name != "__tensor__") return json;
  return json.at("config").at("value");
}

}  // namespace

void from_json(const Json& json, bool& value) { value = json.as_bool(); }
/// Also from a list of one: so tf_keras writes the axis of a BatchNormalization.
void from_json(const Json& json, int64_t& value) {
  value = json.is_array() && json.size() == 1 ? json.at(size_t{0}).as_int() : json.as_int();
}
void from_json(const Json& json, double& value) { value = plain_value(json).as_double(); }
void from_json(const Json& json, std::string& value) { value = json.as_string(); }

namespace {

constexpr const char* counts[] = {"none", "one", "two", "three"};

/// From a number for all, or a list with as many as there are.
template <class Value, size_t count>
std::array<Value, count> one_or_each(const Json& json) {
  std::array<Value, count> each;
  if (json.is_number()) {
    each.fill(Value(json.as_int()));
    return each;
  }
  const auto& items = list_of(json);
  if (items.size() != count) {
    throw InvalidArgument(message("expected an integer or a list of ", counts[count], ", got ", json.dump(), "."));
  }
  for (size_t i = 0; i < count; ++i) from_json(items[i], each[i]);
  return each;
}

}  // namespace

void from_json(const Json& json, Single& value) { value = Single(one_or_each<int64_t, 1>(json)); }
void from_json(const Json& json, Pair& value) { value = Pair(one_or_each<int64_t, 2>(json)); }
void from_json(const Json& json, Triple& value) { value = Triple(one_or_each<int64_t, 3>(json)); }
void from_json(const Json& json, Ends& value) {
  const auto each = one_or_each<int64_t, 2>(json);
  value = Ends(each[0], each[1]);
}
void from_json(const Json& json, Borders& value) {
  const auto each = one_or_each<Pair, 2>(json);
  value = Borders(each[0], each[1]);
}
void from_json(const Json& json, VolumeBorders& value) {
  const auto each = one_or_each<Pair, 3>(json);
  value = VolumeBorders(each[0], each[1], each[2]);
}

void from_json(const Json& json, Numbers& value) {
  const Json& plain = plain_value(json);
  if (plain.is_number()) {
    value = Numbers(plain.as_double());
    return;
  }
  std::vector<double> values;
  for (const Json& item : list_of(plain)) values.push_back(item.as_double());
  value = Numbers(std::move(values));
}

void from_json(const Json& json, Axes& value) {
  if (json.is_number()) {
    value = Axes(json.as_int());
    return;
  }
  std::vector<int64_t> values;
  for (const Json& item : list_of(json)) values.push_back(item.as_int());
  value = Axes(std::move(values));
}

void from_json(const Json& json, Shape& value) {
  std::vector<int64_t> sizes;
  for (const Json& item : list_of(json)) sizes.push_back(item.is_null() ? -1 : item.as_int());
  value = Shape(sizes);
}

void from_json(const Json& json, std::vector<double>& value) {
  value.clear();
  const Json& plain = plain_value(json);
  if (plain.is_null()) return;
  for (const Json& item : list_of(plain)) value.push_back(plain_value(item).as_double());
}

void from_json(const Json& json, std::vector<int64_t>& value) {
  value = json.is_null() ? std::vector<int64_t>() : shape_from_json(json).to_vector();
}

void from_json(const Json& json, ActivationFunction& value) { value = ActivationFunction::from_json(json); }
void from_json(const Json& json, Initializer& value) { value = Initializer::from_json(json); }
void from_json(const Json& json, Regularizer& value) { value = Regularizer::from_json(json); }
void from_json(const Json& json, Constraint& value) { value = Constraint::from_json(json); }

void ConfigReader::take(const char* key, FunctionRef<void(const Json&)> use) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const Json* found = json_.find(key);
  if (!found) return;
  try {
    use(*found);
  } catch (const InvalidArgument& error) {
    // Where a value came from, a file or a command line, is not the reader's to say.
    std::string_view what = error.what();
    constexpr std::string_view prefix = "JSON: ";
    if (what.substr(0, prefix.size()) == prefix) what.remove_prefix(prefix.size());
    throw InvalidArgument(message(owner_, ": option '", key, "': ", what));
  }
}

void ConfigReader::fixed(const char* key, const Json& value) {
  known_.emplace_back(key);
  const Json* found = json_.find(key);
  if (!found || found->is_null() || *found == value) return;
  if (found->is_number() && value.is_number() && found->as_double() == value.as_double()) return;
  throw NotSupported(message(owner_, ": ", key, " = ", found->dump(), "; hebb has only ", value.dump(), "."));
}

void ConfigReader::require(const char* key) {
  if (!json_.is_object() || !json_.find(key)) missing_.push_back(message("'", key, "'"));
}

void ConfigReader::finish(const std::vector<std::string>& ignored) const {
  auto holds = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const Json none = Json::object();
  for (const auto& [name, value] : (json_.is_object() ? json_ : none).members()) {
    if (!holds(known_, name) && !holds(ignored, name))
      throw InvalidArgument(message(owner_, ": ", unknown_name("option", name, known_)));
  }
  if (missing_.empty()) return;
  const bool one = missing_.size() == 1;
  throw InvalidArgument(message(owner_, ": expected the option", one ? " " : "s ", join(missing_), ", for which there ",
                                one ? "is no default; it is missing." : "are no defaults; they are missing."));
}

}  // namespace hebb
