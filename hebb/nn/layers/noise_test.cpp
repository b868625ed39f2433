// What goldens cannot tell of noise: its moments, its seeds, where it goes.

#include "hebb/nn/layers/noise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

constexpr CallOptions training{.training = true};

double mean_of(const Tensor& x) { return mean(x).item(); }
double deviation_of(const Tensor& x) { return std::sqrt(variance(x).item()); }

TEST(Noise, HasTheMomentsOfItsName) {
  const Tensor x = ones({100, 1000});
  const Tensor added = GaussianNoise(0.25, {.seed = 1})(x, training);
  EXPECT_NEAR(mean_of(added), 1, 0.005);
  EXPECT_NEAR(deviation_of(added), 0.25, 0.005);
  const Tensor multiplied = GaussianDropout(0.2, {.seed = 1})(x * 3.0, training);
  EXPECT_NEAR(mean_of(multiplied), 3, 0.02);
  EXPECT_NEAR(deviation_of(multiplied), 3 * std::sqrt(0.2 / 0.8), 0.02);
}

TEST(Noise, AlphaDropoutKeepsMeanAndDeviation) {
  const Tensor x = random::normal({200, 1000}, {.seed = 3});
  for (const double rate : {0.1, 0.5}) {
    const Tensor y = AlphaDropout(rate, {.seed = 1})(x, training);
    EXPECT_NEAR(mean_of(y), 0, 0.01);
    EXPECT_NEAR(deviation_of(y), 1, 0.01);
  }
}

TEST(Noise, OnlyInTrainingAndEveryTimeAnew) {
  const Tensor x = ones({3, 4});
  for (const auto& make :
       {+[] { return GaussianNoise(0.5, {.seed = 4}); }, +[] { return GaussianDropout(0.5, {.seed = 4}); },
        +[] { return AlphaDropout(0.5, {.seed = 4}); }}) {
    const Layer layer = make(), again = make(), planned = make();
    EXPECT_EQ(layer(x).to_vector<float>(), x.to_vector<float>());
    const auto first = layer(x, training).to_vector<float>(), second = layer(x, training).to_vector<float>();
    EXPECT_NE(first, x.to_vector<float>());
    EXPECT_NE(first, second);
    EXPECT_EQ(again(x, training).to_vector<float>(), first);
    auto step = compiled([&](const Tensor& in) { return planned(in, training); });
    EXPECT_EQ(step(x).to_vector<float>(), first);
    EXPECT_EQ(step(x).to_vector<float>(), second);
  }
}

TEST(SpatialDropout, KeepsOrDropsWholeMaps) {
  const auto check = [](const Layer& layer, const Shape& shape) {
    const Tensor y = layer(ones(shape), training);
    const int64_t channels = shape.back(), places = shape.sub(1, shape.rank() - 1).elements();
    const float* v = y.data<float>();
    int64_t dropped = 0;
    for (int64_t n = 0; n < shape.front(); ++n) {
      for (int64_t c = 0; c < channels; ++c) {
        const float first = v[n * places * channels + c];
        dropped += first == 0;
        for (int64_t p = 0; p < places; ++p) ASSERT_EQ(v[(n * places + p) * channels + c], first);
      }
    }
    const auto maps = static_cast<double>(shape.front() * channels);
    EXPECT_NEAR(static_cast<double>(dropped) / maps, 0.25, 0.05);
    EXPECT_NEAR(max(y).item(), 1 / 0.75, 1e-6);
  };
  check(SpatialDropout1D(0.25, {.seed = 1}), {50, 5, 40});
  check(SpatialDropout2D(0.25, {.seed = 1}), {50, 2, 3, 40});
  check(SpatialDropout3D(0.25, {.seed = 1}), {50, 2, 2, 2, 40});
}

TEST(ActivityRegularization, AddsToTheLoss) {
  const Tensor x = Tensor::from({1, -2, 3, 0}, {2, 2});
  const Layer layer = ActivityRegularization({.l1 = 0.5, .l2 = 0.25});
  EXPECT_EQ(layer(x).to_vector<float>(), x.to_vector<float>());
  ASSERT_EQ(layer->losses().size(), 1u);
  EXPECT_NEAR(layer->losses()[0].item(), (0.5 * 6 + 0.25 * 14) / 2, 1e-6);
  Sequential model({Input({2}), layer});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_NEAR(model.evaluate(x, x)["loss"], (0.5 * 6 + 0.25 * 14) / 2, 1e-6);
}

TEST(SpatialDropout, DropsWholeChannelsInBothOrders) {
  for (const char* format : {"channels_last", "channels_first"}) {
    const bool last = format == std::string("channels_last");
    const Tensor x = last ? ones({40, 3, 4, 5}) : ones({40, 5, 3, 4});
    const Tensor y = SpatialDropout2D(0.4, {.data_format = format, .seed = 1})(x, {.training = true});
    const std::vector<int64_t> within = last ? std::vector<int64_t>{1, 2} : std::vector<int64_t>{2, 3};
    EXPECT_EQ(max(y, {.axes = within}).to_vector<float>(), min(y, {.axes = within}).to_vector<float>());
    EXPECT_NEAR(mean(cast(equal(y, 0.0), DType::float32)).item(), 0.4, 0.08);
  }
}

TEST(Noise, WhatIsRefused) {
  EXPECT_THROW(GaussianNoise(-0.1), InvalidArgument);
  EXPECT_THROW(GaussianNoise(1.5), InvalidArgument);
  EXPECT_THROW(GaussianDropout(1), InvalidArgument);
  EXPECT_THROW(AlphaDropout(1), InvalidArgument);
  EXPECT_THROW(AlphaDropout(0.5, {.noise_shape = {-1, 0}}), InvalidArgument);
  EXPECT_THROW(SpatialDropout2D(1.5), InvalidArgument);
  EXPECT_THROW(SpatialDropout2D(0.5)(ones({2, 3})), InvalidArgument);
  EXPECT_THROW(SpatialDropout2D(0.5, {.data_format = "first"}), InvalidArgument);
  EXPECT_THROW(ActivityRegularization({.l1 = -1}), InvalidArgument);
}

}  // namespace
}  // namespace hebb
