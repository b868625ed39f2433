#include "hebb/nn/layers/learned_activations.h"

#include <algorithm>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

class PReLULayer final : public ConfiguredLayer<PReLULayer, PReLUOptions> {
 public:
  static constexpr const char* keras_name = "PReLU";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("alpha_initializer", a.alpha_initializer);
    visit("alpha_regularizer", a.alpha_regularizer);
    visit("alpha_constraint", a.alpha_constraint);
    visit("shared_axes", a.shared_axes);
  }

  explicit PReLULayer(PReLUOptions given) : ConfiguredLayer(std::move(given)) {
    input_rule_ = {.min_rank = 2, .axes = "(batch, ...)"};
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const Shape& input = inputs.front();
    for (const int64_t axis : arguments().shared_axes) {
      require(axis >= 1 && axis < input.rank(),
              message("expected shared_axes from 1 to ", input.rank() - 1, ", got ", axis, " for an input of shape ",
                      input, ". Axis 0 is the batch."));
    }
    for (int axis = 1; axis < input.rank(); ++axis) {
      if (is_shared(axis)) continue;
      require(input[axis] != Shape::unknown,
              message("expected axis ", axis, " of its input to have a known size, got ", input,
                      ". Share the slopes along it: .shared_axes = {", axis, "}."));
      if (!alpha_.defined()) continue;
      require(input.rank() == alpha_.rank() + 1 && input[axis] == alpha_.shape()[axis - 1],
              message("expected examples of shape ", alpha_.shape(), " (1 is any size along a shared axis), got ",
                      input, ". The slopes were made for the shape that came first."));
    }
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    std::vector<int64_t> shape;
    for (int axis = 1; axis < input.rank(); ++axis) shape.push_back(is_shared(axis) ? 1 : input[axis]);
    const auto& a = arguments();
    alpha_ = add_weight("alpha", Shape(shape), a.alpha_initializer,
                        {.regularizer = a.alpha_regularizer, .constraint = a.alpha_constraint});
    input_rule_.rank = input.rank();
  }

  using LayerBase::call;
  // As Keras has it, so that the gradient at 0 is that of neither branch.
  Tensor call(const Tensor& x) override { return relu(x) - alpha_ * relu(-x); }

 private:
  bool is_shared(int64_t axis) const { return std::ranges::count(arguments().shared_axes, axis) > 0; }

  Tensor alpha_;
};

class SoftExponentialLayer final : public ConfiguredLayer<SoftExponentialLayer, SoftExponentialOptions> {
 public:
  static constexpr const char* keras_name = "SoftExponential";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("alpha_initializer", a.alpha_initializer);
    visit("alpha_regularizer", a.alpha_regularizer);
  }

  using ConfiguredLayer::ConfiguredLayer;
  using LayerBase::build;
  void build(const Shape&) override {
    const auto& a = arguments();
    alpha_ = add_weight("alpha", {1}, a.alpha_initializer, {.regularizer = a.alpha_regularizer});
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override { return soft_exponential(x, alpha_); }

 private:
  Tensor alpha_;
};

class PiecewiseLinearLayer final : public ConfiguredLayer<PiecewiseLinearLayer, PiecewiseLinearOptions> {
 public:
  static constexpr const char* keras_name = "PiecewiseLinear";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("pieces", a.pieces);
    visit("per_unit", a.per_unit);
    visit("slope_initializer", a.slope_initializer);
    visit("hinge_initializer", a.hinge_initializer);
    visit("slope_regularizer", a.slope_regularizer);
  }

  explicit PiecewiseLinearLayer(PiecewiseLinearOptions given) : ConfiguredLayer(std::move(given)) {
    require(arguments().pieces > 0,
            message("expected pieces of at least 1, got ", arguments().pieces, ". Without any the layer is ReLU()."));
    input_rule_ = {.min_rank = 2, .axes = "(batch, ..., features)"};
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    const Shape shape = a.per_unit ? Shape{a.pieces, input.back()} : Shape{a.pieces};
    slopes_ = add_weight("slopes", shape, a.slope_initializer, {.regularizer = a.slope_regularizer});
    hinges_ = add_weight("hinges", shape, a.hinge_initializer);
    if (a.per_unit) input_rule_.size = input.back();
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override { return piecewise_linear(x, slopes_, hinges_); }

 private:
  Tensor slopes_, hinges_;
};

struct MaxoutArguments : MaxoutOptions {
  int64_t units = 1;
};

class MaxoutLayer final : public ConfiguredLayer<MaxoutLayer, MaxoutArguments> {
 public:
  static constexpr const char* keras_name = "Maxout";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("units", a.units);
    visit("pieces", a.pieces);
    visit("use_bias", a.use_bias);
    visit("kernel_initializer", a.kernel_initializer);
    visit("bias_initializer", a.bias_initializer);
    visit("kernel_regularizer", a.kernel_regularizer);
    visit("bias_regularizer", a.bias_regularizer);
  }

  explicit MaxoutLayer(MaxoutArguments given) : ConfiguredLayer(std::move(given)) {
    const auto& a = arguments();
    require(a.units > 0, message("expected units of at least 1, got ", a.units, ". Give the number of its outputs."));
    require(a.pieces > 0,
            message("expected pieces of at least 1, got ", a.pieces, ". With 1 the layer is a linear Dense."));
    input_rule_ = {.min_rank = 2, .axes = "(batch, ..., features)", .remedy = "Add Reshape({-1}) before it."};
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    const int64_t sums = a.units * a.pieces;
    kernel_ = add_weight("kernel", {input.back(), sums}, a.kernel_initializer, {.regularizer = a.kernel_regularizer});
    if (a.use_bias) bias_ = add_weight("bias", {sums}, a.bias_initializer, {.regularizer = a.bias_regularizer});
    input_rule_.size = input.back();
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const auto& a = arguments();
    const Shape front = x.shape().sub(0, x.rank() - 1);
    Tensor sums = matmul(x.rank() == 2 ? x : reshape(x, {front.elements(), x.shape().back()}), kernel_);
    if (bias_.defined()) sums = sums + bias_;
    return max(reshape(sums, front.with_back(a.units).with_back(a.pieces)), {.axes = {-1}});
  }

 private:
  Tensor kernel_, bias_;
};

}  // namespace

Layer PReLU(const PReLUOptions& options) { return make_layer<PReLULayer>(options); }

Layer SoftExponential(const SoftExponentialOptions& options) { return make_layer<SoftExponentialLayer>(options); }

Layer PiecewiseLinear(const PiecewiseLinearOptions& options) { return make_layer<PiecewiseLinearLayer>(options); }

Layer Maxout(int64_t units, const MaxoutOptions& options) {
  return make_layer<MaxoutLayer>(MaxoutArguments{options, units});
}

Layer detail::maxout_from_config(const Json& config) { return MaxoutLayer::from_config(config); }
Layer detail::piecewise_linear_from_config(const Json& config) { return PiecewiseLinearLayer::from_config(config); }
Layer detail::prelu_from_config(const Json& config) { return PReLULayer::from_config(config); }
Layer detail::soft_exponential_from_config(const Json& config) { return SoftExponentialLayer::from_config(config); }

}  // namespace hebb
