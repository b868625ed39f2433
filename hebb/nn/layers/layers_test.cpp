// What goldens cannot tell: random layers, options that do not go together.

#include "hebb/nn/layers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/base/threads.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

constexpr CallOptions training{.training = true};

TEST(Layers, AreNotCalledWithNothing) {
  for (const Layer& layer : {LSTM(4), CategoryEncoding(4), Dense(3), Concatenate()})
    EXPECT_THROW(layer.call_many({}), InvalidArgument) << layer.class_name();
}

TEST(Dropout, DropsItsShareAndKeepsTheMean) {
  const Layer dropout = Dropout(0.3, {.seed = 1});
  const std::vector<double> y = dropout(ones({100, 1000}), training).to_vector<double>();
  int64_t dropped = 0;
  for (const double v : y) {
    if (v == 0) {
      ++dropped;
    } else {
      ASSERT_NEAR(v, 1 / 0.7, 1e-6);
    }
  }
  EXPECT_NEAR(static_cast<double>(dropped) / 1e5, 0.3, 0.01);
}

TEST(Dropout, OnlyInTraining) {
  const Tensor x = ones({3, 4});
  EXPECT_EQ(Dropout(0.9)(x).to_vector<float>(), x.to_vector<float>());
  EXPECT_EQ(Dropout(0)(x, training).to_vector<float>(), x.to_vector<float>());
  EXPECT_EQ(sum(Dropout(1)(x, training)).item(), 0);
}

TEST(Dropout, EveryCallDrawsAnewAndASeedRepeats) {
  const Tensor x = ones({1, 200});
  const Layer a = Dropout(0.5, {.seed = 7}), b = Dropout(0.5, {.seed = 7});
  const auto first = a(x, training).to_vector<float>(), second = a(x, training).to_vector<float>();
  EXPECT_NE(first, second);
  EXPECT_EQ(b(x, training).to_vector<float>(), first);
  EXPECT_EQ(b(x, training).to_vector<float>(), second);
  set_random_seed(1);
  const auto unseeded = Dropout(0.5)(x, training).to_vector<float>();
  set_random_seed(1);
  EXPECT_EQ(Dropout(0.5)(x, training).to_vector<float>(), unseeded);
}

TEST(Dropout, PlannedAsEager) {
  const Tensor x = ones({4, 100});
  const Layer eager = Dropout(0.5, {.seed = 7}), planned = Dropout(0.5, {.seed = 7});
  auto step = compiled([&](const Tensor& in) { return planned(in, training); });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(step(x).to_vector<float>(), eager(x, training).to_vector<float>());
  EXPECT_TRUE(planned.weights().empty());  // the state is no weight
  EXPECT_TRUE(planned->random_state().defined());
}

TEST(Dropout, NoiseShape) {
  const Layer rows = Dropout(0.5, {.noise_shape = {-1, 1}, .seed = 3});
  const std::vector<float> y = rows(ones({20, 6}), training).to_vector<float>();
  int whole = 0;
  for (size_t row = 0; row < 20; ++row) {
    for (size_t i = 1; i < 6; ++i) ASSERT_EQ(y[row * 6 + i], y[row * 6]);
    whole += y[row * 6] != 0;
  }
  EXPECT_GT(whole, 2);
  EXPECT_LT(whole, 18);
  EXPECT_EQ(rows->config().at("noise_shape").dump(), "[null, 1]");
  EXPECT_EQ(layer_from_json(layer_to_json(rows))->config(), rows->config());
  EXPECT_THROW(rows(ones({2, 3, 4}), training), InvalidArgument);
}

TEST(Dropout, GradientGoesThroughWhatWasKept) {
  const Tensor x = variable(ones({50}));
  const Layer dropout = Dropout(0.5, {.seed = 2});
  const Tensor y = dropout(x, training);
  EXPECT_EQ(gradient(sum(y), x).to_vector<float>(), y.to_vector<float>());
}

TEST(BatchNormalization, LearnsTheMoments) {
  const Layer normalization = BatchNormalization({.momentum = 0.5});
  const Tensor x = Tensor::from({1, 10, 3, 30}, {2, 2});
  normalization(x, training);
  EXPECT_EQ(normalization.weights()[2].to_vector<float>(), (std::vector<float>{1, 10}));    // half of (2, 20)
  EXPECT_EQ(normalization.weights()[3].to_vector<float>(), (std::vector<float>{1, 50.5}));  // half of 1 + (1, 100)
  EXPECT_EQ(normalization.trainable_weights().size(), 2u);
}

TEST(BatchNormalization, StandardisesTheBatch) {
  const Layer normalization = BatchNormalization({.epsilon = 0});
  const std::vector<float> y = normalization(Tensor::from({1, 10, 3, 30}, {2, 2}), training).to_vector<float>();
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(std::abs(y[i]), 1, 1e-6);
}

