#include "hebb/backend/cpu/then_add.h"

#include <utility>

#include "hebb/backend/cpu/simd/fused_loop.h"

namespace hebb {

namespace {

class ThenAdd : public Kernel {
 public:
  ThenAdd(std::unique_ptr<Kernel> product, std::unique_ptr<Kernel> loop, size_t addend)
      : product_(std::move(product)), loop_(std::move(loop)), addend_(addend) {}

  std::string_view implementation() const override { return product_->implementation(); }
  int phases() const override { return product_->phases() + loop_->phases(); }
  int lasting_phases() const override { return product_->lasting_phases(); }
  int64_t pieces(int phase) const override {
    return phase < product_->phases() ? product_->pieces(phase) : loop_->pieces(phase - product_->phases());
  }
  int64_t scratch_bytes() const override { return product_->scratch_bytes(); }
  LayoutPtr input_layout(int in) const override { return product_->input_layout(in); }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    if (phase < product_->phases()) return product_->run(phase, piece, args);
    const void* const in[] = {args.out[0], args.in[addend_]};
    loop_->run(phase - product_->phases(), piece, {in, args.out, nullptr});
  }

 private:
  std::unique_ptr<Kernel> product_, loop_;
  size_t addend_;
};

}  // namespace

std::unique_ptr<Kernel> then_add(std::unique_ptr<Kernel> product, const Call& call, const std::string& activation) {
  const Spec operands[] = {call.out[0], call.out[0]};
  auto loop = std::make_unique<simd::FusedLoop>(call.out[0].shape, operands);
  const int sum_of[] = {0, 1};
  int result = loop->add_step("add", sum_of, call.out[0].dtype);
  if (result >= 0 && !activation.empty()) result = loop->add_step(activation, {&result, 1}, call.out[0].dtype);
  if (!product || result < 0 || !loop->finish({&result, 1})) return nullptr;
  return std::make_unique<ThenAdd>(std::move(product), std::move(loop), call.in.size() - 1);
}

}  // namespace hebb
