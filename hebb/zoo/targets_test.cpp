#include "hebb/zoo/targets.h"

#include <gtest/gtest.h>

#include <limits>

#include "hebb/base/error.h"

namespace hebb::zoo {
namespace {

void expect_kind(const Tensor& targets, Head head, int64_t units, const Loss& loss = {}) {
  const TargetKind kind = kind_of_targets(targets, loss);
  EXPECT_EQ(static_cast<int>(kind.head), static_cast<int>(head)) << targets.to_string();
  EXPECT_EQ(kind.units, units) << targets.to_string();
}

Tensor integers(std::vector<int64_t> values) { return Tensor::from(values); }

TEST(Targets, AreToldByTheirNumbers) {
  expect_kind(integers({0, 2, 1}), Head::labels, 3);
  expect_kind(Tensor{0.f, 2.f, 1.f}, Head::labels, 3);
  expect_kind(Tensor::from({0.f, 1.f, 1.f}, {3, 1}), Head::labels, 2);
  expect_kind(integers({0, 0}), Head::labels, 2);  // a single class is no question
  expect_kind(Tensor{0.5f, 2.f, -1.f}, Head::numbers, 1);
  expect_kind(Tensor::from({0.f, 1.f, 1.f, 0.f}, {2, 2}), Head::one_hot, 2);
  expect_kind(Tensor::from({0.25f, 0.75f, 1.f, 0.f}, {2, 2}), Head::one_hot, 2);
  expect_kind(Tensor::from({1.f, 1.f, 1.f, 0.f}, {2, 2}), Head::flags, 2);
  expect_kind(Tensor::from({0.f, 7.f, 1.f, 0.f}, {2, 2}), Head::numbers, 2);
}

TEST(Targets, TheLossDecidesWhereThereIsOne) {
  expect_kind(integers({120000, 450000, 99000}), Head::numbers, 1, "mse");
  expect_kind(integers({-3, 4}), Head::numbers, 1, "mean_squared_error");
  expect_kind(integers({0, 1}), Head::flags, 1, "binary_crossentropy");
  expect_kind(Tensor::from({0.f, 1.f, 1.f, 0.f}, {2, 2}), Head::numbers, 2, "mse");
  expect_kind(Tensor::from({0.f, 1.f, 1.f, 0.f}, {2, 2}), Head::one_hot, 2, "categorical_crossentropy");
  expect_kind(integers({0, 4}), Head::labels, 5, "sparse_categorical_crossentropy");
}

void expect_refused(const Tensor& targets, const std::string& says, const Loss& loss = {}) {
  try {
    kind_of_targets(targets, loss);
    ADD_FAILURE() << targets.to_string();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
  }
}

TEST(Targets, ThatAreNoneAreRefused) {
  expect_refused(integers({0, int64_t{1} << 40}), "more classes than the 2 examples");
  expect_refused(integers({-1, 1}), "class numbers from 0 on, got -1");
  expect_refused(Tensor{0.f, std::numeric_limits<float>::quiet_NaN()}, "nan for example 1");
  expect_refused(Tensor{1.f, std::numeric_limits<float>::infinity()}, "inf for example 1");
  expect_refused(zeros({2, 3, 4}), "(n, k)");
  expect_refused(zeros({2, 0}), "at least one number");
  expect_refused(Tensor{0.5f}, "not whole", "sparse_categorical_crossentropy");
}

TEST(Targets, SuggestALoss) {
  const Shape ten = {Shape::unknown, 10}, one = {Shape::unknown, 1};
  EXPECT_EQ(suggested_loss(ten, integers({1, 2})), "sparse_categorical_crossentropy");
  EXPECT_EQ(suggested_loss(ten, Tensor{1.f, 2.f}), "sparse_categorical_crossentropy");
  EXPECT_EQ(suggested_loss({Shape::unknown, 2}, Tensor::from({0.f, 1.f, 1.f, 0.f}, {2, 2})),
            "categorical_crossentropy");
  EXPECT_EQ(suggested_loss({Shape::unknown, 2}, Tensor::from({1.f, 1.f, 1.f, 0.f}, {2, 2})), "binary_crossentropy");
  EXPECT_EQ(suggested_loss({Shape::unknown, 2}, Tensor::from({1.5f, 1.f, 1.f, 0.f}, {2, 2})), "mse");
  EXPECT_EQ(suggested_loss(one, integers({0, 1})), "binary_crossentropy");
  EXPECT_EQ(suggested_loss(one, integers({0, 7})), "mse");
  EXPECT_EQ(suggested_loss({Shape::unknown, 5, 10}, zeros({2, 5, 10})), "categorical_crossentropy");
}

}  // namespace
}  // namespace hebb::zoo
