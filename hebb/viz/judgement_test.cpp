#include "hebb/viz/judgement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hebb/base/error.h"
#include "hebb/viz/confusion.h"

namespace hebb::viz {
namespace {

using Numbers = std::vector<int64_t>;

Tensor integers(std::vector<int32_t> values) { return Tensor::from(values); }

TEST(Judgement, TakesTheLikeliestClass) {
  const Tensor outputs = Tensor::from({0.1f, 0.7f, 0.2f, 0.5f, 0.3f, 0.2f, 0.1f, 0.1f, 0.8f}, {3, 3});
  const Judgement judgement = judge(outputs, integers({1, 2, 2}));
  EXPECT_EQ(judgement.classes, 3);
  EXPECT_EQ(judgement.predicted, (Numbers{1, 0, 2}));
  EXPECT_NEAR(judgement.confidence[2], 0.8, 1e-6);
  EXPECT_EQ(judgement.right(), 2);
  EXPECT_NEAR(judgement.accuracy(), 2 / 3., 1e-12);
  EXPECT_EQ(judgement.mistakes(), (Numbers{1}));
  EXPECT_EQ(judgement.confusion, (std::vector<Numbers>{{0, 0, 0}, {0, 1, 0}, {1, 0, 1}}));
}

TEST(Judgement, KnowsLogitsAndSingleOutputs) {
  const Judgement logits = judge(Tensor::from({-1.f, 3.f, 2.f, 2.f - std::log(3.f)}, {2, 2}));
  EXPECT_EQ(logits.predicted, (Numbers{1, 0}));
  EXPECT_NEAR(logits.confidence[1], 0.75, 1e-6);
  const Judgement single = judge(Tensor::from({0.2f, 0.9f}, {2, 1}));
  EXPECT_EQ(single.classes, 2);
  EXPECT_EQ(single.predicted, (Numbers{0, 1}));
  EXPECT_NEAR(single.confidence[0], 0.8, 1e-6);
  EXPECT_EQ(judge(Tensor{-2.f, 5.f}).predicted, (Numbers{0, 1}));
}

/// A network that diverged says NaN: sorting by it would have no order, and rounding it no value.
TEST(Judgement, NaNIsNoConfidence) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const Judgement judgement =
      judge(Tensor::from({nan, nan, nan, nan, 0.2f, 0.8f, 0.6f, nan, 0.1f, 0.9f, 0.05f, 0.05f}, {4, 3}),
            integers({1, 0, 1, 1}));
  EXPECT_EQ(judgement.predicted, (Numbers{0, 2, 0, 0}));
  for (const double confidence : judgement.confidence) EXPECT_TRUE(confidence >= 0 && confidence <= 1) << confidence;
  EXPECT_EQ(judgement.confidence[0], 0);
  EXPECT_EQ(judgement.mistakes(), (Numbers{3, 1, 2, 0}));
  const Judgement logits = judge(Tensor::from({inf, -5.f, nan, -inf, -inf, -inf, inf, inf, 0.f}, {3, 3}));
  EXPECT_EQ(logits.predicted, (Numbers{0, 0, 0}));
  EXPECT_EQ(logits.confidence, (std::vector<double>{1, 0, 0.5}));
  EXPECT_EQ(judge(Tensor{nan, 0.9f}).confidence[0], 0);
  EXPECT_THROW(class_numbers(Tensor{0.f, nan}), InvalidArgument);
}

TEST(Judgement, MistakesComeMostConfidentFirst) {
  const Tensor outputs = Tensor::from({0.6f, 0.4f, 0.9f, 0.1f, 0.2f, 0.8f, 0.7f, 0.3f}, {4, 2});
  EXPECT_EQ(judge(outputs, integers({1, 1, 1, 1})).mistakes(), (Numbers{1, 3, 0}));
}

TEST(Judgement, TargetsMayBeOneHotOrAColumn) {
  EXPECT_EQ(class_numbers(Tensor::from({0.f, 1.f, 1.f, 0.f}, {2, 2})), (Numbers{1, 0}));
  EXPECT_EQ(class_numbers(Tensor::from({3, 4}, {2, 1})), (Numbers{3, 4}));
  EXPECT_EQ(class_numbers(Tensor::from(std::vector<uint8_t>{200, 1})), (Numbers{200, 1}));
}

TEST(Judgement, SaysWhatDoesNotGoTogether) {
  const Tensor outputs = Tensor::from({0.1f, 0.9f, 0.8f, 0.2f}, {2, 2});
  EXPECT_THROW(judge(outputs, integers({0})), InvalidArgument);
  EXPECT_THROW(judge(outputs, integers({0, 2})), InvalidArgument);
  EXPECT_THROW(judge(outputs, integers({0, -1})), InvalidArgument);
  EXPECT_THROW(judge(zeros({2, 2, 2})), InvalidArgument);
  EXPECT_THROW(class_numbers(zeros({2, 2, 2})), InvalidArgument);
}

TEST(Confusion, CountsAreGrouped) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(10000), "10,000");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(count_text(-100000), "-100,000");
}

TEST(Confusion, CanBeDrawnForAnyNumberOfClasses) {
  for (const int64_t classes : {2, 10, 120}) {
    Tensor outputs = zeros({classes, classes});
    std::vector<int32_t> truth;
    for (int64_t c = 0; c < classes; ++c) {
      outputs.mutable_data<float>()[c * classes + (c * 7) % classes] = 1;
      truth.push_back(static_cast<int32_t>(c));
    }
    const Judgement judgement = judge(outputs, integers(truth));
    EXPECT_FALSE(
        confusion_matrix(judgement, {.class_names = {"one with a rather long name", "b"}}).encode("png").empty());
    Picture picture(300, 200);
    draw_common_mistakes(picture, {10, 10, 280, 180}, judgement);
    EXPECT_FALSE(picture.encode("png").empty());
  }
}

}  // namespace
}  // namespace hebb::viz
