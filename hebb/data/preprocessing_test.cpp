#include "hebb/data/preprocessing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "hebb/base/error.h"

namespace hebb::data {
namespace {

Tensor integers(std::vector<int32_t> values) { return Tensor::from(values); }

TEST(TrainTestSplit, DividesEveryExampleOnce) {
  const Tensor x =
      Tensor::from(std::vector<float>{0, 0, 1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60, 7, 70, 8, 80, 9, 90}, {10, 2});
  const auto split = train_test_split(x, arange(10, DType::int32), {.test_size = 0.25, .seed = 42});
  EXPECT_EQ(split.x_train.shape(), (Shape{7, 2}));  // the test part is rounded up
  EXPECT_EQ(split.x_test.shape(), (Shape{3, 2}));
  std::set<int32_t> seen;
  for (const auto& [part_x, part_y] :
       {std::pair{split.x_train, split.y_train}, std::pair{split.x_test, split.y_test}}) {
    for (int64_t i = 0; i < part_y.size(); ++i) {
      const int32_t label = part_y.data<int32_t>()[i];
      EXPECT_TRUE(seen.insert(label).second);
      EXPECT_EQ(part_x.data<float>()[2 * i], static_cast<float>(label));
      EXPECT_EQ(part_x.data<float>()[2 * i + 1], static_cast<float>(10 * label));
    }
  }
  EXPECT_EQ(seen.size(), 10u);
}

TEST(TrainTestSplit, CountsAreScikitLearns) {
  const Tensor x = arange(30);
  auto tests = [&](double size) { return train_test_split(x, x, {.test_size = size}).x_test.size(); };
  EXPECT_EQ(tests(0.1), 3);
  EXPECT_EQ(tests(0.25), 8);
  EXPECT_EQ(tests(0.33), 10);
  EXPECT_EQ(tests(5), 5);
}

TEST(TrainTestSplit, WithoutShuffleTheLastExamplesAreTheTest) {
  const Tensor x = arange(5);
  const auto split = train_test_split(x, x, {.test_size = 2, .shuffle = false});
  EXPECT_EQ(split.x_train.to_vector<int>(), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(split.y_test.to_vector<int>(), (std::vector<int>{3, 4}));
}

TEST(TrainTestSplit, TheSeedDecides) {
  const Tensor x = arange(100);
  auto test = [&](int64_t seed) { return train_test_split(x, x, {.seed = seed}).x_test.to_vector<float>(); };
  EXPECT_EQ(test(1), test(1));
  EXPECT_NE(test(1), test(2));
}

// The counts that sklearn.model_selection.train_test_split(test_size=0.25, stratify=y) gives.
TEST(TrainTestSplit, StratifyKeepsTheShares) {
  std::vector<int32_t> labels;
  for (const auto& [label, count] : {std::pair{0, 50}, {1, 30}, {2, 20}, {3, 3}})
    labels.insert(labels.end(), static_cast<size_t>(count), label);
  const auto split = train_test_split(arange(103), integers(labels), {.test_size = 0.25, .seed = 1, .stratify = true});
  auto count = [](const Tensor& y, int32_t label) {
    const auto values = y.to_vector<int32_t>();
    return std::count(values.begin(), values.end(), label);
  };
  const int64_t train[] = {37, 23, 15, 2}, test[] = {13, 7, 5, 1};
  for (int32_t label = 0; label < 4; ++label) {
    EXPECT_EQ(count(split.y_train, label), train[label]);
    EXPECT_EQ(count(split.y_test, label), test[label]);
  }
  const auto mixed = split.y_train.to_vector<int32_t>();
  EXPECT_FALSE(std::is_sorted(mixed.begin(), mixed.end()));
  const auto of_dataset =
      train_test_split(Dataset(arange(103), integers(labels)), {.test_size = 0.25, .seed = 1, .stratify = true});
  EXPECT_EQ(of_dataset.test.x().to_vector<float>(), split.x_test.to_vector<float>());
}

TEST(TrainTestSplit, RefusesWhatCannotBeSplit) {
  const Tensor x = arange(4);
  EXPECT_THROW(train_test_split(x, arange(3)), InvalidArgument);
  EXPECT_THROW(train_test_split(x, x, {.test_size = 0}), InvalidArgument);
  EXPECT_THROW(train_test_split(x, x, {.test_size = 4}), InvalidArgument);
  EXPECT_THROW(train_test_split(x, x, {.test_size = 1.5}), InvalidArgument);
  EXPECT_THROW(train_test_split(x, x, {.test_size = -0.1}), InvalidArgument);
  EXPECT_THROW(train_test_split(x, integers({0, 0, 0, 1}), {.test_size = 2, .stratify = true}), InvalidArgument);
  EXPECT_THROW(train_test_split(x, integers({0, 0, 1, 1}), {.test_size = 1, .stratify = true}), InvalidArgument);
  EXPECT_THROW(train_test_split(x, integers({0, 0, 1, 1}), {.test_size = 2, .shuffle = false, .stratify = true}),
               InvalidArgument);
}

// Each expectation is what keras.utils.to_categorical gives.
TEST(ToCategorical, IsKeras) {
  auto rows = [](const Tensor& t) { return t.to_vector<int>(); };
  EXPECT_EQ(rows(to_categorical(integers({0, 2, 1}))), (std::vector<int>{1, 0, 0, 0, 0, 1, 0, 1, 0}));
  EXPECT_EQ(to_categorical(integers({0, 2})).spec(), (Spec{{2, 3}, DType::float32}));
  EXPECT_EQ(rows(to_categorical(integers({0, -1, 2}))), (std::vector<int>{1, 0, 0, 0, 0, 1, 0, 0, 1}));  // wraps around
  EXPECT_EQ(rows(to_categorical(integers({0, 1, -3}), 3)), (std::vector<int>{1, 0, 0, 0, 1, 0, 1, 0, 0}));
  EXPECT_EQ(rows(to_categorical(Tensor{1.9f, -0.5f})), (std::vector<int>{0, 1, 1, 0}));
  EXPECT_EQ(to_categorical(Tensor::from({1, 2}, {2, 1})).shape(), (Shape{2, 3}));
  EXPECT_EQ(to_categorical(Tensor::from({1, 2}, {1, 2})).shape(), (Shape{1, 2, 3}));
  EXPECT_EQ(to_categorical(Tensor::from({1, 0}, {2, 1, 1})).shape(), (Shape{2, 1, 2}));
  EXPECT_EQ(rows(to_categorical(Tensor::scalar(2, DType::int64), 4)), (std::vector<int>{0, 0, 1, 0}));
  EXPECT_EQ(to_categorical(integers({}), 3).shape(), (Shape{0, 3}));
}

TEST(ToCategorical, RefusesWhatKerasRefuses) {
  EXPECT_THROW(to_categorical(integers({0, 1, -4}), 3), InvalidArgument);
  EXPECT_THROW(to_categorical(integers({3}), 3), InvalidArgument);
  EXPECT_THROW(to_categorical(integers({-1})), InvalidArgument);
  EXPECT_THROW(to_categorical(integers({})), InvalidArgument);
  EXPECT_THROW(to_categorical(integers({1}), -2), InvalidArgument);
}

// Numbers by scikit-learn's StandardScaler.
TEST(StandardScaler, IsScikitLearns) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = Tensor::from({1, 2, 3, 4, 2, nan, 7, 2, 5}, {3, 3});
  StandardScaler scaler;
  const Tensor z = scaler.fit_transform(x);
  EXPECT_EQ(scaler.mean().to_vector<double>(), (std::vector<double>{4, 2, 4}));
  EXPECT_EQ(scaler.variance().to_vector<double>(), (std::vector<double>{6, 0, 1}));
  EXPECT_EQ(scaler.scale().to_vector<double>(), (std::vector<double>{2.449489742783178, 1, 1}));  // a constant has 1
  const float expected[] = {-1.2247449f, 0, -1, 0, 0, nan, 1.2247449f, 0, 1};
  for (int i = 0; i < 9; ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(z.data<float>()[i]));
    } else {
      EXPECT_FLOAT_EQ(z.data<float>()[i], expected[i]) << i;
    }
  }
  const Tensor back = scaler.inverse_transform(z);
  for (const int i : {0, 1, 2, 3, 4, 6, 7, 8}) EXPECT_NEAR(back.data<float>()[i], x.data<float>()[i], 1e-6);
}

