/// Connectionist temporal classification (Graves et al. 2006): minus the logarithm of the probability that a sequence
/// of labels is what is left of a sequence of steps when repeated classes are joined and blanks removed.
///
///     Tensor losses = ctc_loss(logits, labels);      // (batch, steps, classes), (batch, length) -> (batch,)
#pragma once

#include "hebb/ops/op.h"

namespace hebb {

/// logits (batch, steps, classes), labels (batch, length) of integers -> (batch,). Labels equal to `blank` do not
/// count, so that they fill up what is short. Infinite where the labels need more steps than there are.
class CtcLoss : public Op {
 public:
  explicit CtcLoss(int64_t blank) : blank_(blank) {}
  int64_t blank() const { return blank_; }
  std::string_view name() const override { return "ctc_loss"; }
  Attributes attributes() const override { return {{"blank", blank_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  int64_t blank_;
};

/// The losses' slopes by the logits, from the same inputs: (batch, steps, classes); 0 where the loss is infinite.
class CtcLossBackward : public Op {
 public:
  explicit CtcLossBackward(int64_t blank) : blank_(blank) {}
  int64_t blank() const { return blank_; }
  std::string_view name() const override { return "ctc_loss_backward"; }
  Attributes attributes() const override { return {{"blank", blank_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  /// NotSupported: gradients of gradients.
  Tensors gradient(const GradientArgs& args) const override;

 private:
  int64_t blank_;
};

Tensor ctc_loss(const Tensor& logits, const Tensor& labels, int64_t blank = 0);

}  // namespace hebb
