/// JSON values: what configurations are made of.
///
///     Json config = Json::object({{"units", 10}, {"activation", "relu"}});
///     int64_t units = config.at("units").as_int();
///     std::string text = config.dump();
///
/// Objects keep the order in which their members were set, so that files are written the same way each time.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hebb {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;  ///< null
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Json(T value) : value_(static_cast<int64_t>(value)) {}
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  template <class T>
    requires(!std::same_as<T, Json> && std::constructible_from<Json, T>)
  Json(const std::vector<T>& values) : value_(Array(values.begin(), values.end())) {}

  static Json array(std::initializer_list<Json> items = {}) { return Json(Array(items)); }
  static Json object(std::initializer_list<Member> members = {});

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_int() const { return std::holds_alternative<int64_t>(value_); }
  bool is_number() const { return is_int() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  /// The value as a type; InvalidArgument, naming both types, when it is another one. An integral double is an int.
  bool as_bool() const;
  int64_t as_int() const;
  double as_double() const;
  const std::string& as_string() const;
  const Array& items() const;
  const Object& members() const;

  /// Number of items or members; 0 for anything else.
  size_t size() const;

  /// The member, or nullptr.
  const Json* find(std::string_view key) const;
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  /// The member; InvalidArgument when there is none.
  const Json& at(std::string_view key) const;
  /// The item; InvalidArgument when there is none.
  const Json& at(size_t index) const;
  /// The member's value, or `fallback` where it is missing or null.
  bool get(std::string_view key, bool fallback) const;
  int64_t get(std::string_view key, int64_t fallback) const;
  int64_t get(std::string_view key, int fallback) const { return get(key, static_cast<int64_t>(fallback)); }
  double get(std::string_view key, double fallback) const;
  std::string get(std::string_view key, const char* fallback) const;

  /// Sets or replaces a member, making an object of a null value. Returns *this.
  Json& set(std::string_view key, Json value);
  /// Appends an item, making an array of a null value. Returns *this.
  Json& push_back(Json value);

  /// `indent` below zero writes one line. NaN and infinities are written as Python's json does (NaN, Infinity).
  std::string dump(int indent = -1) const;

  /// Reads one value. `where` names the source in errors (IoError with line and column). NaN, Infinity and -Infinity
  /// are accepted as Python's json writes them. At most `max_depth` nested arrays and objects.
  static Json parse(std::string_view text, std::string_view where = "JSON", int max_depth = 512);

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, Array, Object> value_;
};

/// The value without the members of that name, however deep they are.
Json without_key(const Json& json, std::string_view key);

}  // namespace hebb
