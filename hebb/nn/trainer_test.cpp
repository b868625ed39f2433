// fit, evaluate and predict, beyond what the goldens of Keras say.
#include "hebb/nn/trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;
Floats values(const Tensor& tensor) { return tensor.to_vector<float>(); }

const Tensor x = random::normal({30, 4}, {.seed = 1});
const Tensor labels = cast(random::uniform({30}, {.low = 0, .high = 3, .seed = 2}), DType::int32);
const Tensor numbers = random::normal({30, 2}, {.seed = 3});

Model classifier() {
  set_random_seed(1);
  Sequential model({Input({4}), Dense(8, {.activation = "relu", .name = "hidden"}),
                    Dense(3, {.activation = "softmax", .name = "out"})},
                   "net");
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

Model regression() {
  set_random_seed(1);
  Sequential model({Input({4}), Dense(2)}, "net");
  model.compile({.optimizer = "sgd", .loss = "mse"});
  return model;
}

/// The message of what is thrown has all parts.
template <class Body>
void expect_message(Body body, const std::vector<std::string>& parts) {
  try {
    body();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const InvalidArgument& error) {
    for (const std::string& part : parts) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << "'" << part << "' is missing in: " << error.what();
    }
  }
}

/// Writes down what fit calls.
struct Recorded : CallbackBase {
  void on_train_begin() override { calls.emplace_back("train_begin"); }
  void on_train_end() override { calls.emplace_back("train_end"); }
  void on_epoch_begin(int64_t epoch) override { calls.push_back("epoch_begin " + std::to_string(epoch)); }
  void on_epoch_end(int64_t epoch, Logs&) override { calls.push_back("epoch_end " + std::to_string(epoch)); }
  void on_train_batch_begin(int64_t batch) override { calls.push_back("batch_begin " + std::to_string(batch)); }
  void on_train_batch_end(int64_t batch, const BatchLogs& logs) override {
    calls.push_back("batch_end " + std::to_string(batch));
    losses.push_back(logs()["loss"]);
    if (batch == stop_at) stop_training();
  }
  void on_test_begin() override { calls.emplace_back("test_begin"); }
  void on_test_end(const Logs& logs) override {
    calls.emplace_back("test_end");
    EXPECT_NE(logs.find("loss"), nullptr);
  }
  std::vector<std::string> calls;
  std::vector<double> losses;
  int64_t stop_at = -1;
};

TEST(Fit, CallsCallbacksInKerassOrder) {
  const auto recorded = std::make_shared<Recorded>();
  classifier().fit(x, labels,
                   {.batch_size = 20,
                    .epochs = 2,
                    .verbose = 0,
                    .callbacks = {recorded},
                    .validation_data = data::Dataset(x, labels),
                    .validation_freq = 2});
  EXPECT_EQ(recorded->calls, (std::vector<std::string>{"train_begin", "epoch_begin 0", "batch_begin 0", "batch_end 0",
                                                       "batch_begin 1", "batch_end 1", "epoch_end 0", "epoch_begin 1",
                                                       "batch_begin 0", "batch_end 0", "batch_begin 1", "batch_end 1",
                                                       "test_begin", "test_end", "epoch_end 1", "train_end"}));
}

TEST(Fit, ACallbackEndsItAfterABatch) {
  const auto recorded = std::make_shared<Recorded>();
  recorded->stop_at = 1;
  Model model = classifier();
  const History history = model.fit(x, labels, {.batch_size = 10, .epochs = 5, .verbose = 0, .callbacks = {recorded}});
  EXPECT_EQ(recorded->losses.size(), 2u);
  EXPECT_EQ(history.epochs().size(), 1u);
  EXPECT_EQ(model.optimizer()->iterations().item(), 2);
  recorded->stop_at = -1;
  EXPECT_EQ(model.fit(x, labels, {.epochs = 2, .verbose = 0}).epochs().size(), 2u) << "the next fit is a new one";
}

