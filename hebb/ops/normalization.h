/// Normalisation of rows in one operation, whose gradient is one operation too: a row is read from memory once.
///
///     Tensor y = layer_normalization(x, gamma, beta, 1e-3);  // x (batch, steps, 128), gamma and beta (128,)
///
/// y = (x - m) / sqrt(v + epsilon) gamma + beta, with m and v the mean and the variance of x along the last axis (Ba,
/// Kiros and Hinton 2016).
#pragma once

#include "hebb/ops/op.h"

namespace hebb {

/// x (..., n), gamma (n,), beta (n,), all of one floating type -> the result, of x's shape.
class LayerNormalizationOp : public Op {
 public:
  explicit LayerNormalizationOp(double epsilon) : epsilon_(epsilon) {}
  double epsilon() const { return epsilon_; }
  std::string_view name() const override { return "layer_normalization"; }
  Attributes attributes() const override { return {{"epsilon", epsilon_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  double epsilon_;
};

/// x (..., n), gamma (n,) and the gradient of the result (..., n) -> the gradients of x, gamma and beta.
class LayerNormalizationBackward : public Op {
 public:
  explicit LayerNormalizationBackward(double epsilon) : epsilon_(epsilon) {}
  double epsilon() const { return epsilon_; }
  std::string_view name() const override { return "layer_normalization_backward"; }
  Attributes attributes() const override { return {{"epsilon", epsilon_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  double epsilon_;
};

/// `epsilon`: added to the variance. InvalidArgument when shapes or types do not fit.
Tensor layer_normalization(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon);

}  // namespace hebb
