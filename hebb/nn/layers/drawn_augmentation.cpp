#include "hebb/nn/layers/drawn_augmentation.h"

#include <algorithm>

#include "hebb/nn/layers/blur_augmentation.h"
#include "hebb/nn/layers/color_augmentation.h"
#include "hebb/nn/layers/gamma_draws.h"
#include "hebb/nn/layers/geometric_augmentation.h"
#include "hebb/nn/layers/image_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/layers/tone_augmentation.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

/// What the layers that are drawn from have in common.
struct SharedOptions {
  Factor factor;
  ValueRange value_range;
  std::string interpolation;
  DTypePolicy dtype;
};

using Layers = std::vector<Layer>;

Layers moving(const SharedOptions& o) {
  return {RandomShear(o.factor, o.factor, {.interpolation = o.interpolation, .dtype = o.dtype}),
          RandomTranslation(o.factor, o.factor, {.interpolation = o.interpolation, .dtype = o.dtype}),
          RandomRotation(o.factor, {.interpolation = o.interpolation, .dtype = o.dtype})};
}

Layers changing_tones(const SharedOptions& o) {
  const auto bits = static_cast<double>(std::max<int64_t>(1, static_cast<int64_t>(8 * o.factor.high)));
  return {
      RandomPosterization(bits, {.value_range = o.value_range, .dtype = o.dtype}),
      Solarization(
          {.addition_factor = o.factor, .threshold_factor = o.factor, .value_range = o.value_range, .dtype = o.dtype}),
      AutoContrast({.value_range = o.value_range, .dtype = o.dtype}),
      Equalization({.value_range = o.value_range, .dtype = o.dtype})};
}

Layers changing_colours(const SharedOptions& o) {
  const ColorOptions options{.value_range = o.value_range, .dtype = o.dtype};
  return {RandomBrightness(o.factor, options), RandomColorDegeneration(o.factor, options),
          RandomContrast(o.factor, options),
          RandomSharpness(o.factor, {.value_range = o.value_range, .dtype = o.dtype})};
}

Layers joined(std::initializer_list<Layers> groups) {
  Layers all;
  for (const Layers& group : groups) all.insert(all.end(), group.begin(), group.end());
  return all;
}

/// Whose draws the layers' are.
enum class Draws {
  one_after_another,  ///< each layer has draws of its own behind the state
  the_same,           ///< only one is taken, so that all may have the same
};

/// x changed by the layer with this number, (1, 1, 1, 1); as it is where there is none. The draws follow the state.
/// Masks change with layers that move pixels alone, which are the first ones.
Tensor changed_by(const Layers& layers, const Tensor& number, const Tensor& state, Draws draws, const Tensor& x,
                  bool are_masks) {
  Tensor y = x;
  std::optional<WithRandomState> with_state(state);
  for (size_t i = 0; i < layers.size(); ++i) {
    if (draws == Draws::the_same) with_state.emplace(state);
    auto* mover = layers[i].as<ImageMover>();
    if (are_masks && !mover) break;
    const Tensor own = are_masks ? mover->moved(x, mover->drawn_for(x, true), true) : layers[i](x, {.training = true});
    y = select(equal(number, static_cast<double>(i)), own, y);
  }
  return y;
}

/// The base of layers that draw layers, in whose hands images are with the channels last.
template <class Derived, class Arguments>
class DrawnLayer : public ImageLayer<Derived, Arguments>, public ImageMover {
 public:
  explicit DrawnLayer(const Arguments& given) : ImageLayer<Derived, Arguments>(with_range(given)) {
    this->check_overlap("a factor", given.factor, 0, 1);
    this->check_values();
    this->check_word("interpolation", given.interpolation, {"nearest", "bilinear"});
  }

 protected:
  SharedOptions shared() const {
    const auto& a = this->arguments();
    return {a.factor, a.value_range, a.interpolation, this->dtype_policy()};
  }
  void check_count(const char* what, int64_t count, int64_t least) const {
    this->require(count >= least, message("expected ", what, " of at least ", least, ", got ", count,
                                          ". Leave the layer out to change nothing."));
  }
  /// Goes on behind draws that the layers of the list took.
  void skip_draws(int64_t count) {
    for (int64_t i = 0; i < count; ++i) this->next_random_state();
  }

 private:
  static Arguments with_range(Arguments given) {
    given.factor = given.factor.as_range(0);
    return given;
  }
};

