/// How targets, predictions and weights are brought together. Internal: what losses and metrics share.
#pragma once

#include "hebb/tensor/tensor.h"

namespace hebb {

struct AlignedShapes {
  Shape first, second;
};

/// Keras's squeeze_or_expand_to_same_rank: where the ranks differ by one and the longer shape ends with 1, a vector
/// gets a last axis of 1, and otherwise the longer shape loses it. Everything else stays as it is.
AlignedShapes same_rank(const Shape& a, const Shape& b);
/// The same, of tensors.
void make_same_rank(Tensor& a, Tensor& b);

/// Sample weights for values of this shape: made to broadcast to it, from the front. (batch,) weighs (batch, steps) by
/// rows. InvalidArgument, naming `what`, when they do not fit.
Tensor weights_for(const Tensor& weights, const Shape& values, const std::string& what);

/// a / b, and 0 where b is 0; the gradient too.
Tensor divide_no_nan(const Tensor& a, const Tensor& b);

/// x as it is when it is of a floating type, as float32 otherwise.
Tensor as_floating(const Tensor& x);

}  // namespace hebb
