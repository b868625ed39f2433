#include "hebb/nn/layers/geometric_augmentation.h"

#include <algorithm>
#include <numbers>

#include "hebb/base/text.h"
#include "hebb/nn/layers/box_formats.h"
#include "hebb/nn/layers/image_layer.h"
#include "hebb/nn/layers/image_windows.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/image.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// The base of layers that move the pixels of images.
template <class Derived, class Arguments, Moves when = Moves::while_training>
class GeometricLayer : public ImageLayer<Derived, Arguments> {
 public:
  static constexpr Moves moves = when;
  using ImageLayer<Derived, Arguments>::ImageLayer;

 protected:
  /// Uniform numbers (batch, 1) from the range.
  Tensor drawn(const Tensor& images, const Factor& range) {
    return random_uniform(this->next_random_state(), {images.shape().front(), 1}) * (range.high - range.low) +
           range.low;
  }
  void check_words(const std::string& fill_mode, const std::string& interpolation) const {
    this->check_word("fill_mode", fill_mode, {"reflect", "wrap", "constant", "nearest"});
    this->check_word("interpolation", interpolation, {"nearest", "bilinear"});
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
  std::string mode = "horizontal_and_vertical";
};

class RandomFlipLayer final : public GeometricLayer<RandomFlipLayer, RandomFlipArguments> {
 public:
  static constexpr const char* keras_name = "RandomFlip";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("seed", a.seed);
    visit("mode", a.mode);
  }

  explicit RandomFlipLayer(RandomFlipArguments given) : GeometricLayer(std::move(given)) {
    check_word("mode", arguments().mode, {"horizontal", "vertical", "horizontal_and_vertical"});
  }

  Tensor changed(const Tensor& x) { return flipped(x, drawn_flips(x.shape().front())); }

  /// With images their masks and boxes are flipped.
  using GeometricLayer::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    const std::vector<std::string>& parts = options.inputs;
    if (parts.empty() || !options.training) return GeometricLayer::call_many(xs, options);
    const Shape images = axes_.to_last(xs[detail::place_of_images(parts)]).shape();
    const Tensor flips = drawn_flips(images.front());
    Tensors out = xs;
    for (size_t i = 0; i < xs.size(); ++i) {
      if (parts[i] == "images" || parts[i] == "segmentation_masks")
        out[i] = axes_.from_last(flipped(axes_.to_last(xs[i]), flips));
      if (parts[i] != "bounding_boxes/boxes") continue;
      const Tensor edges = flipped_edges(edges_of_boxes(xs[i], known_format(), images[1], images[2]), flips);
      // As in Keras, shares are cut off at the size in pixels.
      const Tensor cut = maximum(minimum(edges, largest_edges(images, edges)), 0.0);
      out[i] = boxes_of_edges(cut, known_format(), images[1], images[2]);
      const auto labels = std::find(parts.begin(), parts.end(), "bounding_boxes/labels");
      if (labels == parts.end()) continue;
      const auto at = static_cast<size_t>(labels - parts.begin());
      out[at] = select(has_area(cut), xs[at], -1.0);
    }
    return out;
  }

 private:
  bool is_horizontal() const { return arguments().mode != "vertical"; }
  bool is_vertical() const { return arguments().mode != "horizontal"; }

  Tensor drawn_flips(int64_t count) { return less_equal(random_uniform(next_random_state(), {count, 1, 1, 1}), 0.5); }
  Tensor flipped(const Tensor& x, const Tensor& flips) const {
    std::vector<int64_t> axes;
    if (is_vertical()) axes.push_back(1);
    if (is_horizontal()) axes.push_back(2);
    return select(flips, reverse(x, axes), x);
  }

  std::string known_format() const {
    std::string format = lower_case(box_format());
    require(!format.empty(),
            "expected a bounding_box_format for the boxes that move with images, got none. Make the layer "
            "with one, such as \"xyxy\".");
    const auto& known = box_formats();
    require(std::find(known.begin(), known.end(), format) != known.end(),
            unknown_name("bounding_box_format", format, known));
    return format;
  }
  static Tensor edge(const Tensor& edges, int64_t which) {
    return slice(edges, {0, 0, which}, {edges.shape()[0], edges.shape()[1], which + 1});
  }
  /// edges (batch, boxes, 4): left, top, right, bottom.
  Tensor flipped_edges(const Tensor& edges, const Tensor& flips) const {
    const auto at = [&](bool turns, int64_t own, int64_t other) {
      return turns ? 1.0 - edge(edges, other) : edge(edges, own);
    };
    const Tensor turned = concatenate(
        {at(is_horizontal(), 0, 2), at(is_vertical(), 1, 3), at(is_horizontal(), 2, 0), at(is_vertical(), 3, 1)}, 2);
    return select(reshape(flips, {edges.shape()[0], 1, 1}), turned, edges);
  }
  static Tensor largest_edges(const Shape& images, const Tensor& like) {
    const auto width = static_cast<double>(images[2]), height = static_cast<double>(images[1]);
    return cast(Tensor::from(std::vector<double>{width, height, width, height}), like.dtype());
  }
  /// (batch, boxes).
  static Tensor has_area(const Tensor& edges) {
    const Tensor area = (edge(edges, 2) - edge(edges, 0)) * (edge(edges, 3) - edge(edges, 1));
    return greater(reshape(area, {edges.shape()[0], edges.shape()[1]}), 0.0);
  }
};

