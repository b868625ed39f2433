#include "hebb/nn/layers/learned_activations.h"

#include <gtest/gtest.h>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/data/data.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;

TEST(LearnedActivations, Maxout) {
  const Layer layer = Maxout(2, {.pieces = 2});
  layer(ones({1, 1}));
  layer.set_weights({Tensor::from({1, -1, 2, 0}, {1, 4}), Tensor::from({0, 0, 1, 3}, {4})});
  // max(x, -x) is |x|; max(2x + 1, 3).
  const Tensor x = variable(Tensor::from({-2, 0.5, 4}, {3, 1}));
  EXPECT_EQ(layer(x).to_vector<float>(), (Floats{2, 3, 0.5, 3, 4, 9}));
  EXPECT_EQ(gradient(sum(layer(x)), x).to_vector<float>(), (Floats{-1, 1, 3}));
  EXPECT_EQ(layer(ones({2, 3, 1})).shape(), (Shape{2, 3, 2}));
  EXPECT_EQ(Maxout(3)(Input({5})).shape(), (Shape{Shape::unknown, 3}));
}

TEST(LearnedActivations, PiecewiseLinear) {
  const Layer layer = PiecewiseLinear();
  layer(ones({1, 3}));
  EXPECT_EQ(layer.count_params(), 4);
  layer.set_weights({Tensor{1, -1}, Tensor{0, -2}});
  // max(x, 0) + max(0, -x) - max(0, -2 - x): |x| above -2, 2 below.
  EXPECT_EQ(layer(Tensor::from({-5, -1, 3}, {1, 3})).to_vector<float>(), (Floats{2, 1, 3}));

  const Layer own = PiecewiseLinear({.pieces = 1, .per_unit = true});
  own(ones({1, 2}));
  own.set_weights({Tensor::from({1, 2}, {1, 2}), Tensor::from({0, 1}, {1, 2})});
  EXPECT_EQ(own(Tensor::from({-1, -1, 2, 2}, {2, 2})).to_vector<float>(), (Floats{1, 4, 2, 2}));
}

TEST(LearnedActivations, SoftExponentialBeginsAsTheIdentity) {
  const Layer layer = SoftExponential();
  EXPECT_EQ(layer(Tensor::from({-1, 2}, {1, 2})).to_vector<float>(), (Floats{-1, 2}));
  EXPECT_EQ(layer.count_params(), 1);
}

/// Each behind a layer of the same network: all their weights change, and the loss falls.
TEST(LearnedActivations, Learn) {
  const auto [x, y] = data::moons({.samples = 256, .noise = 0.1, .seed = 3});
  const std::vector<std::pair<Layer, Layer>> pairs = {{Dense(8), PReLU()},
                                                      {Dense(8), SoftExponential()},
                                                      {Dense(8), PiecewiseLinear()},
                                                      {Dense(8), PiecewiseLinear({.per_unit = true})},
                                                      {Maxout(8), Activation("linear")}};
  for (const auto& [sums, activation] : pairs) {
    SCOPED_TRACE(activation.class_name());
    Sequential model({Input({2}), sums, activation, Dense(2, {.activation = "softmax"})});
    model.compile({.optimizer = SGD({.learning_rate = 0.05}), .loss = "sparse_categorical_crossentropy"});
    std::vector<Floats> before;
    for (const Tensor& weight : activation.get_weights()) before.push_back(weight.to_vector<float>());
    const History history = model.fit(x, y, {.epochs = 5, .verbose = 0});
    EXPECT_LT(history["loss"].back(), history["loss"].front());
    const Tensors after = activation.get_weights();
    for (size_t i = 0; i < after.size(); ++i) EXPECT_NE(after[i].to_vector<float>(), before[i]);
  }
}

TEST(LearnedActivations, FilesNameWhatIsNotKerass) {
  for (const Layer& layer : {Maxout(4, {.pieces = 3}), PiecewiseLinear({.pieces = 3}), SoftExponential()}) {
    layer(ones({2, 5}));
    const Json json = layer_to_json(layer);
    EXPECT_TRUE(json.at("module").is_null());
    EXPECT_EQ(json.at("registered_name").as_string(), "hebb>" + layer.class_name());
    const Layer again = layer_from_json(Json::parse(json.dump()));
    again.set_weights(layer.get_weights());
    const Tensor x = Tensor::from({1, -2, 3, -4, 5}, {1, 5});
    EXPECT_EQ(again(x).to_vector<float>(), layer(x).to_vector<float>());
    EXPECT_EQ(layer_to_json(again).dump(), json.dump());
  }
  EXPECT_EQ(layer_to_json(PReLU()).at("module").as_string(), "keras.layers");
}

std::string refusal(const std::function<void()>& body) {
  try {
    body();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return {};
}

TEST(LearnedActivations, Refusals) {
  EXPECT_NE(refusal([] { Maxout(0); }).find("units of at least 1"), std::string::npos);
  EXPECT_NE(refusal([] { Maxout(1, {.pieces = 0}); }).find("linear Dense"), std::string::npos);
  EXPECT_NE(refusal([] { PiecewiseLinear({.pieces = 0}); }).find("ReLU()"), std::string::npos);
  EXPECT_NE(refusal([] {
              PReLU({.shared_axes = {0}})(ones({2, 3}));
            }).find("shared_axes from 1 to 1"),
            std::string::npos);
  EXPECT_NE(refusal([] { PReLU()(Input({Shape::unknown, 3})); }).find("Share the slopes"), std::string::npos);
  const Layer built = PReLU();
  built(ones({2, 3}));
  EXPECT_NE(refusal([&] { built(ones({2, 4})); }).find("examples of shape (3,)"), std::string::npos);
  EXPECT_NE(refusal([] { Dense(2, {.activation = "PReLU"}); }).find("PReLU() behind the layer"), std::string::npos);
  EXPECT_NE(refusal([] { LeakyReLU({.negative_slope = -1}); }).find("negative_slope of at least 0"), std::string::npos);
}

}  // namespace
}  // namespace hebb
