/// How signals and gradients fare on their way through a net: what vanishing gradients are seen with.
///
///     for (const LayerFlow& layer : gradient_flow(model, train.take(256)))
///       std::cout << layer.name << ' ' << layer.activation_deviation << ' ' << layer.gradient_deviation << '\n';
///
///     signal_flow({.initializer = "he_normal", .activation = "relu", .layers = 20});     // of a fresh net, by layer
///
/// Hochreiter (1991) and Bengio et al. (1994) found that gradients shrink or grow from layer to layer by about the same
/// factor; Glorot and Bengio (2010) and He et al. (2015) chose initial weights so that the factor is near one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hebb/data/dataset.h"
#include "hebb/nn/activations.h"
#include "hebb/nn/initializers.h"
#include "hebb/nn/model.h"

namespace hebb {

/// One call of a layer in a model, over some examples.
struct LayerFlow {
  std::string name, class_name;
  double activation_mean = 0, activation_deviation = 0;  ///< of all elements of its output
  double gradient_deviation = 0;    ///< root of the mean square of the loss's gradient with respect to its output
  double weight_norm = 0;           ///< of all its trainable weights together; 0 where it has none
  double weight_gradient_norm = 0;  ///< of the loss's gradient with respect to them
};

/// Sends the examples through the model as a training step would, once and all together, and follows the gradient back.
/// The model is as before afterwards: weights, moving averages and random states. One entry for each call of a layer,
/// in the order of computation, inputs left out. InvalidArgument when the model is not compiled or the data does not
/// fit it.
std::vector<LayerFlow> gradient_flow(const Model& model, const data::Dataset& examples);

struct SignalFlowOptions {
  Initializer initializer = "glorot_uniform";  ///< of the weights; biases are zero
  ActivationFunction activation = "tanh";
  int64_t layers = 10;               ///< hidden ones
  int64_t units = 100;               ///< of each, and of the input
  int64_t examples = 256;            ///< drawn from a normal distribution of deviation 1
  bool batch_normalization = false;  ///< behind each hidden layer's sums
  int64_t seed = 0;
};

/// The flow through the activations of the hidden layers of a fresh net with these weights, first to last. The loss is
/// the mean square of a linear output against normal targets.
std::vector<LayerFlow> signal_flow(const SignalFlowOptions& options = {});

}  // namespace hebb
