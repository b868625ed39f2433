#include "hebb/nn/optimizers/whole_set.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/threads.h"
#include "hebb/data/synthetic.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/line_search.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

/// Rosenbrock's valley (1960): the classic test of minimisation, its minimum 0 at (1, 1).
class Rosenbrock : public Objective {
 public:
  int64_t size() const override { return 2; }
  std::vector<double> weights() const override { return weights_; }
  double evaluate(std::vector<double>& w, std::vector<double>& g) override {
    weights_ = w;
    ++evaluations;
    const double x = w[0], y = w[1];
    g = {-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)};
    return 100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x);
  }
  // With the residuals 10 (y - x^2) and 1 - x, whose squares are summed: 2 J'J.
  std::vector<double> curvature() override {
    const double x = weights_[0];
    return {2 * (400 * x * x + 1), 2 * (-200 * x), 2 * (-200 * x), 2 * 100.0};
  }
  std::vector<double> curvature_times(const std::vector<double>& v) override {
    const std::vector<double> h = curvature();
    return {h[0] * v[0] + h[1] * v[1], h[2] * v[0] + h[3] * v[1]};
  }
  void require_least_squares() const override {}

  int64_t evaluations = 0;

 private:
  std::vector<double> weights_ = {-1.2, 1};
};

struct Minimised {
  std::vector<double> at;
  int64_t iterations = 0, evaluations = 0;
};

Minimised minimise(const Optimizer& optimizer) {
  Rosenbrock valley;
  auto* whole = dynamic_cast<WholeSetOptimizer*>(optimizer.operator->());
  whole->begin(valley);
  Minimised out;
  for (bool goes_on = true; goes_on && out.iterations < 500; ++out.iterations) goes_on = whole->iterate(valley);
  out.at = valley.weights();
  out.evaluations = valley.evaluations;
  return out;
}

// SciPy 1.17 from (-1.2, 1): CG 78 evaluations of the gradient, L-BFGS-B 44, least_squares(method="lm", with the
// Jacobian) 21.
TEST(WholeSet, FindsRosenbrocksMinimumInAsManyEvaluationsAsSciPy) {
  const auto check = [](const Optimizer& optimizer, int64_t most) {
    const Minimised found = minimise(optimizer);
    EXPECT_NEAR(found.at[0], 1, 1e-4) << optimizer->class_name();
    EXPECT_NEAR(found.at[1], 1, 2e-4) << optimizer->class_name();
    EXPECT_LE(found.evaluations, most) << optimizer->class_name();
    RecordProperty(optimizer->class_name(), static_cast<int>(found.evaluations));
  };
  check(ConjugateGradient(), 100);
  check(ConjugateGradient({.formula = "fletcher_reeves"}), 300);
  check(LBFGS(), 55);
  check(LevenbergMarquardt(), 40);
  check(LevenbergMarquardt({.explicit_weights = 0, .cg_tolerance = 1e-8}), 80);
}

Sequential small_net(DType dtype = DType::float64) {
  set_random_seed(3);
  return Sequential(
      {Input({1}, {.dtype = dtype}), Dense(6, {.activation = "tanh", .dtype = dtype}), Dense(1, {.dtype = dtype})});
}

struct Points {
  Tensor x, y;
};
Points sine(int64_t count, DType dtype = DType::float64) {
  const Tensor x = (cast(arange(count), DType::float64) / static_cast<double>(count) * 6.0) - 3.0;
  return {cast(reshape(x, {count, 1}), dtype), cast(reshape(sin(x), {count, 1}), dtype)};
}

TEST(WholeSet, FitsANetInEpochsThatAreIterations) {
  const Points points = sine(60);
  for (const Optimizer& optimizer :
       {LBFGS(), ConjugateGradient(), LevenbergMarquardt(), LevenbergMarquardt({.explicit_weights = 0})}) {
    Sequential model = small_net();
    model.compile({.optimizer = optimizer, .loss = "mse", .metrics = {"mse"}});
    const double before = model.evaluate(points.x, points.y)["loss"];
    const History history = model.fit(points.x, points.y, {.epochs = 60, .verbose = 0});
    const std::vector<double>& losses = history["loss"];
    EXPECT_LT(losses.back(), before / 50) << optimizer->class_name();
    for (size_t i = 1; i < losses.size(); ++i) EXPECT_LE(losses[i], losses[i - 1]) << optimizer->class_name();
    // The numbers of an epoch are those of its weights.
    EXPECT_NEAR(model.evaluate(points.x, points.y)["loss"], losses.back(), 1e-6 + 1e-5 * losses.back());
    EXPECT_NEAR(history["mse"].back(), losses.back(), 1e-6 + 1e-5 * losses.back());
    EXPECT_GE(history["evaluations"].back(), static_cast<double>(losses.size()));
  }
}

