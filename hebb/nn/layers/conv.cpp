#include "hebb/nn/layers/conv.h"

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/quantizable.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

struct Conv2DArguments : Conv2DOptions {
  int64_t filters = 1;
  Pair kernel_size = 1;
};

class Conv2DLayer final : public ConfiguredLayer<Conv2DLayer, Conv2DArguments>, public Quantizable {
 public:
  static constexpr const char* keras_name = "Conv2D";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("filters", a.filters);
    visit("kernel_size", a.kernel_size);
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
    visit.fixed("kernel_constraint", nullptr);
    visit.fixed("bias_constraint", nullptr);
  }

  explicit Conv2DLayer(Conv2DArguments given) : ConfiguredLayer(std::move(given)) {
    const auto& a = arguments();
    require(a.filters > 0,
            message("expected filters of at least 1, got ", a.filters, ". Give the number of its output channels."));
    require(a.groups > 0 && a.filters % a.groups == 0,
            message("expected groups that divide the ", a.filters, " filters evenly, got ", a.groups,
                    ". Take filters that are a multiple of groups."));
    check_pair(*this, "a kernel_size", a.kernel_size);
    check_pair(*this, "strides", a.strides);
    check_pair(*this, "a dilation_rate", a.dilation_rate);
    require(a.strides == Pair(1) || a.dilation_rate == Pair(1),
            message("expected strides or a dilation_rate of 1, got strides ", a.strides, " and a dilation_rate of ",
                    a.dilation_rate, ". Leave one of them out."));
    check_data_format(*this, a.data_format);
    same_ = checked_padding(*this, a.padding) == "same";
    input_rule_ = {.rank = 4, .axes = "(batch, height, width, channels)", .remedy = image_remedy};
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const auto& a = arguments();
    const Shape& shape = inputs.front();
    const int64_t channels = shape.back();
    require(channels == Shape::unknown || channels % a.groups == 0,
            message("expected channels that ", a.groups, " groups divide evenly, got ", shape,
                    ". Take groups that divide the channels, or an input with as many channels."));
    if (same_) return;
    const Pair reach{(a.kernel_size.height - 1) * a.dilation_rate.height + 1,
                     (a.kernel_size.width - 1) * a.dilation_rate.width + 1};
    require(
        (shape[1] == Shape::unknown || shape[1] >= reach.height) &&
            (shape[2] == Shape::unknown || shape[2] >= reach.width),
        message("expected an image of at least ", reach, " for its kernel, got ", shape, ". Use padding = \"same\"."));
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    const int64_t channels = input.back();
    const int64_t channels_seen = channels == Shape::unknown ? channels : channels / a.groups;
    kernel_ = add_weight("kernel", {a.kernel_size.height, a.kernel_size.width, channels_seen, a.filters},
                         a.kernel_initializer, {.regularizer = a.kernel_regularizer});
    if (a.use_bias) bias_ = add_weight("bias", {a.filters}, a.bias_initializer, {.regularizer = a.bias_regularizer});
    input_rule_.size = channels;
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const auto& a = arguments();
    ConvOptions options{.strides = {a.strides.height, a.strides.width},
                        .dilations = {a.dilation_rate.height, a.dilation_rate.width},
                        .groups = a.groups};
    if (same_) {
      const auto rows = same_padding(x.shape()[1], a.kernel_size.height, a.strides.height, a.dilation_rate.height);
      const auto columns = same_padding(x.shape()[2], a.kernel_size.width, a.strides.width, a.dilation_rate.width);
      options.low = {rows.first, columns.first};
      options.high = {rows.second, columns.second};
    }
    show(x);
    const std::optional<ActivationRange>& range = input_range();
    Tensor y = is_int8() ? quantized_conv(quantize(x, *range), range->zero_point, kernel_, output_scale(), options)
                         : conv(x, cast(kernel_, x.dtype()), options);
    if (bias_.defined()) y = y + bias_;
    return a.activation(y);
  }

  const Tensor& kernel() const override { return kernel_; }
  bool can_be_int8() const override { return arguments().groups == 1 && Quantizable::can_be_int8(); }

  bool needs_input_range() const override { return true; }

  /// Keras has no convolution in int8: its files hold the numbers that the bytes stand for.
  Tensors weights_for_files() const override {
    if (!is_int8()) return LayerBase::weights_for_files();
    Tensors weights = {variable(dequantized_kernel(), "kernel")};
    if (bias_.defined()) weights.push_back(bias_);
    return weights;
  }

 protected:
  LayerBase& layer() override { return *this; }

 private:
  bool same_ = false;
  Tensor kernel_, bias_;
};

}  // namespace

Layer Conv2D(int64_t filters, Pair kernel_size, const Conv2DOptions& options) {
  return make_layer<Conv2DLayer>(Conv2DArguments{options, filters, kernel_size});
}

Layer detail::conv_2d_from_config(const Json& config) { return Conv2DLayer::from_config(config); }

}  // namespace hebb
