#include "hebb/nn/layers/tone_augmentation.h"

#include <cmath>
#include <limits>

#include "hebb/nn/layers/image_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/layers/tones.h"
#include "hebb/ops/image.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

class AutoContrastLayer final : public ImageLayer<AutoContrastLayer, AutoContrastOptions> {
 public:
  static constexpr const char* keras_name = "AutoContrast";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("value_range", a.value_range);
  }

  explicit AutoContrastLayer(AutoContrastOptions given) : ImageLayer(with_sorted_values(std::move(given))) {
    check_values();
  }

  using ImageLayer::call;
  Tensor call(const Tensor& x) override {
    const ValueRange& values = arguments().value_range;
    const std::vector<int64_t> within = {axes_.first, axes_.first + 1};
    const Tensor tones = between_ranges(x, values, byte_tones);
    const Tensor low = min(tones, {.axes = within, .keepdims = true});
    const Tensor width = max(tones, {.axes = within, .keepdims = true}) - low;
    // A channel of one value has no width: it stays as it is, and divides by no zero.
    const Tensor flat = equal(width, 0.0);
    const Tensor scale = 255.0 / select(flat, 1.0, width);
    const Tensor stretched = clip(tones * scale - low * scale, byte_tones.low, byte_tones.high);
    return select(flat, x, between_ranges(stretched, byte_tones, values));
  }
};

class SolarizationLayer final : public ImageLayer<SolarizationLayer, SolarizationOptions> {
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

  explicit SolarizationLayer(SolarizationOptions given) : ImageLayer(with_ranges(std::move(given))) {
    check_values();
    check_share("addition_factor", arguments().addition_factor);
    check_share("threshold_factor", arguments().threshold_factor);
  }

  Tensor changed(const Tensor& x) {
    const auto& a = arguments();
    const Tensor addition = drawn_tones(x, a.addition_factor), threshold = drawn_tones(x, a.threshold_factor);
    const Tensor tones = clip(between_ranges(x, a.value_range, byte_tones) + addition, byte_tones.low, byte_tones.high);
    return between_ranges(select(less(tones, threshold), tones, 255.0 - tones), byte_tones, a.value_range);
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
  Tensor drawn_tones(const Tensor& x, const Factor& factor) { return drawn(x, {factor.low, factor.high * 255}); }
};

struct RandomGrayscaleArguments : RandomGrayscaleOptions {
  double factor = 0.5;
};

class RandomGrayscaleLayer final : public ImageLayer<RandomGrayscaleLayer, RandomGrayscaleArguments> {
 public:
  static constexpr const char* keras_name = "RandomGrayscale";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("factor", a.factor);
    visit.only_read("seed", a.seed);
  }

  explicit RandomGrayscaleLayer(RandomGrayscaleArguments given) : ImageLayer(std::move(given)) {
    require(arguments().factor >= 0 && arguments().factor <= 1,
            message("expected a factor from 0 to 1, got ", arguments().factor,
                    ". It is the share of images that become gray."));
  }

  void check_trained(const std::vector<Shape>& inputs) const {
    check_channels(inputs, {1, 3}, "images of three channels or one");
  }

  Tensor changed(const Tensor& x) {
    if (x.shape().back() == 1) return x;
    const Tensor is_gray = less(drawn(x, {0, 1}), arguments().factor);
    return select(is_gray, broadcast_to(image::rgb_to_gray(x), x.shape()), x);
  }
};

struct RandomInvertArguments : RandomInvertOptions {
  Factor factor = 1.0;
};

class RandomInvertLayer final : public ImageLayer<RandomInvertLayer, RandomInvertArguments> {
 public:
  static constexpr const char* keras_name = "RandomInvert";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("factor", a.factor);
    visit("value_range", a.value_range);
    visit("seed", a.seed);
  }

  explicit RandomInvertLayer(const RandomInvertArguments& given) : ImageLayer(with_range(given)) {
    check_overlap("a factor", given.factor, 0, 1);
  }

  Tensor changed(const Tensor& x) { return select(chosen(x, arguments().factor), arguments().value_range.high - x, x); }

 private:
  static RandomInvertArguments with_range(RandomInvertArguments given) {
    given.factor = given.factor.as_range(0);
    return given;
  }
};

struct RandomPosterizationArguments : RandomPosterizationOptions {
  Factor factor;
};