TEST(StandardScaler, OptionsLeaveOutAHalf) {
  const Tensor x = Tensor::from({1, 3}, {2, 1});
  EXPECT_EQ(StandardScaler({.with_mean = false}).fit_transform(x).to_vector<float>(), (std::vector<float>{1, 3}));
  EXPECT_EQ(StandardScaler({.with_std = false}).fit_transform(x).to_vector<float>(), (std::vector<float>{-1, 1}));
}

TEST(StandardScaler, TypesAndShapes) {
  const Tensor images = Tensor::from(std::vector<uint8_t>{0, 10, 255, 20}, {2, 2, 1, 1});
  StandardScaler scaler;
  const Tensor z = scaler.fit_transform(images);
  EXPECT_EQ(z.spec(), (Spec{{2, 2, 1, 1}, DType::float32}));
  EXPECT_EQ(z.to_vector<float>(), (std::vector<float>{-1, -1, 1, 1}));
  EXPECT_EQ(scaler.mean().spec(), (Spec{{2, 1, 1}, DType::float64}));
  EXPECT_EQ(StandardScaler().fit_transform(Tensor::from(std::vector<double>{1, 2}, {2, 1})).dtype(), DType::float64);
}

TEST(StandardScaler, ALargeMeanCostsNoDigits) {
  std::vector<float> values;
  for (int i = 0; i < 1000; ++i) values.push_back(1e6f + static_cast<float>(i % 2));
  StandardScaler scaler;
  scaler.fit(Tensor::from(values, {1000, 1}));
  EXPECT_EQ(scaler.mean().item(), 1e6 + 0.5);
  EXPECT_EQ(scaler.variance().item(), 0.25);
  // A constant whose sums are not exact is still a constant.
  scaler.fit(full({1000, 1}, 0.1));
  EXPECT_EQ(scaler.scale().item(), 1);
}

TEST(StandardScaler, SaysWhatIsWrong) {
  StandardScaler scaler;
  EXPECT_THROW(scaler.transform(zeros({2, 3})), InvalidArgument);
  EXPECT_THROW(scaler.fit(zeros({0, 3})), InvalidArgument);
  scaler.fit(zeros({2, 3}));
  EXPECT_THROW(scaler.transform(zeros({2, 4})), InvalidArgument);
}

}  // namespace
}  // namespace hebb::data
