#include "hebb/nn/layers/mixing_augmentation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/symbolic.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

constexpr CallOptions training{.training = true};

TEST(RandomErasing, ErasesABoxOfTheSizesAskedFor) {
  constexpr int64_t images = 600, height = 20, width = 30;
  const Tensor x = ones({images, height, width, 1});
  const Tensor y = RandomErasing({1.0, 1.0}, {.scale = {0.1, 0.4}, .fill_value = 0.0, .seed = 1})(x, training);
  const std::vector<float> kept = y.to_vector<float>();
  double rows_erased = 0, at_left = 0;
  for (int64_t n = 0; n < images; ++n) {
    int64_t top = height, bottom = -1, left = width, right = -1, count = 0;
    for (int64_t row = 0; row < height; ++row) {
      for (int64_t column = 0; column < width; ++column) {
        if (kept[static_cast<size_t>((n * height + row) * width + column)] != 0) continue;
        top = std::min(top, row), bottom = std::max(bottom, row);
        left = std::min(left, column), right = std::max(right, column);
        ++count;
      }
    }
    ASSERT_EQ(count, (bottom - top + 1) * (right - left + 1));  // a box
    EXPECT_GE(bottom - top + 1, std::floor(std::sqrt(0.1) * height));
    EXPECT_LE(bottom - top + 1, std::ceil(std::sqrt(0.4) * height));
    EXPECT_GE(right - left + 1, std::floor(std::sqrt(0.1) * width));
    EXPECT_LE(right - left + 1, std::ceil(std::sqrt(0.4) * width));
    rows_erased += static_cast<double>(bottom - top + 1) / images;
    at_left += (left + right < width - 1) / static_cast<double>(images);
  }
  // The mean root of a number from 0.1 to 0.4 is 2/3 (0.4^1.5 - 0.1^1.5) / 0.3.
  EXPECT_NEAR(rows_erased / height, 2.0 / 3 * (std::pow(0.4, 1.5) - std::pow(0.1, 1.5)) / 0.3, 0.02);
  EXPECT_NEAR(at_left, 0.5, 0.06);
}

TEST(RandomErasing, ErasesTheShareOfImagesAndFillsWithNoise) {
  const Tensor x = ones({2000, 4, 4, 1}) * 300.0;  // outside of the range: erased pixels are seen
  const Tensor y = RandomErasing(0.6, {.scale = {1.0, 1.0}, .seed = 2})(x, training);
  EXPECT_NEAR(1 - mean(cast(equal(y, x), DType::float32)).item(), 0.3, 0.03);
  // Normal numbers times 255, cut off: half of them are 0, and 0.159 of them 255.
  const Tensor filled = RandomErasing({1.0, 1.0}, {.scale = {1.0, 1.0}, .seed = 2})(x, training);
  EXPECT_NEAR(mean(cast(equal(filled, 0.0), DType::float32)).item(), 0.5, 0.02);
  EXPECT_NEAR(mean(cast(equal(filled, 255.0), DType::float32)).item(), 0.1587, 0.02);
}

/// Shares of the own image that MixUp draws, read from labels with a column for each image.
std::vector<float> shares(double alpha, int64_t count) {
  const Tensor images = zeros({count, 1, 1, 1});
  const Tensor labels =
      cast(equal(reshape(arange(count), {count, 1}), reshape(arange(count), {1, count})), DType::float32);
  const Tensors out = MixUp(alpha, {.seed = 5}).call_many({images, labels}, training);
  const std::vector<float> mixed = out[1].to_vector<float>();
  std::vector<float> own;
  for (int64_t i = 0; i < count; ++i) own.push_back(mixed[static_cast<size_t>(i * count + i)]);
  return own;
}

TEST(MixUp, DrawsSharesFromTheBetaDistribution) {
  for (const double alpha : {0.05, 0.2, 1.0, 4.0}) {
    SCOPED_TRACE(alpha);
    double mean = 0, second = 0;
    const std::vector<float> drawn = shares(alpha, 1500);
    for (const float share : drawn) {
      ASSERT_GE(share, 0);
      ASSERT_LE(share, 1);
      mean += share / static_cast<double>(drawn.size());
      second += share * share / static_cast<double>(drawn.size());
    }
    EXPECT_NEAR(mean, 0.5, 0.03);
    EXPECT_NEAR(second - mean * mean, 0.25 / (2 * alpha + 1), 0.015);
  }
}

TEST(MixUp, GivesEveryImageAwayOnce) {
  constexpr int64_t count = 50;
  const Tensor labels =
      cast(equal(reshape(arange(count), {count, 1}), reshape(arange(count), {1, count})), DType::float32);
  const Tensors out = MixUp(50.0, {.seed = 1}).call_many({zeros({count, 1, 1, 1}), labels}, training);
  const std::vector<float> mixed = out[1].to_vector<float>();
  int themselves = 0;
  for (int64_t image = 0; image < count; ++image) {
    int given = 0;
    for (int64_t row = 0; row < count; ++row) given += mixed[static_cast<size_t>(row * count + image)] > 0;
    themselves += given == 1;
    EXPECT_TRUE(given == 1 || given == 2);  // kept, and given to another one or to itself
  }
  EXPECT_LT(themselves, 6);
}

TEST(CutMix, LabelsAreMixedByTheAreas) {
  constexpr int64_t count = 200, size = 40;
  const Tensor first = cast(less(reshape(arange(count), {count, 1}), count / 2.0), DType::float32);
  const Tensor labels = concatenate({first, 1.0 - first}, 1);
  const Tensor images = broadcast_to(reshape(first, {count, 1, 1, 1}), {count, size, size, 1});
  const Tensors out = CutMix(1.0, {.seed = 4}).call_many({images, labels}, training);
  const std::vector<float> share = mean(out[0], {.axes = {1, 2, 3}}).to_vector<float>();
  const std::vector<float> mixed = out[1].to_vector<float>();
  int between = 0;
  for (size_t i = 0; i < count; ++i) {
    EXPECT_NEAR(share[i], mixed[2 * i], 0.06);  // boxes do not begin at whole pixels
    EXPECT_NEAR(mixed[2 * i] + mixed[2 * i + 1], 1, 1e-6);
    between += mixed[2 * i] > 0.05 && mixed[2 * i] < 0.95;
  }
  EXPECT_GT(between, count / 10);
}

// Keras's functional models call it with a dict.
TEST(Mixing, IsCalledWithADictInFiles) {
  const Tensor images = Input({4, 5, 1}), labels = Input({3});
  const Tensors out = MixUp(0.3).call_many({images, labels});
  const Model model({images, labels}, out);
  const std::string text = model_to_json(model.base()).dump();
  EXPECT_NE(text.find("\"args\": [{\"images\": {\"class_name\": \"__keras_tensor__\""), std::string::npos) << text;
  const Model again = model_from_json(Json::parse(text));
  EXPECT_EQ(model_to_json(again.base()).dump(), text);
  EXPECT_EQ(again.base().outputs()[1].shape(), (Shape{Shape::unknown, 3}));
}

TEST(Mixing, LeavesAllAsItIsWhenNotTraining) {
  const Tensor images = random::uniform({3, 2, 2, 1}, {.seed = 1}), labels = random::uniform({3, 2}, {.seed = 2});
  for (const Layer& layer : {MixUp(), CutMix()}) {
    const Tensors out = layer.call_many({images, labels});
    EXPECT_EQ(out[0].to_vector<float>(), images.to_vector<float>());
    EXPECT_EQ(out[1].to_vector<float>(), labels.to_vector<float>());
  }
}

}  // namespace
}  // namespace hebb
