#include "hebb/base/json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

const char* kind_of(const Json& json) {
  if (json.is_null()) return "null";
  if (json.is_bool()) return "a boolean";
  if (json.is_int()) return "an integer";
  if (json.is_number()) return "a number";
  if (json.is_string()) return "a string";
  return json.is_array() ? "an array" : "an object";
}

[[noreturn]] void wrong_kind(const char* expected, const Json& got) {
  std::string text = got.dump();
  constexpr size_t most = 60;
  if (text.size() > most) text = text.substr(0, most) + "...";
  throw InvalidArgument(message("JSON: expected ", expected, ", got ", kind_of(got), ": ", text));
}

/// Whether a double is an integer that int64 holds.
bool is_integral(double value) {
  constexpr double limit = 9223372036854775808.0;  // 2^63
  return value >= -limit && value < limit && std::trunc(value) == value;
}

// ---------------------------------------------------------------------------------------------------- reading

/// Where Python's json writes what JSON has no word for.
struct SpecialNumber {
  std::string_view word;
  std::string_view stand_in;  // as long as the word, so that positions stay
  double value;
};
constexpr SpecialNumber special_numbers[] = {
    {"NaN", "0.0", std::numeric_limits<double>::quiet_NaN()},
    {"-Infinity", "-0.000000", -std::numeric_limits<double>::infinity()},
    {"Infinity", "0.000000", std::numeric_limits<double>::infinity()},
};

const SpecialNumber* special_at(std::string_view text, size_t at) {
  for (const SpecialNumber& special : special_numbers) {
    if (text.substr(at, special.word.size()) == special.word) return &special;
  }
  return nullptr;
}

bool continues_token(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '+' || c == '-' || c == '_';
}

/// The text with NaN, Infinity and -Infinity replaced by plain numbers; nlohmann's reader knows only standard JSON.
std::string with_stand_ins(std::string_view text) {
  std::string out(text);
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
      continue;
    }
    if (c == '"') in_string = true;
    if (c != 'N' && c != 'I' && c != '-') continue;
    const SpecialNumber* special = special_at(text, i);
    if (!special || (i > 0 && continues_token(text[i - 1]))) continue;
    const size_t end = i + special->word.size();
    if (end < text.size() && continues_token(text[end])) continue;
    out.replace(i, special->word.size(), special->stand_in);
    i = end - 1;
  }
  return out;
}

/// An input iterator that tells how many characters the reader has taken. One blank follows the text, so that exactly
/// one character behind a number has been taken when the number is reported.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  CountingIterator(std::string_view text, size_t at, size_t* taken) : text_(text), at_(at), taken_(taken) {}
  char operator*() const { return at_ < text_.size() ? text_[at_] : ' '; }
  CountingIterator& operator++() {
    *taken_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return a.at_ != b.at_; }

 private:
  std::string_view text_;
  size_t at_;
  size_t* taken_;
};

/// Puts values together as nlohmann's reader reports their parts.
class Builder {
 public:
  Builder(std::string_view text, std::string_view where, int max_depth, const size_t* taken)
      : text_(text), where_(where), max_depth_(max_depth), taken_(taken) {}

  bool null() { return add(Json()); }
  bool boolean(bool value) { return add(Json(value)); }
  bool number_integer(int64_t value) { return add(Json(value)); }
  bool number_unsigned(uint64_t value) {
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
      return add(Json(static_cast<int64_t>(value)));
    return add(Json(static_cast<double>(value)));
  }
  bool number_float(double value, const std::string& digits) {
    if (const SpecialNumber* special = special_at(text_, *taken_ - 1 - digits.size())) return add(Json(special->value));
    return add(Json(value));
  }
  bool string(std::string& value) { return add(Json(std::move(value))); }
  bool binary(std::vector<uint8_t>&) { return true; }  // never comes from text

  bool start_object(size_t) { return open(/*is_object=*/true); }
  bool start_array(size_t) { return open(/*is_object=*/false); }
  bool key(std::string& value) {
    stack_.back().key = std::move(value);
    return true;
  }
  bool end_object() {
    Json::Object members = std::move(stack_.back().members);
    stack_.pop_back();
    keep_last_of_same_name(members);
    Json object = Json::object();
    object_members(object) = std::move(members);
    return add(std::move(object));
  }
  bool end_array() {
    Json array(std::move(stack_.back().items));
    stack_.pop_back();
    return add(std::move(array));
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception& error) {
    // nlohmann's text is "[json.exception.x] parse error at line 1, column 2: syntax error while ...".
    std::string what = error.what();
    if (const size_t colon = what.find(": "); colon != std::string::npos) what.erase(0, colon + 2);
    constexpr size_t most = 200;  // it repeats what it read last, however long
    if (what.size() > most) what = what.substr(0, most) + "...";
    fail(position > 0 ? position - 1 : 0, what);
  }

