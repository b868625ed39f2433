#include "hebb/nn/layers/depthwise_conv.h"

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

template <class Sizes>
struct DepthwiseConvArguments : DepthwiseConvLayerOptions<Sizes> {
  Sizes kernel_size = 1;
};

template <class Sizes>
struct SeparableConvArguments : SeparableConvLayerOptions<Sizes> {
  int64_t filters = 1;
  Sizes kernel_size = 1;
};

/// What both kinds share. `Arguments` are a layer's.
template <class Derived, class Sizes, class Arguments>
class DepthwiseBase : public ConfiguredLayer<Derived, Arguments> {
  using Base = ConfiguredLayer<Derived, Arguments>;

 public:
  explicit DepthwiseBase(Arguments given)
      : Base(std::move(given)), axes_(*this, this->arguments().data_format, Sizes::axes) {
    const auto& a = this->arguments();
    this->require(a.depth_multiplier > 0, message("expected a depth_multiplier of at least 1, got ", a.depth_multiplier,
                                                  ". Give the number of outputs of each channel."));
    check_sizes(*this, "a kernel_size", a.kernel_size);
    check_sizes(*this, "strides", a.strides);
    check_sizes(*this, "a dilation_rate", a.dilation_rate);
    windows_ = {a.kernel_size, a.strides, a.dilation_rate, checked_padding(*this, a.padding)};
    this->input_rule_ = {.rank = Sizes::axes + 2, .axis = axes_.channels, .axes = axes_.text, .remedy = axes_.remedy()};
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    windows_.check_fits(*this, axes_, inputs.front(), "kernel");
  }

 protected:
  /// The kernel of each channel, (spatial..., channels, depth_multiplier). Returns the number of outputs of all.
  int64_t build_depthwise(const Shape& input, const char* name) {
    const auto& a = this->arguments();
    const int64_t channels = input[axes_.channels];
    std::vector<int64_t> shape = windows_.window;
    shape.push_back(channels);
    shape.push_back(a.depth_multiplier);
    kernel_ = this->add_weight(name, Shape(shape), a.depthwise_initializer,
                               {.regularizer = a.depthwise_regularizer, .constraint = a.depthwise_constraint});
    this->input_rule_.size = channels;
    return channels * a.depth_multiplier;
  }

  void build_bias(int64_t outputs) {
    const auto& a = this->arguments();
    if (a.use_bias)
      bias_ = this->add_weight("bias", {outputs}, a.bias_initializer,
                               {.regularizer = a.bias_regularizer, .constraint = a.bias_constraint});
  }

  /// x: channels last.
  Tensor depthwise(const Tensor& x) const {
    const int64_t channels = x.shape().back();
    std::vector<int64_t> grouped = windows_.window;  // a group for each channel: it sees one, and has its outputs
    grouped.push_back(1);
    grouped.push_back(channels * this->arguments().depth_multiplier);
    return conv(x, reshape(kernel_, Shape(grouped)), windows_.conv_options(x.shape(), channels));
  }

  SpatialAxes axes_;
  SpatialWindows windows_;
  Tensor kernel_, bias_;
};

constexpr const char* depthwise_names[] = {"DepthwiseConv1D", "DepthwiseConv2D"};

template <class Sizes>
class DepthwiseConvLayer final : public DepthwiseBase<DepthwiseConvLayer<Sizes>, Sizes, DepthwiseConvArguments<Sizes>> {
  using Base = DepthwiseBase<DepthwiseConvLayer<Sizes>, Sizes, DepthwiseConvArguments<Sizes>>;

 public:
  static constexpr const char* keras_name = depthwise_names[Sizes::axes - 1];
  using Base::Base;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("depth_multiplier", a.depth_multiplier);
    visit.required("kernel_size", a.kernel_size);
    visit("strides", a.strides);
    visit("padding", a.padding);
    visit("data_format", a.data_format);
    visit("dilation_rate", a.dilation_rate);
    visit("activation", a.activation);
    visit("use_bias", a.use_bias);
    visit("depthwise_initializer", a.depthwise_initializer);
    visit("bias_initializer", a.bias_initializer);
    visit("depthwise_regularizer", a.depthwise_regularizer);
    visit("bias_regularizer", a.bias_regularizer);
    visit("activity_regularizer", a.activity_regularizer);
    visit("depthwise_constraint", a.depthwise_constraint);
    visit("bias_constraint", a.bias_constraint);
  }

  using LayerBase::build;
  void build(const Shape& input) override { this->build_bias(this->build_depthwise(input, "kernel")); }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    return with_bias_and_activation(this->depthwise(this->axes_.to_last(x)), this->bias_, this->arguments().activation,
                                    this->axes_);
  }
};

