/// What layers of images share: both orders of the axes, computed with the channels last; what is drawn; checks of the
/// options. Internal.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "hebb/nn/layers/augmentation_options.h"
#include "hebb/nn/layers/dictionary_layer.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"

namespace hebb {

/// When a layer moves the pixels of images, so that boxes and masks would no longer fit.
enum class Moves { never, while_training, always };

// What ImageLayer's members below do, for all layers alike.
namespace detail {

Tensor drawn_for_images(const Tensor& state, const Tensor& images, const Factor& range);
void check_channels(const LayerBase& layer, int64_t channels, const Shape& input, std::initializer_list<int64_t> counts,
                    const char* what);
void check_value_range(const LayerBase& layer, const ValueRange& values);
void check_factor(const LayerBase& layer, const char* what, const Factor& factor, double least, double most,
                  bool above);
void check_overlap(const LayerBase& layer, const char* what, const Factor& factor, double least, double most);
void check_word(const LayerBase& layer, const char* what, const std::string& word,
                std::initializer_list<const char*> known);
/// The configuration with Keras's member "bounding_box_format" where it stands; null: without.
Json with_box_format(const Json& config, const Json& format);
/// Where "images" stand among the parts of a dictionary.
size_t place_of_images(const std::vector<std::string>& parts);
/// NotSupported where parts are there that lie where the pixels do: boxes or masks.
void refuse_places(const LayerBase& layer, const std::vector<std::string>& parts, const char* when);

}  // namespace detail

/// The base of layers of images. `Derived` has either `Tensor changed(const Tensor& x)`, which is called while training
/// on images (batch, height, width, channels), or a `call` of its own. Beside `changed` it may have `void
/// check_trained(const std::vector<Shape>& inputs) const`, which refuses images that it cannot change: as in Keras,
/// they pass where nothing is changed. A layer that moves pixels says so with a member `moves`, since boxes and masks
/// that come with the images would have to move, too.
template <class Derived, class Arguments>
class ImageLayer : public ConfiguredLayer<Derived, Arguments>, public DictionaryLayer {
  using Base = ConfiguredLayer<Derived, Arguments>;

 public:
  explicit ImageLayer(Arguments given)
      : ConfiguredLayer<Derived, Arguments>(std::move(given)), axes_(*this, this->arguments().data_format, 2) {
    this->input_rule_ = {.rank = 4, .axes = axes_.text, .remedy = axes_.remedy()};
    if constexpr (requires(Arguments a) { a.seed; }) this->random_seed_ = this->arguments().seed;
    if constexpr (requires(Arguments a) { a.bounding_box_format; }) {
      if (const std::string& format = this->arguments().bounding_box_format; !format.empty())
        bounding_box_format_ = format;
    }
  }

  Json config() const override { return detail::with_box_format(Base::config(), bounding_box_format_); }
  static Layer from_config(const Json& config) {
    Layer layer = Base::from_config(config);
    if (const Json* format = config.find("bounding_box_format"))
      static_cast<ImageLayer&>(*layer.shared()).bounding_box_format_ = *format;
    return layer;
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    if constexpr (requires(Derived layer) { layer.changed(x); }) {
      if (!options.training) return x;
      if constexpr (requires(const Derived layer, std::vector<Shape> inputs) { layer.check_trained(inputs); })
        static_cast<const Derived&>(*this).check_trained({x.shape()});
      return axes_.from_last(static_cast<Derived&>(*this).changed(axes_.to_last(x)));
    } else {
      return this->call(x);
    }
  }

  /// Images, or the parts of a dictionary: of these the images alone change.
  using LayerBase::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    if (options.inputs.empty()) return Base::call_many(xs, options);
    constexpr Moves moves = [] {
      if constexpr (requires { Derived::moves; }) return Derived::moves;
      return Moves::never;
    }();
    if (moves == Moves::always) detail::refuse_places(*this, options.inputs, "");
    if (moves == Moves::while_training && options.training)
      detail::refuse_places(*this, options.inputs, " while training");
    const size_t images = detail::place_of_images(options.inputs);
    Tensors out = xs;
    out[images] = this->call(xs[images], CallOptions{.training = options.training});
    return out;
  }

 protected:
  /// One number for each image, (batch, 1, 1, 1), of the images' type, from the range.
  Tensor drawn(const Tensor& images, const Factor& range) {
    return detail::drawn_for_images(this->next_random_state(), images, range);
  }
  /// For each image whether it is chosen, (batch, 1, 1, 1): with a probability that is drawn from the range itself.
  Tensor chosen(const Tensor& images, const Factor& probability) {
    const Tensor limit = drawn(images, probability);
    return less(drawn(images, {0, 1}), limit);
  }

  /// InvalidArgument unless the input has one of these numbers of channels.
  void check_channels(const std::vector<Shape>& inputs, std::initializer_list<int64_t> counts, const char* what) const {
    detail::check_channels(*this, inputs.front()[axes_.channels], inputs.front(), counts, what);
  }
  void check_values() const { detail::check_value_range(*this, this->arguments().value_range); }
  /// `above`: whether the least itself is refused.
  void check_factor(const char* what, const Factor& factor, double least, double most, bool above = false) const {
    detail::check_factor(*this, what, factor, least, most, above);
  }
  /// What Keras checks of most factors: of two numbers it lets one lie outside.
  void check_overlap(const char* what, const Factor& factor, double least, double most) const {
    detail::check_overlap(*this, what, factor, least, most);
  }
  void check_word(const char* what, const std::string& word, std::initializer_list<const char*> known) const {
    detail::check_word(*this, what, word, known);
  }

  /// Keras's word for how boxes around objects are given, which stands in files; empty where none does.
  std::string box_format() const { return bounding_box_format_.is_string() ? bounding_box_format_.as_string() : ""; }

  SpatialAxes axes_;

 private:
  Json bounding_box_format_;
};

/// As Keras does of some layers, the ends of the range of values in order.
template <class Arguments>
Arguments with_sorted_values(Arguments given) {
  if (given.value_range.low > given.value_range.high) std::swap(given.value_range.low, given.value_range.high);
  return given;
}

}  // namespace hebb