  [[noreturn]] void fail(size_t position, std::string_view what) const {
    position = std::min(position, text_.size());
    const std::string_view before = text_.substr(0, position);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    throw IoError(message(where_, ": line ", line, ", column ", position - line_start + 1, ": ", what,
                          ". Expected valid JSON; the file may be damaged or cut off."));
  }

  Json take() { return std::move(result_); }

 private:
  struct Level {
    bool is_object;
    std::string key;
    Json::Array items;
    Json::Object members;
  };

  /// The members of a JSON object that was just made.
  static Json::Object& object_members(Json& object) { return const_cast<Json::Object&>(object.members()); }

  bool open(bool is_object) {
    if (stack_.size() >= static_cast<size_t>(std::max(max_depth_, 0))) {
      fail(*taken_ - 1, message("more than ", max_depth_, " nested arrays and objects"));
    }
    stack_.push_back({is_object, {}, {}, {}});
    return true;
  }

  bool add(Json value) {
    if (stack_.empty()) {
      result_ = std::move(value);
    } else if (Level& level = stack_.back(); level.is_object) {
      level.members.emplace_back(std::move(level.key), std::move(value));
    } else {
      level.items.push_back(std::move(value));
    }
    return true;
  }

  /// As a Python dict does: the place of the first, the value of the last.
  static void keep_last_of_same_name(Json::Object& members) {
    std::unordered_map<std::string_view, size_t> places;
    bool repeated = false;
    for (size_t i = 0; i < members.size(); ++i) {
      const auto [entry, is_new] = places.emplace(members[i].first, i);
      if (is_new) continue;
      repeated = true;
      members[entry->second].second = std::move(members[i].second);
    }
    if (!repeated) return;
    Json::Object kept;
    for (size_t i = 0; i < members.size(); ++i) {
      if (places.at(members[i].first) == i) kept.push_back({members[i].first, std::move(members[i].second)});
    }
    members = std::move(kept);
  }

  std::string_view text_;
  std::string_view where_;
  int max_depth_;
  const size_t* taken_;
  std::vector<Level> stack_;
  Json result_;
};

// ---------------------------------------------------------------------------------------------------- writing

/// The code point at `at`, which moves behind it; U+FFFD for a byte that is not UTF-8.
char32_t next_code_point(std::string_view text, size_t& at) {
  constexpr char32_t replacement = 0xFFFD;
  const auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 && first < 0xF5 ? 3 : first >= 0xE0 ? 2 : 1;
  if (first < 0xC2 || first > 0xF4) return replacement;
  char32_t value = first & (0x3F >> more);
  const size_t start = at;
  for (int i = 0; i < more; ++i) {
    if (at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) {
      at = start;
      return replacement;
    }
    value = value << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
  }
  constexpr char32_t smallest[] = {0, 0x80, 0x800, 0x10000};
  if (value < smallest[more] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
    at = start;
    return replacement;
  }
  return value;
}

void write_unit(std::string& out, char32_t unit) {
  constexpr const char* digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[unit >> shift & 15];
}

void write_string(std::string& out, std::string_view text) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    switch (c) {
      case '"': out += "\\\""; continue;
      case '\\': out += "\\\\"; continue;
      case '\n': out += "\\n"; continue;
      case '\r': out += "\\r"; continue;
      case '\t': out += "\\t"; continue;
      case '\b': out += "\\b"; continue;
      case '\f': out += "\\f"; continue;
      default: break;
    }
    if (c >= 0x20 && c < 0x7F) {
      out += static_cast<char>(c);
    } else if (c < 0x10000) {
      write_unit(out, c);
    } else {
      write_unit(out, 0xD800 + ((c - 0x10000) >> 10));
      write_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  out += '"';
}

void write_double(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "Infinity" : "-Infinity";
  } else {
    const std::string digits = number_text(value);
    out += digits;
    if (digits.find_first_of(".e") == std::string::npos) out += ".0";
  }
}

void write_value(std::string& out, const Json& json, int indent, int depth) {
  if (json.is_null()) {
    out += "null";
    return;
  }
  if (json.is_bool()) {
    out += json.as_bool() ? "true" : "false";
    return;
  }
  if (json.is_int()) {
    out += std::to_string(json.as_int());
    return;
  }
  if (json.is_number()) {
    write_double(out, json.as_double());
    return;
  }
  if (json.is_string()) {
    write_string(out, json.as_string());
    return;
  }

  auto new_line = [&](int levels) {
    if (indent < 0) return;
    out += '\n';
    out.append(static_cast<size_t>(indent) * static_cast<size_t>(levels), ' ');
  };
  const bool is_array = json.is_array();
  const size_t count = json.size();
  if (count == 0) {
    out += is_array ? "[]" : "{}";
    return;
  }
  out += is_array ? '[' : '{';
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) out += indent < 0 ? ", " : ",";
    new_line(depth + 1);
    if (is_array) {
      write_value(out, json.items()[i], indent, depth + 1);
    } else {
      const auto& [key, value] = json.members()[i];
      write_string(out, key);
      out += ": ";
      write_value(out, value, indent, depth + 1);
    }
  }
  new_line(depth);
  out += is_array ? ']' : '}';
}

}  // namespace

