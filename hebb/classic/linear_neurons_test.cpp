#include "hebb/classic/linear_neurons.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/philox.h"

namespace hebb::classic {
namespace {

TEST(Adaline, FollowsTheRuleByHand) {
  Adaline neuron({.inputs = 1});
  // Output 0, error 3: w = 0.1 * 3 * 2 = 0.6, b = 0.3.
  const AdalineRun run = neuron.fit(Tensor::from({2}, {1, 1}), Tensor{3}, {.learning_rate = 0.1, .epochs = 1});
  EXPECT_FLOAT_EQ(neuron.weights().item(), 0.6f);
  EXPECT_FLOAT_EQ(neuron.biases().item(), 0.3f);
  EXPECT_EQ(run.errors, std::vector<double>{9});
}

TEST(Adaline, FindsALine) {
  const Tensor x = Tensor::from({-1, 0, 1, 2, 3}, {5, 1});
  Adaline neurons({.inputs = 1, .outputs = 2});
  const Tensor y = Tensor::from({-1, 4, 1, 3, 3, 2, 5, 1, 7, 0}, {5, 2});  // 2x + 1 and 3 - x
  const AdalineRun run = neurons.fit(x, y, {.learning_rate = 0.05, .epochs = 500});
  EXPECT_LT(run.errors.back(), 1e-10);
  EXPECT_FALSE(run.diverged);
  const std::vector<float> w = neurons.weights().to_vector<float>(), b = neurons.biases().to_vector<float>();
  EXPECT_NEAR(w[0], 2, 1e-4);
  EXPECT_NEAR(w[1], -1, 1e-4);
  EXPECT_NEAR(b[0], 1, 1e-4);
  EXPECT_NEAR(b[1], 3, 1e-4);
}

TEST(Adaline, LearnsGatesAndComesNearLeastSquaresForTheExclusiveOr) {
  const Tensor corners = Tensor::from({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});
  Adaline neuron({.inputs = 2});
  neuron.fit(corners, Tensor{-1, -1, -1, 1}, {.learning_rate = 0.05, .epochs = 300});
  EXPECT_EQ(neuron.classify(corners).to_vector<float>(), (std::vector<float>{-1, -1, -1, 1}));
  // Where no line helps the best answer is none.
  Adaline torn({.inputs = 2});
  torn.fit(corners, Tensor{-1, 1, 1, -1}, {.learning_rate = 0.01, .epochs = 3000});
  for (const float value : torn.predict(corners).to_vector<float>()) EXPECT_NEAR(value, 0, 0.05);
}

TEST(Adaline, SaysWhenItDiverges) {
  Adaline neuron({.inputs = 1});
  const AdalineRun run =
      neuron.fit(Tensor::from({10, -10}, {2, 1}), Tensor{1, -1}, {.learning_rate = 1, .epochs = 1000});
  EXPECT_TRUE(run.diverged);
  EXPECT_LT(run.errors.size(), 1000u);
}

/// Deviations 3, 1.5 and 0.5 along three perpendicular directions.
Tensor stretched() {
  PhiloxStream random(4);
  const double s = std::sqrt(0.5);
  std::vector<float> x;
  for (int i = 0; i < 2000; ++i) {
    const double a = 3 * random.normal(), b = 1.5 * random.normal(), c = 0.5 * random.normal();
    for (const double value : {s * (a - b), s * (a + b), c}) x.push_back(static_cast<float>(value));
  }
  return Tensor::from(x, {2000, 3});
}

TEST(Hebbian, HebbsWeightsGrowAndOjasStay) {
  const Tensor x = stretched();
  Hebbian hebb({.inputs = 3, .rule = "hebb"}), oja({.inputs = 3});
  const std::vector<double> grown = hebb.fit(x, {.learning_rate = 0.0001, .epochs = 10});
  for (size_t i = 1; i < grown.size(); ++i) EXPECT_GT(grown[i], 2 * grown[i - 1]);
  const std::vector<double> kept = oja.fit(x, {.learning_rate = 0.001, .epochs = 20});
  EXPECT_NEAR(kept.back(), 1, 0.02);
  const std::vector<float> w = oja.weights().to_vector<float>();
  EXPECT_NEAR(std::abs(w[0]), std::sqrt(0.5), 0.05);
  EXPECT_NEAR(w[0], w[1], 0.1);
  EXPECT_NEAR(w[2], 0, 0.05);
}

TEST(Hebbian, SangersFindOneComponentAfterTheOther) {
  Hebbian neurons({.inputs = 3, .outputs = 3, .rule = "sanger"});
  neurons.fit(stretched(), {.learning_rate = 0.001, .epochs = 60});
  const std::vector<float> w = neurons.weights().to_vector<float>();  // (inputs, outputs)
  EXPECT_NEAR(std::abs(w[0] * w[3]), 0.5, 0.05);                      // (1, 1, 0)
  EXPECT_GT(w[0] * w[3], 0);
  EXPECT_NEAR(w[1] * w[4], -0.5, 0.05);  // (1, -1, 0)
  EXPECT_NEAR(std::abs(w[8]), 1, 0.05);  // (0, 0, 1)
  EXPECT_EQ(neurons.predict(Tensor::from({1, 0, 0}, {1, 3})).to_vector<float>(),
            (std::vector<float>{w[0], w[1], w[2]}));
}

TEST(LinearNeurons, Refuse) {
  EXPECT_THROW(Adaline({.inputs = 0}), InvalidArgument);
  EXPECT_THROW(Hebbian({.inputs = 2, .rule = "ojas"}), InvalidArgument);
  Adaline neuron({.inputs = 2});
  EXPECT_THROW(neuron.fit(ones({3, 1}), ones({3})), InvalidArgument);
  EXPECT_THROW(neuron.fit(ones({3, 2}), ones({2})), InvalidArgument);
  EXPECT_THROW(Hebbian({.inputs = 2}).fit(ones({3, 1})), InvalidArgument);
}

}  // namespace
}  // namespace hebb::classic
