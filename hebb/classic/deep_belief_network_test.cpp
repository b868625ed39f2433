// Layers that were trained one by one, and the models that they become.
#include "hebb/classic/deep_belief_network.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/classic/stacked_autoencoder.h"
#include "hebb/data/digits.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::classic {
namespace {

void expect_near(const Tensor& a, const Tensor& b, double tolerance) {
  ASSERT_EQ(a.shape(), b.shape());
  const std::vector<double> x = a.to_vector<double>(), y = b.to_vector<double>();
  for (size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x[i], y[i], tolerance) << i;
}

Tensor small_images(int64_t count) {
  const auto [train, test] = data::digits({.train = count, .test = 1});
  return reshape(cast(train.x(), DType::float32) / 255.0, {count, 784});
}

/// The mean squared error of each pixel's mean over the images: what a net comes to that says the same of all.
double error_of_means(const Tensor& x) { return mean(square(x - mean(x, {.axes = {0}, .keepdims = true}))).item(); }

TEST(DeepBeliefNetwork, TrainsLayerByLayerAndBecomesAModel) {
  const Tensor x = small_images(300);
  for (const std::string units : {"binary", "gaussian"}) {
    DeepBeliefNetwork network({.units = {784, 40, 20}, .visible_units = units, .seed = 1});
    const double rate = units == "binary" ? 0.05 : 0.001;
    const std::vector<History> histories = network.fit(
        x, {.epochs = 25, .learning_rate = rate, .validation_data = slice(x, {0}, {50}), .measured_examples = 50});
    ASSERT_EQ(histories.size(), 2u);
    EXPECT_LT(histories[0]["reconstruction_error"].back(), error_of_means(x));
    EXPECT_EQ(histories[1]["val_free_energy"], histories[1]["free_energy"]);
    expect_near(network.to_sequential({.classes = 0}).predict(x), network.hidden(x), 1e-5);
    expect_near(network.to_autoencoder().predict(x), network.reconstruct(x), 1e-5);
    EXPECT_EQ(network.to_sequential().output_shape(), (Shape{Shape::unknown, 10}));
    EXPECT_EQ(network.sample(3, 5).shape(), (Shape{3, 784}));
  }
  EXPECT_THROW(DeepBeliefNetwork({.units = {784}}), InvalidArgument);
  EXPECT_THROW(
      DeepBeliefNetwork({.units = {4, 3, 2}}).fit(ones({2, 4}), std::vector<RestrictedBoltzmannMachineFitOptions>(1)),
      InvalidArgument);
}

TEST(StackedAutoencoder, TrainsLayerByLayerAndBecomesAModel) {
  const Tensor x = small_images(300);
  StackedAutoencoder stack({.units = {784, 40, 20}, .dropped = 0.2, .noise = 0.1, .sparsity = 1e-5});
  const std::vector<History> histories =
      stack.fit(x, {.batch_size = 8, .epochs = 60, .verbose = 0, .validation_data = data::Dataset(x, Tensor())});
  ASSERT_EQ(histories.size(), 2u);
  for (const History& history : histories) EXPECT_LT(history["val_loss"].back(), history["val_loss"].front());
  expect_near(stack.to_sequential({.classes = 0}).predict(x), stack.hidden(x), 1e-6);
  Sequential whole = stack.to_autoencoder();
  EXPECT_EQ(whole.output_shape(), (Shape{Shape::unknown, 784}));
  // The whole restores better than the mean of each pixel would.
  whole.compile({.optimizer = "adam", .loss = "mse"});
  EXPECT_LT(whole.evaluate(x, x)["loss"], error_of_means(x));
  EXPECT_THROW(StackedAutoencoder({.units = {784}}), InvalidArgument);
  EXPECT_THROW(stack.fit(ones({2, 5})), InvalidArgument);
}

}  // namespace
}  // namespace hebb::classic
