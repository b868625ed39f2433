#include "hebb/ops/ctc.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

void check(std::span<const Spec> inputs, int64_t blank) {
  const Spec &logits = inputs[0], &labels = inputs[1];
  const bool integers = labels.dtype == DType::int32 || labels.dtype == DType::int64;
  if (logits.shape.rank() != 3 || !is_floating(logits.dtype) || labels.shape.rank() != 2 || !integers ||
      labels.shape[0] != logits.shape[0]) {
    throw InvalidArgument(message("ctc_loss: expected logits (batch, steps, classes) and labels (batch, length) of ",
                                  "int32 or int64, got ", logits, " and ", labels, "."));
  }
  if (blank < 0 || blank >= logits.shape[2]) {
    throw InvalidArgument(message("ctc_loss: expected a blank from 0 to ", logits.shape[2] - 1, ", got ", blank,
                                  ". It is one of the classes."));
  }
}

}  // namespace

std::vector<Spec> CtcLoss::infer(std::span<const Spec> inputs) const {
  check(inputs, blank_);
  return {Spec{{inputs[0].shape[0]}, inputs[0].dtype}};
}

Tensors CtcLoss::gradient(const GradientArgs& args) const {
  if (!args.wanted[0]) return {Tensor(), Tensor()};
  const Tensor slopes = apply_one(std::make_shared<CtcLossBackward>(blank_), args.inputs);
  return {slopes * reshape(args.output_gradients[0], {args.inputs[0].shape()[0], 1, 1}), Tensor()};
}

std::vector<Spec> CtcLossBackward::infer(std::span<const Spec> inputs) const {
  check(inputs, blank_);
  return {inputs[0]};
}

Tensors CtcLossBackward::gradient(const GradientArgs&) const {
  throw NotSupported("ctc_loss: gradients of gradients. Take another loss for what needs curvature.");
}

Tensor ctc_loss(const Tensor& logits, const Tensor& labels, int64_t blank) {
  const bool integers = labels.dtype() == DType::int32 || labels.dtype() == DType::int64;
  return apply_one(std::make_shared<CtcLoss>(blank), {logits, integers ? labels : cast(labels, DType::int32)});
}

}  // namespace hebb
