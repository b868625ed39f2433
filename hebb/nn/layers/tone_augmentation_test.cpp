#include "hebb/nn/layers/tone_augmentation.h"

#include <gtest/gtest.h>

#include <functional>

#include "hebb/nn/layers/color_augmentation.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

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

TEST(RandomInvert, TurnsTheShareOfImagesAround) {
  const Tensor x = zeros({images, 1, 1, 1});
  EXPECT_NEAR(share_of(greater(RandomInvert(0.6, {.seed = 1})(x, {.training = true}), 0.0)), 0.3, 0.03);
}

TEST(RandomPosterization, KeepsAsManyBitsAsAreDrawn) {
  const Tensor x = ones({images, 1, 1, 1}) * 255.0;
  const Tensor y = RandomPosterization({2, 5}, {.seed = 1})(x, {.training = true});
  for (const double left : {192, 224, 240}) EXPECT_NEAR(share_of(equal(y, left)), 1.0 / 3, 0.03) << left;
}

TEST(Equalization, MakesTonesEquallyFrequent) {
  const Tensor bright = sqrt(random::uniform({1, 64, 64, 1}, {.seed = 3}));
  const Tensor even = Equalization({.value_range = {0, 1}})(bright, {.training = true});
  for (const double tone : {0.1, 0.25, 0.5, 0.75, 0.9}) EXPECT_NEAR(share_of(less(even, tone)), tone, 0.05) << tone;
}

// As Keras gives them in their own type, which takes no fractions.
TEST(ContrastLimitedAdaptiveHistogramEqualization, CutsWholeTonesOff) {
  const Tensor tones = floor(random::uniform({2, 9, 8, 2}, {.high = 256, .seed = 4}));
  const Layer layer = ContrastLimitedAdaptiveHistogramEqualization({.tile_grid_size = {2, 3}});
  const Tensor spread = layer(tones), cut = layer(cast(tones, DType::uint8));
  EXPECT_EQ(cut.to_vector<float>(), floor(spread).to_vector<float>());
  EXPECT_EQ(cut.dtype(), DType::uint8);
  EXPECT_LT(share_of(equal(spread, cast(cut, DType::float32))), 0.5);
}

// Keras's two cannot do it.
TEST(ChannelsFirst, IsTheOtherOrderOfTheSameNumbers) {
  const Tensor x = random::uniform({2, 4, 5, 3}, {.high = 255, .seed = 2});
  const auto to_first = [](const Tensor& images) { return transpose(images, {0, 3, 1, 2}); };
  const auto jitter = [](const std::string& format) {
    return RandomColorJitter({.brightness_factor = 0.2,
                              .contrast_factor = 0.3,
                              .saturation_factor = Factor(0.3, 0.6),
                              .hue_factor = 0.2,
                              .seed = 4,
                              .data_format = format});
  };
  const auto contrast = [](const std::string& format) { return AutoContrast({.data_format = format}); };
  for (const auto& make : std::vector<std::function<Layer(const std::string&)>>{jitter, contrast}) {
    const Tensor last = make("channels_last")(x, {.training = true});
    const Tensor first = make("channels_first")(to_first(x), {.training = true});
    EXPECT_EQ(first.to_vector<float>(), to_first(last).to_vector<float>());
  }
}

}  // namespace
}  // namespace hebb
