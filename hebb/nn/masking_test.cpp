#include "hebb/nn/masking.h"

#include <gtest/gtest.h>

#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/model.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

const Tensor words = cast(Tensor::from({1, 2, 0, 3, 0, 0}, {2, 3}), DType::int32);

TEST(Masking, TravelsThroughLayersAndEndsWhereTheyDoNotSupportIt) {
  const Tensor x = Embedding(4, 2, {.mask_zero = true})(words);
  ASSERT_TRUE(mask_of(x).defined());
  EXPECT_EQ(mask_of(x).to_vector<bool>(), (std::vector<bool>{true, true, false, true, false, false}));
  EXPECT_TRUE(mask_of(Dropout(0.5)(Dense(3)(x))).defined());
  EXPECT_FALSE(mask_of(Reshape({3, 2})(x)).defined()) << "also where the shape stays";
  EXPECT_TRUE(mask_of(LSTM(2, {.return_sequences = true})(x)).defined());
  EXPECT_FALSE(mask_of(LSTM(2)(x)).defined());
  EXPECT_FALSE(mask_of(Flatten()(x)).defined());
  EXPECT_FALSE(mask_of(x + 1.0).defined());
}

/// What is masked changes nothing: the same sequences, filled up to another length.
TEST(Masking, OfAModelLeavesOutWhatFillsUp) {
  Sequential model({Input({Shape::unknown}, {.dtype = DType::int32}), Embedding(4, 2, {.mask_zero = true}), GRU(3)});
  const Tensor longer = cast(Tensor::from({1, 2, 0, 0, 0, 3, 0, 0, 0, 0}, {2, 5}), DType::int32);
  EXPECT_EQ(model.predict(words, {.verbose = 0}).to_vector<float>(),
            model.predict(longer, {.verbose = 0}).to_vector<float>());
}

/// As in Keras, for the layers of the model alone.
TEST(Masking, GivenToAModelGoesBeforeTheOneCarried) {
  Sequential model({Input({3, 2}), GRU(2)});
  const Tensor x = Embedding(4, 2, {.mask_zero = true})(words), carried = mask_of(x);
  const CallOptions given{.masks = {Tensor::from(std::vector<bool>{true, false, false, true, true, false}, {2, 3})}};
  EXPECT_EQ(model(x, given).to_vector<float>(), model.layers()[0](x + 0.0, given).to_vector<float>());
  EXPECT_EQ(mask_of(x).body(), carried.body());
}

/// Keras: sum(loss * mask) / sum(mask).
TEST(Masking, WeighsLosses) {
  const Tensor target = Tensor::from({1, 1, 1, 1}, {2, 2, 1}), output = Tensor::from({0, 5, 2, 7}, {2, 2, 1});
  set_mask(output, Tensor::from(std::vector<bool>{true, false, true, false}, {2, 2}));
  EXPECT_FLOAT_EQ(static_cast<float>(MeanSquaredError()(target, output).item()), 1);
}

TEST(Recurrent, ErrorsSayWhatToDo) {
  const auto text = [](auto&& body) {
    try {
      body();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(text([] { LSTM(3)(zeros({2, 4})); }).find("expected an input (batch, steps, features)"), std::string::npos);
  EXPECT_NE(text([] {
              LSTM(3)({zeros({2, 4, 1}), zeros({2, 3})});
            }).find("expected 2 initial states"),
            std::string::npos);
  EXPECT_NE(text([] { RNN(Dense(3)); }).find("expected a cell, got Dense"), std::string::npos);
  EXPECT_NE(text([] { Bidirectional(Dense(3)); }).find("expected a recurrent layer, got Dense"), std::string::npos);
  EXPECT_NE(text([] {
              GRU(3, {.unroll = true})(Input({Shape::unknown, 2}));
            }).find("known number of steps"),
            std::string::npos);
}

TEST(Recurrent, StatefulLayersGoOnWhereTheyEnded) {
  const Tensor x = random::normal({2, 6, 3}, {.seed = 1});
  const Layer whole = LSTM(4);
  const Tensor expected = whole(x);
  const Layer parts = LSTM(4, {.stateful = true});
  const auto half = [&](int64_t first) { return slice(x, {0, first, 0}, {2, first + 3, 3}); };
  parts(half(0));
  parts.set_weights(whole.get_weights());
  for (int round = 0; round < 2; ++round) {
    reset_states(parts);
    parts(half(0));
    const std::vector<float> got = parts(half(3)).to_vector<float>(), wanted = expected.to_vector<float>();
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-6);
  }
}

TEST(Recurrent, DropoutDropsTheSameInEachStepAndOnlyInTraining) {
  const Tensor x = ones({2, 3, 4});
  const Layer layer = SimpleRNN(5, {.dropout = 0.5, .recurrent_dropout = 0.5, .seed = 3});
  EXPECT_EQ(layer(x).to_vector<float>(), layer(x).to_vector<float>());
  EXPECT_NE(layer(x, {.training = true}).to_vector<float>(), layer(x).to_vector<float>());
}

}  // namespace
}  // namespace hebb
