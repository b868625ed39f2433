/// Softmax and crossentropy in one operation, whose gradient is one operation too: a row of logits is read from memory
/// once, and nothing as large as the logits is computed but the probabilities.
///
///     Tensors results = softmax_crossentropy(logits, labels);   // (batch, classes), (batch,) -> (batch,), as logits
///
/// With p = softmax(x) along the classes and targets t, loss = -sum(t log(p)); its slopes are sum(t) p - t. A label is
/// a t of one 1; a label that is no class is a t of zeros.
#pragma once

#include "hebb/ops/op.h"

namespace hebb {

/// Logits x of a floating type and targets -> the losses, of x's shape without the axis, and the probabilities, of x's
/// shape. Targets are numbers of x's spec or, where the axis is the last one, labels of int32 or int64, of the losses'
/// shape.
class SoftmaxCrossentropy : public Op {
 public:
  explicit SoftmaxCrossentropy(int64_t axis) : axis_(axis) {}
  int64_t axis() const { return axis_; }
  std::string_view name() const override { return "softmax_crossentropy"; }
  Attributes attributes() const override { return {{"axis", axis_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  int64_t axis_;
};

/// The probabilities, the targets and the losses' gradient g -> the logits' gradient, (sum(t) p - t) g.
class SoftmaxCrossentropyBackward : public Op {
 public:
  explicit SoftmaxCrossentropyBackward(int64_t axis) : axis_(axis) {}
  int64_t axis() const { return axis_; }
  std::string_view name() const override { return "softmax_crossentropy_backward"; }
  Attributes attributes() const override { return {{"axis", axis_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  int64_t axis_;
};

/// The losses and the probabilities. InvalidArgument when shapes or types do not fit.
Tensors softmax_crossentropy(const Tensor& logits, const Tensor& targets, int64_t axis = -1);

}  // namespace hebb
