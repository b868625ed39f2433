#include "hebb/data/k_fold.h"

#include <gtest/gtest.h>

#include <set>

#include "hebb/base/error.h"

namespace hebb::data {
namespace {

using Numbers = std::vector<int64_t>;

std::vector<Numbers> tests_of(const std::vector<Fold>& folds) {
  std::vector<Numbers> out;
  for (const Fold& fold : folds) out.push_back(fold.test);
  return out;
}

// The folds of sklearn.model_selection.KFold(4) and StratifiedKFold, 1.7.
TEST(KFold, AreScikitLearns) {
  EXPECT_EQ(tests_of(k_fold(11, {.folds = 4})), (std::vector<Numbers>{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {9, 10}}));
  const Tensor y = Tensor::from(std::vector<int64_t>{2, 0, 0, 1, 2, 2, 0, 1, 0, 2, 0});
  EXPECT_EQ(tests_of(k_fold(y, {.folds = 2, .stratify = true})),
            (std::vector<Numbers>{{0, 1, 2, 3, 4, 6}, {5, 7, 8, 9, 10}}));
  const Tensor two = Tensor::from(std::vector<int64_t>{2, 0, 0, 2, 2, 0, 0, 2, 0}, {9, 1});
  EXPECT_EQ(tests_of(k_fold(two, {.folds = 3, .stratify = true})),
            (std::vector<Numbers>{{0, 1, 3}, {2, 4, 5}, {6, 7, 8}}));
}

TEST(KFold, EveryExampleIsTestedOnce) {
  for (const bool stratify : {false, true}) {
    Numbers labels;
    for (int64_t i = 0; i < 53; ++i) labels.push_back(i % 3);
    const Tensor y = Tensor::from(labels);
    const KFoldOptions options{.folds = 5, .shuffle = true, .seed = 7, .stratify = stratify};
    std::set<int64_t> tested;
    for (const Fold& fold : k_fold(y, options)) {
      EXPECT_EQ(fold.train.size() + fold.test.size(), 53u);
      EXPECT_TRUE(fold.test.size() == 10 || fold.test.size() == 11);
      const std::set<int64_t> train(fold.train.begin(), fold.train.end());
      int64_t of_class[3] = {};
      for (const int64_t i : fold.test) {
        EXPECT_TRUE(tested.insert(i).second);
        EXPECT_FALSE(train.contains(i));
        ++of_class[labels[static_cast<size_t>(i)]];
      }
      for (const int64_t count : of_class) {
        EXPECT_TRUE(!stratify || count == 3 || count == 4);
      }
    }
    EXPECT_EQ(tested.size(), 53u);
    EXPECT_EQ(tests_of(k_fold(y, options)), tests_of(k_fold(y, options)));
    KFoldOptions other = options;
    other.seed = 8;
    EXPECT_NE(tests_of(k_fold(y, options)), tests_of(k_fold(y, other)));
  }
}

TEST(KFold, OfADataSet) {
  const Dataset data(arange(10), arange(10, DType::int32));
  const std::vector<TrainTest> folds = k_fold(data, {.folds = 5});
  ASSERT_EQ(folds.size(), 5u);
  EXPECT_EQ(folds[1].test.y().to_vector<int>(), (std::vector<int>{2, 3}));
  EXPECT_EQ(folds[1].train.x().to_vector<float>(), (std::vector<float>{0, 1, 4, 5, 6, 7, 8, 9}));
}

TEST(KFold, WhatIsRefused) {
  EXPECT_THROW(k_fold(10, {.folds = 1}), InvalidArgument);
  EXPECT_THROW(k_fold(3, {.folds = 4}), InvalidArgument);
  EXPECT_THROW(k_fold(10, {.stratify = true}), InvalidArgument);
  EXPECT_THROW(k_fold(arange(10), {.folds = 5, .stratify = true}), InvalidArgument);  // ten classes of one example
  EXPECT_THROW(k_fold(zeros({10, 2}), {.folds = 5, .stratify = true}), InvalidArgument);
}

}  // namespace
}  // namespace hebb::data
