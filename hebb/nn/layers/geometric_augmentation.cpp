#include "hebb/nn/layers/geometric_augmentation.h"

#include <algorithm>
#include <numbers>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/image_windows.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/random.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// The base of layers that change images while training.
template <class Derived, class Arguments>
class RandomImageLayer : public ConfiguredLayer<Derived, Arguments> {
 public:
  explicit RandomImageLayer(Arguments given) : ConfiguredLayer<Derived, Arguments>(std::move(given)) {
    check_data_format(*this, this->arguments().data_format);
    this->input_rule_ = {.rank = 4, .axes = "(batch, height, width, channels)", .remedy = image_remedy};
    this->random_seed_ = this->arguments().seed;
  }

 protected:
  /// Uniform numbers (batch, 1) from the range.
  Tensor drawn(const Tensor& images, const Factor& range) {
    return random_uniform(this->next_random_state(), {images.shape().front(), 1}) * (range.high - range.low) +
           range.low;
  }
  void check_words(const std::string& fill_mode, const std::string& interpolation) const {
    check_word("fill_mode", fill_mode, {"reflect", "wrap", "constant", "nearest"});
    check_word("interpolation", interpolation, {"nearest", "bilinear"});
  }
  void check_word(const char* what, const std::string& word, const std::vector<std::string>& known) const {
    if (std::find(known.begin(), known.end(), word) == known.end())
      throw InvalidArgument(this->where() + unknown_name(what, word, known));
  }
  /// `above`: whether the least itself is refused.
  void check_factor(const char* what, const Factor& factor, double least, double most, bool above = false) const {
    for (const double value : {factor.low, factor.high}) {
      this->require((above ? value > least : value >= least) && value <= most,
                    message("expected ", what, " ", above ? "above " : "from ", least, above ? " and at most " : " to ",
                            most, ", got ", factor.to_string(), ". Give one number, or {low, high}."));
    }
  }
  Tensor transformed(const Tensor& images, const Tensors& entries) const {
    const auto& a = this->arguments();
    return image::affine_transform(
        images, concatenate(entries, 1),
        {.interpolation = a.interpolation, .fill_mode = a.fill_mode, .fill_value = a.fill_value});
  }
};

// ------------------------------------------------------------------------------------------------------------- flip

struct RandomFlipArguments : RandomFlipOptions {
  std::string mode;
};

class RandomFlipLayer final : public RandomImageLayer<RandomFlipLayer, RandomFlipArguments> {
 public:
  static constexpr const char* keras_name = "RandomFlip";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("seed", a.seed);
    visit("mode", a.mode);
  }

  explicit RandomFlipLayer(RandomFlipArguments given) : RandomImageLayer(std::move(given)) {
    check_word("mode", arguments().mode, {"horizontal", "vertical", "horizontal_and_vertical"});
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    if (!options.training) return x;
    const Tensor flips = less_equal(random_uniform(next_random_state(), {x.shape().front(), 1, 1, 1}), 0.5);
    const std::string& mode = arguments().mode;
    const std::vector<int64_t> axes = mode == "horizontal" ? std::vector<int64_t>{2}
                                      : mode == "vertical" ? std::vector<int64_t>{1}
                                                           : std::vector<int64_t>{1, 2};
    return select(flips, reverse(x, axes), x);
  }
};

// ------------------------------------------------------------------------------------------------------ translation

struct RandomTranslationArguments : RandomTranslationOptions {
  Factor height_factor, width_factor;
};

class RandomTranslationLayer final : public RandomImageLayer<RandomTranslationLayer, RandomTranslationArguments> {
 public:
  static constexpr const char* keras_name = "RandomTranslation";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("height_factor", a.height_factor);
    visit("width_factor", a.width_factor);
    visit("fill_mode", a.fill_mode);
    visit("interpolation", a.interpolation);
    visit("seed", a.seed);
    visit("fill_value", a.fill_value);
  }

  explicit RandomTranslationLayer(RandomTranslationArguments given) : RandomImageLayer(std::move(given)) {
    check_words(arguments().fill_mode, arguments().interpolation);
    check_factor("height_factor", arguments().height_factor, -1, 1);
    check_factor("width_factor", arguments().width_factor, -1, 1);
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    if (!options.training) return x;
    const auto height = static_cast<double>(x.shape()[1]), width = static_cast<double>(x.shape()[2]);
    const Tensor down = drawn(x, arguments().height_factor.as_range(-1)) * height;
    const Tensor right = drawn(x, arguments().width_factor.as_range(-1)) * width;
    const Tensor zero = zeros(down.shape()), one = ones(down.shape());
    return transformed(x, {one, zero, -right, zero, one, -down});
  }
};

// --------------------------------------------------------------------------------------------------------- rotation

struct RandomRotationArguments : RandomRotationOptions {
  Factor factor;
};

class RandomRotationLayer final : public RandomImageLayer<RandomRotationLayer, RandomRotationArguments> {
 public:
  static constexpr const char* keras_name = "RandomRotation";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("factor", a.factor);
    visit("fill_mode", a.fill_mode);
    visit("fill_value", a.fill_value);
    visit("interpolation", a.interpolation);
    visit("seed", a.seed);
  }

  explicit RandomRotationLayer(RandomRotationArguments given) : RandomImageLayer(as_range(std::move(given))) {
    check_words(arguments().fill_mode, arguments().interpolation);
    check_factor("factor", arguments().factor, -1, 1);
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    if (!options.training) return x;
    const Factor& turn = arguments().factor;
    const Tensor angle = drawn(x, {turn.low * 360, turn.high * 360}) * (std::numbers::pi / 180);
    const double cx = 0.5 * static_cast<double>(x.shape()[2] - 1), cy = 0.5 * static_cast<double>(x.shape()[1] - 1);
    const Tensor cosine = cos(angle), sine = sin(angle);
    return transformed(x, {cosine, -sine, cx - cosine * cx + sine * cy, sine, cosine, cy - sine * cx - cosine * cy});
  }

 private:
  /// Keras writes the range that a single number means.
  static RandomRotationArguments as_range(RandomRotationArguments a) {
    a.factor = a.factor.as_range(-1);
    return a;
  }
};

