// Every initializer, regularizer and constraint of every layer reaches the weight that it reaches in Keras
// (tests/goldens/make_layer_arguments.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/nn/layers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

using goldens::near;

class LayerArgumentsGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("layer_arguments")[GetParam()]; }

  /// The layer, built, and what it was called with.
  Layer layer(Tensors& xs) const {
    const Layer made =
        layer_from_json(Json::object({{"class_name", golden().at("layer")}, {"config", golden().at("config")}}));
    xs = goldens::tensors(golden().at("inputs"));
    made.call_many(xs, {});
    return made;
  }
};

TEST_P(LayerArgumentsGolden, FirstWeights) {
  Tensors xs;
  const Tensors weights = layer(xs).weights(), first = goldens::tensors(golden().at("first"));
  ASSERT_EQ(weights.size(), first.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(weights[i].name(), golden().at("names").at(i).as_string());
    EXPECT_TRUE(near(weights[i], first[i], 0)) << weights[i].name();
  }
}

TEST_P(LayerArgumentsGolden, Losses) {
  Tensors xs;
  const Layer made = layer(xs);
  made.set_weights(goldens::tensors(golden().at("weights")));
  made.call_many(xs, {});
  Tensor total = full({}, 0.0);
  for (const Tensor& loss : made->losses()) total = total + sum(loss);
  EXPECT_TRUE(near(total, goldens::tensor(golden().at("losses")), 1e-5));
}

TEST_P(LayerArgumentsGolden, Constraints) {
  Tensors xs;
  const Layer made = layer(xs);
  const Tensors given = goldens::tensors(golden().at("weights")), weights = made.weights();
  for (size_t i = 0; i < given.size(); ++i) {
    const Json& expected = golden().at("constrained").at(i);
    const auto& constraint = weights[i].body()->constraint;
    ASSERT_EQ(constraint == nullptr, expected.is_null()) << weights[i].name();
    if (!constraint) continue;
    EXPECT_TRUE(near((*constraint)(given[i]), goldens::tensor(expected), 1e-6)) << weights[i].name();
  }
}

TEST_P(LayerArgumentsGolden, Configuration) {
  Tensors xs;
  const Layer made = layer(xs);
  EXPECT_TRUE(goldens::same_json(made->config(), golden().at("config")));
  const Layer again = layer_from_json(Json::parse(layer_to_json(made).dump()));
  EXPECT_EQ(layer_to_json(again).dump(), layer_to_json(made).dump());
}

INSTANTIATE_TEST_SUITE_P(Keras, LayerArgumentsGolden,
                         ::testing::Range(size_t{0}, goldens::cases("layer_arguments").size()),
                         [](const ::testing::TestParamInfo<size_t>& info) {
                           return goldens::cases("layer_arguments")[info.param].at("name").as_string();
                         });

}  // namespace
}  // namespace hebb
