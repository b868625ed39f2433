#include "hebb/nn/layers/warping_augmentation.h"

#include <algorithm>
#include <cmath>

#include "hebb/nn/layers/box_formats.h"
#include "hebb/nn/layers/image_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/image.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

struct RandomPerspectiveArguments : RandomPerspectiveOptions {
  Factor factor = 1.0;
};

class RandomPerspectiveLayer final : public ImageLayer<RandomPerspectiveLayer, RandomPerspectiveArguments>,
                                     public ImageMover {
 public:
  static constexpr const char* keras_name = "RandomPerspective";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("factor", a.factor);
    visit("scale", a.scale);
    visit("interpolation", a.interpolation);
    visit("fill_value", a.fill_value);
    visit("seed", a.seed);
  }

  explicit RandomPerspectiveLayer(const RandomPerspectiveArguments& given) : ImageLayer(with_range(given)) {
    const auto& a = arguments();
    check_overlap("a factor", given.factor, 0, 1);
    check_factor("a scale", a.scale, 0, 1);
    check_word("interpolation", a.interpolation, {"nearest", "bilinear"});
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const Shape& images = inputs.front();
    const bool has_corners = images[axes_.first] != 1 && images[axes_.first + 1] != 1;
    require(has_corners, message("expected images with four corners, got ", images,
                                 ". Leave the layer out where images have one row or one column."));
  }

  /// Rows of a projective map, and which images are changed.
  Tensors drawn_for(const Tensor& x, bool /*training*/) override {
    const auto& a = arguments();
    const int64_t batch = x.shape().front();
    const auto right = static_cast<double>(x.shape()[2] - 1), bottom = static_cast<double>(x.shape()[1] - 1);
    const Tensor is_changed = chosen(x, a.factor);
    const Tensor sizes = random_uniform(next_random_state(), {batch, 8}) * a.scale + (1 - 0.5 * a.scale);
    // Where the corners go: (0, 0), (p, 0), (0, q) and (r, s). The map from there to where they were, a projective one,
    // keeps both axes, so that five of its numbers are 0 and the others follow one by one.
    const auto corner = [&](int64_t i, double from) { return slice(sizes, {0, i}, {batch, i + 1}) * from; };
    const Tensor p = corner(2, right), q = corner(5, bottom), r = corner(6, right), s = corner(7, bottom);
    const Tensor along_x = (s / q - 1.0) / r, along_y = (r / p - 1.0) / s;
    const Tensor zero = zeros(p.shape());
    const Tensor rows = concatenate(
        {(along_x + 1.0 / p) * right, zero, zero, zero, (along_y + 1.0 / q) * bottom, zero, along_x, along_y}, 1);
    return {rows, is_changed};
  }

  Tensor moved(const Tensor& x, const Tensors& drawn, bool are_masks) override {
    const auto& a = arguments();
    const Tensor seen = image::affine_transform(
        x, drawn[0], {.interpolation = are_masks ? "nearest" : a.interpolation, .fill_value = a.fill_value});
    return select(drawn[1], seen, x);
  }

  /// As in Keras they are given as "xyxy", whatever their format was.
  LabelledBoxes moved_boxes(const LabelledBoxes& given, const std::string& format, const Tensors& drawn,
                            const Tensor& images) override {
    const int64_t batch = images.shape()[0], height = images.shape()[1], width = images.shape()[2];
    const Tensor pixels = pixels_of_edges(height, width);
    const Tensor edges = edges_of_boxes(given.boxes, format, height, width) * pixels;
    // Back through the map, whose matrix is {{a, 0, 0}, {0, b, 0}, {c, d, 1}}.
    const Corners at = corners_of(edges);
    const Tensor x = at.x / entry_of(drawn, 0), y = at.y / entry_of(drawn, 4),
                 scale = 1.0 - entry_of(drawn, 6) * x - entry_of(drawn, 7) * y;
    const Tensor around = edges_around({x / scale, y / scale});
    const Tensor is_changed = reshape(drawn[1], {batch, 1, 1});
    return cut_boxes(select(is_changed, around, edges) / pixels, given.labels, "xyxy", height, width);
  }

 private:
  static RandomPerspectiveArguments with_range(RandomPerspectiveArguments given) {
    given.factor = given.factor.as_range(0);
    return given;
  }
};

struct RandomElasticTransformArguments : RandomElasticTransformOptions {
  Factor factor = 1.0;
};