/// As models with stateful layers have.
TEST(Fit, TrainsOnSeveralBatchesOfAFixedSize) {
  const InputTensor input = Input({4}, {.batch_size = 10});
  Model model(input, Dense(2)(input));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_EQ(model.fit(x, numbers, {.batch_size = 10, .epochs = 2, .verbose = 0}).epochs().size(), 2u);
  EXPECT_GT(model.evaluate(x, numbers, {.batch_size = 10})["loss"], 0);
}

TEST(Fit, LossOfAnEpochIsTheRunningMeanOfItsBatches) {
  const auto recorded = std::make_shared<Recorded>();
  const History history = classifier().fit(x, labels, {.batch_size = 20, .verbose = 0, .callbacks = {recorded}});
  EXPECT_NEAR(recorded->losses.back(), history["loss"][0], 1e-9);
  EXPECT_NE(recorded->losses[0], recorded->losses[1]);
}

TEST(Fit, ErrorsOfACallbackComeOut) {
  struct Fails : CallbackBase {
    void on_train_batch_end(int64_t, const BatchLogs&) override { throw IoError("the disk is full"); }
  };
  Model model = classifier();
  EXPECT_THROW(model.fit(x, labels, {.verbose = 0, .callbacks = {make_callback<Fails>()}}), IoError);
  EXPECT_EQ(model.fit(x, labels, {.verbose = 0}).epochs().size(), 1u);
}

TEST(Fit, ValidatesEveryFewEpochs) {
  const History history =
      classifier().fit(x, labels, {.epochs = 5, .verbose = 0, .validation_split = 0.2, .validation_freq = 2});
  EXPECT_EQ(history["loss"].size(), 5u);
  EXPECT_EQ(history["val_loss"].size(), 2u);
  expect_message([] { classifier().fit(x, labels, {.verbose = 0, .validation_freq = 0}); }, {"validation_freq"});
}

TEST(Fit, TakesSomeStepsOfAnEpoch) {
  Model model = classifier();
  model.fit(x, labels, {.batch_size = 5, .epochs = 3, .verbose = 0, .steps_per_epoch = 2});
  EXPECT_EQ(model.optimizer()->iterations().item(), 6);
  model.fit(x, labels, {.batch_size = 5, .verbose = 0, .steps_per_epoch = 100});
  EXPECT_EQ(model.optimizer()->iterations().item(), 12) << "no more than there are";
  expect_message([&] { model.fit(x, labels, {.verbose = 0, .steps_per_epoch = 0}); },
                 {"steps_per_epoch", "at least 1"});
}

TEST(Fit, AnEpochOfSomeStepsGoesOnBehindTheLast) {
  // Keras 3.15.1 gives these numbers, for arrays and for a tf.data.Dataset: of 203 examples in batches of 32 the fifth
  // to the seventh are the second epoch's, which runs out of data and is followed by the first ones.
  std::vector<float> numbered(203);
  for (size_t i = 0; i < numbered.size(); ++i) numbered[i] = static_cast<float>(i);
  const Tensor inputs = Tensor::from(numbered, {203, 1});
  const auto losses = [&](const FitOptions& options) {
    Sequential model({Input({1}), Dense(1, {.use_bias = false, .kernel_initializer = "ones"})});
    model.compile({.optimizer = SGD({.learning_rate = 0.0}),
                   .loss = [](const Tensor&, const Tensor& predicted) { return mean(predicted, {.axes = {-1}}); }});
    return model.fit(inputs, inputs, options);
  };
  FitOptions options = {.epochs = 6, .verbose = 0, .shuffle = false, .steps_per_epoch = 4};
  EXPECT_EQ(losses(options)["loss"], (std::vector<double>{63.5, 165, 63.5, 165, 63.5, 165}));
  options = {.epochs = 2, .verbose = 0, .shuffle = false, .steps_per_epoch = 10};
  EXPECT_EQ(losses(options)["loss"], (std::vector<double>{101, 101}));
  options = {.epochs = 3,
             .verbose = 0,
             .validation_data = data::Dataset(inputs, inputs),
             .shuffle = false,
             .steps_per_epoch = 4,
             .validation_steps = 2};
  EXPECT_EQ(losses(options)["val_loss"], (std::vector<double>{31.5, 31.5, 31.5})) << "a validation begins anew";
  // Shuffled, two epochs together see every example once, and the next pass has another order.
  options = {.epochs = 4, .verbose = 0, .seed = 3};
  options.steps_per_epoch = 4;
  const std::vector<double> mixed = losses(options)["loss"];
  EXPECT_NEAR(mixed[0] * 128 + mixed[1] * 75, 203 * 101, 0.1);
  EXPECT_NEAR(mixed[2] * 128 + mixed[3] * 75, 203 * 101, 0.1);
  EXPECT_NE(mixed[0], mixed[2]);
}

