#include "hebb/ops/attention.h"

#include <limits>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

Attributes attributes_of(const AttentionOptions& options, bool masked) {
  return {{"scale", options.scale}, {"causal", options.causal}, {"masked", masked}};
}

}  // namespace

double lowest_score(DType dtype) {
  if (dtype == DType::float64) return -0.7 * std::numeric_limits<double>::max();
  return -0.7f * std::numeric_limits<float>::max();  // exact in both types
}

Attributes AttentionOp::attributes() const { return attributes_of(options_, masked_); }

std::vector<Spec> AttentionOp::infer(std::span<const Spec> inputs) const {
  const auto refuse = [&] {
    std::string specs;
    for (const Spec& spec : inputs) specs += message(specs.empty() ? "" : ", ", spec);
    throw InvalidArgument(message(
        "attention: expected query (batch, steps, heads, depth), key (batch, sources, groups, depth), value (batch, "
        "sources, groups, width), groups a divisor of heads, and a boolean mask (batch, heads, steps, sources), got ",
        specs, ". Reshape() them."));
  };
  if (inputs.size() != size_t{3} + masked_) refuse();
  const Shape &q = inputs[0].shape, &k = inputs[1].shape, &v = inputs[2].shape;
  const DType dtype = inputs[0].dtype;
  if (q.rank() != 4 || k.rank() != 4 || v.rank() != 4 || !is_floating(dtype)) refuse();
  const bool fits = inputs[1].dtype == dtype && inputs[2].dtype == dtype && k[0] == q[0] && v[0] == q[0] &&
                    v[1] == k[1] && k[3] == q[3] && v[2] == k[2] && (k[2] == 0 ? q[2] == 0 : q[2] % k[2] == 0);
  if (!fits) refuse();
  if (masked_) {
    const Spec& mask = inputs[3];
    if (mask.dtype != DType::boolean || mask.shape.rank() != 4) refuse();
    const Shape whole{q[0], q[2], q[1], k[1]};
    for (int axis = 0; axis < 4; ++axis) {
      if (mask.shape[axis] != 1 && mask.shape[axis] != whole[axis]) refuse();
    }
  }
  return {{{q[0], q[1], q[2], v[3]}, dtype}, {{q[0], q[2], q[1], 2}, dtype}};
}

Tensors AttentionOp::gradient(const GradientArgs& args) const {
  Tensors in = args.inputs;
  in.insert(in.end(), args.outputs.begin(), args.outputs.end());
  in.push_back(args.output_gradients[0]);
  if (!in.back().defined()) return Tensors(args.inputs.size());
  Tensors out = apply_op(std::make_shared<AttentionBackward>(options_, masked_), in);
  if (masked_) out.emplace_back();
  return out;
}

Attributes AttentionBackward::attributes() const { return attributes_of(options_, masked_); }

std::vector<Spec> AttentionBackward::infer(std::span<const Spec> inputs) const {
  if (inputs.size() != size_t{6} + masked_)
    throw InternalError(message("attention_backward: expected ", 6 + masked_, " inputs, got ", inputs.size(), "."));
  return {inputs[0], inputs[1], inputs[2]};
}

Tensors AttentionBackward::gradient(const GradientArgs&) const {
  throw NotSupported(
      "attention: gradients of gradients. Make the attention layer with flash_attention = false: it is computed in "
      "single operations then, which can be differentiated again.");
}

Tensor attention(const Tensor& query, const Tensor& key, const Tensor& value, const AttentionOptions& options,
                 const Tensor& mask) {
  Tensors in = {query, key, value};
  if (mask.defined()) {
    Shape shape = mask.shape();
    while (shape.rank() < 4) shape = shape.with(0, 1);
    in.push_back(reshape(mask, shape));
  }
  return apply_op(std::make_shared<AttentionOp>(options, mask.defined()), in)[0];
}

}  // namespace hebb
