/// Operations in the functional models of Keras 2: `x + y`, `x[:, -1]` or `tf.nn.relu(x)` on symbolic tensors is
/// written as a node of the class TFOpLambda or SlicingOpLambda, with the name of TensorFlow's function. They become
/// operations of Keras 3 (nn/operation_layer.h) that compute the same, and are written as those.
#pragma once

#include <vector>

#include "hebb/base/json.h"

namespace hebb::detail {

/// The operation in Keras 3's form, under the old one's name; in front those that it needs beforehand. NotSupported,
/// naming the operation, where there is none.
std::vector<Json> new_operations(const Json& entry);

}  // namespace hebb::detail