TEST(Fit, GoesOnFromAnEpoch) {
  const auto recorded = std::make_shared<Recorded>();
  const History history =
      classifier().fit(x, labels, {.epochs = 5, .verbose = 0, .callbacks = {recorded}, .initial_epoch = 3});
  EXPECT_EQ(history.epochs(), (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(recorded->calls[1], "epoch_begin 3");
  EXPECT_TRUE(classifier().fit(x, labels, {.epochs = 2, .verbose = 0, .initial_epoch = 2}).empty());
}

TEST(Fit, ValidatesWithAnotherBatchSizeAndSomeSteps) {
  Model model = classifier();
  const History some = model.fit(
      x, labels,
      {.verbose = 0, .validation_data = data::Dataset(x, labels), .validation_steps = 1, .validation_batch_size = 7});
  EXPECT_NEAR(some["val_loss"][0], model.evaluate(data::Dataset(x, labels).take(7))["loss"], 1e-6);
}

TEST(Fit, StopsWhenTheLossIsNoNumber) {
  std::string printed;
  set_console([&](std::string_view text) { printed += text; });
  Sequential model({Input({4}), Dense(2)});
  model.compile({.optimizer = SGD({.learning_rate = 1e30}), .loss = "mse"});
  const History history =
      model.fit(x, numbers, {.batch_size = 5, .epochs = 3, .verbose = 0, .callbacks = {TerminateOnNaN()}});
  set_console({});
  EXPECT_EQ(history.epochs().size(), 1u);
  EXPECT_FALSE(std::isfinite(history["loss"][0]));
  EXPECT_NE(printed.find("Invalid loss, terminating training"), std::string::npos);
}

TEST(Fit, WarnsOnceOfAMonitoredNumberThatNeverComes) {
  // Keras 3.15.1's words; it trains on, too.
  const std::map<std::string, Callback> callbacks = {
      {"\nWarning: Early stopping conditioned on metric `val_loss` which is not available. Available metrics are: "
       "accuracy,loss\n",
       EarlyStopping({.patience = 1, .restore_best_weights = true})},
      {"\nWarning: Can save best model only with val_loss available.\n",
       ModelCheckpoint(testing::TempDir() + "of_no_number.keras", {.save_best_only = true})},
      {"\nWarning: Learning rate reduction is conditioned on metric `val_loss` which is not available. Available "
       "metrics are: accuracy,loss,learning_rate.\n",
       ReduceLROnPlateau()}};
  for (const auto& [text, callback] : callbacks) {
    std::string printed;
    set_console([&](std::string_view part) { printed += part; });
    const History history = classifier().fit(x, labels, {.epochs = 3, .verbose = 0, .callbacks = {callback}});
    set_console({});
    EXPECT_EQ(history.epochs().size(), 3u);
    EXPECT_EQ(printed, text);
  }
  expect_message(
      [] { classifier().fit(x, labels, {.verbose = 0, .callbacks = {EarlyStopping({.monitor = "val_acuracy"})}}); },
      {"EarlyStopping", "Did you mean 'val_accuracy'?"});
}

/// Keras 3.15.1's names: the outputs of one layer have one name, and the last one's loss has it alone.
TEST(Fit, CountsTheMetricsOfOutputsOfOneLayer) {
  const Tensor steps = Input({5, 4});
  Model model(Tensors{steps}, Bidirectional(LSTM(2), {.merge_mode = "", .name = "bi"}).call_many({steps}));
  model.compile({.optimizer = "sgd", .loss = "mse", .metrics = {"mse", "mse"}});
  const Logs logs = model.evaluate(
      data::Dataset(Tensors{random::normal({6, 5, 4}, {.seed = 1})}, Tensors{zeros({6, 2}), ones({6, 2})}),
      {.verbose = 0});
  std::vector<std::string> names;
  for (const auto& [name, value] : logs) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"bi_loss", "bi_mse", "bi_mse_1", "loss"}));
  EXPECT_NEAR(logs["bi_loss"], logs["bi_mse_1"], 1e-6);
  EXPECT_NEAR(logs["loss"], logs["bi_mse"] + logs["bi_mse_1"], 1e-6);
  // Those of a Sequential have none.
  Sequential stack({Input({5, 4}), Bidirectional(LSTM(2), {.merge_mode = ""})});
  stack.compile({.optimizer = "sgd", .loss = std::vector<Loss>{"mse", MeanAbsoluteError()}, .metrics = {"mae", "mae"}});
  names.clear();
  for (const auto& [name, value] : stack.evaluate(
           data::Dataset(Tensors{random::normal({6, 5, 4}, {.seed = 1})}, Tensors{zeros({6, 2}), ones({6, 2})}),
           {.verbose = 0}))
    names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"loss", "mae", "mae_1", "mean_absolute_error_loss", "mse_loss"}));
}

