#include "hebb/ops/crossentropy.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// The losses' spec. `name`: what a message calls the operation.
Spec check(std::string_view name, std::span<const Spec> inputs, int64_t axis) {
  const Spec &x = inputs[0], &targets = inputs[1];
  if (x.shape.rank() == 0 || !is_floating(x.dtype)) {
    throw InvalidArgument(
        message(name, ": expected logits (..., classes) of float32 or float64, got ", x, ". Use cast()."));
  }
  const int at = normalize_axis(axis, x.shape.rank(), name.data());
  const Shape rows = x.shape.without(at);
  const bool integers = targets.dtype == DType::int32 || targets.dtype == DType::int64;
  const bool labels = integers && targets.shape == rows && at == x.shape.rank() - 1;
  if (!labels && targets != x) {
    throw InvalidArgument(message(name, ": expected targets ", x, " or, for classes along the last axis, labels ", rows,
                                  " of int32 or int64, got ", targets, ". Reshape() or cast() them."));
  }
  return {rows, x.dtype};
}

Tensor sum_along(const Tensor& x, int64_t axis) { return sum(x, {.axes = {axis}, .keepdims = true}); }

Tensor backward(const Tensor& probabilities, const Tensor& targets, const Tensor& g, int64_t axis) {
  return apply_one(std::make_shared<SoftmaxCrossentropyBackward>(axis), {probabilities, targets, g});
}

}  // namespace

std::vector<Spec> SoftmaxCrossentropy::infer(std::span<const Spec> inputs) const {
  return {check(name(), inputs, axis_), inputs[0]};
}

Tensors SoftmaxCrossentropy::gradient(const GradientArgs& args) const {
  const Tensor &x = args.inputs[0], &targets = args.inputs[1], &p = args.outputs[1];
  const Tensor &of_losses = args.output_gradients[0], &of_p = args.output_gradients[1];
  Tensor of_x, of_targets;
  if (of_losses.defined()) of_x = backward(p, targets, of_losses, axis_);
  if (of_p.defined()) {
    const Tensor more = p * (of_p - sum_along(of_p * p, axis_));
    of_x = of_x.defined() ? of_x + more : more;
  }
  if (of_losses.defined() && args.wanted[1] && is_floating(targets.dtype()))
    of_targets = -log_softmax(x, axis_) * expand_dims(of_losses, axis_);
  return {of_x, of_targets};
}

std::vector<Spec> SoftmaxCrossentropyBackward::infer(std::span<const Spec> inputs) const {
  const Spec losses = check(name(), inputs, axis_);
  if (inputs.size() != 3 || inputs[2] != losses)
    throw InternalError("softmax_crossentropy_backward: expected a gradient of the losses' shape.");
  return {inputs[0]};
}

Tensors SoftmaxCrossentropyBackward::gradient(const GradientArgs& args) const {
  const Tensor &p = args.inputs[0], &targets = args.inputs[1], &u = args.output_gradients[0];
  const Tensor g = expand_dims(args.inputs[2], axis_);
  const bool labels = !is_floating(targets.dtype());
  const Tensor t = labels ? one_hot(targets, p.shape().back(), p.dtype()) : targets;
  const Tensor total = sum_along(t, axis_);
  return {u * g * total, labels ? Tensor() : g * (sum_along(u * p, axis_) - u),
          sum(u * (total * p - t), {.axes = {axis_}})};
}

Tensors softmax_crossentropy(const Tensor& logits, const Tensor& targets, int64_t axis) {
  return apply_op(std::make_shared<SoftmaxCrossentropy>(normalize_axis(axis, logits.rank(), "softmax_crossentropy")),
                  {logits, targets});
}

}  // namespace hebb
