// Layers that look at several inputs and their masks against what real Keras computes
// (tests/goldens/make_attention.py): outputs, the mask that they carry, gradients and weights.

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/autograd/gradient.h"
#include "hebb/nn/call_flags.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/masking.h"
#include "hebb/ops/attention.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

using goldens::near;

class AttentionGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("attention")[GetParam()]; }
  std::string name() const { return golden().at("name").as_string(); }

  Tensors inputs() const {
    Tensors out;
    for (const Tensor& x : goldens::tensors(golden().at("inputs")))
      out.push_back(is_floating(x.dtype()) ? variable(x) : x);
    return out;
  }

  CallOptions options() const {
    CallOptions options{.training = golden().at("training").as_bool()};
    for (const Json& input : golden().at("names").items()) options.inputs.push_back(input.as_string());
    for (const Json& mask : golden().at("masks").items())
      options.masks.push_back(mask.is_null() ? Tensor() : goldens::tensor(mask));
    for (const auto& [flag, value] : golden().at("flags").members()) {
      for (const auto& [known, member] : call_flags) {
        if (flag == known) options.*member = value.as_bool();
      }
    }
    return options;
  }

  Layer layer(const Tensors& xs) const {
    const Layer made =
        layer_from_json(Json::object({{"class_name", golden().at("layer")}, {"config", golden().at("config")}}));
    made.call_many(xs, options());  // builds it
    made.set_weights(goldens::tensors(golden().at("weights")));
    return made;
  }

  /// The outputs, the output's mask (or nothing), then the gradients of inputs and weights.
  Tensors run(const Layer& made, const Tensors& xs) const {
    Tensors out = made.call_many(xs, options());
    const Tensors seeds = goldens::tensors(golden().at("seed_gradients"));
    EXPECT_EQ(out.size(), seeds.size());
    Tensors wanted;
    for (const Tensor& x : xs) {
      if (is_floating(x.dtype())) wanted.push_back(x);
    }
    for (const Tensor& weight : made.trainable_weights()) wanted.push_back(weight);
    Tensor total = sum(out[0] * seeds[0]);
    for (size_t i = 1; i < seeds.size(); ++i) total = total + sum(out[i] * seeds[i]);
    const Tensor out_mask = mask_of(out[0]);
    EXPECT_EQ(out_mask.defined(), !golden().at("output_mask").is_null()) << name();
    if (out_mask.defined()) out.push_back(out_mask);
    for (const Tensor& g : gradient(total, wanted)) out.push_back(g);
    return out;
  }

  void check(const Tensors& results) const {
    size_t at = 0;
    for (const Tensor& expected : goldens::tensors(golden().at("outputs")))
      EXPECT_TRUE(near(results.at(at++), expected, 1e-5)) << name() << ": output " << at - 1;
    if (!golden().at("output_mask").is_null()) {
      EXPECT_TRUE(near(results.at(at++), goldens::tensor(golden().at("output_mask")), 0)) << name() << ": mask";
    }
    for (const Tensor& expected : goldens::tensors(golden().at("input_gradients")))
      EXPECT_TRUE(near(results.at(at++), expected, 2e-5, 0.1)) << name() << ": gradient of an input";
    for (const Json& expected : golden().at("weight_gradients").items()) {
      EXPECT_TRUE(near(results.at(at++), goldens::tensor(expected), 2e-5, 0.1))  // that of a bias of keys is 0
          << name() << ": gradient of " << expected.at("name").as_string();
    }
    EXPECT_EQ(at, results.size());
  }
};

TEST_P(AttentionGolden, Eager) {
  const Tensors xs = inputs();
  check(run(layer(xs), xs));
}

/// What a call in training changes.
TEST_P(AttentionGolden, WeightsAfter) {
  const Tensors xs = inputs();
  const Layer made = layer(xs);
  made.call_many(xs, options());
  const Tensors expected = goldens::tensors(golden().at("weights_after"));
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_TRUE(near(made.weights()[i], expected[i], 1e-5)) << name() << ": " << made.weights()[i].name();
}

TEST_P(AttentionGolden, Planned) {
  const Tensors xs = inputs();
  const Layer made = layer(xs);
  PlanCache plans([&](const Tensors& traced) { return run(made, traced); });
  check(plans.run(xs));
}

TEST_P(AttentionGolden, Weights) {
  const Layer made = layer(inputs());
  const auto& expected = golden().at("weights").items();
  const Tensors weights = made.weights();
  ASSERT_EQ(weights.size(), expected.size());
  for (size_t i = 0; i < weights.size(); ++i) EXPECT_EQ(weights[i].name(), expected[i].at("name").as_string());
}

TEST_P(AttentionGolden, Configuration) {
  const Layer made = layer(inputs());
  EXPECT_TRUE(goldens::same_json(without_key(made->config(), "build_config"),
                                 without_key(golden().at("config"), "build_config")));
  const Json json = layer_to_json(made);
  // Keras builds the outermost layer for the size of the batch here, too.
  if (const Json* config = json.find("build_config"); config && config->contains("shapes_dict")) {
    const auto &shapes = config->at("shapes_dict").members(),
               &expected = golden().at("build_config").at("shapes_dict").members();
    ASSERT_EQ(shapes.size(), expected.size());
    for (size_t i = 0; i < shapes.size(); ++i) EXPECT_EQ(shapes[i].first, expected[i].first);
  }
  const Layer again = layer_from_json(Json::parse(json.dump()));
  EXPECT_EQ(again->config().dump(), made->config().dump());
  EXPECT_EQ(layer_to_json(again).dump(), json.dump());
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::cases("attention")[info.param].at("name").as_string();
}
INSTANTIATE_TEST_SUITE_P(Keras, AttentionGolden, ::testing::Range(size_t{0}, goldens::cases("attention").size()),
                         case_name);

/// Each share is 1 whatever the scores are. What rounding would leave of their gradients, optimizers that divide by a
/// gradient's size would make steps of.
TEST(Attention, OfOneKeyHasNoGradientOfScores) {
  const Tensor query = variable(random::normal({2, 5, 2, 7}, {.seed = 1})),
               key = variable(random::normal({2, 1, 2, 7}, {.seed = 2})),
               value = variable(random::normal({2, 1, 2, 9}, {.seed = 3}));
  const Tensor y = attention(query, key, value);
  const Tensors gradients = gradient(sum(y * random::normal(y.shape(), {.seed = 4})), Tensors{query, key, value});
  EXPECT_EQ(max(abs(gradients[0])).item(), 0);
  EXPECT_EQ(max(abs(gradients[1])).item(), 0);
  EXPECT_GT(max(abs(gradients[2])).item(), 0);
}

}  // namespace
}  // namespace hebb
