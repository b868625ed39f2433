#include "hebb/nn/gradient_flow.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/data/synthetic.h"
#include "hebb/nn/callbacks/gradient_statistics.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

data::Dataset numbers(int64_t count) {
  return data::Dataset(random::normal({count, 3}, {.seed = 1}), random::normal({count, 1}, {.seed = 2}));
}

Sequential net() {
  set_random_seed(5);
  Sequential model(
      {Input({3}), GaussianNoise(0.1), Dense(4, {.activation = "tanh"}), BatchNormalization(), Dropout(0.2), Dense(1)});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  return model;
}

TEST(GradientFlow, IsWhatTheTapeSays) {
  set_random_seed(5);
  Sequential model({Input({3}), Dense(4, {.activation = "tanh"}), Dense(1)});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const data::Dataset data = numbers(20);
  const std::vector<LayerFlow> flow = gradient_flow(model, data);
  ASSERT_EQ(flow.size(), 2u);
  const Tensor hidden = model.get_layer(int64_t{0})(data.x());
  EXPECT_NEAR(flow[0].activation_mean, mean(hidden).item(), 1e-6);
  EXPECT_NEAR(flow[0].activation_deviation, std::sqrt(variance(hidden).item()), 1e-6);
  const Tensor loss = mean(square(model(data.x()) - data.y()));
  const Tensors weights = model.trainable_weights(), gradients = gradient(loss, weights);
  const auto norm = [](const Tensor& a, const Tensor& b) {
    return std::sqrt(sum(square(a)).item() + sum(square(b)).item());
  };
  EXPECT_NEAR(flow[0].weight_gradient_norm, norm(gradients[0], gradients[1]), 1e-5);
  EXPECT_NEAR(flow[1].weight_gradient_norm, norm(gradients[2], gradients[3]), 1e-5);
  EXPECT_NEAR(flow[1].weight_norm, norm(weights[2], weights[3]), 1e-5);
}

TEST(GradientStatistics, RecordsAndLeavesTheTrainingAlone) {
  const data::Dataset data = numbers(64);
  Sequential plain = net(), watched = net();
  plain.fit(data, {.batch_size = 16, .epochs = 3, .verbose = 0, .seed = 1});
  const std::string path = ::testing::TempDir() + "hebb_flow.csv";
  const auto statistics = std::make_shared<GradientStatistics>(GradientStatisticsOptions{.filename = path});
  watched.fit(data, {.batch_size = 16, .epochs = 3, .verbose = 0, .callbacks = {statistics}, .seed = 1});
  const Tensors a = plain.get_weights(), b = watched.get_weights();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].to_vector<float>(), b[i].to_vector<float>()) << i;
  ASSERT_EQ(statistics->records().size(), 4u);  // before the first epoch too
  EXPECT_EQ(statistics->records()[3].epoch, 3);
  EXPECT_EQ(statistics->records()[3].step, 12);
  ASSERT_EQ(statistics->records()[0].layers.size(), 5u);
  EXPECT_GT(statistics->records()[1].layers[1].weight_gradient_norm, 0);
  std::ifstream file(path);
  std::string line;
  int lines = 0;
  while (std::getline(file, line)) ++lines;
  EXPECT_EQ(lines, 1 + 4 * 5);

  const auto by_steps = std::make_shared<GradientStatistics>(GradientStatisticsOptions{.steps = 3, .examples = 8});
  Sequential again = net();
  again.fit(data, {.batch_size = 16, .epochs = 3, .verbose = 0, .callbacks = {by_steps}, .seed = 1});
  EXPECT_EQ(by_steps->records().size(), 1u + 4u);
  EXPECT_THROW(GradientStatistics({.examples = 0}), InvalidArgument);
}

// Glorot and Bengio (2010), He et al. (2015): what their weights are for.
TEST(SignalFlow, TellsInitialisationsApart) {
  const auto ratio = [](const SignalFlowOptions& options) {
    const std::vector<LayerFlow> flow = signal_flow(options);
    EXPECT_EQ(flow.size(), static_cast<size_t>(options.layers));
    return flow.front().gradient_deviation / flow.back().gradient_deviation;
  };
  EXPECT_LT(ratio({.initializer = "glorot_uniform", .activation = "sigmoid", .layers = 10}), 1e-5);  // vanishes
  const double he = ratio({.initializer = "he_normal", .activation = "relu", .layers = 10});
  EXPECT_GT(he, 0.2);
  EXPECT_LT(he, 5);
  EXPECT_GT(ratio({.initializer = RandomNormal({.stddev = 1}), .activation = "relu", .layers = 10}), 1e4);  // explodes
  EXPECT_EQ(signal_flow({.initializer = "zeros"}).back().activation_deviation, 0);
  EXPECT_GT(ratio({.activation = "sigmoid", .layers = 10, .batch_normalization = true}), 1e-3);
  EXPECT_EQ(signal_flow({.seed = 3})[4].activation_deviation, signal_flow({.seed = 3})[4].activation_deviation);
  EXPECT_THROW(signal_flow({.layers = 0}), InvalidArgument);
}

}  // namespace
}  // namespace hebb
