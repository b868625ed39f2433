#include "hebb/nn/layers/tone_augmentation.h"

#include <algorithm>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// From one range of values to another.
Tensor between_ranges(const Tensor& x, const ValueRange& from, const ValueRange& to) {
  if (from == to) return x;
  return (x - from.low) / (from.high - from.low) * (to.high - to.low) + to.low;
}

/// The range in which Keras computes with tones.
constexpr ValueRange bytes = {0, 255};

/// The base of layers that change the tones of images.
template <class Derived, class Arguments>
class ToneLayer : public ConfiguredLayer<Derived, Arguments> {
 public:
  explicit ToneLayer(Arguments given) : ConfiguredLayer<Derived, Arguments>(std::move(given)) {
    check_data_format(*this, this->arguments().data_format);
    this->input_rule_ = {.rank = 4, .axes = "(batch, height, width, channels)", .remedy = image_remedy};
  }

 protected:
  /// As Keras does, in order.
  static Arguments with_sorted_values(Arguments given) {
    if (given.value_range.low > given.value_range.high) std::swap(given.value_range.low, given.value_range.high);
    return given;
  }
  void check_values() const {
    const ValueRange& values = this->arguments().value_range;
    this->require(values.high > values.low,
                  message("expected a value_range from low to high, got {", values.low, ", ", values.high,
                          "}. Give the least and the largest value of a pixel."));
  }
};

class AutoContrastLayer final : public ToneLayer<AutoContrastLayer, AutoContrastOptions> {
 public:
  static constexpr const char* keras_name = "AutoContrast";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("value_range", a.value_range);
  }

  explicit AutoContrastLayer(AutoContrastOptions given) : ToneLayer(with_sorted_values(std::move(given))) {
    check_values();
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const ValueRange& values = arguments().value_range;
    const Tensor tones = between_ranges(x, values, bytes);
    const Tensor low = min(tones, {.axes = {1, 2}, .keepdims = true});
    const Tensor width = max(tones, {.axes = {1, 2}, .keepdims = true}) - low;
    // A channel of one value has no width: it stays as it is, and divides by no zero.
    const Tensor flat = equal(width, 0.0);
    const Tensor scale = 255.0 / select(flat, 1.0, width);
    const Tensor stretched = clip(tones * scale - low * scale, bytes.low, bytes.high);
    return select(flat, x, between_ranges(stretched, bytes, values));
  }
};

class SolarizationLayer final : public ToneLayer<SolarizationLayer, SolarizationOptions> {
 public:
  static constexpr const char* keras_name = "Solarization";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("value_range", a.value_range);
    visit("addition_factor", a.addition_factor);
    visit("threshold_factor", a.threshold_factor);
    visit("seed", a.seed);
  }

  explicit SolarizationLayer(SolarizationOptions given) : ToneLayer(with_ranges(std::move(given))) {
    check_values();
    check_share("addition_factor", arguments().addition_factor);
    check_share("threshold_factor", arguments().threshold_factor);
    random_seed_ = arguments().seed;
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    if (!options.training) return x;
    const auto& a = arguments();
    const Tensor addition = drawn(x, a.addition_factor), threshold = drawn(x, a.threshold_factor);
    const Tensor tones = clip(between_ranges(x, a.value_range, bytes) + addition, bytes.low, bytes.high);
    return between_ranges(select(less(tones, threshold), tones, 255.0 - tones), bytes, a.value_range);
  }

 private:
  static SolarizationOptions with_ranges(SolarizationOptions given) {
    for (Factor* factor : {&given.addition_factor, &given.threshold_factor})
      *factor = factor->is_range ? factor->as_range(0) : Factor(0, factor->high);
    return with_sorted_values(std::move(given));
  }
  void check_share(const char* what, const Factor& factor) const {
    require(factor.low >= 0 && factor.high >= 0 && factor.low <= 1 && factor.high <= 1,
            message("expected ", what, " from 0 to 1, got ", factor.to_string(), ". Give one number, or {low, high}."));
  }
  /// For each image one number; of the two ends Keras multiplies the upper one alone.
  Tensor drawn(const Tensor& x, const Factor& factor) {
    const Tensor share = random_uniform(next_random_state(), {x.shape().front(), 1, 1, 1});
    return cast(share * (factor.high * 255 - factor.low) + factor.low, x.dtype());
  }
};

struct RandomGrayscaleArguments : RandomGrayscaleOptions {
  double factor = 0.5;
};

class RandomGrayscaleLayer final : public ToneLayer<RandomGrayscaleLayer, RandomGrayscaleArguments> {
 public:
  static constexpr const char* keras_name = "RandomGrayscale";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("factor", a.factor);
    visit.only_read("seed", a.seed);
  }

  explicit RandomGrayscaleLayer(RandomGrayscaleArguments given) : ToneLayer(std::move(given)) {
    require(arguments().factor >= 0 && arguments().factor <= 1,
            message("expected a factor from 0 to 1, got ", arguments().factor,
                    ". It is the share of images that become gray."));
    random_seed_ = arguments().seed;
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const int64_t channels = inputs.front().back();
    require(channels == 3 || channels == 1 || channels == Shape::unknown,
            message("expected images of three channels or one, got ", inputs.front(),
                    ". Take the colours out of the others first."));
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    if (!options.training || x.shape().back() == 1) return x;
    const Tensor chosen = less(random_uniform(next_random_state(), {x.shape().front(), 1, 1, 1}), arguments().factor);
    const Tensor weights = cast(Tensor::from(std::vector<double>{0.2989, 0.5870, 0.1140}), x.dtype());
    const Tensor gray = sum(x * weights, {.axes = {-1}, .keepdims = true});
    return select(chosen, broadcast_to(gray, x.shape()), x);
  }
};

}  // namespace

Layer AutoContrast(const AutoContrastOptions& options) { return make_layer<AutoContrastLayer>(options); }
Layer Solarization(const SolarizationOptions& options) { return make_layer<SolarizationLayer>(options); }
Layer RandomGrayscale(double factor, const RandomGrayscaleOptions& options) {
  return make_layer<RandomGrayscaleLayer>(RandomGrayscaleArguments{options, factor});
}

Layer detail::auto_contrast_from_config(const Json& config) { return AutoContrastLayer::from_config(config); }
Layer detail::random_grayscale_from_config(const Json& config) { return RandomGrayscaleLayer::from_config(config); }
Layer detail::solarization_from_config(const Json& config) { return SolarizationLayer::from_config(config); }

}  // namespace hebb