class RandAugmentLayer final : public DrawnLayer<RandAugmentLayer, RandAugmentOptions> {
 public:
  static constexpr const char* keras_name = "RandAugment";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("value_range", a.value_range);
    visit("num_ops", a.num_ops);
    visit("factor", a.factor);
    visit("interpolation", a.interpolation);
    visit("seed", a.seed);
  }

  explicit RandAugmentLayer(const RandAugmentOptions& given) : DrawnLayer(given) {
    check_count("num_ops", arguments().num_ops, 0);
    layers_ = joined({moving(shared()), changing_colours(shared()), changing_tones(shared())});
  }

  void check_trained(const std::vector<Shape>& inputs) const {
    check_channels(inputs, {1, 3}, "images of three channels or one");
  }

  /// The layers' numbers, and the state that their draws follow.
  Tensors drawn_for(const Tensor& /*images*/, bool /*training*/) override {
    constexpr int64_t draws = 13;
    const int64_t count = arguments().num_ops;
    if (count == 0) return {};
    const Tensor state = next_random_state();
    skip_draws(draws);
    return {floor(random_uniform(state, {count}) * static_cast<double>(layers_.size())), state};
  }

  Tensor moved(const Tensor& x, const Tensors& drawn, bool are_masks) override {
    Tensor y = x;
    for (int64_t i = 0; i < arguments().num_ops; ++i) {
      const Tensor number = reshape(slice(drawn[0], {i}, {i + 1}), {1, 1, 1, 1});
      y = changed_by(layers_, number, drawn[1], Draws::one_after_another, y, are_masks);
    }
    return y;
  }

  /// As in Keras a layer that is drawn moves boxes once, and layers follow one another in the order of the list.
  LabelledBoxes moved_boxes(const LabelledBoxes& given, const std::string& format, const Tensors& drawn,
                            const Tensor& images) override {
    LabelledBoxes all = given;
    if (drawn.empty()) return all;
    const WithRandomState with_state(drawn[1]);
    for (size_t i = 0; i < layers_.size(); ++i) {
      auto* mover = layers_[i].as<ImageMover>();
      if (!mover) break;
      const LabelledBoxes own = mover->moved_boxes(all, format, mover->drawn_for(images, true), images);
      const Tensor is_drawn = less(min(abs(drawn[0] - static_cast<double>(i))), 0.5);
      all.boxes = select(is_drawn, own.boxes, all.boxes);
      if (all.labels.defined()) all.labels = select(is_drawn, own.labels, all.labels);
    }
    return all;
  }

 private:
  Layers layers_;
};

class AugMixLayer final : public DrawnLayer<AugMixLayer, AugMixOptions> {
 public:
  static constexpr const char* keras_name = "AugMix";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("data_format", a.data_format);
    visit("value_range", a.value_range);
    visit("num_chains", a.num_chains);
    visit("chain_depth", a.chain_depth);
    visit("factor", a.factor);
    visit("alpha", a.alpha);
    visit("all_ops", a.all_ops);
    visit("interpolation", a.interpolation);
    visit("seed", a.seed);
  }

  explicit AugMixLayer(const AugMixOptions& given) : DrawnLayer(given) {
    const auto& a = arguments();
    check_count("num_chains", a.num_chains, 1);
    check_count("a chain_depth", a.chain_depth, 0);
    require(a.alpha > 0, message("expected an alpha above 0, got ", a.alpha, ". 1 draws all mixtures alike."));
    layers_ = joined({moving(shared()), changing_tones(shared())});
    if (a.all_ops) layers_ = joined({layers_, changing_colours(shared())});
  }

  void check_trained(const std::vector<Shape>& inputs) const {
    if (arguments().all_ops) check_channels(inputs, {1, 3}, "images of three channels or one");
  }

  /// The chains' shares, what of images stays, and the states that layers follow.
  Tensors drawn_for(const Tensor& /*images*/, bool /*training*/) override {
    constexpr int64_t most_draws = 3;  // of a layer
    const auto& a = arguments();
    const auto next = [this] { return next_random_state(); };
    const Tensor alpha = Tensor::from(std::vector<float>{static_cast<float>(a.alpha)});
    Tensors drawn = {random_shares(next, a.num_chains, alpha)};
    drawn.push_back(random_beta(next, 1, alpha));
    for (int64_t layer = 0; layer < a.num_chains * a.chain_depth; ++layer) {
      drawn.push_back(next_random_state());
      skip_draws(most_draws);
    }
    return drawn;
  }

  Tensor moved(const Tensor& x, const Tensors& drawn, bool are_masks) override {
    const auto& a = arguments();
    const Tensor shares = cast(drawn[0], x.dtype()), own = cast(drawn[1], x.dtype());
    Tensor mixed = zeros_like(x);
    auto state = drawn.begin() + 2;
    for (int64_t chain = 0; chain < a.num_chains; ++chain) {
      Tensor y = x;
      for (int64_t depth = 0; depth < a.chain_depth; ++depth, ++state) {
        // One number more than there are layers: none of them.
        const Tensor number = floor(random_uniform(*state, {1, 1, 1, 1}) * static_cast<double>(layers_.size() + 1));
        y = changed_by(layers_, number, *state, Draws::the_same, y, are_masks);
      }
      mixed = mixed + y * slice(shares, {chain}, {chain + 1});
    }
    const Tensor all = own * x + (1.0 - own) * mixed;
    return are_masks ? all : clip(all, a.value_range.low, a.value_range.high);
  }

  /// As in Keras.
  bool moves_boxes() const override { return false; }

 private:
  Layers layers_;
};

}  // namespace

Layer RandAugment(const RandAugmentOptions& options) { return make_layer<RandAugmentLayer>(options); }
Layer AugMix(const AugMixOptions& options) { return make_layer<AugMixLayer>(options); }

Layer detail::aug_mix_from_config(const Json& config) { return AugMixLayer::from_config(config); }
Layer detail::rand_augment_from_config(const Json& config) { return RandAugmentLayer::from_config(config); }

}  // namespace hebb
