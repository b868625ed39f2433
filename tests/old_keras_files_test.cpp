/// Compiled models as Keras's own packages of 2017 to 2019 saved them (tests/goldens/old_keras, made by
/// make_old_keras_files.py from the real optimizers): hebb trains on where they stopped.
#include <gtest/gtest.h>

#include <cmath>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/io/verify.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/old_names.h"
#include "hebb/nn/optimizers/old_config.h"
#include "hebb/nn/optimizers/optimizers.h"

namespace hebb {
namespace {

const std::string folder = std::string(HEBB_SOURCE_DIR) + "/tests/goldens/old_keras/";

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& [name, golden] : goldens::file("old_keras/expected").members()) names.push_back(name);
  return names;
}

class OldKerasFile : public ::testing::TestWithParam<std::string> {};

TEST_P(OldKerasFile, IsTrainedOnAsItWas) {
  const Json& golden = goldens::file("old_keras/expected").at(GetParam());
  const auto array = [&](const char* key) { return goldens::tensor(golden.at(key)); };
  Model model = load_model(folder + GetParam() + ".h5");
  EXPECT_TRUE(goldens::near(model.predict(array("x")), array("predictions"), 1e-5, 1));
  for (const double loss : array("losses").to_vector<double>())
    EXPECT_NEAR(model.train_on_batch(array("x"), array("y"))["loss"], loss, 1e-4);
  EXPECT_TRUE(goldens::near(model.predict(array("x")), array("predictions_after"), 1e-4, 1));
}

INSTANTIATE_TEST_SUITE_P(Goldens, OldKerasFile, ::testing::ValuesIn(case_names()),
                         [](const auto& info) { return info.param; });

TEST(OldKerasWeights, AreReadByOrderAndByName) {
  const Model whole = load_model(folder + "adam_2_2.h5", {.compile = false});
  const Tensors expected = whole.get_weights();
  Sequential model({Input({4}), Dense(5, {.activation = "tanh", .name = "a"}), Dense(3, {.name = "b"})});
  EXPECT_TRUE(model.load_weights(folder + "weights_2_2.h5").empty());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(goldens::near(model.get_weights()[i], expected[i], 0, 0));

  Sequential turned({Input({5}), Dense(3, {.name = "dense_2"}), Dense(5, {.name = "other"})});
  EXPECT_THROW(turned.load_weights(folder + "weights_2_2.h5"), IoError);
  const Tensor untouched = turned.get_weights()[2];
  const std::vector<std::string> passed_over = turned.load_weights(folder + "weights_2_2.h5", {.by_name = true});
  ASSERT_EQ(passed_over.size(), 2u);
  EXPECT_NE(passed_over[0].find("it has no weights for layer 'other' (Dense)"), std::string::npos);
  EXPECT_NE(passed_over[1].find("the model has no layer 'dense_1'"), std::string::npos);
  EXPECT_TRUE(goldens::near(turned.get_weights()[0], expected[2], 0, 0));
  EXPECT_TRUE(goldens::near(turned.get_weights()[2], untouched, 0, 0));
}

TEST(OldKerasWeights, AreLookedThrough) {
  const io::Verification seen = io::verify(folder + "weights_2_2.h5");
  EXPECT_EQ(seen.problems, std::vector<std::string>{});
  EXPECT_EQ(seen.version, "2.2.4");
  ASSERT_TRUE(seen.weights);
  EXPECT_EQ(seen.weights->arrays, 4);
  EXPECT_EQ(seen.weights->parameters, 43);
  EXPECT_EQ(seen.weights->groups, (std::map<std::string, int64_t>{{"dense_1", 2}, {"dense_2", 2}}));
}

TEST(OldNames, OfLossesAndMetricsAreTodays) {
  const Json old = Json::parse(
      R"({"loss": {"logcosh": "logcosh", "b": "cosine_proximity"}, "metrics": ["logcosh", [{"class_name":
          "MeanMetricWrapper", "config": {"name": "logcosh", "fn": "kullback_leibler_divergence"}}]]})");
  const Json today = training_with_names_of_today(old, "2.2.4");
  EXPECT_EQ(today.at("loss").dump(), Json::object({{"logcosh", "log_cosh"}, {"b", "cosine_similarity"}}).dump());
  EXPECT_EQ(today.at("metrics").at(size_t{0}).as_string(), "log_cosh_error");
  const Json& wrapped = today.at("metrics").at(size_t{1}).at(size_t{0}).at("config");
  EXPECT_EQ(wrapped.at("name").as_string(), "logcosh");
  EXPECT_EQ(wrapped.at("fn").as_string(), "kl_divergence");
  EXPECT_EQ(training_with_names_of_today(old, "3.3.0"), old);
}

/// Before the first batch, Keras 2 chose the function of "accuracy" as if targets were one-hot.
TEST(OldNames, OfMetricsLeaveAccuracyOpen) {
  const auto metrics = [](const char* name) {
    return Json::parse(message(R"({"metrics": [[{"class_name": "MeanMetricWrapper", "config": {"name": ")", name,
                               R"(", "fn": "categorical_accuracy"}}]]})"));
  };
  EXPECT_EQ(training_with_names_of_today(metrics("acc"), "2.21.0").at("metrics").dump(), R"([["acc"]])");
  EXPECT_EQ(training_with_names_of_today(metrics("hits"), "2.21.0"), metrics("hits"));
  EXPECT_EQ(training_with_names_of_today(metrics("acc"), "3.0.0"), metrics("acc"));
}

