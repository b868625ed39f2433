#include "hebb/ops/elementwise.h"

#include "hebb/backend/cpu/simd/fused_loop.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/base/text.h"
#include "hebb/ops/fused.h"

namespace hebb {

namespace {

constexpr std::string_view no_room = "too many values between the steps for one block";

}  // namespace

std::unique_ptr<Kernel> make_simd_elementwise(const Call& call, Refusal& why) {
  auto loop = std::make_unique<simd::FusedLoop>(call.out[0].shape, call.in);
  constexpr int operands[] = {0, 1, 2};
  const int result = loop->add_step(call.op.name(), std::span(operands).first(call.in.size()), call.out[0].dtype);
  if (result < 0) return why(message("no block function for ", call.in.back().dtype));
  if (!loop->finish(std::span(&result, 1))) return why(std::string(no_room));
  return loop;
}

std::unique_ptr<Kernel> make_simd_cast(const Call& call, Refusal& why) {
  if (is_stored_type(call.in[0].dtype) || is_stored_type(call.out[0].dtype))
    return why("weights in stored types are converted once");
  auto loop = std::make_unique<simd::FusedLoop>(call.out[0].shape, call.in);
  const int result = loop->add_cast(0, call.out[0].dtype);
  if (!loop->finish(std::span(&result, 1))) return why(std::string(no_room));
  return loop;
}

std::unique_ptr<simd::FusedLoop> simd::make_fused_loop(const FusedElementwise& op, const Shape& shape,
                                                       std::span<const Spec> inputs, Refusal& why) {
  const auto refuse = [&](std::string reason) {
    why(std::move(reason));
    return nullptr;
  };
  std::vector<int64_t> kept;
  std::vector<int> summed;
  for (const FusedSum& sum : op.sums()) {
    kept.push_back(sum.shape.elements());
    summed.push_back(sum.reg);
  }
  if (!summed.empty() && shape.elements() == 0) return refuse("nothing to add up");
  auto loop = std::make_unique<FusedLoop>(shape, inputs, kept);
  for (const FusedStep& step : op.steps()) {
    size_t arity = 0;
    while (arity < step.operands.size() && step.operands[arity] >= 0) ++arity;
    const int result = step.op->name() == "cast"
                           ? loop->add_cast(step.operands[0], step.dtype)
                           : loop->add_step(step.op->name(), std::span(step.operands).first(arity), step.dtype);
    if (result < 0) return refuse(message("no block function for the step '", step.op->name(), "'"));
  }
  if (!loop->finish(op.outputs(), summed)) return refuse(std::string(no_room));
  return loop;
}

std::unique_ptr<Kernel> make_simd_fused_elementwise(const Call& call, Refusal& why) {
  const auto& op = static_cast<const FusedElementwise&>(call.op);
  return simd::make_fused_loop(op, op.shape(), call.in, why);
}

}  // namespace hebb
