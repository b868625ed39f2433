#include "hebb/data/digits_generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "hebb/base/threads.h"
#include "hebb/data/digits_glyphs.h"

namespace hebb::data {
namespace {

struct Drawn {
  std::vector<uint8_t> images, labels;
  Drawn(uint64_t seed, uint64_t first, int64_t count)
      : images(static_cast<size_t>(count * digit_pixels)), labels(static_cast<size_t>(count)) {
    draw_digits(seed, first, count, images.data(), labels.data());
  }
  std::span<const uint8_t> image(size_t i) const { return {images.data() + i * 784, 784}; }
};

TEST(DigitsGenerator, AnImageDependsOnSeedAndIndexAlone) {
  const Drawn all(7, 0, 1000), tail(7, 700, 300), other(8, 0, 1000);
  EXPECT_TRUE(std::equal(tail.images.begin(), tail.images.end(), all.images.begin() + 700 * 784));
  EXPECT_TRUE(std::equal(tail.labels.begin(), tail.labels.end(), all.labels.begin() + 700));
  EXPECT_NE(all.labels, other.labels);
  std::array<uint8_t, 784> one;
  EXPECT_EQ(draw_digit(7, 123, one), all.labels[123]);
  EXPECT_TRUE(std::equal(one.begin(), one.end(), all.image(123).begin()));
}

TEST(DigitsGenerator, ThreadsDoNotMatter) {
  const int before = threads();
  set_threads(1);
  const Drawn alone(3, 0, 1500);
  set_threads(2);
  const Drawn together(3, 0, 1500);
  set_threads(before);
  EXPECT_EQ(alone.images, together.images);
  EXPECT_EQ(alone.labels, together.labels);
}

TEST(DigitsGenerator, AllDigitsAreEquallyLikely) {
  const Drawn drawn(1, 0, 10000);
  for (uint8_t digit = 0; digit < 10; ++digit) {
    EXPECT_NEAR(std::count(drawn.labels.begin(), drawn.labels.end(), digit), 1000, 120) << int{digit};
  }
}

// As in MNIST: black paper, a bright digit in the middle, little at the border.
TEST(DigitsGenerator, InkIsWhereMnistHasIt) {
  const int64_t n = 3000;
  const Drawn drawn(1, 0, n);
  double sum = 0, border = 0, centre_x = 0, centre_y = 0;
  int64_t black = 0, bright_images = 0;
  for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
    const auto image = drawn.image(i);
    bright_images += *std::max_element(image.begin(), image.end()) > 190;
    for (size_t p = 0; p < 784; ++p) {
      const size_t x = p % 28, y = p / 28;
      const double value = image[p];
      sum += value;
      black += value == 0;
      if (x == 0 || y == 0 || x == 27 || y == 27) border += value;
      centre_x += value * (static_cast<double>(x) + 0.5);
      centre_y += value * (static_cast<double>(y) + 0.5);
    }
  }
  const double pixels = static_cast<double>(n * digit_pixels);
  EXPECT_NEAR(sum / pixels, 35, 4);  // MNIST: 33.3
  EXPECT_GT(static_cast<double>(black) / pixels, 0.7);
  EXPECT_LT(border / sum, 0.005);
  EXPECT_NEAR(centre_x / sum, 14, 0.3);
  EXPECT_NEAR(centre_y / sum, 14, 0.3);
  EXPECT_GT(static_cast<double>(bright_images) / static_cast<double>(n), 0.97);
}

// Guards the difficulty without training anything: the class means alone must recognise many digits, but far from all
// (on MNIST they reach 82 %).
TEST(DigitsGenerator, ClassMeansRecogniseMostDigits) {
  const int64_t n = 6000, tested = 2000;
  const Drawn train(1, 0, n), test(1, 1000000, tested);
  std::array<std::array<double, 784>, 10> mean{};
  std::array<double, 10> count{};
  for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
    ++count[train.labels[i]];
    for (size_t p = 0; p < 784; ++p) mean[train.labels[i]][p] += train.image(i)[p];
  }
  int right = 0;
  for (size_t i = 0; i < static_cast<size_t>(tested); ++i) {
    double best = 1e300;
    size_t guess = 0;
    for (size_t digit = 0; digit < 10; ++digit) {
      double distance = 0;
      for (size_t p = 0; p < 784; ++p) {
        const double difference = mean[digit][p] / count[digit] - test.image(i)[p];
        distance += difference * difference;
      }
      if (distance < best) best = distance, guess = digit;
    }
    right += guess == test.labels[i];
  }
  const double accuracy = right / static_cast<double>(tested);
  EXPECT_GT(accuracy, 0.62);
  EXPECT_LT(accuracy, 0.86);
}

TEST(DigitsGenerator, GlyphsAreComplete) {
  std::array<int, 10> ways{};
  for (const detail::Glyph& glyph : detail::digit_glyphs()) {
    ASSERT_GE(glyph.digit, 0);
    ASSERT_LE(glyph.digit, 9);
    ++ways[static_cast<size_t>(glyph.digit)];
    EXPECT_GT(glyph.weight, 0);
    EXPECT_FALSE(glyph.strokes.empty());
    for (const auto& stroke : glyph.strokes) {
      EXPECT_GE(stroke.size(), 2u);
      EXPECT_LE(stroke.size(), 16u);
      for (const detail::Knot& knot : stroke) {
        EXPECT_TRUE(knot.x >= -0.05f && knot.x <= 0.75f && knot.y >= -0.05f && knot.y <= 1.05f) << glyph.digit;
      }
    }
  }
  for (const int count : ways) EXPECT_GE(count, 5);
}

TEST(DigitsGenerator, NoneIsFine) { draw_digits(1, 0, 0, nullptr, nullptr); }

}  // namespace
}  // namespace hebb::data
