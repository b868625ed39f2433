/// Operations with indices: gather, scatter_add, one_hot.
///
///     Tensor rows = gather(table, ids);                 // (rows, width), (batch, steps) -> (batch, steps, width)
///     Tensor targets = one_hot(labels, 10);             // (batch,) -> (batch, 10)
#pragma once

#include "hebb/ops/op.h"

namespace hebb {

/// table: (rows, rest...), indices (any shape, integers) -> (indices..., rest...). An index outside the table gives
/// zeros.
class Gather : public Op {
 public:
  std::string_view name() const override { return "gather"; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;
};

/// indices, values (indices..., rest...) -> (rows, rest...): values of equal index are added, in the order of their
/// positions; an index outside adds nothing. The gradient of gather.
class ScatterAdd : public Op {
 public:
  explicit ScatterAdd(int64_t rows) : rows_(rows) {}
  int64_t rows() const { return rows_; }
  std::string_view name() const override { return "scatter_add"; }
  Attributes attributes() const override { return {{"rows", rows_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  int64_t rows_;
};

/// indices -> (indices..., depth): 1 at the index, 0 elsewhere; all zeros for an index outside.
class OneHot : public Op {
 public:
  OneHot(int64_t depth, DType dtype) : depth_(depth), dtype_(dtype) {}
  int64_t depth() const { return depth_; }
  DType dtype() const { return dtype_; }
  std::string_view name() const override { return "one_hot"; }
  Attributes attributes() const override { return {{"depth", depth_}, {"dtype", std::string(name_of(dtype_))}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override { return Tensors(args.inputs.size()); }

 private:
  int64_t depth_;
  DType dtype_;
};

Tensor gather(const Tensor& table, const Tensor& indices);
Tensor scatter_add(const Tensor& indices, const Tensor& values, int64_t rows);
/// Indices that are floats are truncated to integers first.
Tensor one_hot(const Tensor& indices, int64_t depth, DType dtype = DType::float32);

}  // namespace hebb
