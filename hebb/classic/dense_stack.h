/// What layers that were trained one by one become: a `Sequential` of dense layers with their weights.
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/model.h"

namespace hebb::classic {

/// A trained layer: act(x * weights + biases).
struct TrainedLayer {
  Tensor weights;  ///< (inputs, units)
  Tensor biases;   ///< (units,)
  std::string activation = "sigmoid";
};

struct ToSequentialOptions {
  int64_t classes = 10;                ///< units of the fresh last layer; 0: without one
  std::string activation = "softmax";  ///< of the last layer
  std::string name = {};
};

/// A model with these layers, in order, and what the options add. It is not compiled.
Sequential dense_stack(const std::vector<TrainedLayer>& layers, const ToSequentialOptions& options);

}  // namespace hebb::classic
