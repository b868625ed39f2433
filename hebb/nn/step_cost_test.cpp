// What a training step computes, counted: the passes may fuse and reorder, but not lose or repeat a product.

#include <gtest/gtest.h>

#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/ops/random.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

/// Millions of operations of a step: in products and convolutions, and in everything.
struct Counted {
  double products = 0, all = 0, bytes = 0;
};

Counted step_of(Model model, const Shape& input, int64_t batch, const Optimizer& optimizer) {
  model.compile({.optimizer = optimizer, .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  model.train_on_batch(random::normal(input.with(0, batch), {.seed = 1}), zeros({batch}, DType::int32));
  Counted counted;
  for (const Plan::Timing& row : model.step_timings()) {
    const bool product = row.operation.find("matmul") != std::string::npos || row.operation.starts_with("conv") ||
                         row.operation == "fused_conv";
    if (product) counted.products += row.cost.flops * 1e-6;
    counted.all += row.cost.flops * 1e-6;
    counted.bytes += row.cost.bytes;
  }
  return counted;
}

TEST(StepCost, OfAPerceptron) {
  const Counted step = step_of(Sequential({Input({784}), Dense(1000, {.activation = "relu"}), Dense(10)}), {784}, 50,
                               SGD({.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}));
  // 784 x 1000 forward and for the weights, no gradient of the data; 1000 x 10 three times; bias and activation apart.
  const double expected = 2e-6 * 50 * (2 * 784 * 1000 + 3 * 1000 * 10);
  EXPECT_NEAR(expected, 159.8, 0.05);
  EXPECT_GE(step.products, expected);
  // The update of the large weights is done where their gradient is computed: six operations for each.
  EXPECT_LE(step.products, expected * 1.01 + 6e-6 * 784 * 1000);
  EXPECT_LE(step.all, expected * 1.1);
  // At least the weights with their momentum are read and written.
  EXPECT_GE(step.bytes, 4.0 * 4 * (784 * 1000 + 1000 * 10));
}

TEST(StepCost, OfTheMnistNetwork) {
  const Counted step =
      step_of(Sequential({Input({28, 28, 1}), Conv2D(32, 5, {.activation = "relu"}),
                          Conv2D(32, 5, {.activation = "relu"}), MaxPooling2D(2), Dropout(0.25), Flatten(),
                          Dense(128, {.activation = "relu"}), Dropout(0.5), Dense(10, {.activation = "softmax"})}),
              {28, 28, 1}, 32, Adadelta({.learning_rate = 1.0}));
  const double first = 24 * 24 * 25 * 32, second = 20 * 20 * 25 * 32 * 32, third = 3200 * 128, last = 128 * 10;
  const double expected = 2e-6 * 32 * (2 * first + 3 * second + 3 * third + 3 * last);
  EXPECT_NEAR(expected, 2104, 0.5);
  EXPECT_GE(step.products, expected);
  EXPECT_LE(step.products, expected * 1.01);
  EXPECT_LE(step.all, expected * 1.1);
}

}  // namespace
}  // namespace hebb
