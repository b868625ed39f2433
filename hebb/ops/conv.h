/// Convolutions in any number of spatial axes, channels last.
///
/// Three operations are each other's gradients: `conv`, `conv_backward_input` and `conv_backward_kernel`.
///
///     Tensor y = conv(images, kernel, {.strides = {1, 1}, .padding = same_padding(...)});
#pragma once

#include <vector>

#include "hebb/ops/op.h"

namespace hebb {

/// For each spatial axis one number. Empty: 1 for strides and dilations, 0 for padding.
struct ConvOptions {
  std::vector<int64_t> strides = {};
  std::vector<int64_t> low = {};        ///< zeros before
  std::vector<int64_t> high = {};       ///< zeros behind
  std::vector<int64_t> dilations = {};  ///< distance between the taps of the kernel
  int64_t groups = 1;                   ///< channels are cut into groups that do not see each other
};

/// What the three operations share. All members of the options are filled in.
class ConvBase : public Op {
 public:
  explicit ConvBase(ConvOptions options) : options_(std::move(options)) {}
  const ConvOptions& options() const { return options_; }
  Attributes attributes() const override;

 protected:
  ConvOptions options_;
};

/// x: (batch, spatial..., channels), kernel: (spatial..., channels / groups, filters) -> (batch, spatial..., filters).
class Conv : public ConvBase {
 public:
  using ConvBase::ConvBase;
  std::string_view name() const override { return "conv"; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;
};

/// The gradient with respect to x: dout: (batch, spatial..., filters), kernel -> (batch, spatial..., channels). Also
/// the transposed convolution.
class ConvBackwardInput : public ConvBase {
 public:
  ConvBackwardInput(ConvOptions options, const Shape& input_shape)
      : ConvBase(std::move(options)), input_shape_(input_shape) {}
  const Shape& input_shape() const { return input_shape_; }
  std::string_view name() const override { return "conv_backward_input"; }
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  Shape input_shape_;
};

/// The gradient with respect to the kernel: x, dout -> (spatial..., channels / groups, filters).
class ConvBackwardKernel : public ConvBase {
 public:
  ConvBackwardKernel(ConvOptions options, const Shape& kernel_shape)
      : ConvBase(std::move(options)), kernel_shape_(kernel_shape) {}
  const Shape& kernel_shape() const { return kernel_shape_; }
  std::string_view name() const override { return "conv_backward_kernel"; }
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  Shape kernel_shape_;
};

/// Options with the defaults filled in for `spatial` axes; InvalidArgument, naming the operation, for a wrong count or
/// value.
ConvOptions complete(ConvOptions options, int spatial, std::string_view op);

Tensor conv(const Tensor& x, const Tensor& kernel, ConvOptions options = {});
/// `input_shape`: the shape of the convolution's input, batch included.
Tensor conv_backward_input(const Tensor& dout, const Tensor& kernel, const Shape& input_shape,
                           ConvOptions options = {});
Tensor conv_backward_kernel(const Tensor& x, const Tensor& dout, const Shape& kernel_shape, ConvOptions options = {});

/// TensorFlow's "same" padding along one axis: the output has ceil(size / stride) elements, and where the zeros do not
/// divide evenly one more stands behind. Returns {low, high}.
std::pair<int64_t, int64_t> same_padding(int64_t size, int64_t window, int64_t stride, int64_t dilation = 1);

/// The number of positions of a window along an axis, or a negative number when it does not fit.
int64_t window_positions(int64_t size, int64_t window, int64_t stride, int64_t dilation, int64_t low, int64_t high);

}  // namespace hebb
