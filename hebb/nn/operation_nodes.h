/// Operations in Keras's functional models: `x + y` or `keras.ops.relu(x)` on symbolic tensors is written as a node of
/// an operation, not of a layer. Those that a layer of hebb computes too become that layer.
#pragma once

#include "hebb/base/json.h"
#include "hebb/nn/layer.h"

namespace hebb::detail {

/// Whether an entry of a functional model's "layers" is an operation (Keras 3: a module below keras.src.ops; Keras 2:
/// the class TFOpLambda).
bool is_operation(const Json& entry);

/// Whether it is called with a number beside its tensor that `layer_of_operation` takes into the layer (x * 2 + 1).
bool takes_numbers(const Json& entry);

/// The layer that does what the operation does. NotSupported, naming the operation, where there is none.
Layer layer_of_operation(const Json& entry);

}  // namespace hebb::detail
