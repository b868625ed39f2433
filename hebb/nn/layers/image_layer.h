/// What layers of images share: both orders of the axes, computed with the channels last; what is drawn; checks of the
/// options. Internal.
#pragma once

#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "hebb/nn/layers/augmentation_options.h"
#include "hebb/nn/layers/dictionary_layer.h"
#include "hebb/nn/layers/image_mover.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"

namespace hebb {

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
/// Where a part stands among them; as many as there are where it is not given.
size_t place_of(const char* part, const std::vector<std::string>& parts);
/// The parts of a dictionary with images, masks and boxes moved. `format`: how boxes are given.
Tensors moved_parts(const LayerBase& layer, ImageMover& mover, const SpatialAxes& axes, const std::string& format,
                    const Tensors& xs, const CallOptions& options);

}  // namespace detail

/// The base of layers of images. `Derived` has either `Tensor changed(const Tensor& x)`, which is called while training
/// on images (batch, height, width, channels), or a `call` of its own. Beside `changed` it may have `void
/// check_trained(const std::vector<Shape>& inputs) const`, which refuses images that it cannot change: as in Keras,
/// they pass where nothing is changed. A layer that moves pixels is an ImageMover instead, since masks and boxes that
/// come with the images move, too.
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
    if constexpr (std::is_base_of_v<ImageMover, Derived>) {
      return call_many({x}, {.training = options.training, .inputs = {"images"}}).front();
    } else if constexpr (requires(Derived layer) { layer.changed(x); }) {
      if (!options.training) return x;
      check_before_training(x.shape());
      return axes_.from_last(static_cast<Derived&>(*this).changed(axes_.to_last(x)));
    } else {
      return this->call(x);
    }
  }

  /// Images, or the parts of a dictionary: of these the images alone change, or, where pixels move, what lies there.
  using LayerBase::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    if (options.inputs.empty()) return Base::call_many(xs, options);
    const size_t images = detail::place_of("images", options.inputs);
    if constexpr (std::is_base_of_v<ImageMover, Derived>) {
      auto& mover = static_cast<ImageMover&>(static_cast<Derived&>(*this));
      if (!options.training && !mover.moves_always()) return xs;
      if (options.training) check_before_training(xs[images].shape());
      return detail::moved_parts(*this, mover, axes_, box_format(), xs, options);
    } else {
      Tensors out = xs;
      out[images] = this->call(xs[images], CallOptions{.training = options.training});
      return out;
    }
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
  void check_before_training(const Shape& images) const {
    if constexpr (requires(const Derived layer, std::vector<Shape> inputs) { layer.check_trained(inputs); })
      static_cast<const Derived&>(*this).check_trained({images});
  }

  Json bounding_box_format_;
};

/// As Keras does of some layers, the ends of the range of values in order.
template <class Arguments>
Arguments with_sorted_values(Arguments given) {
  if (given.value_range.low > given.value_range.high) std::swap(given.value_range.low, given.value_range.high);
  return given;
}

}  // namespace hebb
