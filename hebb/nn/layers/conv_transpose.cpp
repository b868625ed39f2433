#include "hebb/nn/layers/conv_transpose.h"

#include <algorithm>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/image_format.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

struct Conv2DTransposeArguments : Conv2DTransposeOptions {
  int64_t filters = 1;
  Pair kernel_size = 1;
};

/// One axis: how large the output is, and what the convolution whose gradient this is has around it.
struct TransposedAxis {
  int64_t size = 0, low = 0, high = 0;
};

/// `padded`: the output_padding, negative where it is not given.
TransposedAxis transposed_axis(int64_t positions, int64_t kernel, int64_t stride, int64_t dilation, bool same,
                               int64_t padded) {
  const int64_t reach = (kernel - 1) * dilation + 1;
  const int64_t covered = (positions - 1) * stride + reach;  // by all kernels together
  if (!same) return {covered + (padded < 0 ? std::max(reach, stride) - reach : padded), 0, 0};
  const int64_t size = padded < 0 ? positions * stride : (positions - 1) * stride + reach % 2 + padded;
  const int64_t cut = std::max<int64_t>(covered - size, 0);
  return {size, cut / 2, cut - cut / 2};  // as TensorFlow: where it is odd, one more is cut behind
}

class Conv2DTransposeLayer final : public ConfiguredLayer<Conv2DTransposeLayer, Conv2DTransposeArguments> {
 public:
  static constexpr const char* keras_name = "Conv2DTranspose";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("filters", a.filters);
    visit("kernel_size", a.kernel_size);
    visit("strides", a.strides);
    visit("padding", a.padding);
    visit("output_padding", a.output_padding);
    visit("data_format", a.data_format);
    visit("dilation_rate", a.dilation_rate);
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

  explicit Conv2DTransposeLayer(Conv2DTransposeArguments given)
      : ConfiguredLayer(std::move(given)), axes_(*this, arguments().data_format) {
    const auto& a = arguments();
    require(a.filters > 0,
            message("expected filters of at least 1, got ", a.filters, ". Give the number of its output channels."));
    check_pair(*this, "a kernel_size", a.kernel_size);
    check_pair(*this, "strides", a.strides);
    check_pair(*this, "a dilation_rate", a.dilation_rate);
    require(a.strides == Pair(1) || a.dilation_rate == Pair(1),
            message("expected strides or a dilation_rate of 1, got strides ", a.strides, " and a dilation_rate of ",
                    a.dilation_rate, ". Leave one of them out."));
    if (a.output_padding) {
      check_pair(*this, "an output_padding", *a.output_padding, 0);
      require(a.output_padding->height < a.strides.height && a.output_padding->width < a.strides.width,
              message("expected an output_padding below the strides ", a.strides, ", got ", *a.output_padding,
                      ". Take larger strides, or leave it out."));
    }
    same_ = checked_padding(*this, a.padding) == "same";
    input_rule_ = {.rank = 4, .axis = axes_.channels, .axes = axes_.text, .remedy = image_remedy};
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const Shape& shape = inputs.front();
    for (const int axis : {axes_.height, axes_.width}) {
      require(
          shape[axis] == Shape::unknown || (shape[axis] > 0 && axis_for(shape[axis], axis == axes_.height).size > 0),
          message("expected an image of at least one row and column in its output, got ", shape,
                  ". Leave output_padding out."));
    }
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    const int64_t channels = input[axes_.channels];
    kernel_ = add_weight("kernel", {a.kernel_size.height, a.kernel_size.width, a.filters, channels},
                         a.kernel_initializer, {.regularizer = a.kernel_regularizer});
    if (a.use_bias) bias_ = add_weight("bias", {a.filters}, a.bias_initializer, {.regularizer = a.bias_regularizer});
    input_rule_.size = channels;
  }

  using LayerBase::call;
  Tensor call(const Tensor& given) override {
    const auto& a = arguments();
    const Tensor x = axes_.to_last(given);
    const TransposedAxis rows = axis_for(x.shape()[1], true), columns = axis_for(x.shape()[2], false);
    Tensor y = conv_backward_input(x, kernel_, {x.shape()[0], rows.size, columns.size, a.filters},
                                   {.strides = {a.strides.height, a.strides.width},
                                    .low = {rows.low, columns.low},
                                    .high = {rows.high, columns.high},
                                    .dilations = {a.dilation_rate.height, a.dilation_rate.width}});
    if (bias_.defined()) y = y + bias_;
    // Before the activation: one such as the softmax works along an axis.
    return a.activation(axes_.from_last(y));
  }

 private:
  TransposedAxis axis_for(int64_t positions, bool vertical) const {
    const auto& a = arguments();
    auto of = [vertical](const Pair& pair) { return vertical ? pair.height : pair.width; };
    return transposed_axis(positions, of(a.kernel_size), of(a.strides), of(a.dilation_rate), same_,
                           a.output_padding ? of(*a.output_padding) : -1);
  }

  ImageAxes axes_;
  bool same_ = false;
  Tensor kernel_, bias_;
};

}  // namespace

Layer Conv2DTranspose(int64_t filters, Pair kernel_size, const Conv2DTransposeOptions& options) {
  return make_layer<Conv2DTransposeLayer>(Conv2DTransposeArguments{options, filters, kernel_size});
}

Layer detail::conv_2d_transpose_from_config(const Json& config) { return Conv2DTransposeLayer::from_config(config); }

}  // namespace hebb
