#include "hebb/nn/layers/color_augmentation.h"

#include "hebb/nn/layers/image_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/image.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// Keras's epsilon().
constexpr double keras_epsilon = 1e-7;

/// Uniform numbers (batch, 1, 1, 1) of the images' type.
Tensor drawn(const Tensor& images, const Tensor& state, const Factor& range) {
  const Tensor share = random_uniform(state, {images.shape().front(), 1, 1, 1});
  return cast(share * (range.high - range.low) + range.low, images.dtype());
}

Tensor with_contrast(const Tensor& x, const Tensor& state, const Factor& factor, const ValueRange& values) {
  const Tensor c = drawn(x, state, {1 - factor.low, 1 + factor.high});
  const Tensor middle = mean(x, {.axes = {1, 2}, .keepdims = true});
  return clip((x - middle) * c + middle, values.low, values.high);
}

Tensor with_brightness(const Tensor& x, const Tensor& state, const Factor& factor, const ValueRange& values) {
  return clip(x + drawn(x, state, factor) * (values.high - values.low), values.low, values.high);
}

/// Hue and the rest of images (batch, height, width, 3) in hue, saturation and value.
Tensor channel(const Tensor& x, int64_t i) {
  return slice(x, {0, 0, 0, i}, {x.shape()[0], x.shape()[1], x.shape()[2], i + 1});
}

Tensor with_hue(const Tensor& x, const Tensor& sign_state, const Tensor& state, const Factor& factor,
                const ValueRange& values) {
  const Tensor backward = greater(random_uniform(sign_state, {x.shape().front(), 1, 1, 1}), 0.5);
  const Tensor size = drawn(x, state, factor) * 0.5;
  const Tensor hsv = image::rgb_to_hsv((x - values.low) / (values.high - values.low));
  Tensor hue = channel(hsv, 0) + select(backward, -size, size);
  hue = select(greater(hue, 1.0), hue - 1.0, hue);
  hue = select(less(hue, 0.0), hue + 1.0, hue);
  const Tensor rgb = image::hsv_to_rgb(concatenate({hue, channel(hsv, 1), channel(hsv, 2)}, -1));
  return clip(rgb, 0, 1) * (values.high - values.low) + values.low;
}

Tensor with_saturation(const Tensor& x, const Tensor& state, const Factor& factor, const ValueRange& values) {
  const Tensor f = drawn(x, state, factor);
  const Tensor times = f / (1.0 + keras_epsilon - f);
  const Tensor hsv = image::rgb_to_hsv(x);
  const Tensor saturation = clip(channel(hsv, 1) * times, values.low, values.high);
  return image::hsv_to_rgb(concatenate({channel(hsv, 0), saturation, channel(hsv, 2)}, -1));
}

/// Where the factor of each layer may lie.
enum class Bounds { shares, signed_shares };

struct ColorArguments : ColorOptions {
  Factor factor;
};

/// What the layers with one factor share; `Derived` has `bounds`, `needs_colour` and `changed`.
template <class Derived>
class ColorLayer : public ImageLayer<Derived, ColorArguments> {
 public:
  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit.required("factor", a.factor);
    visit("value_range", a.value_range);
    visit("seed", a.seed);
  }

  explicit ColorLayer(const ColorArguments& given) : ImageLayer<Derived, ColorArguments>(as_range(given)) {
    this->check_overlap("a factor", given.factor, least, 1);
    this->check_values();
  }

  void check_trained(const std::vector<Shape>& inputs) const {
    if (Derived::needs_colour) this->check_channels(inputs, {3}, "images of three channels");
  }

 private:
  static constexpr double least = Derived::bounds == Bounds::shares ? 0 : -1;
  static ColorArguments as_range(ColorArguments a) {
    a.factor = a.factor.as_range(least);
    return a;
  }
};

class RandomContrastLayer final : public ColorLayer<RandomContrastLayer> {
 public:
  static constexpr const char* keras_name = "RandomContrast";
  static constexpr Bounds bounds = Bounds::shares;
  static constexpr bool needs_colour = false;
  using ColorLayer::ColorLayer;
  Tensor changed(const Tensor& x) {
    return with_contrast(x, next_random_state(), arguments().factor, arguments().value_range);
  }
};

class RandomBrightnessLayer final : public ColorLayer<RandomBrightnessLayer> {
 public:
  static constexpr const char* keras_name = "RandomBrightness";
  static constexpr Bounds bounds = Bounds::signed_shares;
  static constexpr bool needs_colour = false;
  explicit RandomBrightnessLayer(ColorArguments given) : ColorLayer(with_sorted_values(std::move(given))) {}
  Tensor changed(const Tensor& x) {
    return with_brightness(x, next_random_state(), arguments().factor, arguments().value_range);
  }
};

class RandomHueLayer final : public ColorLayer<RandomHueLayer> {
 public:
  static constexpr const char* keras_name = "RandomHue";
  static constexpr Bounds bounds = Bounds::shares;
  static constexpr bool needs_colour = true;
  using ColorLayer::ColorLayer;
  Tensor changed(const Tensor& x) {
    const Tensor sign = next_random_state();
    return with_hue(x, sign, next_random_state(), arguments().factor, arguments().value_range);
  }
};

