/// What callbacks do with a training: more in trainer_test.cpp, and beside Keras in tests/callbacks_golden_test.cpp.
#include "hebb/nn/callbacks/callbacks.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"

namespace hebb {
namespace {

const Tensor x = random::normal({30, 4}, {.seed = 1});
const Tensor labels = cast(random::uniform({30}, {.low = 0, .high = 3, .seed = 2}), DType::int32);
const Tensor numbers = random::normal({30, 2}, {.seed = 3});

Model classifier() {
  set_random_seed(1);
  Sequential model({Input({4}), Dense(3, {.activation = "softmax"})});
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

/// As Keras, which validates the epoch that a callback ended in its middle.
TEST(Callbacks, ValidatesTheEpochThatEndsWithoutANumber) {
  set_console([](std::string_view) {});
  Sequential model({Input({4}), Dense(2)});
  model.compile({.optimizer = SGD({.learning_rate = 1e30}), .loss = "mse"});
  const History history = model.fit(x, numbers,
                                    {.batch_size = 5,
                                     .epochs = 3,
                                     .verbose = 0,
                                     .callbacks = {TerminateOnNaN()},
                                     .validation_data = data::Dataset(x, numbers)});
  set_console({});
  EXPECT_EQ(history["val_loss"].size(), 1u);
}

/// As Keras: what callbacks add stands behind the rest, in their order; a table's columns are sorted.
TEST(Callbacks, PutsTheNumbersOfCallbacksLast) {
  const Callback adds = LambdaCallback({.on_epoch_end = [](int64_t, Logs& logs) {
    logs.set("b", 1);
    logs.set("a", 2);
  }});
  const std::string table = testing::TempDir() + "numbers_of_callbacks.csv";
  const History history = classifier().fit(
      x, labels, {.verbose = 0, .callbacks = {adds, ReduceLROnPlateau({.monitor = "loss"}), CSVLogger(table)}});
  std::vector<std::string> names;
  for (const auto& [name, values] : history) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"accuracy", "loss", "b", "a", "learning_rate"}));
  std::ifstream file(table);
  std::string header;
  std::getline(file, header);
  EXPECT_TRUE(header.starts_with("epoch,a,accuracy,b,learning_rate,loss,val_a,")) << header;
}

TEST(Callbacks, SaysWhereAnEpochIsShorterThanAskedFor) {
  std::string printed;
  set_console([&](std::string_view text) { printed += text; });
  FitOptions options = {.batch_size = 5, .epochs = 2, .verbose = 0};
  options.steps_per_epoch = 100;
  classifier().fit(x, labels, options);
  set_console({});
  EXPECT_EQ(printed.find("\nWarning: steps_per_epoch: the data has "), 0u) << printed;
}

/// Keras warns and trains on.
TEST(Callbacks, GoesOnWhereAMonitoredNumberIsMissingInSomeEpochs) {
  const std::string path = testing::TempDir() + "of_some_epochs.keras";
  const Callback adds = LambdaCallback({.on_epoch_end = [](int64_t epoch, Logs& logs) {
    if (epoch % 2 == 0) logs.set("f1", 0.1 * static_cast<double>(epoch));
  }});
  const std::map<std::string, Callback> callbacks = {
      {"\nWarning: Early stopping conditioned on metric `f1` which is not available. Available metrics are: "
       "accuracy,loss\n",
       EarlyStopping({.monitor = "f1", .patience = 5, .mode = "max"})},
      {"\nWarning: Can save best model only with f1 available.\n",
       ModelCheckpoint(path, {.monitor = "f1", .save_best_only = true, .mode = "max"})},
      {"\nWarning: Learning rate reduction is conditioned on metric `f1` which is not available. Available metrics "
       "are: accuracy,loss,learning_rate.\n",
       ReduceLROnPlateau({.monitor = "f1", .mode = "max"})}};
  for (const auto& [text, callback] : callbacks) {
    std::string printed;
    set_console([&](std::string_view part) { printed += part; });
    const History history = classifier().fit(x, labels, {.epochs = 6, .verbose = 0, .callbacks = {adds, callback}});
    set_console({});
    EXPECT_EQ(history.epochs().size(), 6u);
    EXPECT_EQ(history["f1"].size(), 3u);
    EXPECT_EQ(printed, text);
  }
}

/// Of three epochs the second alone is validated: its model stays.
TEST(ModelCheckpoint, KeepsTheBestWhereAnEpochIsNotValidated) {
  const std::string best = testing::TempDir() + "best.keras", every = testing::TempDir() + "every.keras";
  std::string printed;
  set_console([&](std::string_view part) { printed += part; });
  Model model = classifier();
  std::vector<float> of_second;
  const Callback keep = LambdaCallback({.on_epoch_end = [&](int64_t epoch, Logs&) {
    if (epoch == 1) of_second = model.weights()[0].to_vector<float>();
  }});
  model.fit(x, labels,
            {.epochs = 3,
             .verbose = 0,
             .callbacks = {keep, ModelCheckpoint(best, {.save_best_only = true})},
             .validation_data = data::Dataset(x, labels),
             .validation_freq = 2});
  EXPECT_EQ(load_model(best).weights()[0].to_vector<float>(), of_second);
  EXPECT_EQ(printed, "");
  // After a batch there never is one: it is saved, as by Keras, and said.
  model.fit(x, labels,
            {.epochs = 1,
             .verbose = 0,
             .callbacks = {ModelCheckpoint(every, {.save_best_only = true, .save_freq = "1"})},
             .validation_data = data::Dataset(x, labels)});
  set_console({});
  EXPECT_EQ(load_model(every).weights()[0].to_vector<float>(), model.weights()[0].to_vector<float>());
  EXPECT_EQ(printed, "\nWarning: Can save best model only with val_loss available.\n");
}

TEST(ModelCheckpoint, TakesPythonsFormatsAndChecksThemBeforeTraining) {
  const std::string folder = testing::TempDir() + "checkpoint_formats";
  std::filesystem::remove_all(folder);
  classifier().fit(x, labels,
                   {.epochs = 1,
                    .verbose = 0,
                    .callbacks = {ModelCheckpoint(folder + "/{{b}}-{epoch:_>4}-{epoch:x}{loss!r:.0}.keras")}});
  EXPECT_TRUE(std::filesystem::exists(folder + "/{b}-___1-1.keras"));
  for (const char* wrong : {"m-{epoch:q}.keras", "m-{loss:d}.keras", "m-{.keras", "m-}.keras", "m-{}.keras"})
    EXPECT_THROW(ModelCheckpoint(wrong), InvalidArgument) << wrong;
}

}  // namespace
}  // namespace hebb
