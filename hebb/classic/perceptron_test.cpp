#include "hebb/classic/perceptron.h"

#include <gtest/gtest.h>

#include "hebb/base/error.h"

namespace hebb::classic {
namespace {

const Tensor corners = Tensor::from({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2});

TEST(Perceptron, LearnsWhatALineSeparates) {
  Perceptron neurons({.inputs = 2, .outputs = 2});
  const Tensor both = Tensor::from({0, 0, 0, 1, 0, 1, 1, 1}, {4, 2});  // AND, OR
  const PerceptronRun run = neurons.fit(corners, both, {.learning_rate = 0.1});
  EXPECT_TRUE(run.converged);
  EXPECT_GT(run.updates, 0);
  EXPECT_EQ(run.mistakes.back(), 0);
  EXPECT_EQ(neurons.predict(corners).to_vector<float>(), both.to_vector<float>());
}

TEST(Perceptron, NeverLearnsTheExclusiveOr) {
  Perceptron neuron({.inputs = 2});
  const PerceptronRun run = neuron.fit(corners, Tensor{0, 1, 1, 0}, {.epochs = 1000});
  EXPECT_FALSE(run.converged);
  EXPECT_EQ(run.epochs, 1000);
}

TEST(Perceptron, FollowsTheRuleByHand) {
  Perceptron neuron({.inputs = 1, .activation = "sign"});
  // Output of 0 is +1: wrong for -1, so w += 0.5 * (-2) * 2 = -2 and b += -1.
  neuron.fit(Tensor::from({2}, {1, 1}), Tensor{-1}, {.learning_rate = 0.5, .epochs = 1});
  EXPECT_EQ(neuron.weights().item(), -2);
  EXPECT_EQ(neuron.biases().item(), -1);
}

TEST(Perceptron, RefusesWhatDoesNotFit) {
  EXPECT_THROW(Perceptron({.inputs = 0}), InvalidArgument);
  EXPECT_THROW(Perceptron({.inputs = 2, .activation = "relu"}), InvalidArgument);
  Perceptron neuron({.inputs = 2});
  EXPECT_THROW(neuron.fit(corners, Tensor{0, 1}), InvalidArgument);
  EXPECT_THROW(neuron.fit(corners, Tensor{0, 1, 2, 0}), InvalidArgument);
}

}  // namespace
}  // namespace hebb::classic
