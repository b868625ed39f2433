#include "hebb/classic/regression.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/classic/least_squares.h"
#include "hebb/data/data.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/ops/ops.h"

namespace hebb::classic {
namespace {

const Tensor x = random::normal({50, 3}, {.seed = 1});
const Tensor noise = random::normal({50}, {.seed = 2}) * 0.1;

TEST(LinearRegression, DescentComesToWhatTheNormalEquationSays) {
  const Tensor y = matmul(x, Tensor{1.f, -2.f, 0.5f}) + 3.0 + noise;
  LinearRegression stepped, solved;
  const DescentRun run = stepped.fit(x, y, {.learning_rate = 0.1, .epochs = 2000, .tolerance = 1e-9});
  EXPECT_TRUE(run.converged);
  const LeastSquares best = solved.solve(x, y);
  EXPECT_EQ(best.rank, 4);
  EXPECT_NEAR(run.errors.back(), best.error, 1e-9);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(stepped.weights().to_vector<float>()[i], solved.weights().to_vector<float>()[i], 1e-5);
  EXPECT_NEAR(solved.intercept().item(), 3, 0.1);
  // The normal equation itself: what is left is perpendicular to all columns.
  const Tensor rest = solved.predict(x) - y;
  for (const float value : matmul(transpose(x), reshape(rest, {50, 1})).to_vector<float>()) EXPECT_NEAR(value, 0, 1e-4);
}

TEST(LinearRegression, StepsAlongTheLibrarysGradient) {
  const Tensor y = random::normal({50, 2}, {.seed = 3});
  LinearRegression model;
  model.fit(x, y, {.learning_rate = 0.25, .epochs = 1});
  const Tensor w = variable(zeros({3, 2})), b = variable(zeros({2}));
  // E sums over outputs, and takes the mean over examples.
  const Tensors g = gradient(sum(square(matmul(x, w) + b - y)) / 50.0, {w, b});
  const std::vector<float> got = model.weights().to_vector<float>(), expected = (g[0] * -0.25).to_vector<float>();
  for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(got[i], expected[i], 1e-6);
  EXPECT_NEAR(model.intercept().to_vector<float>()[1], -0.25 * g[1].to_vector<double>()[1], 1e-6);
  EXPECT_EQ(model.predict(x).shape(), (Shape{50, 2}));
}

TEST(LinearRegression, DependentColumnsGetTheShortestWeights) {
  // The second column is twice the first: w1 + 2 w2 = 5 is all that can be known, and (1, 2) is the shortest.
  const Tensor doubled = Tensor::from({1, 2, 2, 4, -1, -2, 0, 0}, {4, 2});
  LinearRegression model;
  const LeastSquares best = model.solve(doubled, Tensor{5, 10, -5, 0});
  EXPECT_EQ(best.rank, 2);
  EXPECT_NEAR(model.weights().to_vector<float>()[0], 1, 1e-6);
  EXPECT_NEAR(model.weights().to_vector<float>()[1], 2, 1e-6);
  EXPECT_NEAR(model.intercept().item(), 0, 1e-6);
  EXPECT_NEAR(best.error, 0, 1e-20);
  // Fewer examples than weights.
  LinearRegression wide;
  EXPECT_EQ(wide.solve(Tensor::from({1, 2, 3}, {1, 3}), Tensor{15}).rank, 1);
  EXPECT_NEAR(wide.intercept().item(), 1, 1e-6);
  EXPECT_NEAR(wide.weights().to_vector<float>()[2], 3, 1e-6);
}

/// X'X would have the condition 1e16, and nothing would be left of the weights.
TEST(LeastSquares, StandsIllConditionedColumns) {
  const double h = 1e-8;
  const std::vector<double> a = {1, 1, h, 0, 0, h};
  const LeastSquaresSolution got = solve_least_squares(a, {2, h, h}, 2, 1);
  EXPECT_EQ(got.rank, 2);
  EXPECT_NEAR(got.w[0], 1, 1e-7);
  EXPECT_NEAR(got.w[1], 1, 1e-7);
  EXPECT_NEAR(got.condition, std::sqrt(2) / h, 0.01 / h);
  EXPECT_EQ(solve_least_squares({0, 0, 0, 0}, {1, 1}, 2, 1).rank, 0);
  EXPECT_EQ(solve_least_squares({0, 0, 0, 0}, {1, 1}, 2, 1).w, (std::vector<double>{0, 0}));
}

TEST(LinearRegression, SaysWhenItDiverges) {
  LinearRegression model;
  EXPECT_TRUE(model.fit(x, matmul(x, Tensor{1.f, 1.f, 1.f}), {.learning_rate = 10, .epochs = 5000}).diverged);
}

TEST(LogisticRegression, StepsAlongTheLibrarysGradient) {
  const Tensor two = cast(greater(slice(x, {0, 0}, {50, 1}), 0.2), DType::float32);
  const Tensor three =
      cast(greater(slice(x, {0, 1}, {50, 2}), 0.5), DType::int64) + cast(reshape(two, {50, 1}), DType::int64);
  for (const bool binary : {true, false}) {
    LogisticRegression model;
    const DescentRun run = model.fit(x, binary ? two : three, {.learning_rate = 1, .epochs = 1});
    const Tensor w = variable(zeros({3, binary ? 1 : 3}));
    const Tensor loss = binary ? mean(binary_crossentropy(two, sigmoid(matmul(x, w))))
                               : mean(sparse_categorical_crossentropy(three, softmax(matmul(x, w))));
    EXPECT_NEAR(run.errors.front(), loss.item(), 1e-5);
    const std::vector<float> got = model.weights().to_vector<float>(), g = gradient(loss, w).to_vector<float>();
    for (size_t i = 0; i < g.size(); ++i) EXPECT_NEAR(got[i], -g[i], 1e-6);
  }
}

TEST(LogisticRegression, LearnsTwoClassesAndMore) {
  for (const int64_t classes : {2, 3}) {
    const auto [points, labels] = data::blobs({.samples = 150, .centers = classes, .cluster_std = 1, .seed = 4});
    data::StandardScaler scaler;
    const Tensor scaled = scaler.fit_transform(points);
    LogisticRegression model;
    const DescentRun run = model.fit(scaled, labels, {.learning_rate = 1, .epochs = 500});
    EXPECT_LT(run.errors.back(), 0.3 * run.errors.front());
    for (size_t i = 1; i < run.errors.size(); ++i) EXPECT_LT(run.errors[i], run.errors[i - 1]);  // convex
    const auto found = model.classify(scaled).to_vector<int64_t>(), wanted = labels.to_vector<int64_t>();
    int right = 0;
    for (size_t i = 0; i < found.size(); ++i) right += found[i] == wanted[i];
    EXPECT_GE(right, 142);
    EXPECT_EQ(model.predict(scaled).rank(), classes == 2 ? 1 : 2);
  }
}

TEST(Regression, Refuses) {
  LinearRegression line;
  EXPECT_THROW(line.predict(x), InvalidArgument);
  EXPECT_THROW(line.fit(x, zeros({49})), InvalidArgument);
  line.fit(x, zeros({50}), {.epochs = 1});
  EXPECT_THROW(line.fit(zeros({50, 2}), zeros({50})), InvalidArgument);
  LogisticRegression classes;
  EXPECT_THROW(classes.fit(x, zeros({50})), InvalidArgument);  // one class
  EXPECT_THROW(classes.fit(x, zeros({50}) + 0.5), InvalidArgument);
  EXPECT_THROW(classes.fit(x, zeros({50}) + 3.0, {}, 3), InvalidArgument);
}

}  // namespace
}  // namespace hebb::classic
