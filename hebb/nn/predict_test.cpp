// Predictions: on whole batches, and from several threads at once.
#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/ops/random.h"

namespace hebb {
namespace {

Model network() {
  return Sequential({Input({12, 12, 3}), Conv2D(16, 3, {.padding = "same", .use_bias = false}), BatchNormalization(),
                     ReLU(), Conv2D(16, 3, {.activation = "relu"}), MaxPooling2D(2), Flatten(), Dropout(0.5),
                     Dense(10, {.activation = "softmax"})});
}

std::vector<float> values(const Tensor& x) { return x.to_vector<float>(); }

TEST(PredictOnBatch, IsWhatPredictGives) {
  Model model = network();
  const Tensor x = random::normal({7, 12, 12, 3}, {.seed = 1});
  const Tensor y = model.predict_on_batch(x);
  EXPECT_EQ(y.shape(), (Shape{7, 10}));
  EXPECT_EQ(values(y), values(model.predict(x, {.batch_size = 7})));
}

TEST(PredictOnBatch, BuildsTheModelAndSeesNewWeights) {
  Model model = Sequential({Dense(3, {.use_bias = false})});
  const Tensor x = random::normal({2, 4}, {.seed = 1});
  const std::vector<float> before = values(model.predict_on_batch(x));
  model.get_layer(0).set_weights({zeros({4, 3})});
  EXPECT_NE(values(model.predict_on_batch(x)), before);
  EXPECT_EQ(values(model.predict_on_batch(x)), std::vector<float>(6, 0.0f));
}

TEST(PredictOnBatch, SaysWhatDoesNotFit) {
  Model model = network();
  EXPECT_THROW(model.predict_on_batch(Tensor::scalar(1)), InvalidArgument);
  EXPECT_THROW(model.predict_on_batch(zeros({2, 12, 12, 4})), InvalidArgument);
  EXPECT_THROW(model.predict_on_batch(Tensors{zeros({2, 12, 12, 3}), zeros({2, 1})}), InvalidArgument);
}

// Every thread gets its own answers, the same as one thread alone, with the pool at work for all of them.
TEST(Predict, AnswersSeveralThreadsAtOnce) {
  constexpr int callers = 4, rounds = 12;
  Model model = network();
  std::vector<Tensor> x;
  std::vector<std::vector<float>> expected;
  for (int i = 0; i < callers; ++i) {
    // Two of them have the same shape.
    x.push_back(random::normal({1 + 3 * (i / 2), 12, 12, 3}, {.seed = i}));
    expected.push_back(values(model.predict(x.back())));
  }
  std::vector<int> wrong(callers, 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      const auto at = static_cast<size_t>(i);
      for (int round = 0; round < rounds; ++round) {
        const Tensor y = round % 2 ? model.predict(x[at], {.batch_size = 4}) : model.predict_on_batch(x[at]);
        wrong[at] += values(y) != expected[at];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(callers, 0));
}

// A plan for another batch may want the weights in another layout: it is made when no other thread reads them.
TEST(Predict, PlansForNewBatchesAreMadeWhileOthersPredict) {
  constexpr int callers = 3, rounds = 8;
  Model model = Sequential({Input({6, 6, 6, 4}), Conv3D(16, 3), ReLU(), Conv3D(16, 3), Flatten(), Dense(3)});
  std::vector<Tensor> x;
  std::vector<std::vector<float>> expected;
  for (int i = 0; i < callers * rounds; ++i) x.push_back(random::normal({1 + i, 6, 6, 6, 4}, {.seed = i}));
  for (const Tensor& each : x) expected.push_back(values(model(each)));
  std::vector<int> wrong(callers, 0);
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller] {
      for (int round = 0; round < rounds; ++round) {
        const auto at = static_cast<size_t>(round * callers + caller);
        const std::vector<float> y = values(model.predict_on_batch(x[at]));
        for (size_t i = 0; i < y.size(); ++i)
          wrong[static_cast<size_t>(caller)] += std::abs(y[i] - expected[at][i]) > 1e-4f;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(callers, 0));
}

/// As Keras does; layers without states take any.
TEST(Predict, KeepsToTheBatchOfStatefulLayers) {
  for (const bool stateful : {false, true}) {
    const InputTensor input = Input({3, 4}, {.batch_size = 2});
    Model model(input, Bidirectional(LSTM(2, {.stateful = stateful}))(input));
    EXPECT_EQ(model.predict(ones({4, 3, 4}), {.batch_size = 2}).shape(), (Shape{4, 4}));
    if (!stateful) {
      EXPECT_EQ(model.predict(ones({3, 3, 4})).shape(), (Shape{3, 4}));
      continue;
    }
    EXPECT_THROW(model.predict(ones({3, 3, 4})), InvalidArgument);
    EXPECT_THROW(model.predict(ones({3, 3, 4}), {.batch_size = 2}), InvalidArgument) << "the last one is smaller";
    EXPECT_THROW(model(ones({1, 3, 4})), InvalidArgument);
  }
}

}  // namespace
}  // namespace hebb
