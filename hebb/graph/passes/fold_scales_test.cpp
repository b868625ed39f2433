#include <gtest/gtest.h>

#include <algorithm>

#include "hebb/graph/passes/passes.h"
#include "hebb/graph/trace.h"
#include "hebb/ops/ops.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

std::vector<std::string_view> operations(const Graph& graph) {
  std::vector<std::string_view> names;
  for (const Graph::Operation& node : graph.nodes) names.push_back(node.op->name());
  return names;
}

const Spec picture{{2, 6, 5, 3}};

struct Layer {
  Tensor weights = variable(random::normal({3, 3, 3, 4}, {.seed = 1}));
  Tensor bias = variable(random::normal({4}, {.seed = 2}));
  Tensor scale = variable(random::normal({4}, {.seed = 3}));
  Tensor shift = variable(random::normal({4}, {.seed = 4}));

  Tensor operator()(const Tensor& x) const { return (conv(x, weights) + bias) * scale + shift; }
};

TEST(FoldScales, ScalesTheWeights) {
  const Layer layer;
  const Graph graph =
      apply_passes(trace([&](const Tensors& in) { return Tensors{relu(layer(in[0]))}; }, {picture}), {});
  const auto names = operations(graph);
  EXPECT_EQ(std::count(names.begin(), names.end(), "fused_conv"), 1);
  // Only what has a number for each channel, or weight, is left of the rest.
  for (const Graph::Operation& node : graph.nodes) {
    const Shape& shape = graph.values[static_cast<size_t>(node.outputs[0])].spec.shape;
    EXPECT_TRUE(node.op->name() == "fused_conv" || shape.elements() <= 108) << node.op->name();
  }
}

/// The gradient of what stands before a frozen layer behind a frozen normalisation.
TEST(FoldScales, LeavesTransposedWeights) {
  const Tensor weights = variable(random::normal({4, 4}, {.seed = 1})),
               scale = variable(random::normal({4}, {.seed = 2}));
  const auto scaled = [&](const Tensor& x) { return matmul(x, weights, {.transpose_b = true}) * scale; };
  const Tensor x = random::normal({3, 4}, {.seed = 3});
  const std::vector<float> expected = scaled(x).to_vector<float>(), got = compiled(scaled)(x).to_vector<float>();
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-6);
}

TEST(FoldScales, PredictsTheSameAndFollowsTheVariables) {
  Layer layer;
  const Tensor x = random::normal(picture.shape, {.seed = 5});
  auto predict = compiled([&](const Tensor& in) { return layer(in); });
  for (int round = 0; round < 3; ++round) {
    const std::vector<float> expected = layer(x).to_vector<float>();
    for (int call = 0; call < 2; ++call) {
      const std::vector<float> got = predict(x).to_vector<float>();
      ASSERT_EQ(got.size(), expected.size());
      for (size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], 1e-4) << round << ", " << call;
    }
    // What was computed from the old values must not be used again.
    if (round == 0) assign(layer.scale, layer.scale * 2.0);
    if (round == 1) assign(layer.weights, layer.weights - 1.0);
  }
}

TEST(FoldScales, LeavesWeightsThatAreTrained) {
  const Layer layer;
  const Graph graph = apply_passes(trace(
                                       [&](const Tensors& in) {
                                         const Tensor y = layer(in[0]);
                                         assign(layer.weights, layer.weights * 0.5);
                                         return Tensors{y};
                                       },
                                       {picture}),
                                   {});
  for (const Graph::Operation& node : graph.nodes) {
    if (node.op->name().find("conv") == std::string_view::npos) continue;
    EXPECT_EQ(graph.values[static_cast<size_t>(node.inputs[1])].source, Graph::Source::variable);
  }
}

TEST(FoldScales, LeavesScalesThatComeFromTheData) {
  const Layer layer;
  const Graph graph = apply_passes(
      trace([&](const Tensors& in) { return Tensors{conv(in[0], layer.weights) * sum(in[0])}; }, {{{2, 6, 5, 3}}}), {});
  const auto names = operations(graph);
  EXPECT_EQ(std::count(names.begin(), names.end(), "conv"), 1);
}

}  // namespace
}  // namespace hebb
