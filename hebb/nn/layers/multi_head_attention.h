/// Attention with heads, the heart of transformers: every step looks at all steps of another sequence, or of its own,
/// and takes from them what it asks for.
///
///     Tensor y = MultiHeadAttention(4, 32)({x, x});                               // self-attention, four heads of 32
///     Tensor y = MultiHeadAttention(4, 32)({x, x}, {.use_causal_mask = true});     // no looking ahead
///     Tensor y = MultiHeadAttention(4, 32)({x, memory, mask}, {.inputs = {"query", "value", "attention_mask"}});
///     Tensors y_and_scores = layer.call_many({x, x}, {.return_attention_scores = true});
///
/// Inputs: query (batch, steps, ...), value (batch, sources, ...), key (as value; left out: the value), and by name
/// "attention_mask" (batch, steps, sources): what a step may look at. Masks that query, value and key carry
/// (nn/masking.h) count too. The result has the query's shape and mask.
#pragma once

#include <optional>
#include <vector>

#include "hebb/nn/layers/options.h"

namespace hebb {

struct MultiHeadAttentionOptions {
  std::optional<int64_t> value_dim = {};  ///< of each head; unset: key_dim
  double dropout = 0;                     ///< of the scores, in training
  bool use_bias = true;
  std::vector<int64_t> output_shape = {};      ///< of the last axes; empty: the query's last one
  std::vector<int64_t> attention_axes = {};    ///< over which attention goes; empty: all but batch and features
  std::optional<int64_t> sliding_window = {};  ///< a step sees those less than so many steps away
  /// Scores never leave the cache where one operation computes the whole (four axes with the heads, no dropout, no
  /// scores asked for). false: always single operations, whose gradients have gradients. Files do not hold it.
  std::optional<bool> flash_attention = {};
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};  ///< of the projections
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  bool use_gate = false;             ///< multiply what heads find with a sigmoid of the query
  std::optional<int64_t> seed = {};  ///< of the dropout; unset: from the process's sequence (`set_random_seed`)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// softmax(q k / sqrt(key_dim)) v for each head, q, k and v projections of query, key and value to key_dim, key_dim and
/// value_dim features, and a projection of all heads' results (Vaswani et al. 2017). InvalidArgument for sizes below 1,
/// or dropout with flash_attention.
Layer MultiHeadAttention(int64_t num_heads, int64_t key_dim, const MultiHeadAttentionOptions& options = {});

struct GroupQueryAttentionOptions {
  double dropout = 0;
  bool use_bias = true;
  std::optional<int64_t> sliding_window = {};
  std::optional<bool> flash_attention = {};  ///< as in MultiHeadAttentionOptions
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  bool use_gate = false;
  std::optional<int64_t> seed = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// The same with fewer heads of keys and values, each for as many neighbouring heads of queries (Ainslie et al. 2023).
/// Inputs (batch, steps, features). InvalidArgument unless num_query_heads is a multiple of num_key_value_heads.
Layer GroupQueryAttention(int64_t head_dim, int64_t num_query_heads, int64_t num_key_value_heads,
                          const GroupQueryAttentionOptions& options = {});

}  // namespace hebb
