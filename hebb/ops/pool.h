/// Pooling over windows of the spatial axes, channels last, any number of spatial axes.
///
///     Tensor y = max_pool(x, {.window = {2, 2}, .strides = {2, 2}});     // (batch, h, w, c) -> (batch, h/2, w/2, c)
#pragma once

#include <vector>

#include "hebb/ops/op.h"

namespace hebb {

/// For each spatial axis one number. Empty strides: those of the window; empty padding: none.
struct PoolOptions {
  std::vector<int64_t> window;
  std::vector<int64_t> strides = {};
  std::vector<int64_t> low = {};  ///< padding before; a padded place is never the maximum and never counts in a mean
  std::vector<int64_t> high = {};
};

/// What the pooling operations share. All members of the options are filled in.
class PoolBase : public Op {
 public:
  explicit PoolBase(PoolOptions options) : options_(std::move(options)) {}
  const PoolOptions& options() const { return options_; }
  Attributes attributes() const override;

 protected:
  PoolOptions options_;
};

/// x -> the largest value of each window.
class MaxPool : public PoolBase {
 public:
  using PoolBase::PoolBase;
  std::string_view name() const override { return "max_pool"; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;
};

/// x, dout -> dx: each dout goes to the first place (in row-major order) of its window's maximum.
class MaxPoolBackward : public PoolBase {
 public:
  using PoolBase::PoolBase;
  std::string_view name() const override { return "max_pool_backward"; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;
};

/// x, v (both of x's shape) -> of v the element at the place of the maximum of x, for each window: what
/// `max_pool_backward` transposes.
class MaxPoolPick : public PoolBase {
 public:
  using PoolBase::PoolBase;
  std::string_view name() const override { return "max_pool_pick"; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;
};

/// x -> the mean of each window over the places inside the input.
class AveragePool : public PoolBase {
 public:
  using PoolBase::PoolBase;
  std::string_view name() const override { return "average_pool"; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;
};

/// dout -> dx.
class AveragePoolBackward : public PoolBase {
 public:
  AveragePoolBackward(PoolOptions options, const Shape& input_shape)
      : PoolBase(std::move(options)), input_shape_(input_shape) {}
  const Shape& input_shape() const { return input_shape_; }
  std::string_view name() const override { return "average_pool_backward"; }
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  Shape input_shape_;
};

Tensor max_pool(const Tensor& x, PoolOptions options);
Tensor max_pool_backward(const Tensor& x, const Tensor& dout, PoolOptions options);
Tensor max_pool_pick(const Tensor& x, const Tensor& values, PoolOptions options);
Tensor average_pool(const Tensor& x, PoolOptions options);
Tensor average_pool_backward(const Tensor& dout, const Shape& input_shape, PoolOptions options);

}  // namespace hebb
