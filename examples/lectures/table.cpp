#include <algorithm>

#include "examples/lectures/lectures.h"
#include "examples/lectures/sources.h"

namespace hebb::lectures {

// Each in the file of its name.
void activations(Page& page);
void approximation(Page& page);
void augmentation(Page& page);
void backpropagation(Page& page);
void convolution(Page& page);
void differentiation(Page& page);
void ensembles(Page& page);
void guidelines(Page& page);
void hebbian(Page& page);
void initialization(Page& page);
void input_scaling(Page& page);
void mnist_table(Page& page);
void moons(Page& page);
void optimizers(Page& page);
void perceptron(Page& page);
void pretraining(Page& page);
void regression(Page& page);
void regularization(Page& page);
void search(Page& page);
void second_order(Page& page);
void sigmoid_network(Page& page);
void two_classes(Page& page);
void vanishing_gradients(Page& page);

namespace {

constexpr Experiment table[] = {
    {"perceptron", "The perceptron: gates, XNOR, Rosenblatt's rule and the XOR crisis",
     "what one neuron can compute and learn, what it cannot, and gradient descent on a line", perceptron},
    {"hebbian", "Hebb's rule, Oja's, Sanger's, and ADALINE",
     "learning without backpropagation: principal components and the delta rule", hebbian},
    {"regression", "Linear, logistic and softmax regression",
     "a line by gradient descent and by the normal equation; classes from straight lines", regression},
    {"activations", "Activation functions and their derivatives",
     "every function with its derivative, range and smoothness, and what each makes of one task", activations},
    {"backpropagation", "Backpropagation by hand",
     "forward, error signals, gradients, update: in loops, beside the library's, number by number", backpropagation},
    {"differentiation", "Two ways of differentiating: symbol to number, symbol to symbol",
     "a tape of numbers and a graph of the gradient, for the same function", differentiation},
    {"moons", "Two moons: the first multilayer network",
     "a small network draws a bent border; Adam and gradient descent", moons},
    {"sigmoid-network", "A network of sigmoids with the squared error",
     "2-100-100-1, 20 epochs: how its border bends epoch by epoch", sigmoid_network},
    {"two-classes", "Hidden neurons, learning rate, momentum, early stopping",
     "two classes in the plane by 0, 2 and 20 ReLU neurons; overfitting, and stopping in time", two_classes},
    {"approximation", "Universal approximation: width and depth",
     "width against error of a fitted function; 2-40-2 against the deeper 2-8-8-3-2", approximation},
    {"mnist-table", "Digits by the width of the network, and what neurons look for",
     "five networks on a tenth of MNIST; weights as images, what speaks for a five", mnist_table},
    {"input-scaling", "Input scaling and batch normalisation", "unscaled, scaled, and normalised inside the network",
     input_scaling},
    {"vanishing-gradients", "Vanishing gradients",
     "what arrives at the first of ten layers: sigmoid, tanh, ReLU, batch normalisation", vanishing_gradients},
    {"initialization", "Initial weights: zeros, ones, random, Glorot, He",
     "spread of activations and gradients by layer, and what a training makes of it", initialization},
    {"optimizers", "Optimizers: Adam, Nadam, Nesterov's momentum", "a deep and narrow network after three epochs",
     optimizers},
    {"search", "The search for hidden layers", "layers, widths and optimizers tried out on held-out images", search},
    {"second-order", "Second-order training: conjugate gradients, L-BFGS, Levenberg-Marquardt",
     "the algorithms of the 1990s beside gradient descent, by evaluations and time", second_order},
    {"regularization", "Regularisation: dropout, L1, L2, early stopping",
     "dropout, L1, L2 and early stopping where there are too many weights for the images", regularization},
    {"augmentation", "Augmentation: more images out of those there are",
     "moved, turned and zoomed digits against the same ones again and again", augmentation},
    {"ensembles", "Ensembles: average and vote",
     "networks that differ in their initial weights only, alone and together", ensembles},
    {"guidelines", "The guidelines' default network", "He, ELU, batch normalisation, dropout and Nesterov together",
     guidelines},
    {"convolution", "The convolutional network", "99 % of MNIST: its log, filters, activations, and shifted images",
     convolution},
    {"pretraining", "Unsupervised pretraining, Boltzmann machines, autoencoders",
     "a deep sigmoid net with and without it; filters, reconstructions, five autoencoders", pretraining},
};

}  // namespace

std::span<const Experiment> experiments() { return table; }

std::string source_of(std::string_view name) {
  std::string file(name);
  std::replace(file.begin(), file.end(), '-', '_');
  for (const Source& source : sources()) {
    if (source.name == file) return std::string(source.text);
  }
  return "";
}

}  // namespace hebb::lectures
