#include "hebb/ops/fused.h"

#include <algorithm>

#include "hebb/backend/cpu/reference/plain.h"
#include "hebb/backend/cpu/reference/reference.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

int64_t aligned(int64_t bytes) { return (bytes + Buffer::alignment - 1) / Buffer::alignment * Buffer::alignment; }

/// Runs a kernel that is part of another one.
void run_inner(const Kernel& kernel, const void* const* in, void* out, std::byte* scratch) {
  void* const outputs[] = {out};
  for (int phase = 0; phase < kernel.phases(); ++phase) {
    const int64_t pieces = kernel.pieces(phase);
    for (int64_t piece = 0; piece < pieces; ++piece) kernel.run(phase, piece, {in, outputs, scratch});
  }
}

/// Runs the steps one after the other, each over the whole shape.
class ReferenceFusedElementwise : public Kernel {
 public:
  explicit ReferenceFusedElementwise(const Call& call)
      : inputs_(static_cast<size_t>(static_cast<const FusedElementwise&>(call.op).inputs())) {
    const auto& op = static_cast<const FusedElementwise&>(call.op);
    std::vector<Spec> registers(call.in.begin(), call.in.end());
    for (const FusedStep& step : op.steps()) {
      const Spec result{op.shape(), step.dtype};
      std::vector<Spec> operands;
      for (int operand : step.operands) {
        if (operand >= 0) operands.push_back(registers[static_cast<size_t>(operand)]);
      }
      // A cast does not broadcast by itself: a smaller operand keeps its shape, and later steps broadcast the result.
      const Spec made{step.op->name() == "cast" ? operands[0].shape : result.shape, step.dtype};
      Refusal why;
      const Call inner{*step.op, operands, {&made, 1}};
      Step next{step.op->name() == "cast" ? make_reference_cast(inner, why) : make_reference_elementwise(inner, why),
                step.operands, scratch_bytes_};
      scratch_bytes_ += aligned(made.bytes());
      registers.push_back(made);
      steps_.push_back(std::move(next));
    }
    for (int output : op.outputs()) {
      const Spec &from = registers[static_cast<size_t>(output)], to{op.shape(), from.dtype};
      Refusal why;
      outputs_.push_back({make_reference_broadcast_to({call.op, {&from, 1}, {&to, 1}}, why), output});
    }
    for (const FusedSum& sum : op.sums()) {
      const Spec &from = registers[static_cast<size_t>(sum.reg)], whole{op.shape(), from.dtype};
      const Spec flat{{whole.shape.elements() / std::max<int64_t>(sum.shape.elements(), 1), sum.shape.elements()},
                      from.dtype};
      const Spec result{{sum.shape.elements()}, from.dtype};
      const Reduce add_up(Reduce::Kind::sum, {0}, false);
      Refusal why;
      sums_.push_back({make_reference_broadcast_to({call.op, {&from, 1}, {&whole, 1}}, why),
                       make_reference_reduce({add_up, {&flat, 1}, {&result, 1}}, why), sum.reg, scratch_bytes_});
      scratch_bytes_ += aligned(whole.bytes());
      sums_.back().scratch = scratch_bytes_;
      scratch_bytes_ += aligned(sums_.back().sum->scratch_bytes());
    }
  }

  std::string_view implementation() const override { return "reference"; }
  int64_t scratch_bytes() const override { return scratch_bytes_; }

  void run(int, int64_t, const KernelArgs& args) const override {
    const auto value = [&](int reg) -> const void* {
      const auto at = static_cast<size_t>(reg);
      return at < inputs_ ? args.in[at] : args.scratch + steps_[at - inputs_].offset;
    };
    for (const Step& step : steps_) {
      const void* operands[3] = {};
      for (size_t i = 0; i < step.operands.size() && step.operands[i] >= 0; ++i) operands[i] = value(step.operands[i]);
      run_inner(*step.kernel, operands, args.scratch + step.offset, nullptr);
    }
    for (size_t i = 0; i < outputs_.size(); ++i) {
      const void* const from[] = {value(outputs_[i].reg)};
      run_inner(*outputs_[i].copy, from, args.out[i], nullptr);
    }
    for (size_t i = 0; i < sums_.size(); ++i) {
      const void* const from[] = {value(sums_[i].reg)};
      const void* const whole[] = {args.scratch + sums_[i].offset};
      run_inner(*sums_[i].copy, from, args.scratch + sums_[i].offset, nullptr);
      run_inner(*sums_[i].sum, whole, args.out[outputs_.size() + i], args.scratch + sums_[i].scratch);
    }
  }

 private:
  struct Step {
    std::unique_ptr<Kernel> kernel;
    std::array<int, 3> operands;
    int64_t offset;  // of the result in the scratch memory
  };
  struct Output {
    std::unique_ptr<Kernel> copy;
    int reg;
  };
  struct Sum {
    std::unique_ptr<Kernel> copy, sum;
    int reg;
    int64_t offset;       // of the broadcast operand in the scratch memory
    int64_t scratch = 0;  // of the sum's own
  };

