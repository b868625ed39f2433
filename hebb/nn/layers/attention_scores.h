/// What attention layers share: which scores count, and the steps from scores to results where these are computed one
/// after the other. Internal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb {

/// Which steps count: of the queries (batch, steps), of the values and keys (batch, sources), and pairs of them
/// (..., steps, sources). Undefined for all.
struct AttentionMasks {
  Tensor query, value, key, attention;
  bool causal = false;                         ///< a step sees itself and earlier ones
  std::optional<int64_t> sliding_window = {};  ///< a step sees those less than so many steps away

  bool is_only_causal() const {
    return causal && !query.defined() && !value.defined() && !key.defined() && !attention.defined() && !sliding_window;
  }
  /// All of them together, booleans (..., steps, sources); undefined where everything counts.
  Tensor merged(int64_t steps, int64_t sources) const;
};

/// (1, steps, sources): true where a source is not later than the step.
Tensor causal_mask(int64_t steps, int64_t sources);

/// A mask as booleans: where it is not zero.
Tensor as_boolean(const Tensor& mask);

/// With axes of size 1 before `axis` (negative: counted in the result), so that it has `rank` axes.
Tensor lifted_at(Tensor mask, int rank, int axis);

/// The softmax over the axes of what the mask lets count; 0 elsewhere, also where nothing counts. `mask`: broadcasts to
/// x, undefined for none; what is no boolean counts above 0.5.
Tensor masked_softmax(const Tensor& x, const Tensor& mask, const std::vector<int64_t>& axes);

/// Dot-product attention in operations that can be differentiated any number of times: what `attention`
/// (ops/attention.h) computes for arrays of the same shapes. `bias`: added to the scores, (batch, heads, steps,
/// sources) or of axes that stretch to them; undefined for none.
Tensor composed_attention(const Tensor& query, const Tensor& key, const Tensor& value, double scale, bool causal,
                          const Tensor& mask, const Tensor& bias = {});

/// Each head `times` times in a row: (batch, steps, heads, depth) -> (batch, steps, heads * times, depth).
Tensor repeated_heads(const Tensor& x, int64_t times);

}  // namespace hebb
