#include "hebb/classic/dense_stack.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers.h"

namespace hebb::classic {

Sequential dense_stack(const std::vector<TrainedLayer>& layers, const ToSequentialOptions& options) {
  if (options.classes < 0)
    throw InvalidArgument(message("to_sequential: expected classes of at least 0, got ", options.classes, "."));
  std::vector<Layer> dense;
  for (const TrainedLayer& layer : layers)
    dense.push_back(Dense(layer.weights.shape().back(), {.activation = layer.activation}));
  std::vector<Layer> all = {Input({layers.front().weights.shape().front()})};
  all.insert(all.end(), dense.begin(), dense.end());
  if (options.classes > 0) all.push_back(Dense(options.classes, {.activation = options.activation}));
  Sequential model(all, options.name);
  for (size_t i = 0; i < layers.size(); ++i) dense[i].set_weights({layers[i].weights, layers[i].biases});
  return model;
}

}  // namespace hebb::classic
