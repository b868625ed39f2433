#include "hebb/nn/resume.h"

#include <gtest/gtest.h>

#include <limits>

#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

TEST(Resume, KnowsEpochAndStep) {
  const TrainingPosition start = position_after(0, 100, 32);
  EXPECT_EQ(start.epoch, 0);
  EXPECT_EQ(start.step, 0);
  // 100 examples are four steps, the last of 4 examples.
  EXPECT_EQ(steps_in_epoch(100, 32), 4);
  const TrainingPosition inside = position_after(11, 100, 32);
  EXPECT_EQ(inside.epoch, 2);
  EXPECT_EQ(inside.step, 3);
  const TrainingPosition edge = position_after(12, 100, 32);
  EXPECT_EQ(edge.epoch, 3);
  EXPECT_EQ(edge.step, 0);
  EXPECT_EQ(steps_in_epoch(96, 32), 3);
  EXPECT_EQ(steps_in_epoch(5, std::numeric_limits<int64_t>::max()), 1);
  EXPECT_EQ(position_after(7, 0, 32).epoch, 0);
}

TEST(Resume, KnowsEpochsOfSomeSteps) {
  // A pass of 7 steps: epochs of 3, 3 and 1.
  const Passes passes(7, 3);
  for (const int64_t epoch : {0, 1, 3, 4}) EXPECT_EQ(passes.steps(epoch), 3);
  for (const int64_t epoch : {2, 5}) EXPECT_EQ(passes.steps(epoch), 1);
  EXPECT_EQ(passes.first_step(4), 3);
  EXPECT_EQ(passes.pass(4), 1);
  EXPECT_EQ(Passes(7, 100).steps(1), 7);
  EXPECT_EQ(Passes(7, std::nullopt).first_step(3), 0);
  const TrainingPosition at = position_after(7 + 5, 70, 10, 3);
  EXPECT_EQ(at.epoch, 4);
  EXPECT_EQ(at.step, 2);
  EXPECT_THROW(Passes(7, 0), InvalidArgument);
}

TEST(Resume, EpochsOfSomeStepsGoOnBitByBit) {
  const Tensor x = full({23, 2}, 0.5) * reshape(arange(23, DType::float32), {23, 1}), y = full({23, 1}, 1);
  const auto make = [] {
    Sequential model({Input({2}), Dense(1, {.kernel_initializer = "ones"})});
    model.compile({.optimizer = "adam", .loss = "mse"});
    return model;
  };
  const FitOptions whole = {.batch_size = 5, .epochs = 5, .verbose = 0, .steps_per_epoch = 2, .seed = 1};
  Model expected = make();
  expected.fit(x, y, whole);
  for (const int64_t epochs : {1, 2, 3, 4}) {
    Model model = make();
    FitOptions part = whole;
    part.epochs = epochs;
    model.fit(x, y, part);
    const TrainingPosition at = position_after(steps_done(model), 23, 5, 2);
    EXPECT_EQ(at.epoch, epochs);
    part.epochs = whole.epochs;
    part.initial_epoch = at.epoch;
    part.initial_step = at.step;
    model.fit(x, y, part);
    EXPECT_EQ(model.get_weights()[0].to_vector<float>(), expected.get_weights()[0].to_vector<float>()) << epochs;
  }
}

TEST(Resume, CountsTheExamplesThatAreLeftToTrainWith) {
  EXPECT_EQ(training_examples(1000, 0), 1000);
  EXPECT_EQ(training_examples(1000, 0.2), 800);
  EXPECT_EQ(training_examples(7, 0.5), 3);
  EXPECT_THROW(training_examples(7, 1), InvalidArgument);
  EXPECT_THROW(training_examples(7, -0.1), InvalidArgument);
  EXPECT_THROW(steps_in_epoch(7, 0), InvalidArgument);
}

/// The arithmetic is fit's own: what was trained for some steps goes on where it was.
TEST(Resume, AgreesWithFit) {
  struct StopAfter : CallbackBase {
    int64_t left = 0;
    void on_train_batch_end(int64_t, const BatchLogs&) override {
      if (--left == 0) stop_training();
    }
  };
  const Tensor x = full({23, 2}, 0.5), y = full({23, 1}, 1);
  for (const double split : {0.0, 0.3}) {
    for (const int64_t steps : {1, 4, 6}) {
      Sequential model({Input({2}), Dense(1)});
      model.compile({.optimizer = "sgd", .loss = "mse"});
      EXPECT_EQ(steps_done(model), 0);
      const auto stop = std::make_shared<StopAfter>();
      stop->left = steps;
      const History history = model.fit(
          x, y,
          {.batch_size = 5, .epochs = 10, .verbose = 0, .callbacks = {stop}, .validation_split = split, .seed = 1});
      EXPECT_EQ(steps_done(model), steps);
      const TrainingPosition at = position_after(steps, training_examples(23, split), 5);
      // An epoch that was stopped in its last step is complete.
      EXPECT_EQ(history.epochs().back() + (at.step == 0 ? 1 : 0), at.epoch) << split << ' ' << steps;
    }
  }
}

}  // namespace
}  // namespace hebb
