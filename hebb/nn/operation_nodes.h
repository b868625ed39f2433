/// Operations in the functional models of Keras 2: `x + y` or `tf.nn.relu(x)` on symbolic tensors is written as a node
/// of the class TFOpLambda. Those that a layer of hebb computes too become that layer. (Keras 3's:
/// nn/operation_layer.h.)
#pragma once

#include "hebb/base/json.h"
#include "hebb/nn/layer.h"

namespace hebb::detail {

/// The layer that does what the operation does. NotSupported, naming the operation, where there is none.
Layer layer_of_operation(const Json& entry);

}  // namespace hebb::detail
