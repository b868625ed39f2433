#include "hebb/ops/reduce.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

std::vector<int64_t> normalized_axes(const std::vector<int64_t>& axes, int rank, const char* what) {
  std::vector<int64_t> out;
  if (axes.empty()) {
    for (int i = 0; i < rank; ++i) out.push_back(i);
    return out;
  }
  for (int64_t axis : axes) out.push_back(normalize_axis(axis, rank, what));
  std::sort(out.begin(), out.end());
  if (std::adjacent_find(out.begin(), out.end()) != out.end()) {
    throw InvalidArgument(message(what, ": an axis is named twice."));
  }
  return out;
}

Shape reduced(const Shape& shape, const std::vector<int64_t>& axes, bool keepdims) {
  std::vector<int64_t> dims;
  for (int i = 0; i < shape.rank(); ++i) {
    const bool gone = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (!gone) dims.push_back(shape[i]);
    if (gone && keepdims) dims.push_back(1);
  }
  return Shape(dims);
}

Tensor reduce(Reduce::Kind kind, const Tensor& x, const ReduceOptions& options, const char* what) {
  auto axes = normalized_axes(options.axes, x.rank(), what);
  // An axis-free sum is the tensor itself (a scalar).
  if (axes.empty()) return x;
  return apply_one(std::make_shared<Reduce>(kind, std::move(axes), options.keepdims), {x});
}

Spec float_input(std::span<const Spec> inputs, std::string_view name) {
  if (!is_floating(inputs[0].dtype)) {
    throw InvalidArgument(message(name, ": expected float32 or float64, got ", inputs[0].dtype, ". Use cast()."));
  }
  return inputs[0];
}

}  // namespace

std::string_view Reduce::name() const {
  switch (kind_) {
    case Kind::sum: return "reduce_sum";
    case Kind::max: return "reduce_max";
    case Kind::min: return "reduce_min";
    case Kind::prod: break;
  }
  return "reduce_prod";
}

std::vector<Spec> Reduce::infer(std::span<const Spec> inputs) const {
  const Spec& x = inputs[0];
  for (int64_t axis : axes_) {
    if ((kind_ == Kind::max || kind_ == Kind::min) && x.shape[static_cast<int>(axis)] == 0) {
      throw InvalidArgument(message(name(), ": axis ", axis, " of ", x, " is empty, so it has no extreme."));
    }
  }
  // Booleans are counted.
  const bool counts = x.dtype == DType::boolean && (kind_ == Kind::sum || kind_ == Kind::prod);
  return {Spec{reduced(x.shape, axes_, keepdims_), counts ? DType::int32 : x.dtype}};
}

Tensors Reduce::gradient(const GradientArgs& args) const {
  const Tensor& x = args.inputs[0];
  if (!is_floating(x.dtype())) return {Tensor()};
  const Shape kept = reduced(x.shape(), axes_, true);
  const Tensor g = reshape(args.output_gradients[0], kept);
  if (kind_ == Kind::sum) return {broadcast_to(g, x.shape())};
  const Tensor y = reshape(args.outputs[0], kept);
  if (kind_ == Kind::prod) {
    // The product of the others. Where there are no zeros it is y / x; with zeros it is 0 or the product of those that
    // are not zero, written so that its own derivative is right too: the zeros' sum is 0, but changes with each of
    // them.
    const Tensor is_zero = equal(x, 0.0);
    const Tensor zero_count = sum(cast(is_zero, x.dtype()), {axes_, true});
    const Tensor zeros = sum(select(is_zero, x, 0.0), {axes_, true});
    const Tensor nonzero = select(is_zero, 1.0, x);
    const Tensor others = prod(nonzero, {axes_, true});
    const Tensor of_one_zero = select(is_zero, others, zeros * others / nonzero);
    const Tensor of_two_zeros = select(is_zero, (zeros - x) * others, 0.0);
    const Tensor of_zeros =
        select(equal(zero_count, 1.0), of_one_zero, select(equal(zero_count, 2.0), of_two_zeros, 0.0));
    const Tensor without = select(equal(zero_count, 0.0), y / nonzero, of_zeros);
    return {g * without};
  }
  // Shared equally among the elements that are the extreme, as TensorFlow does.
  const Tensor chosen = cast(equal(x, y), x.dtype());
  return {chosen * (g / sum(chosen, {axes_, true}))};
}

