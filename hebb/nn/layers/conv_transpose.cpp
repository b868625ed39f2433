#include "hebb/nn/layers/conv_transpose.h"

#include <algorithm>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/conv.h"

namespace hebb {

namespace {

template <class Sizes>
struct ConvTransposeArguments : ConvTransposeLayerOptions<Sizes> {
  int64_t filters = 1;
  Sizes kernel_size = 1;
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

constexpr const char* keras_names[] = {"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"};

template <class Sizes>
class ConvTransposeLayer final : public ConfiguredLayer<ConvTransposeLayer<Sizes>, ConvTransposeArguments<Sizes>> {
  using Base = ConfiguredLayer<ConvTransposeLayer<Sizes>, ConvTransposeArguments<Sizes>>;
  using Base::arguments;

 public:
  static constexpr const char* keras_name = keras_names[Sizes::axes - 1];

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("filters", a.filters);
    visit.required("kernel_size", a.kernel_size);
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
    visit("kernel_constraint", a.kernel_constraint);
    visit("bias_constraint", a.bias_constraint);
  }

  explicit ConvTransposeLayer(ConvTransposeArguments<Sizes> given)
      : Base(std::move(given)), axes_(*this, arguments().data_format, Sizes::axes) {
    const auto& a = arguments();
    this->require(a.filters > 0, message("expected filters of at least 1, got ", a.filters,
                                         ". Give the number of its output channels."));
    check_sizes(*this, "a kernel_size", a.kernel_size);
    check_sizes(*this, "strides", a.strides);
    check_sizes(*this, "a dilation_rate", a.dilation_rate);
    check_strides_or_dilation(*this, a.strides, a.dilation_rate);
    windows_ = {a.kernel_size, a.strides, a.dilation_rate, checked_padding(*this, a.padding)};
    padded_.assign(Sizes::axes, -1);
    if (a.output_padding) {
      check_sizes(*this, "an output_padding", *a.output_padding, 0);
      for (size_t i = 0; i < padded_.size(); ++i) {
        padded_[i] = a.output_padding->each()[i];
        this->require(padded_[i] < windows_.strides[i],
                      message("expected an output_padding below the strides ", a.strides, ", got ", *a.output_padding,
                              ". Take larger strides, or leave it out."));
      }
    }
    this->input_rule_ = {.rank = Sizes::axes + 2, .axis = axes_.channels, .axes = axes_.text, .remedy = axes_.remedy()};
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const Shape& shape = inputs.front();
    for (int i = 0; i < Sizes::axes; ++i) {
      const int64_t size = axes_.size(shape, i);
      this->require(size == Shape::unknown || (size > 0 && axis_for(size, static_cast<size_t>(i)).size > 0),
                    message("expected ", axes_.kind(), " with at least one place along each axis of its output, got ",
                            shape, ". Leave output_padding out."));
    }
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    const int64_t channels = input[axes_.channels];
    std::vector<int64_t> shape = windows_.window;
    shape.push_back(a.filters);
    shape.push_back(channels);
    kernel_ = this->add_weight("kernel", Shape(shape), a.kernel_initializer,
                               {.regularizer = a.kernel_regularizer, .constraint = a.kernel_constraint});
    if (a.use_bias)
      bias_ = this->add_weight("bias", {a.filters}, a.bias_initializer,
                               {.regularizer = a.bias_regularizer, .constraint = a.bias_constraint});
    this->input_rule_.size = channels;
  }

  using LayerBase::call;
  Tensor call(const Tensor& given) override {
    const auto& a = arguments();
    const Tensor x = axes_.to_last(given);
    Shape larger = x.shape();
    larger[-1] = a.filters;
    ConvOptions options{.strides = windows_.strides, .dilations = windows_.dilations};
    for (int i = 0; i < Sizes::axes; ++i) {
      const TransposedAxis axis = axis_for(x.shape()[i + 1], static_cast<size_t>(i));
      larger[i + 1] = axis.size;
      options.low.push_back(axis.low);
      options.high.push_back(axis.high);
    }
    const Tensor y = conv_backward_input(x, kernel_, larger, options);
    return with_bias_and_activation(y, bias_, a.activation, axes_);
  }

 private:
  TransposedAxis axis_for(int64_t positions, size_t axis) const {
    return transposed_axis(positions, windows_.window[axis], windows_.strides[axis], windows_.dilations[axis],
                           windows_.padding == "same", padded_[axis]);
  }

  SpatialAxes axes_;
  SpatialWindows windows_;
  std::vector<int64_t> padded_;  ///< for each axis the output_padding, negative where it is not given
  Tensor kernel_, bias_;
};

template <class Sizes>
Layer make_conv_transpose(int64_t filters, Sizes kernel_size, const ConvTransposeLayerOptions<Sizes>& options) {
  return make_layer<ConvTransposeLayer<Sizes>>(ConvTransposeArguments<Sizes>{options, filters, kernel_size});
}

}  // namespace

Layer Conv1DTranspose(int64_t filters, Single kernel_size, const Conv1DTransposeOptions& options) {
  return make_conv_transpose(filters, kernel_size, options);
}
Layer Conv2DTranspose(int64_t filters, Pair kernel_size, const Conv2DTransposeOptions& options) {
  return make_conv_transpose(filters, kernel_size, options);
}
Layer Conv3DTranspose(int64_t filters, Triple kernel_size, const Conv3DTransposeOptions& options) {
  return make_conv_transpose(filters, kernel_size, options);
}

Layer detail::conv_1d_transpose_from_config(const Json& config) {
  return ConvTransposeLayer<Single>::from_config(config);
}
Layer detail::conv_2d_transpose_from_config(const Json& config) {
  return ConvTransposeLayer<Pair>::from_config(config);
}
Layer detail::conv_3d_transpose_from_config(const Json& config) {
  return ConvTransposeLayer<Triple>::from_config(config);
}

}  // namespace hebb
