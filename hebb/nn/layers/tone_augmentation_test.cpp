#include "hebb/nn/layers/tone_augmentation.h"

#include <gtest/gtest.h>

#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

constexpr int64_t images = 4000;

double share_of(const Tensor& flags) { return mean(cast(flags, DType::float32)).to_vector<float>()[0]; }

TEST(Solarization, DrawsAdditionsAndThresholdsAsKerasDoes) {
  const Tensor black = zeros({images, 1, 1, 1});
  // From 0.2 to 0.6 * 255, all turned around.
  const Tensor added = 255.0 - Solarization({.addition_factor = {0.2, 0.6}, .seed = 1})(black, {.training = true});
  EXPECT_NEAR(mean(added).to_vector<float>()[0], (0.2 + 153) / 2, 3);
  EXPECT_GE(min(added).to_vector<float>()[0], 0.19f);
  EXPECT_LE(max(added).to_vector<float>()[0], 153.01f);
  // A threshold from 0 to 0.5 * 255 lies above a quarter of that in three of four images: those stay.
  const Tensor gray = ones({images, 1, 1, 1}) * (127.5 / 4);
  const Tensor turned = Solarization({.threshold_factor = 0.5, .seed = 1})(gray, {.training = true});
  EXPECT_NEAR(share_of(equal(turned, gray)), 0.75, 0.03);
}

TEST(RandomGrayscale, ChoosesTheShareOfImages) {
  const Tensor x = random::uniform({images, 1, 1, 3}, {.seed = 2});
  const Tensor y = RandomGrayscale(0.3, {.seed = 1})(x, {.training = true});
  EXPECT_NEAR(1 - share_of(equal(y, x)), 0.3, 0.03);
}

}  // namespace
}  // namespace hebb
