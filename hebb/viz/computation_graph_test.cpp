#include "hebb/viz/computation_graph.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "hebb/graph/trace.h"
#include "hebb/ops/ops.h"

namespace hebb::viz {
namespace {

TEST(ComputationGraph, HasABoxForEachOperationAndItsOperands) {
  const Tensor w = variable(ones({3}), "w");
  const Graph graph =
      trace([&](const Tensors& in) { return Tensors{sum(square(in[0] * w) * 2.0 + 2.0)}; }, {Spec{{3}}});
  const DrawnGraph drawn = computation_graph(graph);
  auto boxes = [&](const std::string& title) {
    return std::ranges::count_if(drawn.boxes, [&](const GraphBox& box) { return box.title == title; });
  };
  EXPECT_EQ(boxes("parameter 0"), 1);
  EXPECT_EQ(boxes("'w'"), 1);
  EXPECT_EQ(boxes("multiply"), 2);
  EXPECT_EQ(boxes("square"), 1);
  EXPECT_EQ(boxes("2"), 2);  // a constant for each reader
  EXPECT_EQ(boxes("output 0"), 1);
  size_t operands = graph.outputs.size();
  for (const Graph::Operation& node : graph.nodes) operands += node.inputs.size();
  EXPECT_EQ(drawn.arrows.size(), operands);
  EXPECT_GT(draw_graph(drawn).width(), 100);
}

}  // namespace
}  // namespace hebb::viz
