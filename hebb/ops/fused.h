/// Fused operations: what the passes make of several operations so that a kernel goes over memory once.
///
/// They appear only after differentiation and have no gradient rule of their own.
#pragma once

#include <array>
#include <memory>
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

/// A node's operation as a loop: a FusedElementwise itself, an Elementwise as a loop of one step; null for any other.
/// `inputs`: how many the operation has; `out`: its result.
std::shared_ptr<const FusedElementwise> as_loop(const OpPtr& op, size_t inputs, const Spec& out);

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

/// `matmul_loop`: a fused loop over a product of matrices while its rows lie in a core's cache: the gradient of weights
/// and the optimizer's step, which alone needs it, or an activation that takes its time. Inputs: those of the product,
/// then those of the loop without `operand`, the product. Outputs: the loop's and, where it is kept, the product.
class MatmulLoop : public Op {
 public:
  /// Columns of the product: a few of its rows have to fit into a core's cache.
  static constexpr int64_t most_columns = 4096;
  static constexpr int most_inputs = 32;  ///< of the loop

  /// `product`: a Matmul, or a FusedProduct of one with a bias alone; `loop`: without sums, of as many elements as the
  /// product and with its last axis. Its inputs have as many, or one. `keeps_product`: others read it too.
  MatmulLoop(OpPtr product, std::shared_ptr<const FusedElementwise> loop, int operand, bool keeps_product = false);
  const Op& product() const { return *product_; }
  const Op& matmul() const;
  bool has_bias() const { return product_inputs_ > 2; }
  bool keeps_product() const { return keeps_product_; }
  const FusedElementwise& loop() const { return *loop_; }
  /// The loop's register that is the product.
  int operand() const { return operand_; }
  size_t product_inputs() const { return product_inputs_; }
  /// What an input of the loop other than `operand` is among the inputs of this operation.
  size_t input_of_register(int reg) const {
    return product_inputs_ + static_cast<size_t>(reg < operand_ ? reg : reg - 1);
  }
  Spec product_spec(std::span<const Spec> inputs) const;
  /// The loop's inputs, the product among them in the loop's shape.
  std::vector<Spec> loop_inputs(std::span<const Spec> inputs) const;

  std::string_view name() const override { return "matmul_loop"; }
  Attributes attributes() const override;
  std::vector<Spec> infer(std::span<const Spec> inputs) const override;
  Tensors gradient(const GradientArgs& args) const override;

 private:
  OpPtr product_;
  std::shared_ptr<const FusedElementwise> loop_;
  int operand_;
  bool keeps_product_;
  size_t product_inputs_;
};

}  // namespace hebb