class RandomSaturationLayer final : public ColorLayer<RandomSaturationLayer> {
 public:
  static constexpr const char* keras_name = "RandomSaturation";
  static constexpr Bounds bounds = Bounds::signed_shares;
  static constexpr bool needs_colour = true;
  explicit RandomSaturationLayer(ColorArguments given) : ColorLayer(with_sorted_values(std::move(given))) {}
  Tensor changed(const Tensor& x) {
    return with_saturation(x, next_random_state(), arguments().factor, arguments().value_range);
  }
};

class RandomColorDegenerationLayer final : public ColorLayer<RandomColorDegenerationLayer> {
 public:
  static constexpr const char* keras_name = "RandomColorDegeneration";
  static constexpr Bounds bounds = Bounds::signed_shares;
  static constexpr bool needs_colour = false;
  explicit RandomColorDegenerationLayer(ColorArguments given) : ColorLayer(with_sorted_values(std::move(given))) {}
  void check_trained(const std::vector<Shape>& inputs) const {
    check_channels(inputs, {1, 3}, "images of three channels or one");
  }
  Tensor changed(const Tensor& x) {
    const ValueRange& values = arguments().value_range;
    const Tensor factor = drawn(x, arguments().factor);
    const Tensor changed = x.shape().back() == 1 ? x : x + factor * (image::rgb_to_gray(x) - x);
    return clip(changed, values.low, values.high);
  }
};

class RandomColorJitterLayer final : public ImageLayer<RandomColorJitterLayer, RandomColorJitterOptions> {
 public:
  static constexpr const char* keras_name = "RandomColorJitter";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("value_range", a.value_range);
    visit("brightness_factor", a.brightness_factor);
    visit("contrast_factor", a.contrast_factor);
    visit("saturation_factor", a.saturation_factor);
    visit("hue_factor", a.hue_factor);
    visit("seed", a.seed);
  }

  explicit RandomColorJitterLayer(RandomColorJitterOptions given) : ImageLayer(std::move(given)) {
    const auto& a = arguments();
    check_values();
    const auto check = [&](const char* what, const std::optional<Factor>& factor, double least) {
      if (factor) check_overlap(what, *factor, least, 1);
    };
    check("a brightness_factor", a.brightness_factor, -1);
    check("a contrast_factor", a.contrast_factor, 0);
    check("a saturation_factor", a.saturation_factor, -1);
    check("a hue_factor", a.hue_factor, 0);
  }

  void check_trained(const std::vector<Shape>& inputs) const {
    if (arguments().saturation_factor || arguments().hue_factor)
      check_channels(inputs, {3}, "images of three channels");
  }

  Tensor changed(const Tensor& x) {
    const auto& a = arguments();
    const ValueRange& values = a.value_range;
    Tensor y = x;
    if (a.brightness_factor) y = with_brightness(y, next_random_state(), a.brightness_factor->as_range(-1), values);
    if (a.contrast_factor) y = with_contrast(y, next_random_state(), a.contrast_factor->as_range(0), values);
    if (a.saturation_factor) y = with_saturation(y, next_random_state(), a.saturation_factor->as_range(-1), values);
    if (a.hue_factor) {
      const Tensor sign = next_random_state();
      y = with_hue(y, sign, next_random_state(), a.hue_factor->as_range(0), values);
    }
    return y;
  }
};

}  // namespace

Layer RandomContrast(Factor factor, const ColorOptions& options) {
  return make_layer<RandomContrastLayer>(ColorArguments{options, factor});
}
Layer RandomBrightness(Factor factor, const ColorOptions& options) {
  return make_layer<RandomBrightnessLayer>(ColorArguments{options, factor});
}
Layer RandomHue(Factor factor, const ColorOptions& options) {
  return make_layer<RandomHueLayer>(ColorArguments{options, factor});
}
Layer RandomSaturation(Factor factor, const ColorOptions& options) {
  return make_layer<RandomSaturationLayer>(ColorArguments{options, factor});
}
Layer RandomColorDegeneration(Factor factor, const ColorOptions& options) {
  return make_layer<RandomColorDegenerationLayer>(ColorArguments{options, factor});
}
Layer RandomColorJitter(const RandomColorJitterOptions& options) { return make_layer<RandomColorJitterLayer>(options); }

Layer detail::random_brightness_from_config(const Json& config) { return RandomBrightnessLayer::from_config(config); }
Layer detail::random_color_degeneration_from_config(const Json& config) {
  return RandomColorDegenerationLayer::from_config(config);
}
Layer detail::random_color_jitter_from_config(const Json& config) {
  return RandomColorJitterLayer::from_config(config);
}
Layer detail::random_contrast_from_config(const Json& config) { return RandomContrastLayer::from_config(config); }
Layer detail::random_hue_from_config(const Json& config) { return RandomHueLayer::from_config(config); }
Layer detail::random_saturation_from_config(const Json& config) { return RandomSaturationLayer::from_config(config); }

}  // namespace hebb