TEST(LayerOptions, AreChecked) {
  EXPECT_THROW(Dense(0), InvalidArgument);
  EXPECT_THROW(Conv2D(0, 3), InvalidArgument);
  EXPECT_THROW(Conv2D(3, 0), InvalidArgument);
  EXPECT_THROW(Conv2D(4, 3, {.groups = 3}), InvalidArgument);
  EXPECT_THROW(Conv2D(4, 3, {.strides = 2, .dilation_rate = 2}), InvalidArgument);
  EXPECT_THROW(Conv2D(4, 3, {.padding = "full"}), InvalidArgument);
  EXPECT_THROW(Conv2D(4, 3, {.padding = "causal"}), InvalidArgument);
  EXPECT_THROW(SeparableConv1D(4, 3, {.padding = "causal"}), InvalidArgument);
  EXPECT_NO_THROW(Conv1D(4, 3, {.padding = "Causal"}));
  EXPECT_THROW(Conv2D(4, 3, {.data_format = "channels"}), InvalidArgument);
  EXPECT_NO_THROW(Conv2D(4, 3, {.padding = "SAME"}));
  EXPECT_THROW(Conv2D(4, 3, {.groups = 2})(ones({1, 5, 5, 3})), InvalidArgument);
  EXPECT_THROW(MaxPooling2D(0), InvalidArgument);
  EXPECT_THROW(MaxPooling2D(3)(ones({1, 2, 2, 1})), InvalidArgument);
  EXPECT_THROW(Dropout(1.5), InvalidArgument);
  EXPECT_THROW(Dropout(std::nan("")), InvalidArgument);
  EXPECT_THROW(ReLU({.negative_slope = -1}), InvalidArgument);
  EXPECT_THROW(Reshape({-1, -1}), InvalidArgument);
  EXPECT_THROW(Reshape({5, -1})(ones({1, 6})), InvalidArgument);
  EXPECT_THROW(Reshape({5})(Input({6})), InvalidArgument);
  EXPECT_THROW(ZeroPadding2D(-1), InvalidArgument);
  EXPECT_THROW(Rescaling({1.0, 2.0})(ones({1, 3})), InvalidArgument);
  EXPECT_THROW(Softmax({.axis = 3})(ones({1, 3})), InvalidArgument);
  EXPECT_THROW(BatchNormalization({.axis = 4})(ones({1, 3})), InvalidArgument);
  EXPECT_THROW(Concatenate()(Tensors{ones({1, 3}), ones({2, 3})}), InvalidArgument);
  EXPECT_THROW(Concatenate()(Tensors{}), InvalidArgument);
  EXPECT_THROW(Add()(Tensors{ones({2, 3}), ones({2, 4})}), InvalidArgument);
}

TEST(LayerOptions, SmallTypes) {
  EXPECT_EQ(Pair(3), Pair(3, 3));
  EXPECT_EQ(Conv2D(1, {5, 3})->config().at("kernel_size").dump(), "[5, 3]");
  EXPECT_EQ(MaxPooling2D(2)->config().at("strides").dump(), "[2, 2]");
  EXPECT_EQ(ZeroPadding2D({1, 2})->config().at("padding").dump(), "[[1, 1], [2, 2]]");
  EXPECT_EQ(Conv1D(1, 5)->config().at("kernel_size").dump(), "[5]");
  EXPECT_EQ(Conv3D(1, {1, 3, 2}, {.strides = 2})->config().at("kernel_size").dump(), "[1, 3, 2]");
  EXPECT_EQ(MaxPooling3D()->config().at("strides").dump(), "[2, 2, 2]");
  EXPECT_EQ(Cropping1D({2, 0})->config().at("cropping").dump(), "[2, 0]");
  EXPECT_EQ(ZeroPadding3D({{1, 0}, 2, 3})->config().at("padding").dump(), "[[1, 0], [2, 2], [3, 3]]");
  EXPECT_THROW(
      layer_from_json(Json::parse(R"({"class_name": "Conv1D", "config": {"filters": 1, "kernel_size": [1, 2]}})")),
      InvalidArgument);
  EXPECT_EQ(Rescaling(1)->config().at("scale").dump(), "1.0");
  EXPECT_EQ(Softmax({.axis = {1, 2}})->config().at("axis").dump(), "[1, 2]");
}

TEST(Conv1D, CausalStepsSeeNoLaterOnes) {
  const Layer conv = Conv1D(2, 3, {.padding = "causal", .dilation_rate = 2});
  const Tensor y = conv(ones({1, 8, 1}));
  std::vector<float> changed(8, 1);
  changed[5] = 7;  // the sixth step: the outputs of the five before it stay
  const Tensor other = conv(Tensor::from(changed, {1, 8, 1}));
  const auto a = y.to_vector<float>(), b = other.to_vector<float>();
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(a[i], b[i]);
  EXPECT_NE(a[10], b[10]);
}