TEST(Fit, SaysWhatIsWrongWithTheData) {
  expect_message(
      [] {
        Sequential({Input({4}), Dense(2)}, "raw").fit(x, numbers, {.verbose = 0});
      },
      {"'raw'", "compile()"});
  expect_message(
      [] {
        regression().fit(random::normal({30, 5}), numbers, {.verbose = 0});
      },
      {"'net'", "(None, 4)", "(None, 5)"});
  expect_message([] { regression().fit(Tensors{x, x}, Tensors{numbers}, {.verbose = 0}); }, {"'net'", "1 input"});
  expect_message([] { regression().fit(Tensors{x}, Tensors{numbers, numbers}, {.verbose = 0}); }, {"'net'", "target"});
  expect_message([] { regression().fit(x, random::normal({30, 3}), {.verbose = 0}); }, {"(30, 3)"});
  expect_message([] { regression().fit(x, random::normal({29, 2}), {.verbose = 0}); }, {"as many examples"});
  expect_message(
      [] {
        regression().fit(x, numbers,
                         {.verbose = 0, .validation_data = data::Dataset(random::normal({3, 7}), zeros({3, 2}))});
      },
      {"(None, 7)"});
  expect_message(
      [] {
        regression().fit(x, numbers,
                         {.verbose = 0, .validation_data = data::Dataset(Tensors{ones({3, 4})}, Tensors{})});
      },
      {"target"});
  expect_message([] { regression().fit(data::Dataset(), {.verbose = 0}); }, {"at least one example"});
  expect_message([] { regression().fit(x, numbers, {.batch_size = 0, .verbose = 0}); }, {"batch_size"});
  for (const double split : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    expect_message([&] { regression().fit(x, numbers, {.verbose = 0, .validation_split = split}); },
                   {"validation_split"});
  }
}

TEST(Fit, SaysWhichLabelIsOutOfRange) {
  std::vector<int32_t> wrong = labels.to_vector<int32_t>();
  wrong[17] = 3;
  expect_message([&] { classifier().fit(x, Tensor::from(wrong), {.verbose = 0}); }, {"position 17", "3"});
  wrong[17] = -1;
  expect_message([&] { classifier().fit(x, Tensor::from(wrong), {.verbose = 0}); }, {"position 17", "-1"});
  expect_message([&] { classifier().evaluate(x, Tensor::from(wrong)); }, {"position 17"});
  wrong[17] = 0;
  EXPECT_NO_THROW(classifier().fit(x, Tensor::from(wrong), {.verbose = 0}));
}

