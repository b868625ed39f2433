/// Words, categories and other indices as rows of a table that is learned; and masks from what stands in a sequence.
///
///     Tensor x = Embedding(20000, 64, {.mask_zero = true})(words);        // (batch, steps) -> (batch, steps, 64)
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct EmbeddingOptions {
  Initializer embeddings_initializer = "uniform";
  Regularizer embeddings_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint embeddings_constraint = {};
  bool mask_zero = false;  ///< 0 is no index but fills up short sequences: the output's mask is `x != 0`
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};

/// The row of each index: (batch, ...) -> (batch, ..., output_dim). Numbers that are no integers are cut off; an index
/// outside gives zeros. Weight: embeddings (input_dim, output_dim). InvalidArgument for sizes below 1.
Layer Embedding(int64_t input_dim, int64_t output_dim, const EmbeddingOptions& options = {});

/// Zeros, and a mask, where all features of a step are `mask_value`: (batch, steps, features) -> the same.
Layer Masking(double mask_value = 0, const LayerOptions& options = {});

}  // namespace hebb
