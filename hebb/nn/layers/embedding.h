/// Words, categories and other indices as rows of a table that is learned; and masks from what stands in a sequence.
///
///     Tensor x = Embedding(20000, 64, {.mask_zero = true})(words);        // (batch, steps) -> (batch, steps, 64)
#pragma once

#include <optional>

#include "hebb/nn/layers/options.h"

namespace hebb {

struct EmbeddingOptions {
  Initializer embeddings_initializer = "uniform";
  Regularizer embeddings_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint embeddings_constraint = {};
  bool mask_zero = false;  ///< 0 is no index but fills up short sequences: the output's mask is `x != 0`
  /// LoRA (Hu et al. 2021): the table does not train, beside it a product of two matrices of this rank does.
  std::optional<int64_t> lora_rank = {};
  std::optional<double> lora_alpha = {};  ///< as in Keras without effect: the product counts as it is
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// The row of each index: (batch, ...) -> (batch, ..., output_dim). Numbers that are no integers are cut off; an index
/// outside gives zeros. Weight: embeddings (input_dim, output_dim). InvalidArgument for sizes below 1.
Layer Embedding(int64_t input_dim, int64_t output_dim, const EmbeddingOptions& options = {});

struct ReversibleEmbeddingOptions {
  bool tie_weights = true;  ///< the way back takes the same table
  Initializer embeddings_initializer = "uniform";
  Regularizer embeddings_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint embeddings_constraint = {};
  bool mask_zero = false;
  std::optional<double> logit_soft_cap = {};  ///< scores s become cap tanh(s / cap)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// An Embedding that is called twice: with indices, and with vectors (batch, ..., output_dim) and `{.reverse = true}`,
/// which gives a score for each index, (batch, ..., input_dim). Weights: embeddings and, where they are not tied,
/// reverse_embeddings (output_dim, input_dim).
Layer ReversibleEmbedding(int64_t input_dim, int64_t output_dim, const ReversibleEmbeddingOptions& options = {});

/// Zeros, and a mask, where all features of a step are `mask_value`: (batch, steps, features) -> the same.
Layer Masking(double mask_value = 0, const LayerOptions& options = {});

}  // namespace hebb