constexpr const char* separable_names[] = {"SeparableConv1D", "SeparableConv2D"};

template <class Sizes>
class SeparableConvLayer final : public DepthwiseBase<SeparableConvLayer<Sizes>, Sizes, SeparableConvArguments<Sizes>> {
  using Base = DepthwiseBase<SeparableConvLayer<Sizes>, Sizes, SeparableConvArguments<Sizes>>;

 public:
  static constexpr const char* keras_name = separable_names[Sizes::axes - 1];

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("depth_multiplier", a.depth_multiplier);
    visit.required("filters", a.filters);
    visit.required("kernel_size", a.kernel_size);
    visit("strides", a.strides);
    visit("padding", a.padding);
    visit("data_format", a.data_format);
    visit("dilation_rate", a.dilation_rate);
    visit("activation", a.activation);
    visit("use_bias", a.use_bias);
    visit("depthwise_initializer", a.depthwise_initializer);
    visit("pointwise_initializer", a.pointwise_initializer);
    visit("bias_initializer", a.bias_initializer);
    visit("depthwise_regularizer", a.depthwise_regularizer);
    visit("pointwise_regularizer", a.pointwise_regularizer);
    visit("bias_regularizer", a.bias_regularizer);
    visit("activity_regularizer", a.activity_regularizer);
    visit("depthwise_constraint", a.depthwise_constraint);
    visit("pointwise_constraint", a.pointwise_constraint);
    visit("bias_constraint", a.bias_constraint);
  }

  explicit SeparableConvLayer(SeparableConvArguments<Sizes> given) : Base(std::move(given)) {
    const int64_t filters = this->arguments().filters;
    this->require(filters > 0, message("expected filters of at least 1, got ", filters,
                                       ". Give the number of its output channels."));
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = this->arguments();
    const int64_t between = this->build_depthwise(input, "depthwise_kernel");
    std::vector<int64_t> shape(Sizes::axes, 1);
    shape.push_back(between);
    shape.push_back(a.filters);
    pointwise_ = this->add_weight("pointwise_kernel", Shape(shape), a.pointwise_initializer,
                                  {.regularizer = a.pointwise_regularizer, .constraint = a.pointwise_constraint});
    this->build_bias(a.filters);
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const Tensor y = conv(this->depthwise(this->axes_.to_last(x)), pointwise_);
    return with_bias_and_activation(y, this->bias_, this->arguments().activation, this->axes_);
  }

 private:
  Tensor pointwise_;
};

}  // namespace

Layer DepthwiseConv1D(Single kernel_size, const DepthwiseConv1DOptions& options) {
  return make_layer<DepthwiseConvLayer<Single>>(DepthwiseConvArguments<Single>{options, kernel_size});
}
Layer DepthwiseConv2D(Pair kernel_size, const DepthwiseConv2DOptions& options) {
  return make_layer<DepthwiseConvLayer<Pair>>(DepthwiseConvArguments<Pair>{options, kernel_size});
}
Layer SeparableConv1D(int64_t filters, Single kernel_size, const SeparableConv1DOptions& options) {
  return make_layer<SeparableConvLayer<Single>>(SeparableConvArguments<Single>{options, filters, kernel_size});
}
Layer SeparableConv2D(int64_t filters, Pair kernel_size, const SeparableConv2DOptions& options) {
  return make_layer<SeparableConvLayer<Pair>>(SeparableConvArguments<Pair>{options, filters, kernel_size});
}

Layer detail::depthwise_conv_1d_from_config(const Json& config) {
  return DepthwiseConvLayer<Single>::from_config(config);
}
Layer detail::depthwise_conv_2d_from_config(const Json& config) {
  return DepthwiseConvLayer<Pair>::from_config(config);
}
Layer detail::separable_conv_1d_from_config(const Json& config) {
  return SeparableConvLayer<Single>::from_config(config);
}
Layer detail::separable_conv_2d_from_config(const Json& config) {
  return SeparableConvLayer<Pair>::from_config(config);
}

}  // namespace hebb
