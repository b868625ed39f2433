#include "hebb/ops/rounding.h"

#include <algorithm>
#include <utility>

#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

thread_local Rounding variables_to = Rounding::none;

OpPtr rounding_op(Rounding to) {
  static const OpPtr ops[] = {std::make_shared<Elementwise>(elementwise_record("round_to_bfloat16")),
                              std::make_shared<Elementwise>(elementwise_record("round_to_float16"))};
  return ops[to == Rounding::bfloat16 ? 0 : 1];
}

/// Whether an operation gives elements of its inputs, and no others but zeros.
bool moves_elements(std::string_view name) {
  constexpr std::string_view moving[] = {"reshape", "transpose", "slice", "concatenate", "broadcast_to", "relu",  "pad",
                                         "gather",  "reverse",   "abs",   "negative",    "max_pool",     "select"};
  return std::find(std::begin(moving), std::end(moving), name) != std::end(moving);
}

/// Whether the tensor's elements are known to have been rounded to the type: where an operation did it, or moved what
/// was. Only looks a few operations back.
bool is_rounded(const Tensor& x, const OpPtr& op, int steps = 4) {
  const std::shared_ptr<Node>& producer = x.body()->producer;
  if (!producer) return false;
  if (producer->op->name() == op->name()) return true;
  if (steps == 0 || !moves_elements(producer->op->name())) return false;
  return std::all_of(producer->inputs.begin(), producer->inputs.end(), [&](const Tensor& input) {
    return !is_floating(input.dtype()) || is_rounded(input, op, steps - 1);
  });
}

}  // namespace

Tensor rounded(const Tensor& x, Rounding to) {
  if (to == Rounding::none || x.dtype() != DType::float32) return x;
  const OpPtr op = rounding_op(to);
  if (is_rounded(x, op)) return x;
  const AutocastScope as_it_is(Rounding::none);
  return apply_one(op, {x});
}

AutocastScope::AutocastScope(Rounding to) : outer_(std::exchange(variables_to, to)) {}

AutocastScope::~AutocastScope() { variables_to = outer_; }

bool detail::rounds_variables() { return variables_to != Rounding::none; }

Tensors detail::with_rounded_variables(const Tensors& inputs) {
  Tensors out = inputs;
  for (Tensor& input : out) {
    if (input.is_variable()) input = rounded(input, variables_to);
  }
  return out;
}

}  // namespace hebb