TEST(Fit, RefusesWeightsThatDoNotFit) {
  const Tensor ones_ = ones({30});
  expect_message(
      [&] {
        classifier().fit(x, labels, {.verbose = 0, .class_weight = {{0, 2.0}}, .sample_weight = ones_});
      },
      {"class_weight", "sample_weight"});
  expect_message([&] { classifier().fit(x, labels, {.verbose = 0, .sample_weight = ones({29})}); }, {"30"});
}

TEST(Fit, ClassWeightsAreSampleWeights) {
  Floats by_example;
  for (const int32_t label : labels.to_vector<int32_t>()) by_example.push_back(label == 1 ? 4.f : 1.f);
  Model by_class = classifier(), by_sample = classifier();
  by_class.fit(x, labels, {.epochs = 2, .verbose = 0, .shuffle = false, .class_weight = {{1, 4.0}}});
  by_sample.fit(x, labels, {.epochs = 2, .verbose = 0, .shuffle = false, .sample_weight = Tensor::from(by_example)});
  EXPECT_EQ(values(by_class.get_weights()[0]), values(by_sample.get_weights()[0]));
}

TEST(Compile, SaysWhatIsWrong) {
  auto compile = [](const CompileOptions& options) {
    return [=] {
      Model model = regression();
      model.compile(options);
      model.fit(x, numbers, {.verbose = 0});
    };
  };
  expect_message(compile({.optimizer = "sgd"}), {"loss"});
  expect_message([] { regression().compile({.optimizer = "sgdd", .loss = "mse"}); }, {"Did you mean 'sgd'?"});
  expect_message([] { regression().compile({.optimizer = "sgd", .loss = "msee"}); }, {"Did you mean 'mse'?"});
  expect_message([] { regression().compile({.optimizer = "sgd", .loss = "mse", .metrics = {"acuracy"}}); },
                 {"Did you mean 'accuracy'?"});
  expect_message(compile({.optimizer = "sgd", .loss = std::vector<Loss>{"mse", "mse"}}),
                 {"expected one for each of 1"});
  expect_message(compile({.optimizer = "sgd", .loss = std::map<std::string, Loss>{{"dens", "mse"}}}),
                 {"unknown output"});
}

TEST(Compile, ChecksOutputsAtOnceWhenTheyAreKnown) {
  const auto input = Input({4});
  Model model(input, Tensors{Dense(2, {.name = "p"})(input), Dense(2, {.name = "q"})(input)});
  expect_message(
      [&] {
        model.compile({.loss = std::map<std::string, Loss>{{"p", "mse"}, {"r", "mse"}}});
      },
      {"compile: loss", "unknown output 'r'"});
  expect_message(
      [&] {
        model.compile({.loss = std::vector<Loss>{"mse", "mse", "mse"}});
      },
      {"compile: loss: expected one for each of 2 outputs (p, q), got 3.", "Give as many"});
  expect_message([&] { model.compile({.loss = "mse", .loss_weights = std::vector<double>{1}}); },
                 {"compile: loss_weights: expected one for each of 2 outputs", "got 1"});
  expect_message([&] { model.compile({.loss = "mse", .metrics = {"mae"}}); }, {"compile: metrics", "got 1"});
  EXPECT_FALSE(model.is_compiled());
  model.compile({.loss = "mse", .loss_weights = 0.5, .metrics = {"mae", "mse"}});
  EXPECT_TRUE(model.is_compiled());
  // Nobody knows yet what this one gives.
  Sequential open({Dense(2, {.name = "d"})});
  open.compile({.loss = std::map<std::string, Loss>{{"e", "mse"}}});
  expect_message([&] { open.fit(x, numbers, {.verbose = 0}); }, {"unknown output 'e'"});
}