TEST(WholeSet, TheBatchSizeIsOnlyMemory) {
  const Points points = sine(3000);
  const auto losses = [&](int64_t batch_size) {
    Sequential model = small_net();
    model.compile({.optimizer = "lbfgs", .loss = "mse"});
    return model.fit(points.x, points.y, {.batch_size = batch_size, .epochs = 5, .verbose = 0})["loss"];
  };
  const std::vector<double> chunks = losses(32), whole = losses(3000);
  ASSERT_EQ(chunks.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(chunks[i], whole[i], 1e-6);
}

TEST(WholeSet, RegularisersWeightsCallbacksAndValidation) {
  const Points points = sine(40, DType::float32);
  Sequential model({Input({1}), Dense(5, {.activation = "tanh", .kernel_regularizer = L2(0.1)}), Dense(1)});
  model.compile({.optimizer = LBFGS({.history = 4}), .loss = "mse"});
  const History history =
      model.fit(points.x, points.y,
                {.epochs = 500, .verbose = 0, .callbacks = {EarlyStopping({.patience = 3})}, .validation_split = 0.2});
  EXPECT_LT(history.epochs().size(), 500u);
  EXPECT_TRUE(history.find("val_loss"));
  // At the end of a long training the gradient of the whole loss, penalty included, is zero.
  const double loss = history["loss"].back();
  EXPECT_GT(loss, 0.01);
}

TEST(WholeSet, SameBitsAtAnyNumberOfThreads) {
  const Points points = sine(2000, DType::float32);
  const int before = threads();
  std::vector<float> first;
  for (const int count : {1, 2, 4}) {
    set_threads(count);
    Sequential model = small_net(DType::float32);
    model.compile({.optimizer = "lbfgs", .loss = "mse"});
    model.fit(points.x, points.y, {.epochs = 10, .verbose = 0});
    const std::vector<float> kernel = model.get_weights()[0].to_vector<float>();
    if (first.empty()) first = kernel;
    EXPECT_EQ(kernel, first);
  }
  set_threads(before);
}

TEST(WholeSet, WhatIsRefused) {
  const Points points = sine(20, DType::float32);
  const auto fit = [&](std::vector<Layer> layers, const Optimizer& optimizer, const char* loss = "mse") {
    Sequential model(layers);
    model.compile({.optimizer = optimizer, .loss = loss});
    model.fit(points.x, points.y, {.epochs = 2, .verbose = 0});
  };
  EXPECT_THROW(fit({Dense(4), Dropout(0.5), Dense(1)}, "lbfgs"), InvalidArgument);
  EXPECT_THROW(fit({Dense(4), BatchNormalization(), Dense(1)}, "lbfgs"), InvalidArgument);
  EXPECT_THROW(fit({Dense(1, {.activation = "sigmoid"})}, "levenberg_marquardt", "binary_crossentropy"),
               InvalidArgument);
  EXPECT_THROW(LBFGS({.history = 0}), InvalidArgument);
  EXPECT_THROW(ConjugateGradient({.formula = "dai_yuan"}), InvalidArgument);
  EXPECT_THROW(LevenbergMarquardt({.damping = 0}), InvalidArgument);
  EXPECT_THROW(Optimizer::from_config("lbfgs", Json::object({{"histroy", 3}})), InvalidArgument);
  Sequential model({Dense(1)});
  model.compile({.optimizer = "lbfgs", .loss = "mse"});
  EXPECT_THROW(model.train_on_batch(points.x, points.y), NotSupported);
  EXPECT_THROW(model.fit(points.x, points.y, {.verbose = 0, .steps_per_epoch = 1}), InvalidArgument);
}

}  // namespace
}  // namespace hebb