  size_t inputs_;
  std::vector<Step> steps_;
  std::vector<Output> outputs_;
  std::vector<Sum> sums_;
  int64_t scratch_bytes_ = 0;
};

/// The product, then the bias, then the activation, each over the whole output.
class ReferenceFusedProduct : public Kernel {
 public:
  explicit ReferenceFusedProduct(const Call& call) {
    const auto& op = static_cast<const FusedProduct&>(call.op);
    Refusal why;
    const Call product{op.product(), call.in.subspan(0, 2), call.out};
    product_ =
        op.product().name() == "matmul" ? make_reference_matmul(product, why) : make_reference_conv(product, why);
    if (op.has_bias()) {
      const Elementwise add(elementwise_record("add"));
      const Spec operands[] = {call.out[0], call.in[2]};
      add_bias_ = make_reference_elementwise({add, operands, call.out}, why);
    }
    if (op.has_addend()) {
      const Elementwise add(elementwise_record("add"));
      const Spec operands[] = {call.out[0], call.out[0]};
      addend_ = call.in.size() - 1;
      add_addend_ = make_reference_elementwise({add, operands, call.out}, why);
    }
    if (!op.activation().empty()) {
      const Elementwise activation(elementwise_record(op.activation()));
      activation_ = make_reference_elementwise({activation, call.out, call.out}, why);
    }
  }

  std::string_view implementation() const override { return "reference"; }
  int64_t scratch_bytes() const override { return product_->scratch_bytes(); }

  void run(int, int64_t, const KernelArgs& args) const override {
    run_inner(*product_, args.in, args.out[0], args.scratch);
    if (add_bias_) {
      const void* const operands[] = {args.out[0], args.in[2]};
      run_inner(*add_bias_, operands, args.out[0], nullptr);
    }
    if (add_addend_) {
      const void* const operands[] = {args.out[0], args.in[addend_]};
      run_inner(*add_addend_, operands, args.out[0], nullptr);
    }
    if (activation_) {
      const void* const operands[] = {args.out[0]};
      run_inner(*activation_, operands, args.out[0], nullptr);
    }
  }

 private:
  std::unique_ptr<Kernel> product_, add_bias_, add_addend_, activation_;
  size_t addend_ = 0;
};

/// The whole product, then the loop.
class ReferenceMatmulLoop : public Kernel {
 public:
  explicit ReferenceMatmulLoop(const Call& call) {
    const auto& op = static_cast<const MatmulLoop&>(call.op);
    const std::vector<Spec> loop_inputs = op.loop_inputs(call.in);
    const Spec product = op.product_spec(call.in);
    const Call product_call{op.product(), call.in.first(op.product_inputs()), {&product, 1}};
    Refusal why;
    product_ = &op.product() == &op.matmul() ? make_reference_matmul(product_call, why)
                                             : std::make_unique<ReferenceFusedProduct>(product_call);
    const size_t results = op.loop().outputs().size();
    loop_ = std::make_unique<ReferenceFusedElementwise>(Call{op.loop(), loop_inputs, call.out.first(results)});
    if (op.keeps_product()) kept_ = static_cast<int>(results);
    for (int reg = 0; reg < op.loop().inputs(); ++reg)
      inputs_.push_back(reg == op.operand() ? -1 : static_cast<int>(op.input_of_register(reg)));
    product_bytes_ = aligned(product.bytes());
  }

  std::string_view implementation() const override { return "reference"; }
  int64_t scratch_bytes() const override {
    return product_bytes_ + std::max(product_->scratch_bytes(), loop_->scratch_bytes());
  }

  void run(int, int64_t, const KernelArgs& args) const override {
    void* product = kept_ < 0 ? args.scratch : args.out[kept_];
    run_inner(*product_, args.in, product, args.scratch + product_bytes_);
    const void* in[MatmulLoop::most_inputs];
    for (size_t i = 0; i < inputs_.size(); ++i) in[i] = inputs_[i] < 0 ? product : args.in[inputs_[i]];
    loop_->run(0, 0, {in, args.out, args.scratch + product_bytes_});
  }

 private:
  std::unique_ptr<Kernel> product_, loop_;
  std::vector<int> inputs_;  // of the loop; -1 is the product
  int64_t product_bytes_ = 0;
  int kept_ = -1;  // the output that the product is
};

}  // namespace

std::unique_ptr<Kernel> make_reference_matmul_loop(const Call& call, Refusal&) {
  return std::make_unique<ReferenceMatmulLoop>(call);
}

std::unique_ptr<Kernel> make_reference_fused_elementwise(const Call& call, Refusal&) {
  return std::make_unique<ReferenceFusedElementwise>(call);
}

std::unique_ptr<Kernel> make_reference_fused_product(const Call& call, Refusal&) {
  return std::make_unique<ReferenceFusedProduct>(call);
}

}  // namespace hebb
