/// Attention without weights of its own (or nearly): what steps of one sequence find in another.
///
///     Tensor y = Attention()({query, value});                                  // (batch, steps, features) each
///     Tensor y = AdditiveAttention()({query, value, key}, {.use_causal_mask = true});
///
/// Inputs: query (batch, steps, features), value (batch, sources, width), key (batch, sources, features; left out: the
/// value). Masks that they carry (nn/masking.h) count: values that are masked are not seen, results of masked queries
/// are 0. With `return_attention_scores` the shares (batch, steps, sources) are a second output.
#pragma once

#include <optional>
#include <string>

#include "hebb/nn/layers/options.h"

namespace hebb {

struct AttentionLayerOptions {
  bool use_scale = false;          ///< multiply the scores with a trained number
  std::string score_mode = "dot";  ///< or "concat": the sum of tanh(query + key), times a trained number
  double dropout = 0;              ///< of the shares, in training
  std::optional<int64_t> seed = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// softmax(query key) value (Luong et al. 2015). InvalidArgument for an unknown score_mode.
Layer Attention(const AttentionLayerOptions& options = {});

struct AdditiveAttentionOptions {
  bool use_scale = true;  ///< multiply the features with trained numbers
  double dropout = 0;
  std::optional<int64_t> seed = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// Scores that are sums of tanh(query + key) (Bahdanau et al. 2015).
Layer AdditiveAttention(const AdditiveAttentionOptions& options = {});

}  // namespace hebb
