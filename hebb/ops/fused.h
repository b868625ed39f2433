/// Fused operations: what the passes make of several operations so that a kernel goes over memory once.
///
/// They appear only after differentiation and have no gradient rule of their own.
#pragma once

#include <array>
#include <vector>

#include "hebb/ops/elementwise.h"

namespace hebb {

/// One operation of a fused loop. Registers 0 .. inputs - 1 are the inputs, then one for each step in order.
struct FusedStep {
  OpPtr op;                                    ///< an Elementwise or a Cast
  std::array<int, 3> operands = {-1, -1, -1};  ///< registers
  DType dtype = DType::float32;                ///< of the result
};

/// A sum over the leading axes of a fused loop: a bias's gradient, a batch's mean.
struct FusedSum {
  int reg;      ///< the step that is summed
  Shape shape;  ///< of the result; its elements are those of the loop's trailing axes
};

/// `fused_elementwise`: a small program of elementwise operations. Outputs have one shape, the loop's; inputs and steps
/// broadcast to it. Behind them come the sums.
class FusedElementwise : public Op {
 public:
  FusedElementwise(int inputs, std::vector<FusedStep> steps, std::vector<int> outputs, const Shape& shape,
                   std::vector<FusedSum> sums = {})
      : inputs_(inputs),
        steps_(std::move(steps)),
        outputs_(std::move(outputs)),
        shape_(shape),
        sums_(std::move(sums)) {}
  int inputs() const { return inputs_; }
  const std::vector<FusedStep>& steps() const { return steps_; }
  /// The registers that are the outputs; each is a step.
  const std::vector<int>& outputs() const { return outputs_; }
  const std::vector<FusedSum>& sums() const { return sums_; }
  const Shape& shape() const { return shape_; }

  std::string_view name() const override { return "fused_elementwise"; }
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  int inputs_;
  std::vector<FusedStep> steps_;
  std::vector<int> outputs_;
  Shape shape_;
  std::vector<FusedSum> sums_;
};

/// `fused_matmul`, `fused_conv`: activation(product(a, b) + bias + addend). Inputs: a, b and, where there are, bias
/// (the last axis' size) and addend (of the result's shape; convolutions only). `activation` is the name of an
/// elementwise operation of one argument, or empty.
class FusedProduct : public Op {
 public:
  FusedProduct(OpPtr product, bool has_bias, std::string activation, bool has_addend = false)
      : product_(std::move(product)),
        has_bias_(has_bias),
        has_addend_(has_addend),
        activation_(std::move(activation)) {}
  /// The Matmul or Conv.
  const Op& product() const { return *product_; }
  const OpPtr& product_pointer() const { return product_; }
  bool has_bias() const { return has_bias_; }
  bool has_addend() const { return has_addend_; }
  const std::string& activation() const { return activation_; }

  std::string_view name() const override;
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  OpPtr product_;
  bool has_bias_, has_addend_;
  std::string activation_;
};

}  // namespace hebb
