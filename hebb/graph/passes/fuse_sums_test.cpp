#include <gtest/gtest.h>

#include "hebb/graph/passes/passes.h"
#include "hebb/graph/trace.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/ops.h"
#include "hebb/plan/plan.h"

namespace hebb {
namespace {

using Function = Tensors (*)(const Tensors&);

Graph fused(Function f, const std::vector<Spec>& in) { return apply_passes(trace(f, in), {}); }

/// A plan of the function, with or without the passes.
std::vector<std::vector<float>> run(Function f, const std::vector<Spec>& in, const Tensors& x, bool passes) {
  PlanOptions options;
  if (!passes) options.skip_passes = {"all"};
  Plan plan = Plan::compile(trace(f, in), options);
  std::vector<const void*> parameters;
  for (const Tensor& tensor : x) parameters.push_back(tensor.raw());
  std::vector<std::vector<float>> results;
  std::vector<void*> outputs;
  for (const Spec& spec : plan.outputs()) results.emplace_back(static_cast<size_t>(spec.shape.elements()));
  for (std::vector<float>& result : results) outputs.push_back(result.data());
  plan.run(parameters, outputs);
  return results;
}

void expect_same(Function f, const std::vector<Spec>& in) {
  Tensors x;
  for (size_t i = 0; i < in.size(); ++i)
    x.push_back(random::normal(in[i].shape, {.seed = static_cast<int64_t>(i + 1)}));
  const auto got = run(f, in, x, true), expected = run(f, in, x, false);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    for (size_t k = 0; k < got[i].size(); ++k)
      ASSERT_NEAR(got[i][k], expected[i][k], 1e-5 + 1e-5 * std::abs(expected[i][k])) << i << ", " << k;
  }
}

const FusedElementwise& loop_of(const Graph& graph, size_t node) {
  return dynamic_cast<const FusedElementwise&>(*graph.nodes.at(node).op);
}

const std::vector<Spec> pictures = {{{6, 5, 7, 4}}, {{6, 5, 7, 4}}};

// The gradient of a bias behind a ReLU.
TEST(FuseSums, SumsWhatIsAlsoStored) {
  const auto f = [](const Tensors& in) {
    const Tensor gradient = select(greater(in[0], 0.0), in[1], zeros_like(in[1]));
    return Tensors{gradient, sum(gradient, {.axes = {0, 1, 2}})};
  };
  const Graph graph = fused(f, pictures);
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(loop_of(graph, 0).outputs().size(), 1u);
  EXPECT_EQ(loop_of(graph, 0).sums().size(), 1u);
  expect_same(f, pictures);
}

TEST(FuseSums, DoesNotStoreWhatIsOnlySummed) {
  const auto f = [](const Tensors& in) {
    return Tensors{sum(square(in[0] - in[1]), {.axes = {0, 1, 2}, .keepdims = true}), sum(in[0] * in[1])};
  };
  const Graph graph = fused(f, pictures);
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_TRUE(loop_of(graph, 0).outputs().empty());
  EXPECT_EQ(loop_of(graph, 0).sums().size(), 2u);
  expect_same(f, pictures);
}

TEST(FuseSums, LeavesSumsOverOtherAxes) {
  const auto f = [](const Tensors& in) {
    const Tensor x = in[0] * in[1];
    return Tensors{sum(x, {.axes = {3}}), sum(x, {.axes = {0, 2}}), max(x, {.axes = {0, 1, 2}})};
  };
  EXPECT_EQ(fused(f, pictures).nodes.size(), 4u);
  expect_same(f, pictures);
}

// A batch normalisation reads the picture three times and writes it once: the centred picture is computed again.
TEST(FuseElementwise, ComputesCheapThingsAgain) {
  const auto f = [](const Tensors& in) {
    const ReduceOptions batch{.axes = {0, 1, 2}};
    const Tensor centred = in[0] - mean(in[0], batch);
    const Tensor spread = mean(square(centred), batch);
    return Tensors{centred * rsqrt(spread + 1e-3)};
  };
  const Graph graph = fused(f, pictures);
  size_t large = 0;
  for (const Graph::Operation& node : graph.nodes) {
    for (int output : node.outputs) large += graph.values[static_cast<size_t>(output)].spec.shape.elements() > 100;
  }
  EXPECT_EQ(large, 1u);
  expect_same(f, pictures);
}

TEST(FuseElementwise, StoresCheapThingsThatOthersNeed) {
  const auto f = [](const Tensors& in) {
    const Tensor half = in[0] * 0.5;
    return Tensors{tanh(half + sum(half)), max(half, {.axes = {0}})};
  };
  expect_same(f, pictures);
  const auto stored = [](const Tensors& in) {
    const Tensor half = in[0] * 0.5;
    return Tensors{half, tanh(half + sum(half))};
  };
  expect_same(stored, pictures);
}

}  // namespace
}  // namespace hebb