std::vector<Spec> ArgReduce::infer(std::span<const Spec> inputs) const {
  const int axis = normalize_axis(axis_, inputs[0].shape.rank(), "argmax");
  if (inputs[0].shape[axis] == 0)
    throw InvalidArgument(message(name(), ": axis ", axis, " of ", inputs[0], " is empty."));
  return {Spec{inputs[0].shape.without(axis), DType::int64}};
}

std::vector<Spec> SoftmaxOp::infer(std::span<const Spec> inputs) const {
  const Spec x = float_input(inputs, name());
  normalize_axis(axis_, x.shape.rank(), "softmax");
  return {x};
}

Tensors SoftmaxOp::gradient(const GradientArgs& args) const {
  const Tensor &y = args.outputs[0], &g = args.output_gradients[0];
  if (logarithm_) return {g - exp(y) * sum(g, {{axis_}, true})};
  return {y * (g - sum(g * y, {{axis_}, true}))};
}

Tensor sum(const Tensor& x, const ReduceOptions& options) { return reduce(Reduce::Kind::sum, x, options, "sum"); }
Tensor max(const Tensor& x, const ReduceOptions& options) { return reduce(Reduce::Kind::max, x, options, "max"); }
Tensor min(const Tensor& x, const ReduceOptions& options) { return reduce(Reduce::Kind::min, x, options, "min"); }
Tensor prod(const Tensor& x, const ReduceOptions& options) { return reduce(Reduce::Kind::prod, x, options, "prod"); }

Tensor mean(const Tensor& x, const ReduceOptions& options) {
  const Tensor values = is_floating(x.dtype()) ? x : cast(x, DType::float32);
  int64_t count = 1;
  for (int64_t axis : normalized_axes(options.axes, x.rank(), "mean")) count *= x.shape()[static_cast<int>(axis)];
  return sum(values, options) / static_cast<double>(count);
}

Tensor variance(const Tensor& x, const ReduceOptions& options) {
  return mean(square(x - mean(x, {options.axes, true})), options);
}

Tensor argmax(const Tensor& x, int64_t axis) {
  return apply_one(std::make_shared<ArgReduce>(true, normalize_axis(axis, x.rank(), "argmax")), {x});
}

Tensor argmin(const Tensor& x, int64_t axis) {
  return apply_one(std::make_shared<ArgReduce>(false, normalize_axis(axis, x.rank(), "argmin")), {x});
}

Tensor softmax(const Tensor& x, int64_t axis) {
  return apply_one(std::make_shared<SoftmaxOp>(false, normalize_axis(axis, x.rank(), "softmax")), {x});
}

Tensor log_softmax(const Tensor& x, int64_t axis) {
  return apply_one(std::make_shared<SoftmaxOp>(true, normalize_axis(axis, x.rank(), "log_softmax")), {x});
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  std::vector<int64_t> axes;
  const int more = x.rank() - shape.rank();
  for (int i = 0; i < x.rank(); ++i) {
    if (i < more || (shape[i - more] == 1 && x.shape()[i] != 1)) axes.push_back(i);
  }
  return axes.empty() ? reshape(x, shape) : reshape(sum(x, {axes, true}), shape);
}

Tensor zeros_like(const Tensor& x) { return broadcast_to(Tensor::scalar(0, x.dtype()), x.shape()); }

Tensor ones_like(const Tensor& x) { return broadcast_to(Tensor::scalar(1, x.dtype()), x.shape()); }

}  // namespace hebb
