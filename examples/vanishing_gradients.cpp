// Vanishing gradients: how much of the gradient of the last hidden layer arrives at the first, in deep nets that differ
// in activation, initial weights and batch normalisation; and the same recorded while a net learns.
#include <hebb/hebb.h>

#include <cstdio>
#include <memory>
#include <string>
using namespace hebb;

int main() {
  std::printf("%-34s %12s %12s\n", "10 hidden layers of 100", "activations", "gradients");
  const auto show = [](const std::string& what, const SignalFlowOptions& options) {
    const std::vector<LayerFlow> flow = signal_flow(options);
    std::printf("%-34s %12.1e %12.1e\n", what.c_str(), flow.back().activation_deviation,
                flow.front().gradient_deviation / flow.back().gradient_deviation);
  };
  show("sigmoid, Glorot", {.activation = "sigmoid"});
  show("tanh, Glorot", {.activation = "tanh"});
  show("tanh, random of deviation 0.01", {.initializer = RandomNormal({.stddev = 0.01}), .activation = "tanh"});
  show("relu, Glorot", {.activation = "relu"});
  show("relu, He", {.initializer = "he_normal", .activation = "relu"});
  show("relu, random of deviation 1", {.initializer = RandomNormal({.stddev = 1}), .activation = "relu"});
  show("sigmoid, batch normalisation", {.activation = "sigmoid", .batch_normalization = true});
  show("relu, ones", {.initializer = "ones", .activation = "relu"});
  show("relu, zeros", {.initializer = "zeros", .activation = "relu"});

  const auto [x, y] = data::moons({.samples = 500, .noise = 0.1, .seed = 1});
  set_random_seed(1);
  Sequential model({Input({2}), Dense(20, {.activation = "sigmoid"}), Dense(20, {.activation = "sigmoid"}),
                    Dense(20, {.activation = "sigmoid"}), Dense(2, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  const auto statistics = std::make_shared<GradientStatistics>(GradientStatisticsOptions{.filename = "flow.csv"});
  model.fit(x, y, {.epochs = 5, .verbose = 0, .callbacks = {statistics}});
  for (const GradientStatistics::Record& record : statistics->records()) {
    std::printf("epoch %d:", static_cast<int>(record.epoch));
    for (const LayerFlow& layer : record.layers) std::printf(" %.1e", layer.weight_gradient_norm);
    std::printf("\n");
  }
}
