// Sample and class weights in fit, evaluate and on batches. The numbers are Keras 3.15.1's.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <string>

#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

const Tensor x = reshape(arange(12, DType::float32) / 10.0, {6, 2});
const Tensor z = zeros({6, 1});
const Tensor w = Tensor{1, 2, 0, 3, .5f, 1}, reversed = Tensor{1, .5f, 3, 0, 2, 1};

Layer sum_of_inputs(const std::string& name) {
  return Dense(1, {.use_bias = false, .kernel_initializer = "ones", .name = name});
}

Tensor absolute_error(const Tensor& y_true, const Tensor& y_pred) { return mean(abs(y_true - y_pred), {.axes = {-1}}); }

Model two_outputs() {
  const auto input = Input({2});
  Model model(input, Tensors{sum_of_inputs("p")(input), sum_of_inputs("q")(input)});
  model.compile({.optimizer = SGD({.learning_rate = 0.0}),
                 .loss = std::vector<Loss>{"mse", absolute_error},
                 .weighted_metrics = std::map<std::string, std::vector<Metric>>{{"p", {"mae"}}, {"q", {"mae"}}}});
  return model;
}

void expect_logs(const Logs& logs, const std::map<std::string, double>& expected) {
  for (const auto& [name, value] : expected) EXPECT_NEAR(logs[name], value, 2e-6 * std::abs(value)) << name;
}

TEST(SampleWeight, OfEachOutput) {
  const std::map<std::string, double> of_both = {{"loss", 3.3308331966400146},
                                                 {"p_loss", 1.9058332443237305},
                                                 {"p_mae", 1.059999942779541},
                                                 {"q_loss", 1.4249998331069946},
                                                 {"q_mae", 1.1399998664855957}};
  const std::map<std::string, Tensor> named = {{"q", reversed}, {"p", w}};
  const std::vector<Tensor> listed = {w, reversed};
  for (const int64_t batch_size : {6, 4}) {
    expect_logs(two_outputs().evaluate(Tensors{x}, Tensors{z, z}, {.batch_size = batch_size, .sample_weight = named}),
                of_both);
  }
  expect_logs(two_outputs().evaluate(Tensors{x}, Tensors{z, z}, {.sample_weight = listed}), of_both);
  expect_logs(two_outputs().train_on_batch(Tensors{x}, Tensors{z, z}, listed), of_both);
  expect_logs(two_outputs().test_on_batch(Tensors{x}, Tensors{z, z}, named), of_both);
  const History history =
      two_outputs().fit(Tensors{x}, Tensors{z, z}, {.verbose = 0, .validation_split = 0.5, .sample_weight = listed});
  EXPECT_GT(history["val_loss"][0], 0) << "a part of the data has its part of the weights";
  // One for all.
  expect_logs(two_outputs().evaluate(Tensors{x}, Tensors{z, z}, {.sample_weight = w}),
              {{"loss", 3.2308332920074463}, {"q_loss", 1.3249999284744263}});
  // What is not named weighs 1.
  const Logs alone =
      two_outputs().evaluate(Tensors{x}, Tensors{z, z}, {.sample_weight = std::map<std::string, Tensor>{{"p", w}}});
  expect_logs(alone, {{"p_loss", 1.9058332443237305}, {"q_loss", 1.1}});
}

TEST(SampleWeight, OfColumnsAndPositions) {
  Sequential flat({Input({2}), sum_of_inputs("s")});
  flat.compile({.optimizer = "sgd", .loss = "mse"});
  expect_logs(flat.evaluate(x, z, {.sample_weight = reshape(w, {6, 1})}), {{"loss", 1.905833125114441}});

  Sequential steps({Input({3, 2}), sum_of_inputs("s")});
  steps.compile({.optimizer = "sgd", .loss = "mse", .weighted_metrics = {"mae"}});
  const Tensor x3 = reshape(arange(36, DType::float32) / 10.0, {6, 3, 2}), z3 = zeros({6, 3, 1});
  expect_logs(steps.evaluate(x3, z3, {.batch_size = 4, .sample_weight = reshape(w, {6, 1})}),
              {{"loss", 18.925832748413086}, {"mae", 3.380000352859497}});
  expect_logs(
      steps.evaluate(x3, z3, {.batch_size = 4, .sample_weight = reshape(arange(18, DType::float32) / 9.0, {6, 3})}),
      {{"loss", 24.01092529296875}, {"mae", 4.766666889190674}});
}

