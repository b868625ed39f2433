/// What flows through a model: the outputs of each of its layers for one input.
///
///     std::vector<LayerOutput> outputs = layer_outputs(model, {image});
///     outputs[1].tensor.shape();         // (1, 24, 24, 32): the first convolution's
///     Tensor g = gradient(score, outputs[1].tensor);
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/model.h"

namespace hebb::viz {

struct LayerOutput {
  std::string layer;  ///< its name
  Tensor tensor;      ///< its (first) output; of a layer that is called several times there is one for each call
};

/// The outputs of the layers in the order of computation, the model's inputs first, as `predict` computes them: no
/// dropout, moments as learned. They are on the tape: gradients with respect to each can be asked for. `inputs`: one
/// batch each. InvalidArgument when the model is not connected or the inputs do not fit it.
std::vector<LayerOutput> layer_outputs(const Model& model, const Tensors& inputs);

/// The score that a model's output is made of: what stands before a softmax or sigmoid at its end, where there is one.
/// Saliency asks for its gradient, since that of a probability vanishes where the model is sure.
Tensor before_softmax(const Tensor& output);

/// The place of a layer's last output in the list; InvalidArgument, with the nearest name, when there is no such layer.
size_t find_layer(const std::vector<LayerOutput>& outputs, const std::string& layer);

}  // namespace hebb::viz
