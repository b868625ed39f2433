#include "hebb/nn/layers/geometric_augmentation.h"

#include <algorithm>
#include <numbers>

#include "hebb/nn/layers/box_formats.h"
#include "hebb/nn/layers/image_layer.h"
#include "hebb/nn/layers/image_windows.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/image.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// The base of layers that draw a matrix {a0, a1, a2, b0, b1, b2} for each image: where a pixel comes from.
template <class Derived, class Arguments>
class GeometricLayer : public ImageLayer<Derived, Arguments>, public ImageMover {
 public:
  using ImageLayer<Derived, Arguments>::ImageLayer;

  Tensors drawn_for(const Tensor& images, bool /*training*/) override {
    return {concatenate(static_cast<Derived&>(*this).drawn_entries(images), 1)};
  }
  Tensor moved(const Tensor& x, const Tensors& drawn, bool are_masks) override {
    const auto& a = this->arguments();
    return image::affine_transform(x, drawn.front(),
                                   {.interpolation = are_masks ? "nearest" : a.interpolation,
                                    .fill_mode = a.fill_mode,
                                    .fill_value = a.fill_value});
  }

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
};

// ------------------------------------------------------------------------------------------------------------- flip

struct RandomFlipArguments : RandomFlipOptions {
  std::string mode = "horizontal_and_vertical";
};

