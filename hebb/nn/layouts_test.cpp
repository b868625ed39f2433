// Parameters in the layout that their kernels want: stored so by training, plain to everybody who looks.
#include <gtest/gtest.h>

#include <cmath>

#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/random.h"

namespace hebb {
namespace {

Sequential small_net(const Regularizer& regularizer = {}) {
  set_random_seed(7);
  Sequential model({Input({12, 12, 16}), Conv2D(144, 3, {.activation = "relu", .kernel_regularizer = regularizer}), Conv2D(32, 3), Flatten(), Dense(4)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  return model;
}

const Tensor x = random::normal({64, 12, 12, 16}, {.seed = 1}), y = random::normal({64, 4}, {.seed = 2});

TEST(Layouts, WeightsReadPlainWhateverTheirOrder) {
  Sequential model = small_net();
  const Tensors before = model.get_weights();
  model.fit(x, y, {.batch_size = 16, .epochs = 1, .verbose = 0});
  const Tensor kernel = model.weights()[0];
  if (!kernel.body()->layout) GTEST_SKIP() << "this machine's kernels work on plain weights";
  const Tensors trained = model.get_weights();
  // Reading and writing back changes nothing, and another plan sees the same weights.
  const Tensor predicted = model.predict(x);
  model.set_weights(trained);
  EXPECT_EQ(model.predict(x).to_vector<float>(), predicted.to_vector<float>());
  EXPECT_NE(trained[0].to_vector<float>(), before[0].to_vector<float>());
  Sequential fresh = small_net();
  fresh.set_weights(trained);
  EXPECT_EQ(fresh.predict(x).to_vector<float>(), predicted.to_vector<float>());
  // The plain layer call works on the same values.
  const std::vector<float> eager = model(x).to_vector<float>(), planned = predicted.to_vector<float>();
  for (size_t i = 0; i < eager.size(); ++i) ASSERT_NEAR(eager[i], planned[i], 1e-4f * (1 + std::abs(eager[i]))) << i;
}

TEST(Layouts, AWeightThatOthersReadPlainStaysPlain) {
  // The penalty sums the kernel's squares: that needs the plain order, so training leaves it plain, and computes the same.
  Sequential plain = small_net(L2(1e-12)), packed = small_net();
  plain.fit(x, y, {.batch_size = 16, .epochs = 2, .verbose = 0, .shuffle = false});
  packed.fit(x, y, {.batch_size = 16, .epochs = 2, .verbose = 0, .shuffle = false});
  EXPECT_EQ(plain.weights()[0].body()->layout, nullptr);
  plain.predict(x);
  EXPECT_EQ(plain.weights()[0].body()->layout, nullptr) << "a plan that only predicts must not convert it to and fro";
  const std::vector<float> a = plain.get_weights()[0].to_vector<float>(), b = packed.get_weights()[0].to_vector<float>();
  for (size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-4f) << i;
}

}  // namespace
}  // namespace hebb
