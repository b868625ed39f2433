// Layers for sequences against what real Keras computes (tests/goldens/make_sequence_layers.py): outputs, states,
// masks, gradients and weights.

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/masking.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

using goldens::near;

const std::vector<const Json*>& all_cases() {
  static const std::vector<const Json*> all = goldens::cases_of({"sequence_layers", "conv_lstm"});
  return all;
}

class SequenceLayerGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return *all_cases()[GetParam()]; }
  std::string name() const { return golden().at("name").as_string(); }

  Tensors inputs() const {
    Tensors out;
    for (const Tensor& x : goldens::tensors(golden().at("inputs")))
      out.push_back(is_floating(x.dtype()) ? variable(x) : x);
    return out;
  }
  Tensor given_mask() const {
    const Json& mask = golden().at("mask");
    return mask.is_null() ? Tensor() : goldens::tensor(mask);
  }

  Layer layer(const Tensors& xs, const Json* config = nullptr) const {
    const Layer made = layer_from_json(
        Json::object({{"class_name", golden().at("layer")}, {"config", config ? *config : golden().at("config")}}));
    std::vector<Shape> shapes;
    for (const Tensor& x : xs) shapes.push_back(x.shape());
    made->build_for(shapes);
    made.set_weights(goldens::tensors(golden().at("weights")));
    return made;
  }

  /// The outputs, the output's mask (or nothing), then the gradients of inputs and weights.
  Tensors run(const Layer& made, const Tensors& xs, const Tensor& mask) const {
    CallOptions options{.training = golden().at("training").as_bool()};
    if (mask.defined()) options.masks = {mask};
    Tensors out = made.call_many(xs, options);
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
    if (!wanted.empty()) {
      for (const Tensor& g : gradient(total, wanted)) out.push_back(g);
    }
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
      EXPECT_TRUE(near(results.at(at++), expected, 2e-5, 1e-2)) << name() << ": gradient of an input";
    for (const Json& expected : golden().at("weight_gradients").items()) {
      EXPECT_TRUE(near(results.at(at++), goldens::tensor(expected), 2e-5, 1e-2))
          << name() << ": gradient of " << expected.at("name").as_string();
    }
    EXPECT_EQ(at, results.size());
  }
};

TEST_P(SequenceLayerGolden, Eager) {
  const Tensors xs = inputs();
  check(run(layer(xs), xs, given_mask()));
}

TEST_P(SequenceLayerGolden, Planned) {
  const Tensors xs = inputs();
  const Layer made = layer(xs);
  Tensors given = xs;
  const Tensor mask = given_mask();
  if (mask.defined()) given.push_back(mask);
  PlanCache plans([&](const Tensors& traced) {
    Tensors in = traced;
    Tensor traced_mask;
    if (mask.defined()) {
      traced_mask = in.back();
      in.pop_back();
    }
    return run(made, in, traced_mask);
  });
  check(plans.run(given));
}

/// Step by step in single operations: the same numbers, and gradients of gradients.
TEST_P(SequenceLayerGolden, Unrolled) {
  const Json& config = golden().at("config");
  if (!config.contains("unroll")) return;
  Json unrolled = config;
  unrolled.set("unroll", true);
  const Tensors xs = inputs();
  const Layer made = layer(xs, &unrolled);
  check(run(made, xs, given_mask()));
  const Tensor w = made.trainable_weights().front();
  const auto slope = [&](const Layer& of) { return sum(gradient(sum(of(xs[0])), of.trainable_weights().front())); };
  if (golden().at("outputs").size() > 1) return;
  EXPECT_NO_THROW(gradient(slope(made), w));
}

TEST_P(SequenceLayerGolden, Weights) {
  const Layer made = layer(inputs());
  const auto& expected = golden().at("weights").items();
  const Tensors weights = made.weights();
  ASSERT_EQ(weights.size(), expected.size());
  for (size_t i = 0; i < weights.size(); ++i) EXPECT_EQ(weights[i].name(), expected[i].at("name").as_string());
}

TEST_P(SequenceLayerGolden, Configuration) {
  const Layer made = layer(inputs());
  EXPECT_TRUE(goldens::same_json(without_key(made->config(), "build_config"),
                                 without_key(golden().at("config"), "build_config")));
  const Layer again = layer_from_json(Json::parse(layer_to_json(made).dump()));
  EXPECT_EQ(again->config().dump(), made->config().dump());
  EXPECT_EQ(layer_to_json(again).dump(), layer_to_json(made).dump());
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return all_cases()[info.param]->at("name").as_string();
}
INSTANTIATE_TEST_SUITE_P(Keras, SequenceLayerGolden, ::testing::Range(size_t{0}, all_cases().size()), case_name);

}  // namespace
}  // namespace hebb
