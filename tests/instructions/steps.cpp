// Trains a small network, or predicts with it: first a step that makes the plan, then those that count.
//
//   steps WORKLOAD STEPS
//
// tests/instructions/check.sh has valgrind count the instructions between entering and leaving `counted_steps`.
// The networks have what the larger ones have (products, convolutions with and without strides, pooling, dropout, batch
// normalisation, recurrent cells, attention, three optimizers) and are small enough for a processor that is simulated.

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "hebb/hebb.h"

using namespace hebb;

namespace {

struct Workload {
  Shape input;
  int64_t batch;
  Tensor (*layers)(const Tensor& input);
  Optimizer (*optimizer)();
  bool predicts = false;
};

Tensor perceptron(const Tensor& input) { return Dense(200, {.activation = "relu"})(input); }

Tensor convolutional(const Tensor& input) {
  Tensor x = Conv2D(32, 5, {.activation = "relu"})(input);
  x = MaxPooling2D(2)(Conv2D(32, 5, {.activation = "relu"})(x));
  return Dropout(0.5)(Dense(128, {.activation = "relu"})(Flatten()(Dropout(0.25)(x))));
}

Tensor residual(const Tensor& input) {
  auto conv = [](const Tensor& x, int64_t filters, int64_t size, int64_t stride) {
    return BatchNormalization()(Conv2D(filters, size, {.strides = stride, .padding = "same", .use_bias = false})(x));
  };
  Tensor x = ReLU()(conv(input, 16, 3, 1));
  const Tensor y = conv(ReLU()(conv(x, 32, 3, 2)), 32, 3, 1);
  x = ReLU()(Add()({conv(x, 32, 1, 2), y}));
  return GlobalAveragePooling2D()(x);
}

Tensor recurrent(const Tensor& input) { return LSTM(32)(input); }

Tensor attention(const Tensor& input) {
  const int64_t width = input.shape().back();
  Tensor x = LayerNormalization()(Add()({input, MultiHeadAttention(2, width / 2)({input, input})}));
  x = LayerNormalization()(Add()({x, Dense(width)(Dense(4 * width, {.activation = "gelu"})(x))}));
  return GlobalAveragePooling1D()(x);
}

const std::map<std::string, Workload> workloads = {
    {"perceptron",
     {{784}, 50, perceptron, [] { return SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}); }}},
    {"convolutional", {{28, 28, 1}, 4, convolutional, [] { return Adadelta({.learning_rate = 1.0}); }}},
    {"residual", {{32, 32, 3}, 4, residual, [] { return Adam(); }}},
    {"recurrent", {{20, 16}, 16, recurrent, [] { return Adam(); }}},
    {"attention", {{16, 32}, 8, attention, [] { return Adam(); }}},
    {"prediction", {{32, 32, 3}, 1, residual, [] { return Adam(); }, true}},
};

}  // namespace

// By this name valgrind finds it, so it must stay a function of its own.
extern "C" __attribute__((noinline)) void counted_steps(const std::function<void()>& step, int steps) {
  for (int i = 0; i < steps; ++i) step();
}

int main(int argc, char** argv) try {
  const auto found = argc == 3 ? workloads.find(argv[1]) : workloads.end();
  if (found == workloads.end()) {
    std::fprintf(stderr, "usage: steps perceptron|convolutional|residual|recurrent|attention|prediction STEPS\n");
    return 2;
  }
  const Workload& workload = found->second;
  set_random_seed(1);
  const InputTensor input = Input(workload.input);
  Model model(input, Dense(10, {.activation = "softmax"})(workload.layers(input)));
  model.compile(
      {.optimizer = workload.optimizer(), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const Tensor x = random::normal(workload.input.with(0, workload.batch), {.seed = 1});
  const Tensor y = cast(random::uniform({workload.batch}, {.low = 0, .high = 10, .seed = 2}), DType::int32);
  const std::function<void()> step = [&] {
    if (workload.predicts) {
      model.predict_on_batch(x);
    } else {
      model.train_on_batch(x, y);
    }
  };
  step();
  counted_steps(step, std::atoi(argv[2]));
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