TEST(Compile, RefusesAnOptimizerOfAnotherModel) {
  const Optimizer shared = SGD();
  Model first = regression(), second = classifier();
  first.compile({.optimizer = shared, .loss = "mse"});
  first.fit(x, numbers, {.verbose = 0});
  second.compile({.optimizer = shared, .loss = "sparse_categorical_crossentropy"});
  expect_message([&] { second.fit(x, labels, {.verbose = 0}); },
                 {"layer 'hidden' (Dense)", "'kernel'", "'sgd'", "an optimizer of its own"});
}

TEST(OnBatch, TrainsAndMeasuresThatBatchAlone) {
  Model model = classifier();
  const Logs before = model.test_on_batch(x, labels), trained = model.train_on_batch(x, labels),
             after = model.test_on_batch(x, labels);
  EXPECT_NEAR(trained["loss"], before["loss"], 1e-6) << "measured before its update";
  EXPECT_LT(after["loss"], before["loss"]);
  EXPECT_EQ(model.optimizer()->iterations().item(), 1);
  EXPECT_NE(trained.find("accuracy"), nullptr);
  // As one step of fit does.
  Model fitted = classifier();
  fitted.fit(x, labels, {.batch_size = 30, .verbose = 0, .shuffle = false});
  EXPECT_EQ(values(fitted.get_weights()[0]), values(model.get_weights()[0]));
  const Tensor none = zeros({30});
  const Tensors weights = model.get_weights();
  EXPECT_EQ(model.train_on_batch(x, labels, none)["loss"], 0);
  EXPECT_EQ(values(model.get_weights()[0]), values(weights[0]));
}

TEST(Evaluate, DoesNotDependOnTheBatchSize) {
  Model model = classifier();
  const Logs whole = model.evaluate(x, labels, {.batch_size = 30});
  for (const int64_t batch_size : {1, 7, 32}) {
    const Logs parts = model.evaluate(x, labels, {.batch_size = batch_size});
    EXPECT_NEAR(parts["loss"], whole["loss"], 1e-6);
    EXPECT_NEAR(parts["accuracy"], whole["accuracy"], 1e-6);
  }
  EXPECT_NEAR(model.evaluate(x, labels, {.batch_size = 7, .steps = 1})["loss"],
              model.evaluate(data::Dataset(x, labels).take(7))["loss"], 1e-6);
  EXPECT_THROW(model.evaluate(x, labels)["acc"], InvalidArgument);
}

