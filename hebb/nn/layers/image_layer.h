/// What layers of images share: both orders of the axes, computed with the channels last; what is drawn; checks of the
/// options. Internal.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "hebb/nn/layers/augmentation_options.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"

namespace hebb {

/// The base of layers of images. `Derived` has either `Tensor changed(const Tensor& x)`, which is called while training
/// on images (batch, height, width, channels), or a `call` of its own.
template <class Derived, class Arguments>
class ImageLayer : public ConfiguredLayer<Derived, Arguments> {
 public:
  explicit ImageLayer(Arguments given)
      : ConfiguredLayer<Derived, Arguments>(std::move(given)), axes_(*this, this->arguments().data_format, 2) {
    this->input_rule_ = {.rank = 4, .axes = axes_.text, .remedy = axes_.remedy()};
    if constexpr (requires(Arguments a) { a.seed; }) this->random_seed_ = this->arguments().seed;
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    if constexpr (requires(Derived layer) { layer.changed(x); }) {
      if (!options.training) return x;
      return axes_.from_last(static_cast<Derived&>(*this).changed(axes_.to_last(x)));
    } else {
      return this->call(x);
    }
  }

 protected:
  /// One number for each image, (batch, 1, 1, 1), of the images' type, from the range.
  Tensor drawn(const Tensor& images, const Factor& range) {
    const Tensor share = random_uniform(this->next_random_state(), {images.shape().front(), 1, 1, 1});
    return cast(share * (range.high - range.low) + range.low, images.dtype());
  }
  /// For each image whether it is chosen, (batch, 1, 1, 1): with a probability that is drawn from the range itself.
  Tensor chosen(const Tensor& images, const Factor& probability) {
    const Tensor limit = drawn(images, probability);
    return less(drawn(images, {0, 1}), limit);
  }

  /// InvalidArgument unless the input has one of these numbers of channels.
  void check_channels(const std::vector<Shape>& inputs, std::initializer_list<int64_t> counts, const char* what) const {
    const int64_t channels = inputs.front()[axes_.channels];
    this->require(channels == Shape::unknown || std::find(counts.begin(), counts.end(), channels) != counts.end(),
                  message("expected ", what, ", got ", inputs.front(), ". Gray images have no colours."));
  }
  void check_values() const {
    const ValueRange& values = this->arguments().value_range;
    this->require(values.high > values.low,
                  message("expected a value_range from low to high, got {", values.low, ", ", values.high,
                          "}. Give the least and the largest value of a pixel."));
  }
  /// `above`: whether the least itself is refused.
  void check_factor(const char* what, const Factor& factor, double least, double most, bool above = false) const {
    for (const double value : {factor.low, factor.high}) {
      this->require((above ? value > least : value >= least) && value <= most,
                    message("expected ", what, " ", above ? "above " : "from ", least, above ? " and at most " : " to ",
                            most, ", got ", factor.to_string(), ". Give one number, or {low, high}."));
    }
  }
  /// What Keras checks of most factors: of two numbers it lets one lie outside.
  void check_overlap(const char* what, const Factor& factor, double least, double most) const {
    const Factor range = factor.as_range(least);
    const bool fits =
        factor.is_range ? range.low <= most && range.high >= least : factor.high >= least && factor.high <= most;
    this->require(fits, message("expected ", what, " from ", least, " to ", most, ", got ", factor.to_string(),
                                ". Give one number, or {low, high}."));
  }
  void check_word(const char* what, const std::string& word, const std::vector<std::string>& known) const {
    if (std::find(known.begin(), known.end(), word) == known.end())
      throw InvalidArgument(this->where() + unknown_name(what, word, known));
  }

  SpatialAxes axes_;
};

/// As Keras does of some layers, the ends of the range of values in order.
template <class Arguments>
Arguments with_sorted_values(Arguments given) {
  if (given.value_range.low > given.value_range.high) std::swap(given.value_range.low, given.value_range.high);
  return given;
}

}  // namespace hebb
