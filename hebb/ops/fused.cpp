#include "hebb/ops/fused.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {
[[noreturn]] Tensors no_gradient(std::string_view name) {
  throw InternalError(message(name, ": fused operations have no gradient; differentiate before fusing."));
}
}  // namespace

Attributes FusedElementwise::attributes() const {
  std::string program;
  for (const FusedStep& step : steps_) {
    if (!program.empty()) program += "; ";
    program += message(step.op->name(), "(");
    for (size_t i = 0; i < step.operands.size() && step.operands[i] >= 0; ++i)
      program += message(i ? "," : "", step.operands[i]);
    program += message(")", step.op->name() == "cast" ? message(":", step.dtype) : "");
  }
  std::vector<int64_t> outputs(outputs_.begin(), outputs_.end());
  std::string sums;
  for (const FusedSum& sum : sums_) sums += message(sums.empty() ? "" : "; ", sum.reg, ":", sum.shape);
  return {{"program", program}, {"outputs", outputs}, {"shape", shape_.to_vector()}, {"sums", sums}};
}

std::vector<Spec> FusedElementwise::infer(std::span<const Spec>) const {
  std::vector<Spec> out;
  const auto dtype = [&](int reg) { return steps_[static_cast<size_t>(reg - inputs_)].dtype; };
  for (int reg : outputs_) out.push_back(Spec{shape_, dtype(reg)});
  for (const FusedSum& sum : sums_) out.push_back(Spec{sum.shape, dtype(sum.reg)});
  return out;
}

Tensors FusedElementwise::gradient(const GradientArgs&) const { no_gradient(name()); }

std::shared_ptr<const FusedElementwise> as_loop(const OpPtr& op, size_t inputs, const Spec& out) {
  if (auto loop = std::dynamic_pointer_cast<const FusedElementwise>(op)) return loop;
  if (!dynamic_cast<const Elementwise*>(op.get())) return nullptr;
  FusedStep step{op, {-1, -1, -1}, out.dtype};
  for (size_t i = 0; i < inputs; ++i) step.operands[i] = static_cast<int>(i);
  const int result = static_cast<int>(inputs);
  return std::make_shared<const FusedElementwise>(result, std::vector{step}, std::vector{result}, out.shape);
}

std::string_view FusedProduct::name() const { return product_->name() == "matmul" ? "fused_matmul" : "fused_conv"; }

Attributes FusedProduct::attributes() const {
  Attributes inner = product_->attributes();
  return {{"product", inner.key()}, {"bias", has_bias_}, {"addend", has_addend_}, {"activation", activation_}};
}

std::vector<Spec> FusedProduct::infer(std::span<const Spec> inputs) const {
  return product_->infer(inputs.subspan(0, 2));
}

Tensors FusedProduct::gradient(const GradientArgs&) const { no_gradient(name()); }

MatmulLoop::MatmulLoop(OpPtr product, std::shared_ptr<const FusedElementwise> loop, int operand, bool keeps_product)
    : product_(std::move(product)), loop_(std::move(loop)), operand_(operand), keeps_product_(keeps_product) {
  const auto* fused = dynamic_cast<const FusedProduct*>(product_.get());
  product_inputs_ = fused && fused->has_bias() ? 3 : 2;
}

const Op& MatmulLoop::matmul() const {
  const auto* fused = dynamic_cast<const FusedProduct*>(product_.get());
  return fused ? fused->product() : *product_;
}

Spec MatmulLoop::product_spec(std::span<const Spec> inputs) const {
  return product_->infer(inputs.first(product_inputs_))[0];
}

std::vector<Spec> MatmulLoop::loop_inputs(std::span<const Spec> inputs) const {
  std::vector<Spec> specs;
  for (int reg = 0; reg < loop_->inputs(); ++reg)
    specs.push_back(reg == operand_ ? Spec{loop_->shape(), product_spec(inputs).dtype}
                                    : inputs[input_of_register(reg)]);
  return specs;
}

Attributes MatmulLoop::attributes() const {
  return {{"product", product_->attributes().key()},
          {"operand", operand_},
          {"loop", loop_->attributes().key()},
          {"keeps_product", keeps_product_}};
}

std::vector<Spec> MatmulLoop::infer(std::span<const Spec> inputs) const {
  std::vector<Spec> out = loop_->infer(loop_inputs(inputs));
  if (keeps_product_) out.push_back(product_spec(inputs));
  return out;
}

Tensors MatmulLoop::gradient(const GradientArgs&) const { no_gradient(name()); }

}  // namespace hebb
