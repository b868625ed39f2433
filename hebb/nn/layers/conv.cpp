#include "hebb/nn/layers/conv.h"

#include "hebb/nn/layers/low_rank.h"
#include "hebb/nn/layers/quantizable.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

template <class Sizes>
struct ConvArguments : ConvLayerOptions<Sizes> {
  int64_t filters = 1;
  Sizes kernel_size = 1;
};

constexpr const char* keras_names[] = {"Conv1D", "Conv2D", "Conv3D"};

template <class Sizes>
class ConvLayer final : public LowRankLayer<ConvLayer<Sizes>, ConvArguments<Sizes>>, public Quantizable {
  using Base = LowRankLayer<ConvLayer<Sizes>, ConvArguments<Sizes>>;
  using Base::arguments;

 public:
  static constexpr const char* keras_name = keras_names[Sizes::axes - 1];

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("filters", a.filters);
    visit.required("kernel_size", a.kernel_size);
    visit("strides", a.strides);
    visit("padding", a.padding);
    visit("data_format", a.data_format);
    visit("dilation_rate", a.dilation_rate);
    visit("groups", a.groups);
    visit("activation", a.activation);
    visit("use_bias", a.use_bias);
    visit("kernel_initializer", a.kernel_initializer);
    visit("bias_initializer", a.bias_initializer);
    visit("kernel_regularizer", a.kernel_regularizer);
    visit("bias_regularizer", a.bias_regularizer);
    visit("activity_regularizer", a.activity_regularizer);
    visit("kernel_constraint", a.kernel_constraint);
    visit("bias_constraint", a.bias_constraint);
    Base::read_lora(visit, a);
  }

  explicit ConvLayer(ConvArguments<Sizes> given)
      : Base(std::move(given), true), axes_(*this, arguments().data_format, Sizes::axes) {
    const auto& a = arguments();
    this->require(a.filters > 0, message("expected filters of at least 1, got ", a.filters,
                                         ". Give the number of its output channels."));
    this->require(a.groups > 0 && a.filters % a.groups == 0,
                  message("expected groups that divide the ", a.filters, " filters evenly, got ", a.groups,
                          ". Take filters that are a multiple of groups."));
    check_sizes(*this, "a kernel_size", a.kernel_size);
    check_sizes(*this, "strides", a.strides);
    check_sizes(*this, "a dilation_rate", a.dilation_rate);
    check_strides_or_dilation(*this, a.strides, a.dilation_rate);
    windows_ = {a.kernel_size, a.strides, a.dilation_rate, checked_padding(*this, a.padding, Sizes::axes == 1)};
    this->input_rule_ = {.rank = Sizes::axes + 2, .axis = axes_.channels, .axes = axes_.text, .remedy = axes_.remedy()};
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const int64_t channels = inputs.front()[axes_.channels], groups = arguments().groups;
    this->require(channels == Shape::unknown || channels % groups == 0,
                  message("expected channels that ", groups, " groups divide evenly, got ", inputs.front(),
                          ". Take groups that divide the channels, or an input with as many channels."));
    windows_.check_fits(*this, axes_, inputs.front(), "kernel");
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    const int64_t channels = input[axes_.channels];
    std::vector<int64_t> shape = windows_.window;
    shape.push_back(channels == Shape::unknown ? channels : channels / a.groups);
    shape.push_back(a.filters);
    kernel_ = this->add_weight("kernel", Shape(shape), a.kernel_initializer,
                               {.regularizer = a.kernel_regularizer, .constraint = a.kernel_constraint});
    if (a.use_bias)
      bias_ = this->add_weight("bias", {a.filters}, a.bias_initializer,
                               {.regularizer = a.bias_regularizer, .constraint = a.bias_constraint});
    this->make_product(kernel_, "lora_kernel", a.kernel_regularizer, a.kernel_constraint);
    this->input_rule_.size = channels;
  }

  using LayerBase::call;
  Tensor call(const Tensor& given) override {
    const auto& a = arguments();
    const Tensor x = axes_.to_last(given);
    const ConvOptions options = windows_.conv_options(x.shape(), a.groups);
    show(x);
    const std::optional<ActivationRange>& range = input_range();
    const Tensor y = is_int8()
                         ? quantized_conv(quantize(x, *range), range->zero_point, kernel_, output_scale(), options)
                         : conv(x, this->with_product(cast(kernel_, x.dtype())), options);
    return with_bias_and_activation(y, bias_, a.activation, axes_);
  }

  const Tensor& kernel() const override { return kernel_; }
  bool can_be_int8() const override {
    return Sizes::axes == 2 && arguments().groups == 1 && !this->has_product() && Quantizable::can_be_int8();
  }

  bool needs_input_range() const override { return true; }

  /// Keras has no convolution in int8: its files hold the numbers that the bytes stand for.
  Tensors weights_for_files() const override {
    if (!is_int8()) return Base::weights_for_files();
    Tensors weights = {variable(dequantized_kernel(), "kernel")};
    if (bias_.defined()) weights.push_back(bias_);
    return weights;
  }

 protected:
  LayerBase& layer() override { return *this; }

 private:
  SpatialAxes axes_;
  SpatialWindows windows_;
  Tensor kernel_, bias_;
};

template <class Sizes>
Layer make_conv(int64_t filters, Sizes kernel_size, const ConvLayerOptions<Sizes>& options) {
  return make_layer<ConvLayer<Sizes>>(ConvArguments<Sizes>{options, filters, kernel_size});
}

}  // namespace

Layer Conv1D(int64_t filters, Single kernel_size, const Conv1DOptions& options) {
  return make_conv(filters, kernel_size, options);
}
Layer Conv2D(int64_t filters, Pair kernel_size, const Conv2DOptions& options) {
  return make_conv(filters, kernel_size, options);
}
Layer Conv3D(int64_t filters, Triple kernel_size, const Conv3DOptions& options) {
  return make_conv(filters, kernel_size, options);
}

Layer detail::conv_1d_from_config(const Json& config) { return ConvLayer<Single>::from_config(config); }
Layer detail::conv_2d_from_config(const Json& config) { return ConvLayer<Pair>::from_config(config); }
Layer detail::conv_3d_from_config(const Json& config) { return ConvLayer<Triple>::from_config(config); }

}  // namespace hebb
