#include "hebb/nn/layers/drawn_augmentation.h"

#include <gtest/gtest.h>

#include <set>

#include "hebb/nn/augmentation.h"
#include "hebb/nn/layers/pipeline.h"
#include "hebb/nn/layers/preprocessing.h"
#include "hebb/nn/layers/warping_augmentation.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

double mean_difference(const Tensor& a, const Tensor& b) { return mean(abs(a - b)).to_vector<float>()[0]; }

// Layers that draw layers draw others in every call, and the same ones from the same state.
TEST(DrawnAugmentation, DrawsAnewInEveryCall) {
  const Tensor x = random::uniform({2, 8, 8, 3}, {.high = 255, .seed = 1});
  for (const auto& make :
       {+[] { return RandAugment({.seed = 3}); }, +[] { return AugMix({.factor = 0.6, .seed = 3}); }}) {
    const Layer layer = make(), again = make();
    std::set<std::vector<float>> seen;
    for (int call = 0; call < 4; ++call) {
      const Tensor y = layer(x, {.training = true});
      EXPECT_EQ(y.to_vector<float>(), again(x, {.training = true}).to_vector<float>());
      seen.insert(y.to_vector<float>());
      EXPECT_GE(min(y).to_vector<float>()[0], -0.001f);
      EXPECT_LE(max(y).to_vector<float>()[0], 255.001f);
    }
    EXPECT_EQ(seen.size(), 4u) << layer.class_name();
    EXPECT_EQ(layer(x).to_vector<float>(), x.to_vector<float>());
  }
}

// As steps of the data pipeline each example has layers and fields of its own.
TEST(DrawnAugmentation, ChangesEachExampleByItself) {
  constexpr int64_t count = 6;
  const Tensor one = random::uniform({1, 8, 8, 3}, {.high = 255, .seed = 2});
  const auto same = data::Dataset(broadcast_to(one, {count, 8, 8, 3}), zeros({count, 1}));
  for (const Layer& layer :
       {RandAugment(), AugMix(), RandomPerspective({1, 1}), RandomElasticTransform({1, 1}, {.scale = {0.9, 1}}),
        Pipeline({RandomPerspective({1, 1}), RandAugment(), Rescaling(1.0 / 255)})}) {
    const data::Dataset more = augment(same, {layer}, {.seed = 5});
    const Tensor images = more.x();
    std::set<std::vector<float>> seen;
    for (int64_t i = 0; i < count; ++i) seen.insert(slice(images, {i, 0, 0, 0}, {i + 1, 8, 8, 3}).to_vector<float>());
    EXPECT_GE(seen.size(), 4u) << layer.class_name();
    EXPECT_EQ(augment(same, {layer}, {.seed = 5}).x().to_vector<float>(), images.to_vector<float>());
  }
}

// A field of no size, and corners that stay, change nothing.
TEST(WarpingAugmentation, ScalesToNothing) {
  const Tensor x = random::uniform({2, 9, 8, 1}, {.high = 255, .seed = 3});
  EXPECT_LT(mean_difference(RandomPerspective({1, 1}, {.scale = 0, .seed = 1})(x, {.training = true}), x), 0.01);
  EXPECT_LT(
      mean_difference(RandomElasticTransform({1, 1}, {.scale = {1e-6, 1e-6}, .seed = 1})(x, {.training = true}), x),
      0.01);
  EXPECT_GT(mean_difference(RandomPerspective({1, 1}, {.seed = 1})(x, {.training = true}), x), 5);
}

}  // namespace
}  // namespace hebb
