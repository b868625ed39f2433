// Parameters in the layout that their kernels want: stored so by a plan, plain to everybody who looks.
#include <gtest/gtest.h>

#include <cmath>

#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

void expect_close(const Tensor& a, const Tensor& b) {
  const std::vector<float> x = a.to_vector<float>(), y = b.to_vector<float>();
  ASSERT_EQ(x.size(), y.size());
  for (size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x[i], y[i], 1e-4f * (1 + std::abs(x[i]))) << i;
}

// 144 filters: more than a block of vectors, and no whole number of blocks, so that oneDNN pads.
const Tensor x = random::normal({4, 12, 12, 16}, {.seed = 1}), initial = random::normal({3, 3, 16, 144}, {.seed = 2});

TEST(Layouts, AWeightIsPackedAndReadsPlain) {
  Tensor w = variable(initial, "w");
  auto convolve = compiled([&](const Tensor& in) { return conv(in, w); }, {.kernels = "onednn"});
  const Tensor planned = convolve(x);
  ASSERT_NE(w.body()->layout, nullptr);
  EXPECT_EQ(w.to_vector<float>(), initial.to_vector<float>());
  expect_close(conv(x, initial), planned);
  // Written through the packed form, read back the same.
  const Tensor other = initial * 2.0;
  assign(w, other);
  EXPECT_EQ(w.to_vector<float>(), other.to_vector<float>());
  expect_close(conv(x, other), convolve(x));
}

TEST(Layouts, AWeightThatIsReadPlainStaysPlainForGood) {
  Tensor w = variable(initial, "w");
  auto convolve = compiled([&](const Tensor& in) { return conv(in, w); }, {.kernels = "onednn"});
  auto penalty = compiled([&](const Tensor& factor) { return sum(square(w)) * factor; });
  const Tensor packed = convolve(x);
  const double expected = sum(square(initial)).item();
  EXPECT_NEAR(penalty(Tensor::scalar(1)).item(), expected, 1e-4 * expected);
  EXPECT_EQ(w.body()->layout, nullptr);
  // The first plan finds the variable moved, and is made anew without converting it back.
  expect_close(packed, convolve(x));
  EXPECT_EQ(w.body()->layout, nullptr);
}

/// A convolution along three axes, which are oneDNN's and for which it wants an order of its own.
struct Conv3 : LayerBase {
  Tensor kernel;
  void build(const Shape&) override { kernel = add_weight("kernel", {3, 3, 3, 16, 144}, "glorot_uniform"); }
  Tensor call(const Tensor& in) override { return conv(in, kernel); }
};

TEST(Layouts, TrainingMovesWeightAndSlotsTogether) {
  set_random_seed(7);
  Sequential model({Input({5, 5, 5, 16}), make_layer<Conv3>(), Flatten(), Dense(4)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  model.fit(random::normal({32, 5, 5, 5, 16}, {.seed = 3}), random::normal({32, 4}, {.seed = 4}),
            {.batch_size = 16, .epochs = 2, .verbose = 0});
  const Tensor kernel = model.weights()[0];
  ASSERT_NE(kernel.body()->layout, nullptr) << "nothing is packed here any more: take another operation";
  int slots = 0;
  for (const Tensor& slot : model.optimizer()->variables()) {
    if (slot.shape() != kernel.shape()) continue;
    ++slots;
    EXPECT_TRUE(same_layout(slot.body()->layout, kernel.body()->layout)) << slot.name();
  }
  EXPECT_EQ(slots, 2) << "Adam has two for each weight";
  const Tensor pictures = random::normal({4, 5, 5, 5, 16}, {.seed = 5});
  const Tensor predicted = model.predict(pictures);
  expect_close(model(pictures), predicted);
  const Tensors trained = model.get_weights();
  model.set_weights(trained);
  EXPECT_EQ(model.predict(pictures).to_vector<float>(), predicted.to_vector<float>());
}

}  // namespace
}  // namespace hebb
