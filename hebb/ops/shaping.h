/// Operations that move elements without computing: reshape, broadcast, transpose, concatenate, slice, pad, reverse.
///
///     Tensor flat = reshape(images, {-1, 784});            // -1: whatever is left
///     Tensor both = concatenate({left, right}, -1);
///     Tensor centre = slice(x, {0, 4}, {32, 24});          // rows 0..31, columns 4..23
#pragma once

#include <vector>

#include "hebb/ops/op.h"

namespace hebb {

class ReshapeOp : public Op {
 public:
  explicit ReshapeOp(const Shape& shape) : shape_(shape) {}
  const Shape& shape() const { return shape_; }
  std::string_view name() const override { return "reshape"; }
  Attributes attributes() const override { return {{"shape", shape_.to_vector()}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  Shape shape_;
};

class BroadcastTo : public Op {
 public:
  explicit BroadcastTo(const Shape& shape) : shape_(shape) {}
  const Shape& shape() const { return shape_; }
  std::string_view name() const override { return "broadcast_to"; }
  Attributes attributes() const override { return {{"shape", shape_.to_vector()}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  Shape shape_;
};

/// Output axis i is input axis axes[i].
class Transpose : public Op {
 public:
  explicit Transpose(std::vector<int64_t> axes) : axes_(std::move(axes)) {}
  const std::vector<int64_t>& axes() const { return axes_; }
  std::string_view name() const override { return "transpose"; }
  Attributes attributes() const override { return {{"axes", axes_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  std::vector<int64_t> axes_;
};

class ConcatenateOp : public Op {
 public:
  explicit ConcatenateOp(int64_t axis) : axis_(axis) {}
  int64_t axis() const { return axis_; }
  std::string_view name() const override { return "concatenate"; }
  Attributes attributes() const override { return {{"axis", axis_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  int64_t axis_;
};

/// Elements [begin, end) in steps along each axis; steps are at least 1.
class Slice : public Op {
 public:
  Slice(std::vector<int64_t> begin, std::vector<int64_t> end, std::vector<int64_t> steps)
      : begin_(std::move(begin)), end_(std::move(end)), steps_(std::move(steps)) {}
  const std::vector<int64_t>& begin() const { return begin_; }
  const std::vector<int64_t>& end() const { return end_; }
  const std::vector<int64_t>& steps() const { return steps_; }
  std::string_view name() const override { return "slice"; }
  Attributes attributes() const override { return {{"begin", begin_}, {"end", end_}, {"steps", steps_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  std::vector<int64_t> begin_, end_, steps_;
};

/// Puts `low` elements of value zero before, `high` behind and `inner` between the elements of each axis.
class Pad : public Op {
 public:
  Pad(std::vector<int64_t> low, std::vector<int64_t> high, std::vector<int64_t> inner)
      : low_(std::move(low)), high_(std::move(high)), inner_(std::move(inner)) {}
  const std::vector<int64_t>& low() const { return low_; }
  const std::vector<int64_t>& high() const { return high_; }
  const std::vector<int64_t>& inner() const { return inner_; }
  std::string_view name() const override { return "pad"; }
  Attributes attributes() const override { return {{"low", low_}, {"high", high_}, {"inner", inner_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  std::vector<int64_t> low_, high_, inner_;
};

/// Turns the order of the elements round along the axes.
class Reverse : public Op {
 public:
  explicit Reverse(std::vector<int64_t> axes) : axes_(std::move(axes)) {}
  const std::vector<int64_t>& axes() const { return axes_; }
  std::string_view name() const override { return "reverse"; }
  Attributes attributes() const override { return {{"axes", axes_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  std::vector<int64_t> axes_;
};

/// One axis may be -1: it takes what is left. InvalidArgument when the numbers of elements differ.
Tensor reshape(const Tensor& x, const Shape& shape);
Tensor broadcast_to(const Tensor& x, const Shape& shape);
/// Without axes: all axes in reverse order.
Tensor transpose(const Tensor& x, std::vector<int64_t> axes = {});
Tensor concatenate(const Tensors& xs, int64_t axis = -1);
/// Elements [begin, end) of each axis, or of the leading axes where fewer are given. Negative positions count from the
/// end.
Tensor slice(const Tensor& x, std::vector<int64_t> begin, std::vector<int64_t> end, std::vector<int64_t> steps = {});
Tensor pad(const Tensor& x, std::vector<int64_t> low, std::vector<int64_t> high, std::vector<int64_t> inner = {});
Tensor reverse(const Tensor& x, std::vector<int64_t> axes);
Tensor expand_dims(const Tensor& x, int64_t axis);
Tensor squeeze(const Tensor& x, int64_t axis);
/// The tensor's value as a constant: no gradient flows through it.
Tensor stop_gradient(const Tensor& x);

}  // namespace hebb
