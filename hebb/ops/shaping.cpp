#include "hebb/ops/shaping.h"

#include <algorithm>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

class StopGradient : public Op {
 public:
  std::string_view name() const override { return "stop_gradient"; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override { return {inputs[0]}; }
  Tensors gradient(const GradientArgs&) const override { return {Tensor()}; }
};

void check_rank(std::string_view op, const Spec& x, size_t given) {
  if (static_cast<size_t>(x.shape.rank()) != given) {
    throw InvalidArgument(
        message(op, ": expected one number for each of the ", x.shape.rank(), " axes of ", x, ", got ", given, "."));
  }
}

}  // namespace

std::vector<Spec> ReshapeOp::infer(std::span<const Spec> inputs) const {
  if (inputs[0].shape.elements() != shape_.elements()) {
    throw InvalidArgument(message("reshape: expected a shape of ", inputs[0].shape.elements(), " elements for ",
                                  inputs[0], ", got ", shape_, "."));
  }
  return {Spec{shape_, inputs[0].dtype}};
}

Tensors ReshapeOp::gradient(const GradientArgs& args) const {
  return {reshape(args.output_gradients[0], args.inputs[0].shape())};
}

std::vector<Spec> BroadcastTo::infer(std::span<const Spec> inputs) const {
  if (broadcast_shapes(inputs[0].shape, shape_) != shape_) {
    throw InvalidArgument(message("broadcast_to: ", inputs[0], " does not broadcast to ", shape_, "."));
  }
  return {Spec{shape_, inputs[0].dtype}};
}

Tensors BroadcastTo::gradient(const GradientArgs& args) const {
  return {sum_to(args.output_gradients[0], args.inputs[0].shape())};
}

std::vector<Spec> Transpose::infer(std::span<const Spec> inputs) const {
  check_rank("transpose", inputs[0], axes_.size());
  std::vector<int64_t> dims, seen(axes_.size());
  for (int64_t axis : axes_) {
    const int at = normalize_axis(axis, inputs[0].shape.rank(), "transpose");
    if (seen[static_cast<size_t>(at)]++) throw InvalidArgument(message("transpose: axis ", axis, " is named twice."));
    dims.push_back(inputs[0].shape[at]);
  }
  return {Spec{Shape(dims), inputs[0].dtype}};
}

Tensors Transpose::gradient(const GradientArgs& args) const {
  std::vector<int64_t> inverse(axes_.size());
  for (size_t i = 0; i < axes_.size(); ++i) inverse[static_cast<size_t>(axes_[i])] = static_cast<int64_t>(i);
  return {transpose(args.output_gradients[0], inverse)};
}

std::vector<Spec> ConcatenateOp::infer(std::span<const Spec> inputs) const {
  if (inputs.empty()) throw InvalidArgument("concatenate: expected at least one tensor, got none.");
  Spec out = inputs[0];
  const int axis = normalize_axis(axis_, out.shape.rank(), "concatenate");
  for (const Spec& next : inputs.subspan(1)) {
    bool fits = next.shape.rank() == out.shape.rank() && next.dtype == out.dtype;
    for (int i = 0; fits && i < out.shape.rank(); ++i) fits = i == axis || next.shape[i] == out.shape[i];
    if (!fits) {
      throw InvalidArgument(message("concatenate: expected tensors that differ in axis ", axis, " alone, got ",
                                    inputs[0], " and ", next, "."));
    }
    out.shape[axis] += next.shape[axis];
  }
  return {out};
}

Tensors ConcatenateOp::gradient(const GradientArgs& args) const {
  Tensors out;
  const Tensor& g = args.output_gradients[0];
  const auto axis = static_cast<size_t>(axis_);
  std::vector<int64_t> begin(static_cast<size_t>(g.rank()), 0), end = g.shape().to_vector();
  int64_t at = 0;
  for (size_t i = 0; i < args.inputs.size(); ++i) {
    const int64_t count = args.inputs[i].shape()[static_cast<int>(axis)];
    begin[axis] = at;
    end[axis] = at += count;
    out.push_back(args.wanted[i] ? slice(g, begin, end) : Tensor());
  }
  return out;
}

std::vector<Spec> Slice::infer(std::span<const Spec> inputs) const {
  check_rank("slice", inputs[0], begin_.size());
  std::vector<int64_t> dims;
  for (size_t i = 0; i < begin_.size(); ++i) {
    const int64_t size = inputs[0].shape[static_cast<int>(i)];
    if (begin_[i] < 0 || end_[i] < begin_[i] || end_[i] > size || steps_[i] < 1) {
      throw InvalidArgument(message("slice: [", begin_[i], ", ", end_[i], ") in steps of ", steps_[i],
                                    " is outside axis ", i, " of ", inputs[0], "."));
    }
    dims.push_back((end_[i] - begin_[i] + steps_[i] - 1) / steps_[i]);
  }
  return {Spec{Shape(dims), inputs[0].dtype}};
}

Tensors Slice::gradient(const GradientArgs& args) const {
  const Shape &whole = args.inputs[0].shape(), &part = args.outputs[0].shape();
  if (part.elements() == 0) return {zeros_like(args.inputs[0])};
  std::vector<int64_t> high, inner;
  for (size_t i = 0; i < begin_.size(); ++i) {
    const int axis = static_cast<int>(i);
    inner.push_back(steps_[i] - 1);
    high.push_back(whole[axis] - begin_[i] - ((part[axis] - 1) * steps_[i] + 1));
  }
  return {pad(args.output_gradients[0], begin_, high, inner)};
}

