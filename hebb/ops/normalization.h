/// What normalisation is made of: that of rows in one operation, whose gradient is one operation too, and the means and
/// variances of channels. Both read from memory once.
///
///     Tensor y = layer_normalization(x, gamma, beta, 1e-3);  // x (batch, steps, 128), gamma and beta (128,)
///     auto [mean, variance] = moments(x, -1);                // each (128,)
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

/// `moments`: x (..., n, ...), floating -> means (n,) and variances (n,) over all axes but `axis`, counted from the
/// front. The variance is the mean of the squared deviations from the mean. Both are NaN where there is nothing to add
/// up.
class MomentsOp : public Op {
 public:
  explicit MomentsOp(int64_t axis) : axis_(axis) {}
  int64_t axis() const { return axis_; }
  std::string_view name() const override { return "moments"; }
  Attributes attributes() const override { return {{"axis", axis_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  int64_t axis_;
};

/// `epsilon`: added to the variance. InvalidArgument when shapes or types do not fit.
Tensor layer_normalization(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon);

struct Moments {
  Tensor mean, variance;  ///< (n,)
};

/// Of x's channels, the `axis`; a negative one counts from the last. x is read from memory once. InvalidArgument for
/// another type than a floating one and an axis that x does not have.
Moments moments(const Tensor& x, int64_t axis);

}  // namespace hebb
