/// One step of learning of a small network, number by number: forward pass, error signals, gradients, update.
///
///     Explanation steps = explain(model, Tensor::from({1, 0}, {1, 2}), Tensor::from({1}, {1, 1}), {.learning_rate = 0.5});
///     std::cout << steps.text();
///
/// In the notation of textbooks, with the input as layer 1: w^l_ij is the weight from neuron j of layer l - 1 to neuron
/// i of layer l, b^l_i a bias, z^l_i = sum over j of w^l_ij a^(l-1)_j + b^l_i, a^l_i = f(z^l_i), and delta^l_i =
/// dE/dz^l_i. Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986. A page with
/// the network drawn: viz/explanation_page.h.
#pragma once

#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/losses/loss.h"
#include "hebb/nn/model.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

/// A layer of weights with its activation. Vectors are by neuron i; matrices [i][j].
struct ExplainedLayer {
  using Vector = std::vector<double>;
  using Matrix = std::vector<Vector>;

  std::string name;        ///< of the layer in the model
  std::string activation;  ///< "sigmoid"; several where activation layers follow: "linear, relu"
  Matrix w;
  Vector b;  ///< empty: none
  Vector z, a;
  Vector back;        ///< dE/da_i
  Vector slope;       ///< f'(z_i); empty where f takes all neurons together, as softmax does
  Vector delta;       ///< dE/dz_i
  Matrix w_gradient;  ///< dE/dw_ij
  Vector b_gradient;
  Matrix w_after;  ///< w - learning rate dE/dw; w itself where the layer is not trainable
  Vector b_after;
};

struct Explanation {
  std::string model, loss;
  double learning_rate = 0;
  std::vector<double> x;
  std::vector<double> target;  ///< one number for each output; a class number as 1 at the class
  double error = 0;            ///< E
  double error_after = 0;      ///< E with the new weights
  std::vector<ExplainedLayer> layers;

  /// The four parts, as text with every number at five digits.
  std::string forward_text() const;
  std::string error_signal_text() const;
  std::string gradient_text() const;
  std::string update_text() const;
  /// All of it.
  std::string text() const;
  Json to_json() const;
};

struct ExplainOptions {
  Loss loss = {};  ///< empty: what the model was compiled with
  double learning_rate = 0.1;
};

/// Explains one step of gradient descent on one sample. x: (1, inputs), target: as the loss takes it for one example,
/// (1,) or (1, outputs). The model stays as it is. Gradients are those that the library trains with; penalties of
/// regularizers are no part of E. InvalidArgument for models that are not one chain of Dense layers and activations,
/// for those too large to read (more than 12 neurons in a layer, 6 layers, 250 weights), and where there is no loss.
Explanation explain(const Model& model, const Tensor& x, const Tensor& target, const ExplainOptions& options = {});

/// "-0.61806": at most this many significant digits.
std::string explained_number(double value, int digits = 5);

}  // namespace hebb
