#include "hebb/nn/layers/attention_scores.h"

#include <cstdlib>

#include "hebb/ops/attention.h"
#include "hebb/ops/einsum.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// (1, steps, sources) of what `counts(step, source)` says.
template <class Counts>
Tensor mask_of_places(int64_t steps, int64_t sources, Counts counts) {
  Tensor mask = Tensor::empty({1, steps, sources}, DType::boolean);
  auto* values = mask.mutable_data<bool>();
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t s = 0; s < sources; ++s) values[t * sources + s] = counts(t, s);
  }
  return mask;
}

Tensor both(const Tensor& a, const Tensor& b) {
  if (!a.defined()) return b;
  return b.defined() ? logical_and(a, b) : a;
}

}  // namespace

Tensor causal_mask(int64_t steps, int64_t sources) {
  return mask_of_places(steps, sources, [](int64_t t, int64_t s) { return s <= t; });
}

Tensor as_boolean(const Tensor& mask) { return mask.dtype() == DType::boolean ? mask : cast(mask, DType::boolean); }

Tensor AttentionMasks::merged(int64_t steps, int64_t sources) const {
  Tensor all;
  if (query.defined()) all = expand_dims(as_boolean(query), -1);
  for (const Tensor& mask : {value, key}) {
    if (mask.defined()) all = both(all, expand_dims(as_boolean(mask), -2));
  }
  if (causal) all = both(all, causal_mask(steps, sources));
  if (sliding_window) {
    const int64_t window = *sliding_window;
    all = both(all, mask_of_places(steps, sources, [&](int64_t t, int64_t s) { return std::abs(t - s) < window; }));
  }
  return attention.defined() ? both(as_boolean(attention), all) : all;
}

Tensor lifted_at(Tensor mask, int rank, int axis) {
  while (mask.rank() < rank) mask = expand_dims(mask, axis);
  return mask;
}

Tensor masked_softmax(const Tensor& x, const Tensor& mask, const std::vector<int64_t>& axes) {
  Tensor counts;
  if (mask.defined()) counts = mask.dtype() == DType::boolean ? mask : greater(mask, 0.5);
  const Tensor scores = counts.defined() ? select(counts, x, -1e9) : x;
  Tensor shares;
  if (axes.size() == 1) {
    shares = softmax(scores, axes.front());
  } else {
    const ReduceOptions reduction{.axes = axes, .keepdims = true};
    const Tensor powers = exp(scores - stop_gradient(max(scores, reduction)));  // the shift changes but the range
    shares = powers / sum(powers, reduction);
  }
  return counts.defined() ? select(counts, shares, 0.0) : shares;
}

Tensor composed_attention(const Tensor& query, const Tensor& key, const Tensor& value, double scale, bool causal,
                          const Tensor& mask, const Tensor& bias) {
  const int64_t times = query.shape()[2] / key.shape()[2];
  Tensor scores = einsum("btnh,bsnh->bnts", query, repeated_heads(key, times)) * scale;
  if (bias.defined()) scores = scores + bias;
  Tensor counts = mask.defined() ? lifted_at(mask, 4, 0) : Tensor();
  if (causal) counts = both(counts, causal_mask(query.shape()[1], key.shape()[1]));
  if (counts.defined()) scores = select(counts, scores, lowest_score(scores.dtype()));
  return einsum("bnts,bsnh->btnh", softmax(scores), repeated_heads(value, times));
}

Tensor repeated_heads(const Tensor& x, int64_t times) {
  if (times == 1) return x;
  const Shape& shape = x.shape();
  const Tensor spread = broadcast_to(expand_dims(x, 3), shape.with(3, times));
  return reshape(spread, {shape[0], shape[1], shape[2] * times, shape[3]});
}

}  // namespace hebb