class RandomFlipLayer final : public ImageLayer<RandomFlipLayer, RandomFlipArguments>, public ImageMover {
 public:
  static constexpr const char* keras_name = "RandomFlip";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("seed", a.seed);
    visit("mode", a.mode);
  }

  explicit RandomFlipLayer(RandomFlipArguments given) : ImageLayer(std::move(given)) {
    check_word("mode", arguments().mode, {"horizontal", "vertical", "horizontal_and_vertical"});
  }

  Tensors drawn_for(const Tensor& images, bool /*training*/) override {
    return {less_equal(random_uniform(next_random_state(), {images.shape().front(), 1, 1, 1}), 0.5)};
  }
  Tensor moved(const Tensor& x, const Tensors& drawn, bool /*are_masks*/) override {
    std::vector<int64_t> axes;
    if (is_vertical()) axes.push_back(1);
    if (is_horizontal()) axes.push_back(2);
    return select(drawn.front(), reverse(x, axes), x);
  }
  LabelledBoxes moved_boxes(const LabelledBoxes& given, const std::string& format, const Tensors& drawn,
                            const Tensor& images) override {
    const int64_t height = images.shape()[1], width = images.shape()[2];
    const Tensor edges = flipped_edges(edges_of_boxes(given.boxes, format, height, width), drawn.front());
    // As in Keras, shares are cut off at the size in pixels.
    return cut_boxes(edges, given.labels, format, height, width, pixels_of_edges(height, width));
  }

 private:
  bool is_horizontal() const { return arguments().mode != "vertical"; }
  bool is_vertical() const { return arguments().mode != "horizontal"; }

  /// edges (batch, boxes, 4): left, top, right, bottom.
  Tensor flipped_edges(const Tensor& edges, const Tensor& flips) const {
    const auto at = [&](bool turns, int64_t own, int64_t other) {
      return turns ? 1.0 - edge_of(edges, other) : edge_of(edges, own);
    };
    const Tensor turned = concatenate(
        {at(is_horizontal(), 0, 2), at(is_vertical(), 1, 3), at(is_horizontal(), 2, 0), at(is_vertical(), 3, 1)}, 2);
    return select(reshape(flips, {edges.shape()[0], 1, 1}), turned, edges);
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
    visit.required("height_factor", a.height_factor);
    visit.required("width_factor", a.width_factor);
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

  Tensors drawn_entries(const Tensor& x) {
    const auto height = static_cast<double>(x.shape()[1]), width = static_cast<double>(x.shape()[2]);
    const Tensor down = drawn(x, arguments().height_factor.as_range(-1)) * height;
    const Tensor right = drawn(x, arguments().width_factor.as_range(-1)) * width;
    const Tensor zero = zeros(down.shape()), one = ones(down.shape());
    return {one, zero, -right, zero, one, -down};
  }

  LabelledBoxes moved_boxes(const LabelledBoxes& given, const std::string& format, const Tensors& drawn,
                            const Tensor& images) override {
    const int64_t height = images.shape()[1], width = images.shape()[2];
    const Tensor shift = concatenate({-entry_of(drawn, 2), -entry_of(drawn, 5)}, 2);
    const Tensor edges = edges_of_boxes(given.boxes, format, height, width);
    return cut_boxes(edges + concatenate({shift, shift}, 2) / pixels_of_edges(height, width), given.labels, format,
                     height, width);
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
    visit.required("factor", a.factor);
    visit("fill_mode", a.fill_mode);
    visit("fill_value", a.fill_value);
    visit("interpolation", a.interpolation);
    visit("seed", a.seed);
  }

  explicit RandomRotationLayer(RandomRotationArguments given) : GeometricLayer(as_range(std::move(given))) {
    check_words(arguments().fill_mode, arguments().interpolation);
    check_factor("factor", arguments().factor, -1, 1);
  }

  Tensors drawn_entries(const Tensor& x) {
    const Factor& turn = arguments().factor;
    const Tensor angle = drawn(x, {turn.low * 360, turn.high * 360}) * (std::numbers::pi / 180);
    const double cx = 0.5 * static_cast<double>(x.shape()[2] - 1), cy = 0.5 * static_cast<double>(x.shape()[1] - 1);
    const Tensor cosine = cos(angle), sine = sin(angle);
    return {cosine, -sine, cx - cosine * cx + sine * cy, sine, cosine, cy - sine * cx - cosine * cy};
  }

  /// As in Keras, boxes of every format are turned as if they were "xyxy", and given in their own.
  LabelledBoxes moved_boxes(const LabelledBoxes& given, const std::string& format, const Tensors& drawn,
                            const Tensor& images) override {
    const int64_t height = images.shape()[1], width = images.shape()[2];
    const double cx = 0.5 * static_cast<double>(width - 1), cy = 0.5 * static_cast<double>(height - 1);
    const Corners at = corners_of(given.boxes);
    const Tensor x = at.x - cx, y = at.y - cy, cosine = entry_of(drawn, 0), sine = entry_of(drawn, 3);
    const Tensor around = edges_around({cosine * x + sine * y + cx, cosine * y - sine * x + cy});
    return cut_boxes(around / pixels_of_edges(height, width), given.labels, format, height, width);
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
    visit.required("height_factor", a.height_factor);
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

  Tensors drawn_entries(const Tensor& x) {
    const auto shown = [&](const Factor& factor) {
      const Factor range = factor.as_range(-1);
      return drawn(x, {1 + range.low, 1 + range.high});
    };
    const Tensor tall = shown(arguments().height_factor);
    const Tensor wide = arguments().width_factor ? shown(*arguments().width_factor) : tall;
    const double cx = 0.5 * static_cast<double>(x.shape()[2] - 1), cy = 0.5 * static_cast<double>(x.shape()[1] - 1);
    const Tensor zero = zeros(tall.shape());
    return {wide, zero, (1.0 - wide) * cx, zero, tall, (1.0 - tall) * cy};
  }

  LabelledBoxes moved_boxes(const LabelledBoxes& given, const std::string& format, const Tensors& drawn,
                            const Tensor& images) override {
    const int64_t height = images.shape()[1], width = images.shape()[2];
    const Tensor pixels = pixels_of_edges(height, width);
    const Tensor start =
        concatenate({entry_of(drawn, 2), entry_of(drawn, 5), entry_of(drawn, 2), entry_of(drawn, 5)}, 2);
    const Tensor zoom =
        concatenate({entry_of(drawn, 0), entry_of(drawn, 4), entry_of(drawn, 0), entry_of(drawn, 4)}, 2);
    const Tensor shown = zoom * pixels, edges = edges_of_boxes(given.boxes, format, height, width) * pixels;
    const Tensor inside = maximum(minimum(edges, start + shown), start) - start;
    return cut_boxes(inside / shown, given.labels, format, height, width);
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

  Tensors drawn_entries(const Tensor& x) {
    const Tensor to_left = select(greater(drawn(x, {0, 1}), 0.5), ones({1, 1}) * -1.0, ones({1, 1}));
    const Tensor up = drawn(x, arguments().y_factor), left = drawn(x, arguments().x_factor);
    const Tensor zero = zeros(up.shape()), one = ones(up.shape());
    return {one, left * to_left, zero, up * to_left, one, zero};
  }

  /// As in Keras, by shares of the image, and edges of rows after those of columns have moved.
  LabelledBoxes moved_boxes(const LabelledBoxes& given, const std::string& format, const Tensors& drawn,
                            const Tensor& images) override {
    const int64_t height = images.shape()[1], width = images.shape()[2];
    const Tensor edges = edges_of_boxes(given.boxes, format, height, width), left = edge_of(edges, 0),
                 top = edge_of(edges, 1), right = edge_of(edges, 2), bottom = edge_of(edges, 3);
    const Tensor x = entry_of(drawn, 1), y = entry_of(drawn, 3);
    const Tensor to_left = less(x, 0.0), up = greater(y, 0.0);
    const Tensor new_left = left - x * select(to_left, top, bottom),
                 new_right = right - x * select(to_left, bottom, top);
    const Tensor new_top = top - y * select(up, new_right, new_left),
                 new_bottom = bottom - y * select(up, new_left, new_right);
    return cut_boxes(concatenate({new_left, new_top, new_right, new_bottom}, 2), given.labels, format, height, width);
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

class RandomCropLayer final : public ImageLayer<RandomCropLayer, RandomCropArguments>, public ImageMover {
 public:
  static constexpr const char* keras_name = "RandomCrop";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit.required("height", a.height);
    visit.required("width", a.width);
    visit("seed", a.seed);
  }

  explicit RandomCropLayer(RandomCropArguments given) : ImageLayer(std::move(given)) {
    check_pair(*this, "height and width", {arguments().height, arguments().width});
  }

  bool moves_always() const override { return true; }

  /// Nothing when not training; else the first row and the first column, (1, 1).
  Tensors drawn_for(const Tensor& images, bool training) override {
    if (!training) return {};
    const int64_t height = arguments().height, width = arguments().width;
    const int64_t rows = images.shape()[1], columns = images.shape()[2];
    if (is_larger(images)) {
      const auto place = [&](int64_t room) {
        return floor(random_uniform(next_random_state(), {1, 1}) * static_cast<double>(room + 1));
      };
      const Tensor top = place(rows - height);
      return {top, place(columns - width)};
    }
    const ImageWindow window = centred_window(rows, columns, height, width);
    const auto at = [](int64_t first) { return Tensor::from(std::vector<float>{static_cast<float>(first)}, {1, 1}); };
    return {at(window.top), at(window.left)};
  }

  Tensor moved(const Tensor& x, const Tensors& drawn, bool /*are_masks*/) override {
    const int64_t height = arguments().height, width = arguments().width;
    if (drawn.empty()) return smart_resized(x, height, width);
    if (is_larger(x)) {
      const Tensor zero = zeros({1, 1}), one = ones({1, 1});
      const Tensor one_for_all = concatenate({one, zero, drawn[1], zero, one, drawn[0]}, 1);
      return image::affine_transform(x, broadcast_to(one_for_all, {x.shape().front(), 6}),
                                     {.interpolation = "nearest", .height = height, .width = width});
    }
    // As Keras: begun where the window of these proportions begins, but cut to the wanted size.
    const int64_t rows = x.shape()[1], columns = x.shape()[2];
    const ImageWindow window = centred_window(rows, columns, height, width);
    const Tensor cut = slice(x, {0, window.top, window.left, 0},
                             {x.shape().front(), std::min(window.top + height, rows),
                              std::min(window.left + width, columns), x.shape().back()});
    return image::resize(cut, height, width);
  }

  /// As in Keras: while training the first row is taken from x, the first column from y, shares are those of the crop,
  /// and nothing is cut off beyond it.
  LabelledBoxes moved_boxes(const LabelledBoxes& given, const std::string& format, const Tensors& drawn,
                            const Tensor& images) override {
    const int64_t height = arguments().height, width = arguments().width;
    if (drawn.empty()) {
      const ImageWindow window = centred_window(images.shape()[1], images.shape()[2], height, width);
      return boxes_in_window(given, format, images.shape(), window, height, width);
    }
    const Tensor pixels = pixels_of_edges(height, width);
    const Tensor first = reshape(concatenate({drawn[0], drawn[1], drawn[0], drawn[1]}, 1), {1, 1, 4});
    const Tensor edges = maximum(edges_of_boxes(given.boxes, format, height, width) * pixels - first, 0.0);
    return {boxes_of_edges(edges / pixels, format, height, width), given.labels};
  }

 private:
  bool is_larger(const Tensor& x) const {
    return x.shape()[1] > arguments().height && x.shape()[2] > arguments().width;
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
