#include "hebb/nn/layers/layer_normalization.h"

#include <algorithm>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/normalization.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// The axes as Keras orders them when it makes weights.
std::vector<int64_t> sorted(const Axes& axes) {
  std::vector<int64_t> out = axes.values;
  std::sort(out.begin(), out.end());
  return out;
}

/// The shape of the weights.
Shape sizes_along(const Shape& input, const std::vector<int64_t>& axes) {
  std::vector<int64_t> sizes;
  for (const int64_t axis : axes) sizes.push_back(input[static_cast<int>(axis)]);
  return Shape(sizes);
}

/// Whether a weight broadcasts to x as it is.
bool broadcasts(const Shape& weight, const Shape& x) {
  for (int i = 1; i <= weight.rank(); ++i) {
    if (weight[-i] != 1 && weight[-i] != x[-i]) return false;
  }
  return true;
}

/// A weight, in a shape that broadcasts to x's.
Tensor along(const Tensor& weight, const Tensor& x, const std::vector<int64_t>& axes) {
  if (axes.size() == 1 && (axes[0] == -1 || axes[0] == x.rank() - 1)) return weight;
  std::vector<int64_t> sizes(static_cast<size_t>(x.rank()), 1);
  for (const int64_t axis : axes) {
    const int at = normalize_axis(axis, x.rank(), "axis");
    sizes[static_cast<size_t>(at)] = x.shape()[at];
  }
  return reshape(weight, Shape(sizes));
}

class LayerNormalizationLayer final : public ConfiguredLayer<LayerNormalizationLayer, LayerNormalizationOptions> {
 public:
  static constexpr const char* keras_name = "LayerNormalization";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("axis", a.axis);
    visit("epsilon", a.epsilon);
    visit("center", a.center);
    visit("scale", a.scale);
    visit("rms_scaling", a.rms_scaling);
    visit("beta_initializer", a.beta_initializer);
    visit("gamma_initializer", a.gamma_initializer);
    visit("beta_regularizer", a.beta_regularizer);
    visit("gamma_regularizer", a.gamma_regularizer);
    visit("beta_constraint", a.beta_constraint);
    visit("gamma_constraint", a.gamma_constraint);
  }

  explicit LayerNormalizationLayer(LayerNormalizationOptions given) : ConfiguredLayer(std::move(given)) {
    rounded_.inputs = rounded_.weights = false;
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    for (const int64_t axis : arguments().axis.values) check_axis(*this, axis, inputs.front());
    const Tensor& weight = gamma_.defined() ? gamma_ : beta_;
    if (!weight.defined()) return;
    if (const Shape sizes = sizes_along(inputs.front(), sorted(arguments().axis)); sizes != weight.shape()) {
      throw InvalidArgument(message(where(), "expected ", weight.shape(),
                                    " along the axes it normalises, for which it was ", "built, got ", sizes,
                                    ". Make another layer for this input."));
    }
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    const Shape shape = sizes_along(input, sorted(a.axis));
    if (a.scale || a.rms_scaling)
      gamma_ = add_weight("gamma", shape, a.gamma_initializer,
                          {.regularizer = a.gamma_regularizer, .constraint = a.gamma_constraint});
    if (a.center && !a.rms_scaling)
      beta_ = add_weight("beta", shape, a.beta_initializer,
                         {.regularizer = a.beta_regularizer, .constraint = a.beta_constraint});
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const auto& a = arguments();
    const std::vector<int64_t> axes = sorted(a.axis);
    if (gamma_.defined() && beta_.defined() && axes.size() == 1 && (axes[0] == -1 || axes[0] == x.rank() - 1))
      return layer_normalization(x, gamma_, beta_, a.epsilon);
    // With the mean taken out first, large means cost no digits.
    const Tensor centred = x - mean(x, {.axes = axes, .keepdims = true});
    const Tensor factor = rsqrt(mean(square(centred), {.axes = axes, .keepdims = true}) + a.epsilon);
    Tensor y = (a.rms_scaling ? x : centred) * factor;
    if (gamma_.defined()) y = y * along(gamma_, x, axes);
    return beta_.defined() ? y + along(beta_, x, axes) : y;
  }

 private:
  Tensor gamma_, beta_;
};

class RMSNormalizationLayer final : public ConfiguredLayer<RMSNormalizationLayer, RMSNormalizationOptions> {
 public:
  static constexpr const char* keras_name = "RMSNormalization";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("axis", a.axis);
    visit("epsilon", a.epsilon);
  }

  using ConfiguredLayer::ConfiguredLayer;
  void check_shapes(const std::vector<Shape>& inputs) const override {
    for (const int64_t axis : arguments().axis.values) check_axis(*this, axis, inputs.front());
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    scale_ = add_weight("scale", sizes_along(input, sorted(arguments().axis)), "ones");
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const std::vector<int64_t> axes = sorted(arguments().axis);
    // Keras multiplies with the scale as it is, along the last axes, whatever the axes are of which the mean is; where
    // that does not fit, Keras fails.
    const Tensor scale = broadcasts(scale_.shape(), x.shape()) ? scale_ : along(scale_, x, axes);
    return x * rsqrt(mean(square(x), {.axes = axes, .keepdims = true}) + arguments().epsilon) * scale;
  }

 private:
  Tensor scale_;
};

class UnitNormalizationLayer final : public ConfiguredLayer<UnitNormalizationLayer, UnitNormalizationOptions> {
 public:
  static constexpr const char* keras_name = "UnitNormalization";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("axis", a.axis);
  }

  using ConfiguredLayer::ConfiguredLayer;
  void check_shapes(const std::vector<Shape>& inputs) const override {
    for (const int64_t axis : arguments().axis.values) check_axis(*this, axis, inputs.front());
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const Tensor squares = sum(square(x), {.axes = arguments().axis.values, .keepdims = true});
    return x * minimum(rsqrt(squares), 1e12);
  }
};

}  // namespace

Layer LayerNormalization(const LayerNormalizationOptions& options) {
  return make_layer<LayerNormalizationLayer>(options);
}
Layer RMSNormalization(const RMSNormalizationOptions& options) { return make_layer<RMSNormalizationLayer>(options); }
Layer UnitNormalization(const UnitNormalizationOptions& options) { return make_layer<UnitNormalizationLayer>(options); }

Layer detail::layer_normalization_from_config(const Json& config) {
  return LayerNormalizationLayer::from_config(config);
}
Layer detail::rms_normalization_from_config(const Json& config) { return RMSNormalizationLayer::from_config(config); }
Layer detail::unit_normalization_from_config(const Json& config) { return UnitNormalizationLayer::from_config(config); }

}  // namespace hebb