/// Options of old, and those of them that stand for others now.
TEST(OldNames, OfMetricsAreThoseOfTheirOutputs) {
  const std::vector<std::string> outputs = {"p", "q"};
  const Json compiled = Json::parse(R"({"metrics": ["mae", {"class_name": "MeanSquaredError", "config": {}}]})");
  const Json each = compiled.at("metrics");
  EXPECT_EQ(metrics_per_output(compiled, "2.21.0", outputs).at("metrics"), Json::array({each, each}));
  EXPECT_EQ(metrics_per_output(compiled, "3.15.1", outputs), compiled);
  EXPECT_EQ(metrics_per_output(compiled, "2.21.0", {"p"}), compiled);

  const Json in_h5 = Json::parse(R"({"metrics": [[{"class_name": "MeanMetricWrapper", "config": {"name": "p_mse"}}],
      [{"class_name": "MeanMetricWrapper", "config": {"name": "own"}}]]})");
  const Json named = with_own_names_of_metrics(in_h5, "2.21.0", outputs).at("metrics");
  EXPECT_EQ(named.at(size_t{0}).at(size_t{0}).at("config").at("name").as_string(), "mse");
  EXPECT_EQ(named.at(1), in_h5.at("metrics").at(1));
}

/// Keras 2 calls the layer inside TimeDistributed once for all steps, Keras 3 once for each.
TEST(OldNames, HaveAllStepsAtOnce) {
  const Json json = Json::parse(R"({"class_name": "TimeDistributed", "config": {"name": "t", "layer": {"class_name":
      "BatchNormalization", "config": {"name": "b", "momentum": 0.5}}}})");
  for (const auto& [version, moving_mean] : {std::pair("2.15.0", 2.f), {"3.15.1", 3.5f}}) {
    const Layer layer = layer_from_json(with_names_of_today(json, version));
    layer(Tensor::from(std::vector<float>{1, 5, 3, 7}, {2, 2, 1}), {.training = true});
    EXPECT_EQ(layer.non_trainable_weights().front().to_vector<float>(), std::vector<float>{moving_mean}) << version;
    EXPECT_FALSE(layer_to_json(layer).at("config").contains(all_steps_at_once));
  }
}

TEST(OldOptimizer, TakesItsOptionsFromOldOnes) {
  const auto config = [](const char* text) { return Optimizer::from_json(Json::parse(text))->config(); };
  Json sgd = config(R"({"class_name": "SGD", "config": {"lr": 0.5, "decay": 0.1, "clipnorm": 2.0, "momentum": 0.0}})");
  EXPECT_EQ(sgd.at("learning_rate").at("class_name").as_string(), "InverseTimeDecay");
  EXPECT_EQ(sgd.at("global_clipnorm").as_double(), 2);
  EXPECT_TRUE(sgd.at("clipnorm").is_null());
  const Json named =
      config(R"({"class_name": "SGD", "config": {"name": "SGD", "lr": 0.5, "decay": 0.0, "clipnorm": 2.0}})");
  EXPECT_EQ(named.at("learning_rate").as_double(), 0.5);
  EXPECT_EQ(named.at("clipnorm").as_double(), 2) << "TensorFlow's, of each gradient";
  EXPECT_NEAR(config(R"({"class_name": "RMSprop", "config": {"lr": 0.5, "decay": 0.0, "epsilon": 1e-4}})")
                  .at("epsilon")
                  .as_double(),
              1e-8, 1e-12);
  const Json fixed = config(
      R"({"class_name": "LossScaleOptimizer", "config": {"dynamic": false, "initial_scale": 64.0, "inner_optimizer":
          {"class_name": "Nadam", "config": {"name": "Nadam", "learning_rate": 0.1, "decay": 0.004}}}})");
  EXPECT_EQ(fixed.at("loss_scale_factor").as_double(), 64);
  EXPECT_EQ(fixed.at("schedule_decay").as_double(), 0.004);
  const Json scaled = config(
      R"({"class_name": "LossScaleOptimizerV3", "config": {"dynamic": true, "initial_scale": 64.0, "inner_optimizer":
          {"class_name": "SGD", "config": {"name": "SGD", "learning_rate": 0.1}}}})");
  EXPECT_EQ(scaled.at("initial_scale").as_double(), 64);
  EXPECT_THROW(Optimizer::from_config("SGD", Json::object({{"decay", 0.1}})), InvalidArgument) << "as in Keras";
  EXPECT_THROW(config(R"({"class_name": "SGD", "config": {"decay": 0.1, "learning_rate": {"class_name":
                          "ExponentialDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 1, "decay_rate": 0.9}}}})"),
               NotSupported);
}

TEST(OldOptimizer, HasNadamsProductAfterAnyNumberOfSteps) {
  const auto product = [](const char* options, double steps) {
    return nadam_product(Json::object({{"class_name", "Nadam"}, {"config", Json::parse(options)}}), steps);
  };
  const char* usual = R"({"lr": 0.1, "beta_1": 0.9, "schedule_decay": 0.004})";
  double expected = 1;
  for (int step = 1; step <= 50; ++step) expected *= 0.9 * (1 - 0.5 * std::pow(0.96, step * 0.004));
  EXPECT_NEAR(product(usual, 50), expected, 1e-12 * expected);
  EXPECT_EQ(product(usual, 0), 1);
  // What no training makes, but a file may say: it is answered at once.
  EXPECT_EQ(product(usual, 1e18), 0);
  EXPECT_EQ(product(R"({"lr": 0.1, "beta_1": 0.9, "schedule_decay": 0.0})", 1e18), 0);
  product(R"({"lr": 0.1, "beta_1": 2.0, "schedule_decay": -1.0})", 1e18);
  EXPECT_GT(product(R"({"lr": 0.1, "beta_1": 1.0, "schedule_decay": 1.0})", 1e18), 0);
}

}  // namespace
}  // namespace hebb
