#include "hebb/nn/search.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/data/synthetic.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/optimizers/optimizers.h"

namespace hebb::search {
namespace {

/// A score that only the setting decides.
Outcome valley(const Trial& trial) {
  const double x = trial.real("x"), y = trial.real("y");
  return {(x - 2) * (x - 2) + (y + 1) * (y + 1) + 1.0 / static_cast<double>(trial.epochs)};
}

std::string fresh(const std::string& name) {
  const std::string path = ::testing::TempDir() + "hebb_" + name;
  std::filesystem::remove(path);
  return path;
}

TEST(Search, TriesEveryCombination) {
  std::vector<int64_t> seen;
  const Result found =
      run({{"x", "1,2,3"}, {"y", "-1,0"}}, valley, {.workers = 1}, [&](const Row& row) { seen.push_back(row.number); });
  EXPECT_EQ(seen, (std::vector<int64_t>{0, 1, 2, 3, 4, 5}));
  ASSERT_EQ(found.rows.size(), 6u);
  EXPECT_EQ(found.rows[0].setting, (Setting{{"x", "2"}, {"y", "-1"}}));
  EXPECT_EQ(found.rows[0].score, 1);
  EXPECT_EQ(run({{"x", "1,2,3"}, {"y", "-1,0"}}, valley, {.maximize = true}).rows[0].setting,
            (Setting{{"x", "1"}, {"y", "0"}}));
  EXPECT_EQ(found.table_text().substr(0, 25), "score  x  y   epochs  sec");
  EXPECT_EQ(found.to_csv().substr(0, 26), "score,x,y,epochs,seconds\r\n");
  EXPECT_EQ(found.to_json().size(), 6u);
}

TEST(Search, DrawsFromListsAndRanges) {
  const std::vector<Parameter> parameters = {{"x", "1e-3..10"}, {"y", "-4..4"}, {"kind", "a,b"}};
  const auto search = [&](int64_t workers) {
    return run(parameters, valley, {.strategy = "random", .trials = 40, .seed = 5, .workers = workers}).rows;
  };
  const std::vector<Row> rows = search(1);
  ASSERT_EQ(rows.size(), 40u);
  int small = 0;
  for (const Row& row : rows) {
    const Trial trial{.setting = row.setting};
    EXPECT_GE(trial.real("x"), 1e-3);
    EXPECT_LE(trial.real("x"), 10);
    small += trial.real("x") < 0.1;
    EXPECT_GE(trial.integer("y"), -4);
    EXPECT_LE(trial.integer("y"), 4);
  }
  EXPECT_GT(small, 10);  // half of the decades
  EXPECT_LT(small, 30);
  const std::vector<Row> again = search(3);
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].setting, again[i].setting);
}

TEST(Search, HalvesAndGoesOnWithTheBest) {
  std::mutex mutex;
  std::map<int64_t, int> trainings;
  const Result found = run({{"x", "-5.0..5.0"}, {"y", "-5.0..5.0"}},
                           [&](const Trial& trial) {
                             const std::lock_guard lock(mutex);
                             ++trainings[trial.epochs];
                             return valley(trial);
                           },
                           {.strategy = "halving", .trials = 27, .epochs = 9, .factor = 3});
  EXPECT_EQ(trainings, (std::map<int64_t, int>{{1, 27}, {3, 9}, {9, 3}}));
  EXPECT_EQ(found.rows[0].epochs, 9);
  for (const Row& row : found.rows)
    EXPECT_GE(row.score - 1.0 / static_cast<double>(row.epochs) + 1e-12, found.rows[0].score - 1.0 / 9);
}

TEST(Search, GoesOnWhereItWasInterrupted) {
  const std::string path = fresh("search.json");
  std::atomic<int> trainings = 0;
  const auto counted = [&](const Trial& trial) {
    ++trainings;
    return valley(trial);
  };
  Options options{.workers = 1, .results = path, .about = "valley"};
  options.stop = [&] { return trainings == 2; };
  const std::vector<Parameter> parameters = {{"x", "1,2,3"}, {"y", "-1,0"}};
  const Result half = run(parameters, counted, options);
  EXPECT_FALSE(half.complete);
  EXPECT_EQ(half.rows.size(), 2u);
  options.stop = {};
  const Result whole = run(parameters, counted, options);
  EXPECT_EQ(trainings, 6);
  EXPECT_TRUE(whole.complete);
  EXPECT_EQ(whole.rows[0].setting, (Setting{{"x", "2"}, {"y", "-1"}}));
  options.about = "another";
  EXPECT_THROW(run(parameters, counted, options), IoError);
  std::ofstream(path) << "{";
  options.about = "valley";
  EXPECT_THROW(run(parameters, counted, options), IoError);
}

TEST(Search, TrainsTheSameNetsOnAnyNumberOfWorkers) {
  const auto [x, y] = data::moons({.samples = 200, .noise = 0.1, .seed = 1});
  const auto search = [&, x = x, y = y](int64_t workers) {
    const std::string best = fresh("best.keras");
    const auto train = [&](const Trial& trial) {
      Sequential model({Input({2}), Dense(trial.integer("units"), {.activation = trial.text("activation")}),
                        Dropout(0.1), Dense(2, {.activation = "softmax"})});
      model.compile(
          {.optimizer = SGD({.learning_rate = trial.real("rate")}), .loss = "sparse_categorical_crossentropy"});
      const History history = model.fit(x, y, {.epochs = trial.epochs, .verbose = 0, .validation_split = 0.25});
      return Outcome{history["val_loss"].back(), model};
    };
    const Result found = run({{"units", "3,8"}, {"activation", "tanh,relu"}, {"rate", "0.05,0.5"}}, train,
                             {.epochs = 4, .seed = 7, .workers = workers, .best = best});
    std::string text;
    for (const Row& row : found.rows) text += message(row.number, ":", number_text(row.score), " ");
    Model model = load_model(best);
    for (const Tensor& weight : model.weights()) text += weight.to_string();
    return text;
  };
  const std::string alone = search(1);
  EXPECT_EQ(search(2), alone);
  EXPECT_EQ(search(5), alone);
}

TEST(Search, WhatFailsIsARowAndWhatIsWrongIsRefused) {
  const Result found = run({{"x", "1,oops"}, {"y", "0"}}, valley, {.workers = 1});
  ASSERT_EQ(found.rows.size(), 2u);
  EXPECT_TRUE(std::isnan(found.rows[1].score));
  EXPECT_NE(found.rows[1].error.find("oops"), std::string::npos);
  EXPECT_THROW(run({{"x", "0..1"}}, valley), InvalidArgument);
  EXPECT_THROW(run({{"x", "1"}, {"x", "2"}}, valley), InvalidArgument);
  EXPECT_THROW(run({{"x", "1"}}, valley, {.strategy = "random"}), InvalidArgument);
  EXPECT_THROW(run({{"x", "1"}}, valley, {.strategy = "evolution"}), InvalidArgument);
  EXPECT_THROW(Parameter("x", "3..1"), InvalidArgument);
  EXPECT_THROW(Parameter("x", "1,,2"), InvalidArgument);
  EXPECT_THROW(run({{"x", "1"}, {"y", "0"}}, [](const Trial&) -> Outcome { throw IoError("disk"); }), IoError);
}

}  // namespace
}  // namespace hebb::search
