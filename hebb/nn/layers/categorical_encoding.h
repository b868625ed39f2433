/// What the layers that make categories share: how an index is written.
#pragma once

#include <string>

#include "hebb/nn/layers/configured_layer.h"

namespace hebb {

/// Indices (integers; a scalar counts as one of rank 1) as `output_mode` says, of the type `dtype`:
/// - "int": as they are,
/// - "one_hot": (..., depth), a 1 at each index; a last axis of 1 behind another gives way,
/// - "multi_hot": axis 1 (axis 0 of rank 1) gives way to a last axis of `depth`, with a 1 at the indices that occur,
/// - "count": the same with how often they occur, each time counted with its weight where `count_weights` are given.
/// Indices outside of [0, depth) count nowhere.
Tensor encode_categories(const Tensor& indices, const std::string& output_mode, int64_t depth, DType dtype,
                         const Tensor& count_weights = {});

/// The shape of that for indices of this shape, of which sizes may be unknown.
Shape encoded_shape(const Shape& indices, const std::string& output_mode, int64_t depth);

/// Keras's names for it: "binary" is an old one of "multi_hot", "tf-idf" of "tf_idf".
std::string output_mode_of(const LayerBase& layer, const std::string& given, const std::vector<std::string>& known);

}  // namespace hebb
