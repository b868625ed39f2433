/// What the built-in layers share: one list of options, `fields`, writes a layer's configuration and reads it.
///
///     struct DropoutArguments : DropoutOptions { double rate = 0; };
///     class DropoutLayer : public ConfiguredLayer<DropoutLayer, DropoutArguments> {
///      public:
///       static constexpr const char* keras_name = "Dropout";
///       template <class Visitor, class A>
///       static void fields(Visitor& visit, A& a) {
///         visit("rate", a.rate);
///         visit("seed", a.seed);
///       }
///       Tensor call(...) override;
///     };
///
/// The members `trainable`, `dtype`, `name` and, where there is one, `activity_regularizer` are the base's: they are
/// not listed, except by a layer that Keras lets write its activity_regularizer among its own.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/layers/options.h"

namespace hebb {

/// One C++ type of option as JSON, and back.
Json to_json(bool value);
Json to_json(int64_t value);
Json to_json(double value);
Json to_json(const std::string& value);
Json to_json(const Pair& value);     // [height, width]
Json to_json(const Borders& value);  // [[top, bottom], [left, right]]
Json to_json(const Numbers& value);
Json to_json(const Axes& value);
Json to_json(const Shape& value);
Json to_json(const std::vector<int64_t>& value);  // a shape whose -1 is null; null when empty
Json to_json(const ActivationFunction& value);
Json to_json(const Initializer& value);
Json to_json(const Regularizer& value);
template <class T>
Json to_json(const std::optional<T>& value) {
  return value ? to_json(*value) : Json();
}

void from_json(const Json& json, bool& value);
void from_json(const Json& json, int64_t& value);
void from_json(const Json& json, double& value);
void from_json(const Json& json, std::string& value);
void from_json(const Json& json, Pair& value);
void from_json(const Json& json, Borders& value);
void from_json(const Json& json, Numbers& value);
void from_json(const Json& json, Axes& value);
void from_json(const Json& json, Shape& value);
void from_json(const Json& json, std::vector<int64_t>& value);
void from_json(const Json& json, ActivationFunction& value);
void from_json(const Json& json, Initializer& value);
void from_json(const Json& json, Regularizer& value);
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
  /// An option of Keras's that hebb has not: always this value.
  void fixed(const char* key, const Json& value) { json_.set(key, value); }

 private:
  Json& json_;
};

/// Reads fields from a configuration; one that is missing keeps its default.
class ConfigReader {
 public:
  ConfigReader(const Json& json, const char* class_name) : json_(json), class_name_(class_name) {}
  template <class T>
  void operator()(const char* key, T& value) {
    const Json* found = json_.find(key);
    if (!found) return;
    try {
      from_json(*found, value);
    } catch (const InvalidArgument& error) {
      refuse(key, error.what());
    }
  }
  /// NotSupported when the option is there with another value.
  void fixed(const char* key, const Json& value);

 private:
  [[noreturn]] void refuse(const char* key, const char* why) const;

  const Json& json_;
  const char* class_name_;
};

/// The base of a built-in layer. `Arguments` are its options and what stands before them in Keras's constructor.
template <class Derived, class Arguments>
class ConfiguredLayer : public LayerBase {
 public:
  explicit ConfiguredLayer(Arguments arguments) : arguments_(std::move(arguments)) {
    set_name(arguments_.name.empty() ? unique_layer_name(Derived::keras_name) : arguments_.name);
    set_dtype(arguments_.dtype);
    if (!arguments_.trainable) set_trainable(false);
    if constexpr (requires { arguments_.activity_regularizer; })
      activity_regularizer_ = arguments_.activity_regularizer;
  }

  std::string class_name() const override { return Derived::keras_name; }

  Json config() const override {
    Json json = LayerBase::config();
    ConfigWriter writer(json);
    Derived::fields(writer, arguments_);
    return json;
  }

  static Layer from_config(const Json& config) {
    Arguments arguments;
    ConfigReader reader(config, Derived::keras_name);
    Derived::fields(reader, arguments);
    arguments.name = config.get("name", "");
    if constexpr (requires { arguments.activity_regularizer; })
      reader("activity_regularizer", arguments.activity_regularizer);
    auto layer = std::make_shared<Derived>(std::move(arguments));
    layer->read_base_config(config);
    return Layer(layer);
  }

 protected:
  const Arguments& arguments() const { return arguments_; }
  void require(bool condition, const std::string& text) const {
    if (!condition) throw InvalidArgument(where() + text);
  }

 private:
  Arguments arguments_;
};

/// InvalidArgument unless "valid" or "same", in any case of letters; returns it in lower case.
std::string checked_padding(const LayerBase& layer, const std::string& padding);
/// InvalidArgument unless it is a data format, NotSupported unless channels_last.
void check_data_format(const LayerBase& layer, const std::string& data_format);
/// InvalidArgument unless both are at least `least`.
void check_pair(const LayerBase& layer, const char* option, Pair pair, int64_t least = 1);

}  // namespace hebb