/// What dropout does is drawn, so no golden tells it: the share of what is dropped, for each gate alone.
TEST(ConvLSTM, DropsInTrainingAlone) {
  const Tensor film = ones({2, 3, 4, 4, 2});
  const Layer layer = ConvLSTM2D(3, 2, {.dropout = 0.5, .recurrent_dropout = 0.5, .seed = 3});
  const auto still = layer(film).to_vector<float>();
  EXPECT_EQ(layer(film).to_vector<float>(), still);
  const auto dropped = layer(film, training).to_vector<float>();
  EXPECT_NE(dropped, still);
  EXPECT_NE(layer(film, training).to_vector<float>(), dropped);
  const Layer nothing = ConvLSTM2D(3, 2, {.use_bias = false, .dropout = 1});
  EXPECT_EQ(sum(abs(nothing(film, training))).item(), 0);  // no input: the state stays zero
}

TEST(ConvLSTM, GoesOnFromItsStates) {
  const Tensor film = ones({1, 4, 3, 3, 1});
  const Layer whole = ConvLSTM2D(2, 2), half = ConvLSTM2D(2, 2, {.stateful = true});
  const auto expected = whole(film).to_vector<double>();
  const Tensor part = ones({1, 2, 3, 3, 1});
  half(part);
  half.set_weights(whole.get_weights());
  reset_states(half);
  half(part);
  const auto got = half(part).to_vector<double>();
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-6);
}

/// Keras calls the layer's computation alone, for each step: a penalty on the layer's own output is no part of it.
TEST(TimeDistributed, HasNoActivityRegularizerOfItsLayer) {
  const Layer inner = Dense(2, {.activity_regularizer = "l2"}), steps = TimeDistributed(inner);
  steps(ones({2, 3, 4}));
  EXPECT_TRUE(steps->losses().empty());
  inner(ones({2, 4}));
  EXPECT_EQ(inner->losses().size(), 1u);
}

/// For that size alone Keras makes layers that keep states.
TEST(Recurrent, StatefulOnesAreBuiltForABatch) {
  const Shape shape({4, 3, 2});
  for (const Layer& layer : {LSTM(2, {.stateful = true}), Bidirectional(GRU(2, {.stateful = true}))}) {
    layer(ones(shape));
    EXPECT_EQ(layer->build_config().at("input_shape"), Json::array({4, 3, 2}));
  }
  const Layer other = LSTM(2);
  other(ones(shape));
  EXPECT_EQ(other->build_config().at("input_shape"), Json::array({nullptr, 3, 2}));
}

TEST(Recurrent, OnesThatAreReadKeepTheirType) {
  const Shape sequences = {2, 4, 5}, rows = {2, 4, 5, 2};
  const Layer lstm = LSTM(3, {.dtype = DType::float64});
  for (const auto& [made, shape] : {std::pair(lstm, sequences), std::pair(GRU(3, {.dtype = DType::float64}), sequences),
                                    std::pair(SimpleRNN(3, {.dtype = DType::float64}), sequences),
                                    std::pair(Bidirectional(lstm, {.dtype = DType::float64}), sequences),
                                    std::pair(ConvLSTM1D(2, 2, {.dtype = DType::float64}), rows)}) {
    const Layer read = layer_from_json(layer_to_json(made));
    const Tensor x = ones(shape, DType::float64), y = read(x);
    EXPECT_EQ(y.dtype(), DType::float64);
    for (const Tensor& weight : read.weights()) EXPECT_EQ(weight.dtype(), DType::float64) << weight.name();
    made(x);
    made.set_weights(read.get_weights());
    EXPECT_EQ(y.to_vector<double>(), made(x).to_vector<double>());
  }
}

TEST(Dense, CustomActivation) {
  const Layer dense = Dense(2, {.activation = [](const Tensor& x) { return x * 2.0; }, .kernel_initializer = "ones"});
  EXPECT_EQ(dense(ones({1, 3})).to_vector<float>(), (std::vector<float>{6, 6}));
}

/// As tf_keras writes it.
TEST(MultiHeadAttention, TakesTheNumberOfASingleSize) {
  const Layer layer = layer_from_json(Json::parse(R"({"class_name": "MultiHeadAttention", "config": )"
                                                  R"({"num_heads": 2, "key_dim": 3, "output_shape": 5}})"));
  EXPECT_EQ(layer({ones({2, 3, 4}), ones({2, 6, 4})}).shape(), (Shape{2, 3, 5}));
  EXPECT_EQ(layer->config().at("output_shape"), Json::array({5}));
}

}  // namespace
}  // namespace hebb
