// Whole training steps as plans: with and without every pass, on every kind of kernel, and how often they are compiled.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "hebb/graph/passes/passes.h"
#include "hebb/hebb.h"
#include "hebb/nn/random_seed.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

struct Network {
  const char* name;
  Sequential (*make)();
  Shape input;
};

const Network networks[] = {
    {"dense",
     [] {
       return Sequential(
           {Input({7}), Dense(20, {.activation = "relu"}), Dropout(0.2), Dense(4, {.activation = "softmax"})});
     },
     {7}},
    {"convolution",
     [] {
       return Sequential({Input({9, 9, 2}), Conv2D(6, 3, {.activation = "tanh"}), MaxPooling2D(2), Flatten(),
                          Dense(4, {.activation = "softmax", .kernel_regularizer = L2(0.01)})});
     },
     {9, 9, 2}},
    {"normalised",
     [] {
       return Sequential({Input({8, 8, 3}), Conv2D(5, 3, {.use_bias = false}), BatchNormalization(), ReLU(),
                          GlobalAveragePooling2D(), Dense(4, {.activation = "softmax"})});
     },
     {8, 8, 3}}};

/// Weights, optimizer state and losses after some compiled steps.
std::vector<double> trained(const Network& network, const std::string& optimizer_name, const PlanOptions& options) {
  set_random_seed(11);
  const Sequential model = network.make();
  const Optimizer optimizer(optimizer_name);
  auto step = compiled(
      [&](const Tensor& x, const Tensor& y) {
        Tensor loss = mean(sparse_categorical_crossentropy(y, model(x, {.training = true})));
        for (const Tensor& more : model->losses()) loss = loss + more;
        optimizer.apply(gradient(loss, model.trainable_variables()), model.trainable_variables());
        return loss;
      },
      options);
  const Tensor x = random::normal(network.input.with(0, 24), {.seed = 1});
  const Tensor y = cast(random::uniform({24}, {.low = 0, .high = 4, .seed = 2}), DType::int32);
  std::vector<double> out;
  for (int i = 0; i < 4; ++i) out.push_back(step(x, y).item());
  auto take = [&](const Tensor& tensor) {
    for (const double value : tensor.to_vector<double>()) out.push_back(value);
  };
  for (const Tensor& weight : model.variables()) take(weight);
  for (const Tensor& slot : optimizer->variables()) {
    if (is_floating(slot.dtype())) take(slot);
  }
  return out;
}

class Steps : public ::testing::TestWithParam<Network> {};

TEST_P(Steps, ComputeTheSameWithoutAnyPass) {
  for (const char* optimizer : {"sgd", "adam"}) {
    auto expect_same = [&](const PlanOptions& options, const std::string& what) {
      const std::vector<double> expected = trained(GetParam(), optimizer, {}),
                                got = trained(GetParam(), optimizer, options);
      ASSERT_EQ(got.size(), expected.size());
      for (size_t i = 0; i < got.size(); ++i) {
        ASSERT_NEAR(got[i], expected[i], 2e-3 * (0.1 + std::abs(expected[i]))) << what << ", number " << i;
      }
    };
    for (const PassRecord& record : pass_records()) {
      expect_same({.skip_passes = {std::string(record.name)}}, "without " + std::string(record.name));
    }
    expect_same({.skip_passes = {"all"}}, "without passes");
    expect_same({.kernels = "reference"}, "on the reference");
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Steps, ::testing::ValuesIn(networks),
                         [](const auto& info) { return std::string(info.param.name); });

/// A layer that counts how often it is traced.
struct Counted : LayerBase {
  Tensor call(const Tensor& x) override {
    ++calls;
    return x * 1.5;
  }
  int calls = 0;
};

TEST(Compilation, HappensOncePerBatchShape) {
  const Layer counted = make_layer<Counted>();
  Sequential model({Input({3}), counted, Dense(2)});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor x = random::normal({25, 3}, {.seed = 1}), y = zeros({25, 2});
  int& calls = counted.as<Counted>()->calls;
  calls = 0;
  const FitOptions options{.batch_size = 10, .epochs = 3, .verbose = 0};
  model.fit(x, y, options);
  EXPECT_EQ(calls, 2) << "batches of 10, and the last one of 5";
  model.fit(x, y, options);
  EXPECT_EQ(calls, 2) << "a second fit takes the plans of the first";
  model.set_weights(model.get_weights());
  model.fit(x, y, options);
  EXPECT_EQ(calls, 2) << "new values need no new plan";
  model.evaluate(x, y, {.batch_size = 10});
  EXPECT_EQ(calls, 4);
  model.predict(x, {.batch_size = 10});
  EXPECT_EQ(calls, 6);
  model.predict(x, {.batch_size = 10});
  model.evaluate(x, y, {.batch_size = 10});
  EXPECT_EQ(calls, 6);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.fit(x, y, options);
  EXPECT_EQ(calls, 8) << "compiling says anew how to train";
}

/// What follows a change of the model has to be seen by the next fit.
TEST(Compilation, HappensAnewWhenALayerIsFrozen) {
  Sequential model({Input({3}), Dense(4, {.name = "first"}), Dense(2)});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor x = random::normal({8, 3}, {.seed = 1}), y = ones({8, 2});
  model.fit(x, y, {.verbose = 0});
  model.get_layer("first").set_trainable(false);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensors before = model.get_weights();
  model.fit(x, y, {.verbose = 0});
  const Tensors after = model.get_weights();
  EXPECT_EQ(after.size(), before.size());
  const auto same = [](const Tensor& a, const Tensor& b) { return a.to_vector<float>() == b.to_vector<float>(); };
  EXPECT_TRUE(same(model.get_layer("first").get_weights()[0], before[0]));
  EXPECT_FALSE(same(model.get_layer(1).get_weights()[0], before[2]));
}

/// Predicting in the middle of an epoch compiles a plan that may give the weights another order.
TEST(Compilation, ACallbackMayPredict) {
  struct Predicts : CallbackBase {
    explicit Predicts(Tensor inputs) : x(std::move(inputs)) {}
    void on_train_batch_end(int64_t, const BatchLogs&) override { model().predict(x, {.batch_size = 3}); }
    Tensor x;
  };
  auto losses = [](bool predict) {
    set_random_seed(5);
    Sequential model({Input({8, 8, 16}), Conv2D(96, 3, {.activation = "relu"}), Conv2D(32, 3), Flatten(), Dense(2)});
    model.compile({.optimizer = "adam", .loss = "mse"});
    const Tensor x = random::normal({32, 8, 8, 16}, {.seed = 1}), y = random::normal({32, 2}, {.seed = 2});
    FitOptions options{.batch_size = 8, .epochs = 3, .verbose = 0, .shuffle = false};
    if (predict) options.callbacks = {make_callback<Predicts>(x)};
    return model.fit(x, y, options)["loss"];
  };
  const std::vector<double> expected = losses(false), got = losses(true);
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-3 * (1 + expected[i]));
}

}  // namespace
}  // namespace hebb