class RandomPosterizationLayer final : public ImageLayer<RandomPosterizationLayer, RandomPosterizationArguments> {
 public:
  static constexpr const char* keras_name = "RandomPosterization";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit.required("factor", a.factor);
    visit("value_range", a.value_range);
    visit("seed", a.seed);
  }

  explicit RandomPosterizationLayer(const RandomPosterizationArguments& given) : ImageLayer(with_range(given)) {
    check_factor("a factor", given.factor, 1, 8);
    check_values();
  }

  Tensor changed(const Tensor& x) {
    const auto& a = arguments();
    const double low = std::floor(a.factor.low), high = std::floor(a.factor.high);
    const Tensor bits = low == high ? Tensor(ones({x.shape().front(), 1, 1, 1}) * low) : floor(drawn(x, {low, high}));
    // Gathered: powers of two have to be exact.
    static const Tensor sizes = Tensor::from(std::vector<float>{256, 128, 64, 32, 16, 8, 4, 2, 1}, {9, 1});
    const Tensor step = cast(reshape(gather(sizes, cast(bits, DType::int64)), bits.shape()), x.dtype());
    const Tensor tones = clip(between_ranges(x, a.value_range, byte_tones), byte_tones.low, byte_tones.high);
    return between_ranges(floor(floor(tones) / step) * step, byte_tones, a.value_range);
  }

 private:
  static RandomPosterizationArguments with_range(RandomPosterizationArguments given) {
    given.factor = given.factor.as_range(1);
    return with_sorted_values(std::move(given));
  }
};

class EqualizationLayer final : public ImageLayer<EqualizationLayer, EqualizationOptions> {
 public:
  static constexpr const char* keras_name = "Equalization";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("bins", a.bins);
    visit("value_range", a.value_range);
  }

  explicit EqualizationLayer(EqualizationOptions given) : ImageLayer(with_sorted_values(std::move(given))) {
    check_values();
    require(arguments().bins >= 1,
            message("expected at least one bin, got ", arguments().bins, ". Give as many as there are tones: 256."));
  }

  Tensor changed(const Tensor& x) {
    const auto& a = arguments();
    const Tensor tones = between_ranges(x, a.value_range, byte_tones);
    const int64_t channels = x.shape().back(), last = a.bins - 1;
    const auto highest = static_cast<double>(last);
    const auto bin_of = [&](const Tensor& scaled) { return cast(clip(scaled, 0, highest), DType::int64); };
    // A row of bins for each channel, one behind the other.
    const Tensor first = arange(channels, DType::int64) * Tensor::scalar(static_cast<double>(a.bins), DType::int64);
    const Tensor places = reshape(bin_of(tones * highest / 255.0) + first, {x.size()});
    const Tensor counts = reshape(scatter_add(places, ones({x.size(), 1}), channels * a.bins), {channels, a.bins});
    const Tensor so_far = running_sums(counts);  // (channels, bins)
    const Tensor lowest = min(select(greater(so_far, 0.0), so_far, std::numeric_limits<double>::infinity()),
                              {.axes = {1}, .keepdims = true});
    const Tensor others = static_cast<double>(x.size() / channels) - lowest;
    const Tensor table = clip(round((so_far - lowest) * 255.0 / select(equal(others, 0.0), 1.0, others)), 0, 255);
    const Tensor rows = bin_of(tones / 255.0 * highest) + first;
    const Tensor spread = cast(reshape(gather(reshape(table, {channels * a.bins, 1}), rows), x.shape()), x.dtype());
    const Tensor is_flat = less_equal(sum(cast(greater(counts, 0.0), DType::float32), {.axes = {1}}), 1.0);
    return between_ranges(select(is_flat, tones, spread), byte_tones, a.value_range);
  }
};

}  // namespace

Layer AutoContrast(const AutoContrastOptions& options) { return make_layer<AutoContrastLayer>(options); }
Layer Solarization(const SolarizationOptions& options) { return make_layer<SolarizationLayer>(options); }
Layer RandomGrayscale(double factor, const RandomGrayscaleOptions& options) {
  return make_layer<RandomGrayscaleLayer>(RandomGrayscaleArguments{options, factor});
}
Layer RandomInvert(Factor factor, const RandomInvertOptions& options) {
  return make_layer<RandomInvertLayer>(RandomInvertArguments{options, factor});
}
Layer RandomPosterization(Factor factor, const RandomPosterizationOptions& options) {
  return make_layer<RandomPosterizationLayer>(RandomPosterizationArguments{options, factor});
}
Layer Equalization(const EqualizationOptions& options) { return make_layer<EqualizationLayer>(options); }

Layer detail::auto_contrast_from_config(const Json& config) { return AutoContrastLayer::from_config(config); }
Layer detail::equalization_from_config(const Json& config) { return EqualizationLayer::from_config(config); }
Layer detail::random_invert_from_config(const Json& config) { return RandomInvertLayer::from_config(config); }
Layer detail::random_posterization_from_config(const Json& config) {
  return RandomPosterizationLayer::from_config(config);
}
Layer detail::random_grayscale_from_config(const Json& config) { return RandomGrayscaleLayer::from_config(config); }
Layer detail::solarization_from_config(const Json& config) { return SolarizationLayer::from_config(config); }

}  // namespace hebb
