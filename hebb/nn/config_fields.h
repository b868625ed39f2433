/// Options as Keras's configuration, and back: a list of an options struct's fields, each a row, serves both ways.
///
///     template <class Visitor, FieldsOf<SGDOptions> Options>
///     void fields(Visitor& visit, Options& options) {
///       visit("momentum", options.momentum);
///       visit("nesterov", options.nesterov);
///     }
///
///     ConfigWriter write(json);                       // json gets "momentum" and "nesterov"
///     fields(write, options);
///     ConfigReader read("SGD", json);                 // InvalidArgument: "SGD: option 'momentum': expected ..."
///     fields(read, options);
///     read.finish();                                  // InvalidArgument for members that nobody asked for
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/function_ref.h"
#include "hebb/base/json.h"
#include "hebb/nn/layers/options.h"

namespace hebb {

/// An options struct to be read, or a const one to be written.
template <class T, class Options>
concept FieldsOf = std::same_as<std::remove_const_t<T>, Options>;

/// One of several options structs, to be read or written.
template <class T, class... Options>
concept FieldsOfOneOf = (FieldsOf<T, Options> || ...);

/// One C++ type of option as JSON, and back.
inline Json to_json(const Json& value) { return value; }
Json to_json(bool value);
Json to_json(int64_t value);
Json to_json(double value);
Json to_json(const std::string& value);
Json to_json(const Single& value);         // [steps]
Json to_json(const Pair& value);           // [height, width]
Json to_json(const Triple& value);         // [depth, height, width]
Json to_json(const Ends& value);           // [front, behind]
Json to_json(const Borders& value);        // [[top, bottom], [left, right]]
Json to_json(const VolumeBorders& value);  // one such list for each axis
Json to_json(const Numbers& value);
Json to_json(const Axes& value);
Json to_json(const Shape& value);
Json to_json(const std::vector<double>& value);   // null when empty
Json to_json(const std::vector<int64_t>& value);  // a shape whose -1 is null; null when empty
Json to_json(const ActivationFunction& value);
Json to_json(const Initializer& value);
Json to_json(const Regularizer& value);
Json to_json(const Constraint& value);
template <class T>
Json to_json(const std::optional<T>& value) {
  return value ? to_json(*value) : Json();
}

inline void from_json(const Json& json, Json& value) { value = json; }
void from_json(const Json& json, bool& value);
void from_json(const Json& json, int64_t& value);
void from_json(const Json& json, double& value);
void from_json(const Json& json, std::string& value);
void from_json(const Json& json, Single& value);
void from_json(const Json& json, Pair& value);
void from_json(const Json& json, Triple& value);
void from_json(const Json& json, Ends& value);
void from_json(const Json& json, Borders& value);
void from_json(const Json& json, VolumeBorders& value);
void from_json(const Json& json, Numbers& value);
void from_json(const Json& json, Axes& value);
void from_json(const Json& json, Shape& value);
void from_json(const Json& json, std::vector<double>& value);
void from_json(const Json& json, std::vector<int64_t>& value);
void from_json(const Json& json, ActivationFunction& value);
void from_json(const Json& json, Initializer& value);
void from_json(const Json& json, Regularizer& value);
void from_json(const Json& json, Constraint& value);
template <class T>
void from_json(const Json& json, std::optional<T>& value) {
  value.reset();
  if (!json.is_null()) from_json(json, value.emplace());
}

/// Writes fields into a configuration.
class ConfigWriter {
 public:
  explicit ConfigWriter(Json& json) : json_(json) {}
  template <class T>
  void operator()(const char* key, const T& value) {
    json_.set(key, to_json(value));
  }
  /// What has no default in Keras.
  template <class T>
  void required(const char* key, const T& value) {
    (*this)(key, value);
  }
  /// What Keras writes only where it is not the default.
  template <class T>
  void unless_default(const char* key, const T& value, const T& standard) {
    if (value != standard) (*this)(key, value);
  }
  /// What Keras reads, but does not write.
  template <class T>
  void only_read(const char*, const T&) {}
  /// An option of Keras's that hebb has not: always this value.
  void fixed(const char* key, const Json& value) { json_.set(key, value); }

 private:
  Json& json_;
};

/// Reads fields from a configuration; one that is missing keeps its default, if it has one.
class ConfigReader {
 public:
  enum class Null {
    default_value,  ///< null keeps the default of what is not optional
    wrong,          ///< null is no value, except for what is optional
  };
  /// `owner`: whose options they are, for messages. The configuration is not copied.
  ConfigReader(std::string owner, const Json& json, Null null = Null::default_value)
      : owner_(std::move(owner)), json_(json), null_(null) {}

  template <class T>
  void operator()(const char* key, T& value) {
    constexpr bool is_plain = std::is_arithmetic_v<T> || std::same_as<T, std::string>;
    take(key, [&](const Json& json) {
      if (is_plain && json.is_null() && null_ == Null::default_value) return;
      from_json(json, value);
    });
  }
  template <class T>
  void required(const char* key, T& value) {
    (*this)(key, value);
    require(key);
  }
  template <class T>
  void unless_default(const char* key, T& value, const T&) {
    (*this)(key, value);
  }
  template <class T>
  void only_read(const char* key, T& value) {
    (*this)(key, value);
  }
  /// NotSupported when the option is there with another value.
  void fixed(const char* key, const Json& value);
  /// For what is more than one value: calls `use` with the member, null or not, if there is one.
  void take(const char* key, FunctionRef<void(const Json&)> use);

  /// Lets `finish` refuse a configuration that has no such member.
  void require(const char* key);

  /// InvalidArgument, with the nearest name, for members that nobody asked for, and for missing ones that have no
  /// default. `ignored`: what other versions of Keras write and what has no meaning here.
  void finish(const std::vector<std::string>& ignored = {}) const;

 private:
  std::string owner_;
  const Json& json_;
  Null null_;
  std::vector<std::string> known_, missing_;
};

}  // namespace hebb
