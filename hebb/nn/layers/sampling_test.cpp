#include "hebb/nn/layers/sampling.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

TEST(GaussianSampling, DrawsInTrainingAndIsTheMeanOtherwise) {
  const Layer layer = GaussianSampling({.seed = 1});
  const Tensor mean_in = full({20000, 2}, 0.7), log_variance = full({20000, 2}, std::log(0.25));
  EXPECT_EQ(layer({mean_in, log_variance}).to_vector<float>(), mean_in.to_vector<float>());
  const Tensor drawn = layer({mean_in, log_variance}, {.training = true});
  EXPECT_NEAR(mean(drawn).item(), 0.7, 0.01);
  EXPECT_NEAR(variance(drawn).item(), 0.25, 0.01);
}

TEST(GaussianSampling, AddsTheDivergence) {
  const Layer layer = GaussianSampling({.kl_weight = 0.5});
  const Tensor mean_in = Tensor::from({0.5f, -1.f, 0.f, 2.f}, {2, 2}),
               log_variance = Tensor::from({0.f, 0.4f, -1.f, 0.f}, {2, 2});
  layer({mean_in, log_variance});
  double expected = 0;
  const auto m = mean_in.to_vector<double>(), l = log_variance.to_vector<double>();
  // The divergence of N(m, s^2) from N(0, 1): log(1 / s) + (s^2 + m^2) / 2 - 1/2.
  for (size_t i = 0; i < 4; ++i) expected += -0.5 * l[i] + (std::exp(l[i]) + m[i] * m[i]) / 2 - 0.5;
  const Tensors losses = layer->losses();
  ASSERT_EQ(losses.size(), 1u);
  EXPECT_NEAR(losses[0].item(), 0.5 * expected / 2, 1e-6);
  EXPECT_THROW(GaussianSampling({.kl_weight = -1}), InvalidArgument);
  EXPECT_THROW(layer({mean_in, ones({2, 3})}), InvalidArgument);
}

}  // namespace
}  // namespace hebb
