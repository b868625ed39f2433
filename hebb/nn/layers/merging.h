/// Layers with several inputs: Add, Average, Concatenate.
///
///     Tensor y = Add()({x, shortcut});
///     Tensor z = Concatenate({.axis = 1})({left, right});
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

/// The sum of its inputs, which broadcast; an input with fewer axes gets axes of size 1 behind the batch.
Layer Add(const LayerOptions& options = {});

/// The mean of its inputs, which broadcast as Add's do.
Layer Average(const LayerOptions& options = {});

struct ConcatenateOptions {
  int64_t axis = -1;
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};

/// Its inputs one behind the other along an axis; the other axes must be equal.
Layer Concatenate(const ConcatenateOptions& options = {});

}  // namespace hebb
