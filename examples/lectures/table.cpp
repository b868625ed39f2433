#include <algorithm>

#include "examples/lectures/lectures.h"
#include "examples/lectures/sources.h"

namespace hebb::lectures {

// Each in the file of its name.
void approximation(Page& page);
void convolution(Page& page);
void guidelines(Page& page);
void input_scaling(Page& page);
void mnist_table(Page& page);
void moons(Page& page);
void optimizers(Page& page);
void perceptron(Page& page);
void sigmoid_network(Page& page);
void two_classes(Page& page);

namespace {

constexpr Experiment table[] = {
    {"perceptron", "The perceptron", "gates, XNOR from gates, Rosenblatt's rule and where it fails, a line",
     perceptron},
    {"moons", "Two moons", "a small network draws a bent border; Adam and gradient descent", moons},
    {"sigmoid-network", "A network of sigmoids", "2-100-100-1 with the mean squared error, epoch by epoch",
     sigmoid_network},
    {"two-classes", "Two classes in the plane",
     "hidden neurons, learning rate, momentum, overfitting and early stopping", two_classes},
    {"approximation", "Universal approximation", "width against error, and depth against width", approximation},
    {"mnist-table", "Digits by the width of the network",
     "five networks on a tenth of MNIST, and what their neurons look for", mnist_table},
    {"input-scaling", "The scale of the inputs", "unscaled, scaled, and normalised inside the network", input_scaling},
    {"optimizers", "Optimizers", "a deep and narrow network by Adam, Nadam and Nesterov's momentum", optimizers},
    {"guidelines", "The default network", "He, ELU, batch normalisation, dropout and Nesterov together", guidelines},
    {"convolution", "The convolutional network", "99 % of MNIST: its log, filters, activations, and shifted images",
     convolution},
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