Json Json::object(std::initializer_list<Member> members) {
  Json out;
  out.value_ = Object();
  for (const Member& member : members) out.set(member.first, member.second);
  return out;
}

bool Json::as_bool() const {
  if (const bool* value = std::get_if<bool>(&value_)) return *value;
  wrong_kind("a boolean", *this);
}

int64_t Json::as_int() const {
  if (const int64_t* value = std::get_if<int64_t>(&value_)) return *value;
  if (const double* value = std::get_if<double>(&value_); value && is_integral(*value))
    return static_cast<int64_t>(*value);
  wrong_kind("an integer", *this);
}

double Json::as_double() const {
  if (const double* value = std::get_if<double>(&value_)) return *value;
  if (const int64_t* value = std::get_if<int64_t>(&value_)) return static_cast<double>(*value);
  wrong_kind("a number", *this);
}

const std::string& Json::as_string() const {
  if (const std::string* value = std::get_if<std::string>(&value_)) return *value;
  wrong_kind("a string", *this);
}

const Json::Array& Json::items() const {
  if (const Array* value = std::get_if<Array>(&value_)) return *value;
  wrong_kind("an array", *this);
}

const Json::Object& Json::members() const {
  if (const Object* value = std::get_if<Object>(&value_)) return *value;
  wrong_kind("an object", *this);
}

size_t Json::size() const {
  if (const Array* value = std::get_if<Array>(&value_)) return value->size();
  if (const Object* value = std::get_if<Object>(&value_)) return value->size();
  return 0;
}

const Json* Json::find(std::string_view key) const {
  const Object* object = std::get_if<Object>(&value_);
  if (!object) return nullptr;
  for (const Member& member : *object) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  if (const Json* value = find(key)) return *value;
  if (!is_object()) wrong_kind("an object", *this);
  std::vector<std::string> names;
  for (const Member& member : members()) names.push_back(member.first);
  constexpr size_t most = 12;
  const bool cut = names.size() > most;
  if (cut) names.resize(most);
  throw InvalidArgument(message("JSON: there is no '", key, "'; the object has ",
                                names.empty() ? std::string("no members") : join(names), cut ? ", ..." : "", "."));
}

const Json& Json::at(size_t index) const {
  const Array& array = items();
  if (index < array.size()) return array[index];
  throw InvalidArgument(message("JSON: there is no item ", index, "; the array has ", array.size(), "."));
}

bool Json::get(std::string_view key, bool fallback) const {
  const Json* value = find(key);
  return value && !value->is_null() ? value->as_bool() : fallback;
}

int64_t Json::get(std::string_view key, int64_t fallback) const {
  const Json* value = find(key);
  return value && !value->is_null() ? value->as_int() : fallback;
}

double Json::get(std::string_view key, double fallback) const {
  const Json* value = find(key);
  return value && !value->is_null() ? value->as_double() : fallback;
}

std::string Json::get(std::string_view key, const char* fallback) const {
  const Json* value = find(key);
  return value && !value->is_null() ? value->as_string() : fallback;
}

Json& Json::set(std::string_view key, Json value) {
  if (is_null()) value_ = Object();
  Object* object = std::get_if<Object>(&value_);
  if (!object) wrong_kind("an object", *this);
  for (Member& member : *object) {
    if (member.first == key) {
      member.second = std::move(value);
      return *this;
    }
  }
  object->emplace_back(std::string(key), std::move(value));
  return *this;
}

Json& Json::push_back(Json value) {
  if (is_null()) value_ = Array();
  Array* array = std::get_if<Array>(&value_);
  if (!array) wrong_kind("an array", *this);
  array->push_back(std::move(value));
  return *this;
}

std::string Json::dump(int indent) const {
  std::string out;
  write_value(out, *this, indent, 0);
  return out;
}

Json Json::parse(std::string_view text, std::string_view where, int max_depth) {
  std::string replaced;
  std::string_view readable = text;
  if (text.find("NaN") != std::string_view::npos || text.find("Infinity") != std::string_view::npos) {
    replaced = with_stand_ins(text);
    readable = replaced;
  }
  size_t taken = 0;
  Builder builder(text, where, max_depth, &taken);
  nlohmann::json::sax_parse(CountingIterator(readable, 0, &taken),
                            CountingIterator(readable, readable.size() + 1, &taken), &builder);
  return builder.take();
}

}  // namespace hebb
