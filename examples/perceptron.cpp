// Before backpropagation: Rosenblatt's rule learns AND, and never the exclusive or.
#include <hebb/hebb.h>

#include <cstdio>
using namespace hebb;

int main() {
  Tensor inputs = Tensor::from({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
  for (auto [name, targets] : {std::pair{"and", Tensor{0, 0, 0, 1}}, std::pair{"xor", Tensor{0, 1, 1, 0}}}) {
    classic::Perceptron neuron({.inputs = 2, .activation = "heaviside"});
    auto run = neuron.fit(inputs, targets, {.learning_rate = 0.1, .epochs = 100});  // run.converged, run.updates
    std::printf("%s: %s after %d epochs, %d updates\n", name, run.converged ? "converged" : "not converged",
                static_cast<int>(run.epochs), static_cast<int>(run.updates));
  }
}
