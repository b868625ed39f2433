// A task that needs a memory: which of two marks came first in a sequence of noise? An LSTM learns it; a layer that
// sees the mean of all steps cannot.
#include <hebb/hebb.h>

#include <cstdio>
#include <vector>

using namespace hebb;

namespace {

constexpr int64_t steps = 24;

/// Sequences (count, steps, 2) of small noise with a mark in each of the two features, and which of them is earlier.
data::Dataset marks(int64_t count, int64_t seed) {
  std::vector<float> x = random::normal({count * steps * 2}, {.stddev = 0.1, .seed = seed}).to_vector<float>();
  const std::vector<float> places =
      random::uniform({count * 2}, {.low = 0, .high = steps, .seed = seed + 1}).to_vector<float>();
  std::vector<float> y(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    const auto first = static_cast<int64_t>(places[static_cast<size_t>(2 * i)]);
    auto second = static_cast<int64_t>(places[static_cast<size_t>(2 * i + 1)]);
    if (second == first) second = (first + 1) % steps;
    x[static_cast<size_t>((i * steps + first) * 2)] += 2;
    x[static_cast<size_t>((i * steps + second) * 2 + 1)] += 2;
    y[static_cast<size_t>(i)] = first < second ? 1 : 0;
  }
  return data::Dataset(Tensor::from(x, {count, steps, 2}), Tensor::from(y, {count, 1}));
}

}  // namespace

int main() {
  set_random_seed(1);
  Sequential model({Input({steps, 2}), LSTM(16), Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = Adam({.learning_rate = 0.01}), .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  model.fit(marks(2000, 10), {.batch_size = 32, .epochs = 8, .verbose = 0});
  const double accuracy = model.evaluate(marks(500, 20), {.verbose = 0})["accuracy"];
  std::printf("which mark came first, told right on new sequences: %.1f %%\n", 100 * accuracy);
  return accuracy > 0.9 ? 0 : 1;
}
