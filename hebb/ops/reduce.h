/// Reductions: sums, means, extremes along axes, and the softmax.
///
///     Tensor total = sum(x);                       // a scalar
///     Tensor rows = mean(x, {.axes = {1}});        // (batch, features) -> (batch)
///     Tensor best = argmax(probabilities, -1);     // int64
#pragma once

#include <vector>

#include "hebb/ops/op.h"

namespace hebb {

struct ReduceOptions {
  std::vector<int64_t> axes = {};  ///< negative axes count from the last; empty: all axes
  bool keepdims = false;           ///< keep the reduced axes with size 1
};

/// `reduce_sum`, `reduce_max`, `reduce_min`, `reduce_prod`. Axes are sorted and counted from the front.
class Reduce : public Op {
 public:
  enum class Kind { sum, max, min, prod };
  Reduce(Kind kind, std::vector<int64_t> axes, bool keepdims)
      : kind_(kind), axes_(std::move(axes)), keepdims_(keepdims) {}
  Kind kind() const { return kind_; }
  const std::vector<int64_t>& axes() const { return axes_; }
  bool keepdims() const { return keepdims_; }
  std::string_view name() const override;
  Attributes attributes() const override { return {{"axes", axes_}, {"keepdims", keepdims_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  Kind kind_;
  std::vector<int64_t> axes_;
  bool keepdims_;
};

/// `argmax`, `argmin`: the first index of the extreme along an axis, int64, without the axis.
class ArgReduce : public Op {
 public:
  ArgReduce(bool maximum, int64_t axis) : maximum_(maximum), axis_(axis) {}
  bool is_maximum() const { return maximum_; }
  int64_t axis() const { return axis_; }
  std::string_view name() const override { return maximum_ ? "argmax" : "argmin"; }
  Attributes attributes() const override { return {{"axis", axis_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override { return Tensors(args.inputs.size()); }

 private:
  bool maximum_;
  int64_t axis_;
};

/// `softmax` and `log_softmax` along one axis, float only.
class SoftmaxOp : public Op {
 public:
  SoftmaxOp(bool logarithm, int64_t axis) : logarithm_(logarithm), axis_(axis) {}
  bool is_logarithm() const { return logarithm_; }
  int64_t axis() const { return axis_; }
  std::string_view name() const override { return logarithm_ ? "log_softmax" : "softmax"; }
  Attributes attributes() const override { return {{"axis", axis_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  bool logarithm_;
  int64_t axis_;
};

Tensor sum(const Tensor& x, const ReduceOptions& options = {});
/// Integers and booleans give float32.
Tensor mean(const Tensor& x, const ReduceOptions& options = {});
Tensor max(const Tensor& x, const ReduceOptions& options = {});
Tensor min(const Tensor& x, const ReduceOptions& options = {});
Tensor prod(const Tensor& x, const ReduceOptions& options = {});
/// The mean of the squared deviations from the mean (the divisor is the count).
Tensor variance(const Tensor& x, const ReduceOptions& options = {});
Tensor argmax(const Tensor& x, int64_t axis = -1);
Tensor argmin(const Tensor& x, int64_t axis = -1);
Tensor softmax(const Tensor& x, int64_t axis = -1);
Tensor log_softmax(const Tensor& x, int64_t axis = -1);

/// Sums over the axes along which a tensor of `shape` was broadcast to x's shape: the gradient of broadcasting.
Tensor sum_to(const Tensor& x, const Shape& shape);
Tensor zeros_like(const Tensor& x);
Tensor ones_like(const Tensor& x);

}  // namespace hebb
