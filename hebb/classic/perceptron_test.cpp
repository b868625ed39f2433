#include "hebb/classic/perceptron.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/classic/separation.h"
#include "hebb/data/data.h"

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

TEST(Perceptron, KeepsTheBoundOfTheConvergenceTheorem) {
  const Tensor targets = Tensor::from({0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0}, {4, 3});  // AND, OR, XOR
  Perceptron neurons({.inputs = 2, .outputs = 3});
  const PerceptronRun run = neurons.fit(corners, targets, {.epochs = 200, .bounds = true});
  EXPECT_FALSE(run.converged);
  EXPECT_EQ(run.updates, run.updates_of[0] + run.updates_of[1] + run.updates_of[2]);
  for (const size_t separable : {0u, 1u}) {
    EXPECT_GT(run.updates_of[separable], 0);
    EXPECT_LE(static_cast<double>(run.updates_of[separable]), run.bounds[separable]);
  }
  EXPECT_TRUE(std::isinf(run.bounds[2]));

  const auto [x, y] = data::blobs({.samples = 200, .cluster_std = 0.7, .seed = 2, .center_points = {{-3, 0}, {2, 3}}});
  for (const double rate : {0.01, 1.0}) {  // the rate changes nothing
    Perceptron neuron({.inputs = 2});
    const PerceptronRun found = neuron.fit(x, y, {.learning_rate = rate, .bounds = true});
    EXPECT_TRUE(found.converged);
    EXPECT_LE(static_cast<double>(found.updates), found.bounds[0]);
    EXPECT_LT(found.bounds[0], 1e4);
  }
}

TEST(Separation, MarginsByHand) {
  // (1, 1) against (-1, 1), the constant included: the best plane is x = 0, one away from both.
  const Separation line = separation(Tensor::from({1, -1}, {2, 1}), Tensor{1, 0});
  EXPECT_NEAR(line.margin, 1, 1e-6);
  EXPECT_NEAR(line.radius, std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(line.bound(), 2, 1e-5);
  // AND: the nearest point of the hull of (1,1,1), -(0,0,1), -(0,1,1), -(1,0,1), found as a quadratic program:
  // 1/sqrt(17).
  EXPECT_NEAR(separation(corners, Tensor{0, 0, 0, 1}).margin, 1 / std::sqrt(17.0), 1e-3);
  EXPECT_EQ(separation(corners, Tensor{0, 1, 1, 0}).margin, 0);
  EXPECT_NEAR(separation(corners, Tensor{1, 1, 1, 1}).margin, 1, 1e-6);  // the bias alone
  EXPECT_THROW(separation(corners, Tensor{0, 1, 2, 0}), InvalidArgument);
  EXPECT_THROW(separation(corners, Tensor{0, 1}), InvalidArgument);
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