/// Weights of steps through three epochs.
TEST(SampleWeight, OfStepsInTraining) {
  std::vector<float> of_steps;
  for (int i = 0; i < 18; ++i) of_steps.push_back(static_cast<float>(i * 7 % 5) / 2);
  const Tensor weights = Tensor::from(of_steps, {6, 3});
  const auto expect_curve = [](const History& history, const char* name, std::vector<double> expected) {
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(history[name][i], expected[i], 1e-5 * expected[i]) << name;
  };
  const FitOptions options{.batch_size = 2, .epochs = 3, .verbose = 0, .shuffle = false, .sample_weight = weights};

  Sequential steps({Input({3, 2}), sum_of_inputs("s")});
  steps.compile(
      {.optimizer = SGD({.learning_rate = 0.01, .momentum = 0.5}), .loss = "mse", .weighted_metrics = {"mae"}});
  const Tensor x3 = reshape(arange(36, DType::float32) / 10.0, {6, 3, 2}), z3 = zeros({6, 3, 1});
  const History history = steps.fit(x3, z3, options);
  expect_curve(history, "loss", {14.547103881835938, 0.42493176460266113, 0.10998480767011642});
  expect_curve(history, "mae", {3.3955163955688477, 0.6243777871131897, 0.26358935236930847});
  expect_logs(steps.evaluate(x3, z3, {.batch_size = 4, .sample_weight = weights}),
              {{"loss", 0.06163090467453003}, {"mae", 0.2174861878156662}});

  // Together with a mask of the steps: words of which 0 is none.
  std::vector<float> kernel;
  for (int i = 0; i < 12; ++i) kernel.push_back(static_cast<float>(i) / 10);
  const std::vector<int32_t> words = {1, 0, 3, 2, 1, 4, 3, 0, 0, 4, 1, 1, 1, 2, 0, 2, 3, 1};
  const std::vector<int32_t> labels = {0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3};
  Sequential tagger({Input({3}), Embedding(5, 2, {.embeddings_initializer = Constant(0.3), .mask_zero = true}),
                     LSTM(3, {.kernel_initializer = "ones", .recurrent_initializer = "ones", .return_sequences = true}),
                     Dense(4, {.activation = "softmax"})});
  tagger.layers().back().set_weights({Tensor::from(kernel, {3, 4}), zeros({4})});
  tagger.compile({.optimizer = SGD({.learning_rate = 0.5}),
                  .loss = "sparse_categorical_crossentropy",
                  .weighted_metrics = {"accuracy"}});
  const History tagged = tagger.fit(Tensor::from(words, {6, 3}), Tensor::from(labels, {6, 3}), options);
  expect_curve(tagged, "loss", {1.3393274545669556, 1.3027921915054321, 1.284281849861145});
  expect_curve(tagged, "accuracy", {0.07692308723926544, 0.192307710647583, 0.3461538851261139});
}

TEST(ClassWeight, OfABatch) {
  Sequential model({Input({2}), sum_of_inputs("s")});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor labels = Tensor::from({0.f, 1.f, 0.f, 1.f, 0.f, 1.f}, {6, 1});
  expect_logs(model.train_on_batch(x, labels, {}, {{0, 2.0}, {1, 0.5}}), {{"loss", 1.3658332824707031}});
}

std::string refusal(const std::function<void()>& body) {
  try {
    body();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}

TEST(SampleWeight, SaysWhatDoesNotFit) {
  EXPECT_EQ(refusal([] {
              two_outputs().fit(Tensors{x}, Tensors{z, z}, {.verbose = 0, .sample_weight = ones({5})});
            }),
            "fit: sample_weight: expected a weight for each of 6 examples, got weights of shape (5,). Give as many, "
            "(examples,) or (examples, positions).");
  EXPECT_EQ(refusal([] {
              two_outputs().evaluate(Tensors{x}, Tensors{z, z}, {.sample_weight = std::vector<Tensor>{w, w, w}});
            }),
            "evaluate: sample_weight: expected one for each of 2 outputs (p, q), got 3. Give as many, or name the "
            "outputs they are of.");
  EXPECT_NE(
      refusal([] {
        two_outputs().evaluate(Tensors{x}, Tensors{z, z}, {.sample_weight = std::map<std::string, Tensor>{{"r", w}}});
      }).find("unknown output 'r'"),
      std::string::npos);
  EXPECT_NE(refusal([] {
              two_outputs().train_on_batch(Tensors{x}, Tensors{z, z}, {}, {{0, 2.0}});
            }).find("class_weight: expected a model of one output, got 2."),
            std::string::npos);
}

}  // namespace
}  // namespace hebb