TEST(Predict, DoesNotDependOnTheBatchSize) {
  Model model = classifier();
  const Floats whole = values(model.predict(x, {.batch_size = 30}));
  for (const int64_t batch_size : {1, 7, 32}) {
    const Floats parts = values(model.predict(x, {.batch_size = batch_size}));
    for (size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(parts[i], whole[i], 1e-6);
  }
  EXPECT_EQ(values(model.predict(data::Dataset(x, labels), {.batch_size = 30})), whole) << "the targets do not matter";
  const Floats eager = values(model(x));
  for (size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(eager[i], whole[i], 1e-6);
  expect_message([&] { model.predict(random::normal({2, 5})); }, {"'net'", "(None, 4)", "(2, 5)"});
  expect_message([&] { model.predict(data::Dataset()); }, {"at least one example"});
}

TEST(Predict, NeedsNoCompiling) {
  Sequential model({Dense(3)});
  EXPECT_EQ(model.predict(x).shape(), (Shape{30, 3})) << "built by what it is given";
  EXPECT_FALSE(model.is_compiled());
}

TEST(GetLayer, ByNameAndNumber) {
  const Model model = classifier();
  EXPECT_EQ(model.get_layer("hidden").name(), "hidden");
  EXPECT_EQ(model.get_layer(1).name(), "out");
  expect_message([&] { model.get_layer("hiden"); }, {"'net'", "Did you mean 'hidden'?"});
  expect_message([&] { model.get_layer(2); }, {"below 2", "2"});
  EXPECT_THROW(model.get_layer(-1), InvalidArgument);
}

TEST(Weights, OfTheWrongShapeAreRefused) {
  Model model = classifier();
  Tensors weights = model.get_weights();
  weights[1] = zeros({9});
  EXPECT_THROW(model.set_weights(weights), InvalidArgument);
  weights.pop_back();
  EXPECT_THROW(model.set_weights(weights), InvalidArgument);
  EXPECT_EQ(model.count_params(), 4 * 8 + 8 + 8 * 3 + 3);
}

TEST(Trains, NestedModels) {
  set_random_seed(2);
  const Sequential inner({Input({4}), Dense(6, {.activation = "tanh"}), Dropout(0.1), BatchNormalization()}, "inner");
  auto input = Input({4});
  Model model(input, Dense(2)(inner(input)));
  model.compile({.optimizer = "adam", .loss = "mse"});
  const Tensor before = inner.get_weights()[0];
  const History history = model.fit(x, numbers, {.epochs = 30, .verbose = 0});
  EXPECT_LT(history["loss"].back(), history["loss"].front());
  EXPECT_NE(values(inner.get_weights()[0]), values(before)) << "the inner model's weights are the model's";
  EXPECT_EQ(model.weights().size(), 8u);
}

TEST(Trains, SharedLayersOnce) {
  set_random_seed(2);
  auto left = Input({4}, {.name = "left"}), right = Input({4}, {.name = "right"});
  auto encode = Dense(3, {.activation = "tanh", .name = "encode"});
  Model model({left, right}, Dense(2)(Concatenate()({encode(left), encode(right)})));
  EXPECT_EQ(model.trainable_variables().size(), 4u) << "one kernel and bias for both";
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor other = random::normal({30, 4}, {.seed = 8});
  const History history = model.fit(Tensors{x, other}, Tensors{numbers}, {.epochs = 30, .verbose = 0});
  EXPECT_LT(history["loss"].back(), history["loss"].front());
  EXPECT_EQ(model.predict(Tensors{x, other}).shape(), (Shape{30, 2}));
}

TEST(Trains, SeveralInputsAndOutputs) {
  set_random_seed(2);
  auto a = Input({4}, {.name = "a"}), b = Input({2}, {.name = "b"});
  auto hidden = Dense(8, {.activation = "relu"})(Concatenate()({a, b}));
  Model model({a, b}, Tensors{Dense(3, {.activation = "softmax", .name = "class"})(hidden),
                              Dense(2, {.name = "value"})(hidden)});
  model.compile({.optimizer = "adam",
                 .loss = std::map<std::string, Loss>{{"class", "sparse_categorical_crossentropy"}, {"value", "mse"}},
                 .metrics = std::map<std::string, std::vector<Metric>>{{"class", {"accuracy"}}}});
  const data::Dataset data(Tensors{x, numbers}, Tensors{labels, numbers * 2.0});
  const History history = model.fit(data, {.batch_size = 8, .epochs = 20, .verbose = 0, .validation_split = 0.2});
  EXPECT_LT(history["loss"].back(), history["loss"].front());
  for (const char* name : {"class_loss", "value_loss", "class_accuracy", "val_class_accuracy", "val_value_loss"})
    EXPECT_NE(history.find(name), nullptr) << name;
  const Tensors both = model.predict_all(Tensors{x, numbers}, {.batch_size = 7});
  EXPECT_EQ(both[0].shape(), (Shape{30, 3}));
  EXPECT_EQ(both[1].shape(), (Shape{30, 2}));
  const Logs logs = model.train_on_batch(Tensors{x, numbers}, Tensors{labels, numbers});
  EXPECT_NE(logs.find("value_loss"), nullptr);
}

TEST(Trains, OnMappedData) {
  const data::Dataset mapped = data::Dataset(x, numbers).map([](const Tensors& batch) {
    return Tensors{batch[0] * 0.5, batch[1]};
  });
  Model direct = regression(), through_map = regression();
  direct.fit(x * 0.5, numbers, {.batch_size = 7, .epochs = 2, .verbose = 0, .seed = 3});
  through_map.fit(mapped, {.batch_size = 7, .epochs = 2, .verbose = 0, .seed = 3});
  EXPECT_EQ(values(direct.get_weights()[0]), values(through_map.get_weights()[0]));
}

}  // namespace
}  // namespace hebb
