#include "hebb/nn/layers/mixing_augmentation.h"

#include <algorithm>

#include "hebb/nn/layers/gamma_draws.h"
#include "hebb/nn/layers/image_boxes.h"
#include "hebb/nn/layers/image_layer.h"
#include "hebb/nn/layers/mixing.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

// ---------------------------------------------------------------------------------------------------------- erasing

struct RandomErasingArguments : RandomErasingOptions {
  Factor factor = 1.0;
};

class RandomErasingLayer final : public ImageLayer<RandomErasingLayer, RandomErasingArguments> {
 public:
  static constexpr const char* keras_name = "RandomErasing";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("factor", a.factor);
    visit("scale", a.scale);
    visit("fill_value", a.fill_value);
    visit("value_range", a.value_range);
    visit("seed", a.seed);
  }

  explicit RandomErasingLayer(const RandomErasingArguments& given) : ImageLayer(with_ranges(given)) {
    const auto& a = arguments();
    check_overlap("a factor", given.factor, 0, 1);
    check_overlap("a scale", given.scale, 0, 1);
    check_values();
    require(
        !a.fill_value || a.fill_value->values.size() == (a.fill_value->is_list ? 3 : 1),
        message("expected a fill_value of one number or three, got ", a.fill_value ? a.fill_value->values.size() : 0,
                ". Give one for all channels, or one for each colour."));
  }

  void check_trained(const std::vector<Shape>& inputs) const {
    const auto& fill = arguments().fill_value;
    if (fill && fill->is_list) check_channels(inputs, {3}, "images of three channels, as many as fill_value has");
  }

  Tensor changed(const Tensor& x) {
    const auto& a = arguments();
    const int64_t batch = x.shape().front();
    const Tensor shares =
        sqrt(random_uniform(next_random_state(), {batch, 2}) * (a.scale.high - a.scale.low) + a.scale.low);
    const auto share = [&](int64_t i) { return reshape(slice(shares, {0, i}, {batch, i + 1}), {batch, 1, 1, 1}); };
    const Tensor columns_state = next_random_state(), rows_state = next_random_state();
    const Tensor inside = inside_boxes(x, share(0), share(1), columns_state, rows_state);
    const Tensor erased = logical_and(chosen(x, a.factor), inside);
    return select(erased, clip(fill(x), a.value_range.low, a.value_range.high), x);
  }

 private:
  static RandomErasingArguments with_ranges(RandomErasingArguments given) {
    given.factor = given.factor.as_range(0);
    given.scale = given.scale.as_range(0);
    return given;
  }
  Tensor fill(const Tensor& x) {
    const auto& a = arguments();
    if (!a.fill_value) return cast(random_normal(next_random_state(), x.shape()), x.dtype()) * a.value_range.high;
    return cast(Tensor::from(a.fill_value->values), x.dtype());
  }
};

// ----------------------------------------------------------------------------------------------------------- mixing

/// The numbers 0 to count - 1 in random order: the rank of each among as many that are drawn.
Tensor random_order(const Tensor& state, int64_t count) {
  const Tensor drawn = random_uniform(state, {count}), at = arange(count);
  const auto column = [&](const Tensor& x) { return reshape(x, {count, 1}); };
  const auto row = [&](const Tensor& x) { return reshape(x, {1, count}); };
  const Tensor is_first = logical_or(less(row(drawn), column(drawn)),
                                     logical_and(equal(row(drawn), column(drawn)), less(row(at), column(at))));
  return cast(sum(cast(is_first, DType::float32), {.axes = {1}}), DType::int64);
}

/// What both layers share; `Derived` has `draw`.
template <class Derived, class Arguments>
class MixingImageLayer : public ImageLayer<Derived, Arguments>, public MixingLayer {
 public:
  explicit MixingImageLayer(Arguments given) : ImageLayer<Derived, Arguments>(std::move(given)) {
    this->input_rule_ = {};  // images, and maybe labels: check_shapes
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    this->require(inputs.size() == 1 || inputs.size() == 2,
                  message("expected images, or images and labels, got ", inputs.size(),
                          " inputs. Call it with {images, labels}."));
    this->require(inputs[0].rank() == 4,
                  message("expected images ", this->axes_.text, ", got ", inputs[0], ". ", this->axes_.remedy()));
    if (inputs.size() > 1) check_labels(inputs[1], inputs[0]);
  }

  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    const std::vector<std::string>& parts = options.inputs;
    const size_t images = parts.empty() ? 0 : detail::place_of("images", parts);
    const size_t labels = parts.empty() ? 1 : detail::place_of("labels", parts);
    if (labels < xs.size()) check_labels(xs[labels].shape(), xs[images].shape());
    if (!options.training) return xs;
    const int64_t batch = xs[images].shape().front();
    const Mixture mix = mixture(xs[images]);
    const Tensor order = random_order(this->next_random_state(), batch);
    const auto others = [&](const Tensor& x) { return gather(x, order); };
    Tensors out = xs;
    out[images] = mixed_images(mix, xs[images], others(xs[images]));
    if (labels < xs.size()) out[labels] = mixed_labels(mix, xs[labels], others(xs[labels]));
    for (size_t i = 0; i < parts.size(); ++i) {
      const bool of_boxes = parts[i].starts_with("bounding_boxes/");
      if (of_boxes || parts[i] == "segmentation_masks")
        out[i] = static_cast<Derived&>(*this).mixed_place(parts[i], mix, xs[i], others(xs[i]));
    }
    return out;
  }

  Mixture mixture(const Tensor& images) override {
    return static_cast<Derived&>(*this).draw(this->axes_.to_last(images));
  }
  Tensor mixed_images(const Mixture& mix, const Tensor& images, const Tensor& others) const override {
    const Tensor own = cast(mix.pixels, images.dtype());
    const Tensor x = this->axes_.to_last(images), other = this->axes_.to_last(others);
    return this->axes_.from_last(own * x + (1.0 - own) * other);
  }

 private:
  void check_labels(const Shape& labels, const Shape& images) const {
    const bool fits = labels.rank() >= 2 && (labels.front() == images.front() || labels.front() == Shape::unknown ||
                                             images.front() == Shape::unknown);
    this->require(fits, message("expected labels (batch, classes), a row for each image, got ", labels, " beside ",
                                images, ". Bring classes' numbers there with to_categorical()."));
  }

 protected:
  [[noreturn]] void refuse(const std::string& part, const char* why) const {
    throw NotSupported(message(this->where(), "while training: got ", part, ", ", why,
                               ". Leave the layer out of the model, and mix in augment() ahead of it."));
  }
  /// Shares (count,) from Beta(a, a).
  Tensor drawn_shares(int64_t count, const Tensor& a) {
    return random_beta([this] { return this->next_random_state(); }, count, a);
  }
};