// ------------------------------------------------------------------------------------------------------ translation

struct RandomTranslationArguments : RandomTranslationOptions {
  Factor height_factor, width_factor;
};

class RandomTranslationLayer final : public GeometricLayer<RandomTranslationLayer, RandomTranslationArguments> {
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

  explicit RandomTranslationLayer(RandomTranslationArguments given) : GeometricLayer(std::move(given)) {
    check_words(arguments().fill_mode, arguments().interpolation);
    check_factor("height_factor", arguments().height_factor, -1, 1);
    check_factor("width_factor", arguments().width_factor, -1, 1);
  }

  Tensor changed(const Tensor& x) {
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

class RandomRotationLayer final : public GeometricLayer<RandomRotationLayer, RandomRotationArguments> {
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

  explicit RandomRotationLayer(RandomRotationArguments given) : GeometricLayer(as_range(std::move(given))) {
    check_words(arguments().fill_mode, arguments().interpolation);
    check_factor("factor", arguments().factor, -1, 1);
  }

  Tensor changed(const Tensor& x) {
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

class RandomZoomLayer final : public GeometricLayer<RandomZoomLayer, RandomZoomArguments> {
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

  explicit RandomZoomLayer(RandomZoomArguments given) : GeometricLayer(std::move(given)) {
    check_words(arguments().fill_mode, arguments().interpolation);
    check_factor("height_factor", arguments().height_factor, -1, 1, true);
    if (arguments().width_factor) check_factor("width_factor", *arguments().width_factor, -1, 1, true);
  }

  Tensor changed(const Tensor& x) {
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

// ------------------------------------------------------------------------------------------------------------ shear

struct RandomShearArguments : RandomShearOptions {
  Factor x_factor, y_factor;
};

class RandomShearLayer final : public GeometricLayer<RandomShearLayer, RandomShearArguments> {
 public:
  static constexpr const char* keras_name = "RandomShear";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("x_factor", a.x_factor);
    visit("y_factor", a.y_factor);
    visit("fill_mode", a.fill_mode);
    visit("interpolation", a.interpolation);
    visit("seed", a.seed);
    visit("fill_value", a.fill_value);
  }

  explicit RandomShearLayer(const RandomShearArguments& given) : GeometricLayer(with_ranges(given)) {
    check_words(arguments().fill_mode, arguments().interpolation);
    for (const auto& [what, factor] : {std::pair("x_factor", given.x_factor), {"y_factor", given.y_factor}}) {
      // Keras writes -f to f where f was given, and does not read that again itself.
      if (!factor.is_range || factor.low != -factor.high) check_factor(what, factor, 0, 1);
      check_factor(what, factor, -1, 1);
    }
  }

  Tensor changed(const Tensor& x) {
    const Tensor to_left = select(greater(drawn(x, {0, 1}), 0.5), ones({1, 1}) * -1.0, ones({1, 1}));
    const Tensor up = drawn(x, arguments().y_factor), left = drawn(x, arguments().x_factor);
    const Tensor zero = zeros(up.shape()), one = ones(up.shape());
    return transformed(x, {one, left * to_left, zero, up * to_left, one, zero});
  }

 private:
  static RandomShearArguments with_ranges(RandomShearArguments given) {
    for (Factor* factor : {&given.x_factor, &given.y_factor}) *factor = factor->as_range(-1);
    return given;
  }
};

// ------------------------------------------------------------------------------------------------------------- crop

struct RandomCropArguments : RandomCropOptions {
  int64_t height = 1, width = 1;
};

class RandomCropLayer final : public GeometricLayer<RandomCropLayer, RandomCropArguments, Moves::always> {
 public:
  static constexpr const char* keras_name = "RandomCrop";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("height", a.height);
    visit("width", a.width);
    visit("seed", a.seed);
  }

  explicit RandomCropLayer(RandomCropArguments given) : GeometricLayer(std::move(given)) {
    check_pair(*this, "height and width", {arguments().height, arguments().width});
  }

  using GeometricLayer::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    const Tensor images = axes_.to_last(x);
    return axes_.from_last(options.training ? cropped(images)
                                            : smart_resized(images, arguments().height, arguments().width));
  }

 private:
  Tensor cropped(const Tensor& x) {
    const int64_t height = arguments().height, width = arguments().width;
    const int64_t rows = x.shape()[1], columns = x.shape()[2];
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
Layer RandomShear(Factor x_factor, Factor y_factor, const RandomShearOptions& options) {
  return make_layer<RandomShearLayer>(RandomShearArguments{options, x_factor, y_factor});
}
Layer RandomCrop(int64_t height, int64_t width, const RandomCropOptions& options) {
  return make_layer<RandomCropLayer>(RandomCropArguments{options, height, width});
}

Layer detail::random_crop_from_config(const Json& config) { return RandomCropLayer::from_config(config); }
Layer detail::random_flip_from_config(const Json& config) { return RandomFlipLayer::from_config(config); }
Layer detail::random_rotation_from_config(const Json& config) { return RandomRotationLayer::from_config(config); }
Layer detail::random_shear_from_config(const Json& config) { return RandomShearLayer::from_config(config); }
Layer detail::random_translation_from_config(const Json& config) { return RandomTranslationLayer::from_config(config); }
Layer detail::random_zoom_from_config(const Json& config) { return RandomZoomLayer::from_config(config); }

}  // namespace hebb
