// The training algorithms of the 1990s beside gradient descent, on one small problem: how many evaluations of loss and
// gradient each needs, how long it takes, and what is left of the error.
#include <hebb/hebb.h>

#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>
using namespace hebb;

int main() {
  const int64_t examples = 200;
  const Tensor x = reshape(arange(examples) / 25.0 - 4.0, {examples, 1});
  const Tensor y = sin(x * 1.5) * exp(-square(x) / 8.0);

  const std::vector<std::pair<Optimizer, int64_t>> all = {
      {SGD({.learning_rate = 0.1, .momentum = 0.9}), 1000},
      {Adam({.learning_rate = 0.01}), 1000},
      {ConjugateGradient(), 200},
      {LBFGS(), 200},
      {LevenbergMarquardt(), 60},
      {LevenbergMarquardt({.explicit_weights = 0}), 60},  // by products with the curvature alone
  };
  std::printf("%-20s %12s %9s %8s\n", "optimizer", "evaluations", "ms", "error");
  for (const auto& [optimizer, epochs] : all) {
    set_random_seed(1);
    Sequential model({Input({1}), Dense(12, {.activation = "tanh"}), Dense(1)});
    model.compile({.optimizer = optimizer, .loss = "mse"});
    const auto start = std::chrono::steady_clock::now();
    const History history = model.fit(x, y, {.batch_size = examples, .epochs = epochs, .verbose = 0, .shuffle = false});
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    const std::vector<double>* counted = history.find("evaluations");
    const double evaluations = counted ? counted->back() : static_cast<double>(epochs);
    std::printf("%-20s %12.0f %9.1f %8.1e\n", optimizer->class_name().c_str(), evaluations, time.count(),
                history["loss"].back());
  }
}
