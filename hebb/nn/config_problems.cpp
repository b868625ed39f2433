#include "hebb/nn/config_problems.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "hebb/base/text.h"

namespace hebb {

namespace {

/// A file of a kilobyte is not to keep a machine busy.
constexpr size_t most_options = 256, most_problems = 16, most_counted = 64;

/// Where an option stands: names of members, numbers of items.
using Place = std::vector<std::string>;

bool is_entry(const Json& json) {
  const Json* config = json.is_object() && json.contains("class_name") ? json.find("config") : nullptr;
  return config && config->is_object();
}

/// The options of an entry, those of entries inside before what holds them.
void add_options(const Json& entry, Place& at, std::vector<Place>& out) {
  at.emplace_back("config");
  for (const auto& [name, value] : entry.at("config").members()) {
    if (out.size() >= most_options) break;
    at.push_back(name);
    if (is_entry(value)) add_options(value, at, out);
    for (size_t i = 0; value.is_array() && i < value.size(); ++i) {
      if (!is_entry(value.at(i))) continue;
      at.push_back(std::to_string(i));
      add_options(value.at(i), at, out);
      at.pop_back();
    }
    if (name != "name") out.push_back(at);  // which stands in every message
    at.pop_back();
  }
  at.pop_back();
}

const Json& value_at(const Json& json, const Place& place) {
  const Json* at = &json;
  for (const std::string& step : place) at = at->is_array() ? &at->at(std::stoul(step)) : &at->at(step);
  return *at;
}

/// A copy with another value in one place, or with none.
Json with_value(const Json& json, const Place& place, size_t depth, const std::optional<Json>& value) {
  if (depth == place.size()) return *value;
  const bool leave_out = !value && depth + 1 == place.size();
  if (json.is_array()) {
    Json::Array items = json.items();
    Json& item = items.at(std::stoul(place[depth]));
    item = with_value(item, place, depth + 1, value);
    return items;
  }
  Json out = Json::object();
  for (const auto& [name, member] : json.members()) {
    if (name != place[depth]) {
      out.set(name, member);
    } else if (!leave_out) {
      out.set(name, with_value(member, place, depth + 1, value));
    }
  }
  return out;
}

/// Whether an error has a word, before the list of all that would be right.
bool mentions(const std::string& error, const std::string& word) {
  const std::string text = error.substr(0, error.find(" Known are"));
  const auto is_part = [](char letter) { return std::isalnum(static_cast<unsigned char>(letter)) || letter == '_'; };
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
  }
  return false;
}

bool is_entry_or_has_some(const Json& value) {
  if (!value.is_array()) return is_entry(value);
  return std::any_of(value.items().begin(), value.items().end(), is_entry);
}

/// What is tried in an option's place: a small number, and nothing, so that its default counts. Numbers come first,
/// since what has no default is missed behind all other problems.
std::vector<std::optional<Json>> others_for(const Json& value) {
  if (is_entry_or_has_some(value)) return {std::nullopt};
  std::vector<std::optional<Json>> out = {Json(1), Json(2)};
  if (value.is_array()) out.emplace_back(Json(Json::Array(value.size(), Json(1))));
  out.emplace_back(std::nullopt);
  return out;
}

/// Whether an error is about the type of a value that was tried.
bool is_about(const std::string& error, const std::optional<Json>& tried) {
  const std::string value = tried ? tried->dump() : "";
  return tried && (error.find("got an integer: " + value) != std::string::npos ||
                   error.find("got " + value) != std::string::npos);
}

/// What `read` says; nothing where it is content.
std::optional<std::string> error_of(const Json& json, FunctionRef<void(const Json&)> read) {
  Problems problems;
  if (problems.run([&] { read(json); })) return std::nullopt;
  return problems.texts().front();
}

/// The configuration without what an error is about; nothing where no option explains it.
std::optional<Json> without_cause(const Json& json, const std::string& error, FunctionRef<void(const Json&)> read) {
  std::vector<Place> options;
  Place root;
  add_options(json, root, options);
  const auto others =
      std::stable_partition(options.begin(), options.end(), [&](const Place& p) { return mentions(error, p.back()); });
  for (auto option = options.begin(); option != options.end(); ++option) {
    for (const std::optional<Json>& value : others_for(value_at(json, *option))) {
      Json left = with_value(json, *option, 0, value);
      const std::optional<std::string> now = error_of(left, read);
      if (!now) return left;
      // An option that the error names, and the next error does not: another one is wrong, too.
      if (option < others && *now != error && !mentions(*now, option->back()) && !is_about(*now, value)) return left;
    }
  }
  return std::nullopt;
}

}  // namespace

bool run_thoroughly(const Json& json, FunctionRef<void(const Json&)> read, Problems& problems) {
  if (problems.run([&] { read(json); })) return true;
  Json left = json;
  Problems more;  // that are counted, not told
  for (size_t i = 1; i < most_counted && is_entry(left); ++i) {
    const Problems& last = more.texts().empty() ? problems : more;
    std::optional<Json> next = without_cause(left, last.texts().back(), read);
    if (!next || (i < most_problems ? problems : more).run([&] { read(*next); })) break;
    left = *std::move(next);
  }
  if (const size_t count = more.texts().size(); count > 0) {
    problems.add(
        message("'", json.get("class_name", ""), "': ", count, count == most_counted - most_problems ? " or more" : "",
                count == 1 ? " more problem is" : " more problems are", " not told here. Mend the others first."));
  }
  return false;
}

}  // namespace hebb
