/// A product with weights kept as bfloat16: what predicting few examples with a model quantised to bfloat16 computes.
/// The passes make it; layers multiply by the weights converted to float32.
#pragma once

#include "hebb/ops/op.h"

namespace hebb {

/// relu(x kernel + bias), the last two where there are. x: float32 (rows, n), kernel: bfloat16 (n, columns), bias:
/// float32 (columns,) -> float32 (rows, columns). Weights are widened exactly; products and sums are float32's.
class Bfloat16Matmul : public Op {
 public:
  Bfloat16Matmul(bool has_bias, bool relu) : has_bias_(has_bias), relu_(relu) {}
  bool has_bias() const { return has_bias_; }
  bool relu() const { return relu_; }
  std::string_view name() const override { return "bfloat16_matmul"; }
  Attributes attributes() const override { return {{"has_bias", has_bias_}, {"relu", relu_}}; }
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;
  bool takes_stored_types() const override { return true; }

 private:
  bool has_bias_, relu_;
};

}  // namespace hebb