// ------------------------------------------------------------------------------------------------------------- zoom

struct RandomZoomArguments : RandomZoomOptions {
  Factor height_factor;
};

class RandomZoomLayer final : public RandomImageLayer<RandomZoomLayer, RandomZoomArguments> {
 public:
  static constexpr const char* keras_name = "RandomZoom";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("height_factor", a.height_factor);
    visit("width_factor", a.width_factor);
    visit("fill_mode", a.fill_mode);
    visit("interpolation", a.interpolation);
    visit("seed", a.seed);
    visit("fill_value", a.fill_value);
  }

  explicit RandomZoomLayer(RandomZoomArguments given) : RandomImageLayer(std::move(given)) {
    check_words(arguments().fill_mode, arguments().interpolation);
    check_factor("height_factor", arguments().height_factor, -1, 1, true);
    if (arguments().width_factor) check_factor("width_factor", *arguments().width_factor, -1, 1, true);
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    if (!options.training) return x;
    const auto shown = [&](const Factor& factor) {
      const Factor range = factor.as_range(-1);
      return drawn(x, {1 + range.low, 1 + range.high});
    };
    const Tensor tall = shown(arguments().height_factor);
    const Tensor wide = arguments().width_factor ? shown(*arguments().width_factor) : tall;
    const double cx = 0.5 * static_cast<double>(x.shape()[2] - 1), cy = 0.5 * static_cast<double>(x.shape()[1] - 1);
    const Tensor zero = zeros(tall.shape());
    return transformed(x, {wide, zero, (1.0 - wide) * cx, zero, tall, (1.0 - tall) * cy});
  }
};

// ------------------------------------------------------------------------------------------------------------- crop

struct RandomCropArguments : RandomCropOptions {
  int64_t height = 1, width = 1;
};

class RandomCropLayer final : public RandomImageLayer<RandomCropLayer, RandomCropArguments> {
 public:
  static constexpr const char* keras_name = "RandomCrop";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("height", a.height);
    visit("width", a.width);
    visit("seed", a.seed);
  }

  explicit RandomCropLayer(RandomCropArguments given) : RandomImageLayer(std::move(given)) {
    check_pair(*this, "height and width", {arguments().height, arguments().width});
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    const int64_t height = arguments().height, width = arguments().width;
    const int64_t rows = x.shape()[1], columns = x.shape()[2];
    if (!options.training) return smart_resized(x, height, width);
    if (rows > height && columns > width) {
      const auto place = [&](int64_t room) {
        return floor(random_uniform(next_random_state(), {1, 1}) * static_cast<double>(room + 1));
      };
      const Tensor top = place(rows - height), left = place(columns - width);
      const Tensor zero = zeros({1, 1}), one = ones({1, 1});
      const Tensor one_for_all = concatenate({one, zero, left, zero, one, top}, 1);
      return image::affine_transform(x, broadcast_to(one_for_all, {x.shape().front(), 6}),
                                     {.interpolation = "nearest", .height = height, .width = width});
    }
    // As Keras: begun where the window of these proportions begins, but cut to the wanted size.
    const ImageWindow window = centred_window(rows, columns, height, width);
    const Tensor cut = slice(x, {0, window.top, window.left, 0},
                             {x.shape().front(), std::min(window.top + height, rows),
                              std::min(window.left + width, columns), x.shape().back()});
    return image::resize(cut, height, width);
  }
};

}  // namespace

Layer RandomFlip(const std::string& mode, const RandomFlipOptions& options) {
  return make_layer<RandomFlipLayer>(RandomFlipArguments{options, mode});
}
Layer RandomTranslation(Factor height_factor, Factor width_factor, const RandomTranslationOptions& options) {
  return make_layer<RandomTranslationLayer>(RandomTranslationArguments{options, height_factor, width_factor});
}
Layer RandomRotation(Factor factor, const RandomRotationOptions& options) {
  return make_layer<RandomRotationLayer>(RandomRotationArguments{options, factor});
}
Layer RandomZoom(Factor height_factor, const RandomZoomOptions& options) {
  return make_layer<RandomZoomLayer>(RandomZoomArguments{options, height_factor});
}
Layer RandomCrop(int64_t height, int64_t width, const RandomCropOptions& options) {
  return make_layer<RandomCropLayer>(RandomCropArguments{options, height, width});
}

Layer detail::random_crop_from_config(const Json& config) { return RandomCropLayer::from_config(config); }
Layer detail::random_flip_from_config(const Json& config) { return RandomFlipLayer::from_config(config); }
Layer detail::random_rotation_from_config(const Json& config) { return RandomRotationLayer::from_config(config); }
Layer detail::random_translation_from_config(const Json& config) { return RandomTranslationLayer::from_config(config); }
Layer detail::random_zoom_from_config(const Json& config) { return RandomZoomLayer::from_config(config); }

}  // namespace hebb
