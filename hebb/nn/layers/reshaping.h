/// Layers that move values without computing: Flatten, Reshape, Permute, RepeatVector.
///
///     Tensor y = Flatten()(x);                   // (batch, 28, 28) -> (batch, 784)
///     Tensor z = Reshape({28, -1})(y);           // -> (batch, 28, 28)
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct FlattenOptions {
  std::string data_format = "channels_last";  ///< "channels_first": axis 1 moves behind the others first
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// All axes but the batch in one; (batch,) becomes (batch, 1).
Layer Flatten(const FlattenOptions& options = {});

/// `target_shape`, without the batch axis, may have one -1: whatever is left.
Layer Reshape(const Shape& target_shape, const LayerOptions& options = {});

/// The axes of each example in another order: `dims` holds 1 to their number, as in `Permute({2, 1})`.
Layer Permute(const std::vector<int64_t>& dims, const LayerOptions& options = {});

/// The input `n` times: (batch, features) -> (batch, n, features).
Layer RepeatVector(int64_t n, const LayerOptions& options = {});

/// Its input (Keras's Identity; that name is an initializer's here).
Layer IdentityLayer(const LayerOptions& options = {});

}  // namespace hebb
