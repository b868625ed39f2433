/// Products of matrices.
///
///     Tensor y = matmul(x, w) + b;                // (batch, in) x (in, out)
///     Tensor scores = matmul(q, k, {.transpose_b = true});
#pragma once

#include "hebb/ops/op.h"

namespace hebb {

struct MatmulOptions {
  bool transpose_a = false;  ///< use the transpose of a's last two axes
  bool transpose_b = false;
};

/// a: (batch..., m, k) and b: (batch..., k, n), each with its last two axes the other way round where it is transposed;
/// both of the same floating type, rank >= 2, and with equal batch axes.
class Matmul : public Op {
 public:
  explicit Matmul(MatmulOptions options) : options_(options) {}
  bool transpose_a() const { return options_.transpose_a; }
  bool transpose_b() const { return options_.transpose_b; }
  std::string_view name() const override { return "matmul"; }
  Attributes attributes() const override {
    return {{"transpose_a", options_.transpose_a}, {"transpose_b", options_.transpose_b}};
  }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  MatmulOptions options_;
};

/// NumPy's matmul: vectors count as a row (left) or a column (right), and batch axes broadcast.
Tensor matmul(const Tensor& a, const Tensor& b, MatmulOptions options = {});

}  // namespace hebb
