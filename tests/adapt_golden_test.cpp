// What layers learn from data before training, against real Keras (tests/goldens/make_preprocessing.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/adapt.h"
#include "hebb/nn/layers.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

using goldens::near;

Layer layer_before(const Json& golden) {
  return layer_from_json(Json::object({{"class_name", golden.at("layer")}, {"config", golden.at("before")}}));
}

/// Numbers may differ by rounding: what a configuration holds was computed in float32.
void expect_config(const Json& actual, const Json& expected, const std::string& name) {
  ASSERT_EQ(actual.size(), expected.size()) << name;
  for (size_t i = 0; i < actual.size(); ++i) {
    const Json::Member &member = actual.members()[i], &wanted = expected.members()[i];
    ASSERT_EQ(member.first, wanted.first) << name;
    if (member.first != "bin_boundaries" || wanted.second.is_null()) {
      EXPECT_TRUE(goldens::same_json(member.second, wanted.second)) << name << ": " << member.first;
      continue;
    }
    ASSERT_EQ(member.second.size(), wanted.second.size()) << name;
    for (size_t k = 0; k < wanted.second.size(); ++k)
      EXPECT_NEAR(member.second.at(k).as_double(), wanted.second.at(k).as_double(), 1e-6) << name;
  }
}

TEST(AdaptGolden, LearnsWhatKerasLearns) {
  for (const Json& golden : goldens::file("preprocessing").at("adapted").items()) {
    const std::string name = golden.at("name").as_string();
    const Layer layer = layer_before(golden);
    const Tensors batches = goldens::tensors(golden.at("batches"));
    if (batches.size() == 1) {
      adapt(layer, batches.front());
    } else {
      adapt(layer, data::Dataset(Tensors{concatenate(batches, 0)}, Tensors()),
            {.batch_size = batches.front().shape().front()});
    }
    expect_config(layer->config(), golden.at("config"), name);
    const auto& weights = golden.at("weights").items();
    ASSERT_EQ(layer.weights().size(), weights.size()) << name;
    for (size_t i = 0; i < weights.size(); ++i) {
      EXPECT_EQ(layer.weights()[i].name(), weights[i].at("name").as_string()) << name;
      EXPECT_TRUE(near(layer.weights()[i], goldens::tensor(weights[i]), 2e-6, 1)) << name;
    }
    // What was learned is in the file.
    const Layer again = layer_from_json(Json::parse(layer_to_json(layer).dump()));
    EXPECT_EQ(again->config().dump(), layer->config().dump()) << name;
  }
}

TEST(Adapt, StopsAfterTheStepsAskedFor) {
  const Layer all = Normalization({.axis = {}}), some = Normalization({.axis = {}});
  const Tensor x = Tensor::from({1, 2, 3, 40, 50, 60}, Shape{6, 1});
  adapt(all, x);
  adapt(some, data::Dataset(Tensors{x}, Tensors()), {.batch_size = 3, .steps = 1});
  EXPECT_FLOAT_EQ(all.weights()[0].to_vector<float>()[0], 26);
  EXPECT_FLOAT_EQ(some.weights()[0].to_vector<float>()[0], 2);
}

TEST(Adapt, RefusesWhatLearnsNothing) {
  const Tensor x = ones({4, 2});
  for (const Layer& layer :
       std::vector<Layer>{Dense(3), Normalization({.mean = 0.0, .variance = 1.0}), Discretization({0.0, 1.0})})
    EXPECT_THROW(adapt(layer, x), InvalidArgument) << layer.name();
  EXPECT_THROW(adapt(Normalization(), zeros({0, 2})), InvalidArgument);
  EXPECT_THROW(adapt(Normalization(), data::Dataset(Tensors{x}, Tensors()), {.input = 1}), InvalidArgument);
  EXPECT_THROW(Discretization(3)(x), InvalidArgument);
  const Layer normalization = Normalization();
  adapt(normalization, x);
  EXPECT_THROW(adapt(normalization, ones({4, 3})), InvalidArgument);
}

}  // namespace
}  // namespace hebb