struct MixUpArguments : MixingOptions {
  double alpha = 0.2;
};

class MixUpLayer final : public MixingImageLayer<MixUpLayer, MixUpArguments> {
 public:
  static constexpr const char* keras_name = "MixUp";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("alpha", a.alpha);
    visit("seed", a.seed);
  }

  explicit MixUpLayer(MixUpArguments given) : MixingImageLayer(std::move(given)) {
    require(arguments().alpha > 0, message("expected an alpha above 0, got ", arguments().alpha,
                                           ". Leave the layer out to mix nothing; 0.2 mixes little."));
  }

  Mixture draw(const Tensor& x) {
    const int64_t batch = x.shape().front();
    const Tensor share = drawn_shares(batch, Tensor::from(std::vector<float>{static_cast<float>(arguments().alpha)}));
    return {reshape(share, {batch, 1, 1, 1}), share};
  }

  /// Boxes of both images, and their labels.
  Tensor mixed_place(const std::string& part, const Mixture& /*mix*/, const Tensor& own, const Tensor& others) const {
    if (part == "segmentation_masks")
      refuse(part, "which Keras mixes with single pixels of the first mask instead of with other masks");
    return concatenate({own, others}, 1);
  }
};

struct CutMixArguments : MixingOptions {
  Factor factor = 1.0;
};

class CutMixLayer final : public MixingImageLayer<CutMixLayer, CutMixArguments> {
 public:
  static constexpr const char* keras_name = "CutMix";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("factor", a.factor);
    visit("seed", a.seed);
  }

  explicit CutMixLayer(const CutMixArguments& given) : MixingImageLayer(with_range(given)) {
    check_overlap("a factor", given.factor, 0, 1);
  }

  Mixture draw(const Tensor& x) {
    const Factor& factor = arguments().factor;
    const int64_t batch = x.shape().front();
    const Tensor a = random_uniform(next_random_state(), {1}) * (factor.high - factor.low) + factor.low + 1e-6;
    const Tensor share = drawn_shares(batch, a);
    const Tensor side = reshape(sqrt(1.0 - share), {batch, 1, 1, 1});
    const Tensor columns_state = next_random_state(), rows_state = next_random_state();
    const Tensor inside = inside_boxes(x, side, side, columns_state, rows_state);
    return {1.0 - cast(inside, DType::float32), share};
  }

  /// Masks as images.
  Tensor mixed_place(const std::string& part, const Mixture& mix, const Tensor& own, const Tensor& others) const {
    if (part != "segmentation_masks") refuse(part, "which Keras does not mix, either");
    const Tensor is_own = greater(mix.pixels, 0.5);
    return axes_.from_last(select(is_own, axes_.to_last(own), axes_.to_last(others)));
  }

 private:
  static CutMixArguments with_range(CutMixArguments given) {
    given.factor = given.factor.as_range(0);
    return given;
  }
};

}  // namespace

Tensor mixed_labels(const Mixture& mixture, const Tensor& labels, const Tensor& others) {
  std::vector<int64_t> shape(static_cast<size_t>(labels.rank()), 1);
  shape.front() = labels.shape().front();
  const Tensor own = cast(reshape(mixture.labels, Shape(shape)), labels.dtype());
  return own * labels + (1.0 - own) * others;
}

Layer RandomErasing(Factor factor, const RandomErasingOptions& options) {
  return make_layer<RandomErasingLayer>(RandomErasingArguments{options, factor});
}
Layer MixUp(double alpha, const MixingOptions& options) {
  return make_layer<MixUpLayer>(MixUpArguments{options, alpha});
}
Layer CutMix(Factor factor, const MixingOptions& options) {
  return make_layer<CutMixLayer>(CutMixArguments{options, factor});
}

Layer detail::cut_mix_from_config(const Json& config) { return CutMixLayer::from_config(config); }
Layer detail::mix_up_from_config(const Json& config) { return MixUpLayer::from_config(config); }
Layer detail::random_erasing_from_config(const Json& config) { return RandomErasingLayer::from_config(config); }

}  // namespace hebb