class RandomElasticTransformLayer final
    : public ImageLayer<RandomElasticTransformLayer, RandomElasticTransformArguments>,
      public ImageMover {
 public:
  static constexpr const char* keras_name = "RandomElasticTransform";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("factor", a.factor);
    visit("scale", a.scale);
    visit("interpolation", a.interpolation);
    visit("fill_mode", a.fill_mode);
    visit("fill_value", a.fill_value);
    visit("value_range", a.value_range);
    visit("seed", a.seed);
  }

  explicit RandomElasticTransformLayer(const RandomElasticTransformArguments& given) : ImageLayer(with_ranges(given)) {
    const auto& a = arguments();
    check_overlap("a factor", given.factor, 0, 1);
    check_overlap("a scale", given.scale, 0, 1);
    constexpr double most = 1e3;  // the kernel that smooths is as long
    require(a.scale.high <= most, message("expected a scale of at most ", most, ", got ", given.scale.to_string(),
                                          ". 1 bends images as much as may be of use."));
    check_word("interpolation", a.interpolation, {"nearest", "bilinear"});
    check_word("fill_mode", a.fill_mode, {"constant", "nearest", "wrap", "mirror", "reflect"});
  }

  /// Which images are changed, and how much; nothing where none can be.
  Tensors drawn_for(const Tensor& x, bool /*training*/) override {
    const auto& a = arguments();
    if (a.scale.high == 0 || a.factor.high == 0) return {};
    const Tensor is_changed = chosen(x, a.factor);
    return {is_changed, random_uniform(next_random_state(), {1}) * (a.scale.high - a.scale.low) + a.scale.low};
  }

  /// As in Keras masks are bent by fields of their own.
  Tensor moved(const Tensor& x, const Tensors& drawn, bool are_masks) override {
    if (drawn.empty()) return x;
    const auto& a = arguments();
    const int64_t batch = x.shape().front(), height = x.shape()[1], width = x.shape()[2];
    const Tensor& scale = drawn[1];
    const Tensor alpha = scale * 0.1 * static_cast<double>(std::max(height, width));
    const Tensor sigma = scale * 0.05 * static_cast<double>(std::min(height, width));
    const Tensor bell = gaussian(sigma, 0.05 * a.scale.high * static_cast<double>(std::min(height, width)));
    const auto field = [&](const Tensor& state) {
      const Tensor noise = random_normal(state, {batch, height, width}) * sigma;
      return alpha * reshape(smoothed(reshape(noise, {batch, height, width, 1}), bell), {batch, height, width});
    };
    const Tensor to_right = field(next_random_state()), down = field(next_random_state());
    const Tensor bent = image::map_coordinates(x, reshape(arange(width), {1, 1, width}) + to_right,
                                               reshape(arange(height), {1, height, 1}) + down,
                                               {.interpolation = are_masks ? "nearest" : a.interpolation,
                                                .fill_mode = a.fill_mode,
                                                .fill_value = a.fill_value});
    return clip(select(drawn[0], bent, x), a.value_range.low, a.value_range.high);
  }

  using ImageLayer::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    if (options.training && detail::place_of("bounding_boxes/boxes", options.inputs) < options.inputs.size())
      throw NotSupported(message(where(),
                                 "while training: got bounding_boxes/boxes, which Keras does not bend, either. Leave "
                                 "the layer or the boxes out of the model."));
    return ImageLayer::call_many(xs, options);
  }

 private:
  static RandomElasticTransformArguments with_ranges(RandomElasticTransformArguments given) {
    given.factor = given.factor.as_range(0);
    given.scale = given.scale.as_range(0);
    return given;
  }
  /// Keras's kernel of 6 floor(sigma) + 1 values, in one as long as the largest sigma asks for.
  static Tensor gaussian(const Tensor& sigma, double largest) {
    const auto half = static_cast<int64_t>(3 * std::floor(largest));
    const Tensor at = arange(2 * half + 1) - static_cast<double>(half);
    const Tensor bell = exp(square(at / maximum(sigma, 1e-12)) * -0.5);
    const Tensor kept = select(less_equal(abs(at), floor(sigma) * 3.0), bell, 0.0);
    return kept / sum(kept);
  }
  /// x (batch, height, width, 1) along columns, then rows; zeros outside.
  static Tensor smoothed(const Tensor& x, const Tensor& bell) {
    const int64_t size = bell.shape().front(), half = size / 2;
    if (size == 1) return x;
    const Tensor once = conv(x, reshape(bell, {size, 1, 1, 1}), {.low = {half, 0}, .high = {half, 0}});
    return conv(once, reshape(bell, {1, size, 1, 1}), {.low = {0, half}, .high = {0, half}});
  }
};

}  // namespace

Layer RandomPerspective(Factor factor, const RandomPerspectiveOptions& options) {
  return make_layer<RandomPerspectiveLayer>(RandomPerspectiveArguments{options, factor});
}
Layer RandomElasticTransform(Factor factor, const RandomElasticTransformOptions& options) {
  return make_layer<RandomElasticTransformLayer>(RandomElasticTransformArguments{options, factor});
}

Layer detail::random_elastic_transform_from_config(const Json& config) {
  return RandomElasticTransformLayer::from_config(config);
}
Layer detail::random_perspective_from_config(const Json& config) { return RandomPerspectiveLayer::from_config(config); }

}  // namespace hebb
