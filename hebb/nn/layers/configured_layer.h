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
/// A class that says `static constexpr bool supports_masks = true;` hands masks on (nn/masking.h).
///
/// The members `trainable`, `dtype`, `name` and, where there is one, `activity_regularizer` are the base's: they are
/// not listed, except by a layer that Keras lets write its activity_regularizer among its own.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/config_fields.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/layers/other_options.h"

namespace hebb {

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
    if constexpr (requires { Derived::supports_masks; }) supports_masking_ = Derived::supports_masks;
    // Not in recurrent layers, whose cells have them.
    if constexpr (
        requires { arguments_.activation; } && !requires { arguments_.recurrent_initializer; }) {
      if (const Layer layer = arguments_.activation.taken_layer()) this->add_layer("activation", layer);
    }
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
    ConfigReader reader(message("layer '", config.get("name", ""), "' (", Derived::keras_name, ")"), config,
                        ConfigReader::Null::wrong);
    Derived::fields(reader, arguments);
    arguments.name = config.get("name", "");
    // The cells of recurrent layers, which their constructors make, take it from here.
    if constexpr (requires { arguments.dtype = dtype_policy_from_json(config); })
      if (const Json* dtype = config.find("dtype")) arguments.dtype = dtype_policy_from_json(*dtype);
    if constexpr (requires { arguments.activity_regularizer; })
      reader("activity_regularizer", arguments.activity_regularizer);
    refuse_unknown_options(reader, Derived::keras_name);
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

/// InvalidArgument unless "valid", "same" or, where it may be, "causal", in any case of letters; returns it in lower
/// case.
std::string checked_padding(const LayerBase& layer, const std::string& padding, bool allow_causal = false);
/// The axis counted from the front; InvalidArgument unless an input of this shape has it.
int check_axis(const LayerBase& layer, int64_t axis, const Shape& input);
/// What to do about an input that is no batch of images.
inline constexpr const char* image_remedy = "Images without a channel axis get one with Reshape({height, width, 1}).";
/// InvalidArgument unless both are at least `least`.
void check_pair(const LayerBase& layer, const char* option, Pair pair, int64_t least = 1);

}  // namespace hebb
