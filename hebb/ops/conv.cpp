#include "hebb/ops/conv.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

ConvOptions complete(ConvOptions options, int spatial, std::string_view op) {
  auto fill = [&](std::vector<int64_t>& values, int64_t fallback, int64_t least, std::string_view what) {
    if (values.empty()) values.assign(static_cast<size_t>(std::max(spatial, 0)), fallback);
    if (values.size() != static_cast<size_t>(spatial)) {
      throw InvalidArgument(
          message(op, ": expected ", spatial, " ", what, ", one for each spatial axis, got ", values.size(), "."));
    }
    for (int64_t value : values) {
      if (value < least)
        throw InvalidArgument(message(op, ": expected ", what, " of at least ", least, ", got ", value, "."));
    }
  };
  fill(options.strides, 1, 1, "strides");
  fill(options.dilations, 1, 1, "dilations");
  fill(options.low, 0, 0, "paddings");
  fill(options.high, 0, 0, "paddings");
  if (options.groups < 1) throw InvalidArgument(message(op, ": expected at least 1 group, got ", options.groups, "."));
  return options;
}

namespace {

/// The output's shape of a convolution; InvalidArgument when input and kernel do not go together.
Shape output_shape(const Shape& x, const Shape& kernel, const ConvOptions& options, std::string_view op) {
  const int spatial = x.rank() - 2;
  const bool ranks = spatial >= 1 && kernel.rank() == x.rank();
  if (!ranks || x.back() != kernel[-2] * options.groups || kernel.back() % options.groups != 0) {
    throw InvalidArgument(
        message(op,
                ": expected an input (batch, spatial..., channels) and a kernel (spatial..., channels / groups, "
                "filters) of the same rank, got ",
                x, " and ", kernel, " with ", options.groups, " groups."));
  }
  Shape out = x;
  for (int i = 0; i < spatial; ++i) {
    const auto at = static_cast<size_t>(i);
    const int64_t positions = window_positions(x[i + 1], kernel[i], options.strides[at], options.dilations[at],
                                               options.low[at], options.high[at]);
    if (positions <= 0) {
      throw InvalidArgument(message(op, ": the kernel ", kernel, " does not fit into the input ", x,
                                    " along spatial axis ", i, ". Use a smaller kernel or padding \"same\"."));
    }
    out[i + 1] = positions;
  }
  out[-1] = kernel.back();
  return out;
}

void check_floating(std::span<const Spec> inputs, std::string_view op) {
  if (!is_floating(inputs[0].dtype) || inputs[0].dtype != inputs[1].dtype) {
    throw InvalidArgument(message(op, ": expected two tensors of one floating type, got ", inputs[0], " and ",
                                  inputs[1], ". Use cast()."));
  }
}

void check_output(const Shape& expected, const Spec& got, std::string_view op) {
  if (expected != got.shape)
    throw InvalidArgument(message(op, ": expected an output gradient of shape ", expected, ", got ", got, "."));
}

}  // namespace

Attributes ConvBase::attributes() const {
  return {{"strides", options_.strides},
          {"low", options_.low},
          {"high", options_.high},
          {"dilations", options_.dilations},
          {"groups", options_.groups}};
}

std::vector<Spec> Conv::infer(std::span<const Spec> inputs) const {
  check_floating(inputs, name());
  return {Spec{output_shape(inputs[0].shape, inputs[1].shape, options_, name()), inputs[0].dtype}};
}

Tensors Conv::gradient(const GradientArgs& args) const {
  const Tensor &x = args.inputs[0], &kernel = args.inputs[1], &g = args.output_gradients[0];
  return {args.wanted[0] ? conv_backward_input(g, kernel, x.shape(), options_) : Tensor(),
          args.wanted[1] ? conv_backward_kernel(x, g, kernel.shape(), options_) : Tensor()};
}

Attributes ConvBackwardInput::attributes() const {
  return {{"strides", options_.strides},     {"low", options_.low},       {"high", options_.high},
          {"dilations", options_.dilations}, {"groups", options_.groups}, {"input_shape", input_shape_.to_vector()}};
}

std::vector<Spec> ConvBackwardInput::infer(std::span<const Spec> inputs) const {
  check_floating(inputs, name());
  check_output(output_shape(input_shape_, inputs[1].shape, options_, name()), inputs[0], name());
  return {Spec{input_shape_, inputs[0].dtype}};
}

Tensors ConvBackwardInput::gradient(const GradientArgs& args) const {
  const Tensor &dout = args.inputs[0], &kernel = args.inputs[1], &g = args.output_gradients[0];
  return {args.wanted[0] ? conv(g, kernel, options_) : Tensor(),
          args.wanted[1] ? conv_backward_kernel(g, dout, kernel.shape(), options_) : Tensor()};
}

Attributes ConvBackwardKernel::attributes() const {
  return {{"strides", options_.strides},     {"low", options_.low},       {"high", options_.high},
          {"dilations", options_.dilations}, {"groups", options_.groups}, {"kernel_shape", kernel_shape_.to_vector()}};
}

std::vector<Spec> ConvBackwardKernel::infer(std::span<const Spec> inputs) const {
  check_floating(inputs, name());
  check_output(output_shape(inputs[0].shape, kernel_shape_, options_, name()), inputs[1], name());
  return {Spec{kernel_shape_, inputs[0].dtype}};
}

Tensors ConvBackwardKernel::gradient(const GradientArgs& args) const {
  const Tensor &x = args.inputs[0], &dout = args.inputs[1], &g = args.output_gradients[0];
  return {args.wanted[0] ? conv_backward_input(dout, g, x.shape(), options_) : Tensor(),
          args.wanted[1] ? conv(x, g, options_) : Tensor()};
}

Tensor conv(const Tensor& x, const Tensor& kernel, ConvOptions options) {
  return apply_one(std::make_shared<Conv>(complete(std::move(options), x.rank() - 2, "conv")), {x, kernel});
}

Tensor conv_backward_input(const Tensor& dout, const Tensor& kernel, const Shape& input_shape, ConvOptions options) {
  return apply_one(std::make_shared<ConvBackwardInput>(
                       complete(std::move(options), input_shape.rank() - 2, "conv_backward_input"), input_shape),
                   {dout, kernel});
}

Tensor conv_backward_kernel(const Tensor& x, const Tensor& dout, const Shape& kernel_shape, ConvOptions options) {
  return apply_one(std::make_shared<ConvBackwardKernel>(
                       complete(std::move(options), x.rank() - 2, "conv_backward_kernel"), kernel_shape),
                   {x, dout});
}

std::pair<int64_t, int64_t> same_padding(int64_t size, int64_t window, int64_t stride, int64_t dilation) {
  const int64_t positions = (size + stride - 1) / stride;
  const int64_t total = std::max<int64_t>((positions - 1) * stride + (window - 1) * dilation + 1 - size, 0);
  return {total / 2, total - total / 2};
}

int64_t window_positions(int64_t size, int64_t window, int64_t stride, int64_t dilation, int64_t low, int64_t high) {
  const int64_t room = size + low + high - ((window - 1) * dilation + 1);
  return room < 0 ? -1 : room / stride + 1;
}

}  // namespace hebb
