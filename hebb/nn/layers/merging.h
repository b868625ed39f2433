/// Layers with several inputs: Add, Average, Subtract, Multiply, Maximum, Minimum, Dot, Concatenate.
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

/// The first of two inputs, which broadcast as Add's do, less the second.
Layer Subtract(const LayerOptions& options = {});

/// The product of its inputs, which broadcast as Add's do. Where a mask (nn/masking.h) leaves an input out it counts as
/// 1; where all are left out the result is 0.
Layer Multiply(const LayerOptions& options = {});

/// The largest, the smallest of its inputs, which broadcast as Add's do, without those that masks leave out.
Layer Maximum(const LayerOptions& options = {});
Layer Minimum(const LayerOptions& options = {});

struct DotOptions {
  bool normalize = false;  ///< bring both to length one along the axes first: the cosine of their angle
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// Products of two inputs along an axis of each (one number: the same for both): (batch, a..., n), (batch, b..., n) ->
/// (batch, a..., b...), and (batch, 1) for two vectors. InvalidArgument for the batch's axis.
Layer Dot(const Axes& axes, const DotOptions& options = {});

struct ConcatenateOptions {
  int64_t axis = -1;
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// Its inputs one behind the other along an axis; the other axes must be equal.
Layer Concatenate(const ConcatenateOptions& options = {});

}  // namespace hebb