std::vector<Spec> Pad::infer(std::span<const Spec> inputs) const {
  check_rank("pad", inputs[0], low_.size());
  std::vector<int64_t> dims;
  for (size_t i = 0; i < low_.size(); ++i) {
    if (low_[i] < 0 || high_[i] < 0 || inner_[i] < 0)
      throw InvalidArgument("pad: expected amounts of at least 0. Use slice() to take away.");
    const int64_t size = inputs[0].shape[static_cast<int>(i)];
    dims.push_back(low_[i] + high_[i] + size + inner_[i] * std::max<int64_t>(size - 1, 0));
  }
  return {Spec{Shape(dims), inputs[0].dtype}};
}

Tensors Pad::gradient(const GradientArgs& args) const {
  std::vector<int64_t> end, steps;
  for (size_t i = 0; i < low_.size(); ++i) {
    end.push_back(args.outputs[0].shape()[static_cast<int>(i)] - high_[i]);
    steps.push_back(inner_[i] + 1);
  }
  return {slice(args.output_gradients[0], low_, end, steps)};
}

std::vector<Spec> Reverse::infer(std::span<const Spec> inputs) const {
  for (int64_t axis : axes_) normalize_axis(axis, inputs[0].shape.rank(), "reverse");
  return {inputs[0]};
}

Tensors Reverse::gradient(const GradientArgs& args) const { return {reverse(args.output_gradients[0], axes_)}; }

Tensor reshape(const Tensor& x, const Shape& shape) {
  Shape known = shape;
  int open = -1;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] != Shape::unknown) continue;
    if (open >= 0) throw InvalidArgument(message("reshape: expected at most one -1, got ", shape, "."));
    open = i;
    known[i] = 1;
  }
  if (open >= 0) {
    const int64_t rest = known.elements();
    if (rest == 0 || x.size() % rest != 0) {
      throw InvalidArgument(message("reshape: ", x.spec(), " does not divide into ", shape, "."));
    }
    known[open] = x.size() / rest;
  }
  if (known == x.shape()) return x;
  return apply_one(std::make_shared<ReshapeOp>(known), {x});
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return apply_one(std::make_shared<BroadcastTo>(shape), {x});
}

Tensor transpose(const Tensor& x, std::vector<int64_t> axes) {
  if (axes.empty()) {
    for (int i = x.rank(); i-- > 0;) axes.push_back(i);
  }
  for (int64_t& axis : axes) axis = normalize_axis(axis, x.rank(), "transpose");
  std::vector<int64_t> unchanged(static_cast<size_t>(x.rank()));
  std::iota(unchanged.begin(), unchanged.end(), 0);
  if (axes == unchanged) return x;
  return apply_one(std::make_shared<Transpose>(std::move(axes)), {x});
}

Tensor concatenate(const Tensors& xs, int64_t axis) {
  if (xs.empty()) throw InvalidArgument("concatenate: expected at least one tensor, got none.");
  DType common = xs[0].dtype();
  for (const Tensor& x : xs) common = promote(common, x.dtype());
  Tensors same;
  for (const Tensor& x : xs) same.push_back(cast(x, common));
  if (same.size() == 1) return same[0];
  return apply_one(std::make_shared<ConcatenateOp>(normalize_axis(axis, xs[0].rank(), "concatenate")), same);
}

Tensor slice(const Tensor& x, std::vector<int64_t> begin, std::vector<int64_t> end, std::vector<int64_t> steps) {
  const Shape& shape = x.shape();
  if (begin.size() != end.size() || begin.size() > static_cast<size_t>(shape.rank())) {
    throw InvalidArgument(message("slice: expected a begin and an end for at most ", shape.rank(), " axes, got ",
                                  begin.size(), " and ", end.size(), "."));
  }
  steps.resize(static_cast<size_t>(shape.rank()), 1);
  for (size_t i = 0; i < static_cast<size_t>(shape.rank()); ++i) {
    const int64_t size = shape[static_cast<int>(i)];
    if (i >= begin.size()) {
      begin.push_back(0);
      end.push_back(size);
    }
    if (begin[i] < 0) begin[i] += size;
    if (end[i] < 0) end[i] += size;
  }
  return apply_one(std::make_shared<Slice>(std::move(begin), std::move(end), std::move(steps)), {x});
}

Tensor pad(const Tensor& x, std::vector<int64_t> low, std::vector<int64_t> high, std::vector<int64_t> inner) {
  inner.resize(static_cast<size_t>(x.rank()), 0);
  return apply_one(std::make_shared<Pad>(std::move(low), std::move(high), std::move(inner)), {x});
}

Tensor reverse(const Tensor& x, std::vector<int64_t> axes) {
  for (int64_t& axis : axes) axis = normalize_axis(axis, x.rank(), "reverse");
  return apply_one(std::make_shared<Reverse>(std::move(axes)), {x});
}

Tensor expand_dims(const Tensor& x, int64_t axis) {
  return reshape(x, x.shape().with(normalize_axis(axis, x.rank() + 1, "expand_dims"), 1));
}

Tensor squeeze(const Tensor& x, int64_t axis) {
  const int at = normalize_axis(axis, x.rank(), "squeeze");
  if (x.shape()[at] != 1)
    throw InvalidArgument(message("squeeze: expected axis ", axis, " of ", x.spec(), " to be 1."));
  return reshape(x, x.shape().without(at));
}

Tensor stop_gradient(const Tensor& x) { return apply_one(std::make_shared<StopGradient>(), {x}); }

}  // namespace hebb
