#include "hebb/graph/graph.h"

#include <gtest/gtest.h>

#include "hebb/base/error.h"
#include "hebb/graph/trace.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

Graph example(const Tensor& w) {
  return trace(
      [&](const Tensors& in) {
        const Tensor y = matmul(in[0], w);
        assign(w, w * 0.5);
        return Tensors{tanh(y)};
      },
      {Spec{{2, 3}}});
}

TEST(Graph, IsWhatWasTraced) {
  const Tensor w = variable(ones({3, 4}), "w");
  const Graph graph = example(w);
  EXPECT_EQ(graph.parameters.size(), 1u);
  ASSERT_EQ(graph.variables.size(), 1u);
  EXPECT_EQ(graph.variables[0].tensor.body(), w.body());
  EXPECT_EQ(graph.nodes.size(), 3u);
  EXPECT_EQ(graph.updates.size(), 1u);
  const std::string text = graph.to_string();
  for (const char* part :
       {"matmul(", "tanh(", "multiply(", "update 'w' <- %", "float32(2, 4)", "parameter 0", "output %"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is missing in\n" << text;
  }
}

TEST(Graph, ReadersAndNeeds) {
  Graph graph;
  const int x = graph.add_value({{2}}, Graph::Source::parameter, 0);
  graph.parameters = {x};
  const Graph sample = trace([](const Tensors& in) { return Tensors{in[0] * in[0] + in[0]}; }, {Spec{{2}}});
  const auto readers = sample.readers();
  const size_t parameter = static_cast<size_t>(sample.parameters[0]);
  EXPECT_EQ(readers[parameter].size(), 3u) << "twice by the product, once by the sum";
  EXPECT_TRUE(sample.needed_at_end()[static_cast<size_t>(sample.outputs[0])]);
  EXPECT_FALSE(sample.needed_at_end()[parameter]);
}

TEST(Graph, CompactingDropsWhatNobodyNeeds) {
  Graph graph = example(variable(ones({3, 4})));
  const size_t nodes = graph.nodes.size(), values = graph.values.size();
  graph.add_constant(ones({5}));
  graph.add_node(graph.nodes[0].op, graph.nodes[0].inputs);
  const Graph small = compacted(graph);
  small.verify();
  EXPECT_EQ(small.nodes.size(), nodes);
  EXPECT_EQ(small.values.size(), values);
  EXPECT_EQ(small.constants.size(), 1u) << "the number of the update";
}

/// Breaks a sound graph in one place.
void expect_broken(const char* what, void (*breaks)(Graph&)) {
  Graph graph = example(variable(ones({3, 4}), "w"));
  graph.verify();
  breaks(graph);
  EXPECT_THROW(graph.verify(), InternalError) << what;
}

TEST(Graph, VerifyFindsMistakes) {
  expect_broken("read before it is made", [](Graph& graph) { std::swap(graph.nodes[0], graph.nodes[1]); });
  expect_broken("no such value", [](Graph& graph) { graph.nodes[0].inputs[0] = 1000; });
  expect_broken("a negative value", [](Graph& graph) { graph.nodes[0].inputs[0] = -1; });
  expect_broken("another shape", [](Graph& graph) {
    graph.values[static_cast<size_t>(graph.nodes[0].outputs[0])].spec.shape = {2, 5};
  });
  expect_broken("another type", [](Graph& graph) {
    graph.values[static_cast<size_t>(graph.nodes[0].outputs[0])].spec.dtype = DType::float64;
  });
  expect_broken("made twice", [](Graph& graph) { graph.nodes[1].outputs[0] = graph.nodes[0].outputs[0]; });
  expect_broken("one output too few", [](Graph& graph) { graph.nodes[0].outputs.clear(); });
  expect_broken("a misplaced source",
                [](Graph& graph) { graph.values[static_cast<size_t>(graph.nodes[0].outputs[0])].index = 2; });
  expect_broken("an update that does not fit", [](Graph& graph) { graph.updates[0].value = graph.outputs[0]; });
  expect_broken("an output that nobody makes", [](Graph& graph) {
    graph.outputs[0] = graph.add_value({{2, 4}}, Graph::Source::node, 0);
  });
}

TEST(Trace, TellsVariablesFromConstants) {
  const Tensor w = variable(ones({2}), "w"), c = ones({2});
  const Graph graph = trace([&](const Tensors& in) { return Tensors{in[0] * w + c + w + c}; }, {Spec{{2}}});
  EXPECT_EQ(graph.variables.size(), 1u);
  EXPECT_EQ(graph.constants.size(), 1u) << "each once";
}

TEST(Trace, WhatIsNotNeededIsNotThere) {
  const Graph graph = trace(
      [](const Tensors& in) {
        exp(in[0]);
        return Tensors{in[1]};
      },
      {Spec{{2}}, Spec{{3}}});
  EXPECT_TRUE(graph.nodes.empty());
  EXPECT_EQ(graph.parameters.size(), 2u) << "all parameters stay";
}

TEST(Trace, LeavesVariablesAsTheyAre) {
  const Tensor w = variable(Tensor{1, 2});
  trace(
      [&](const Tensors&) {
        assign(w, w + 1.0);
        return Tensors{w};
      },
      {});
  EXPECT_EQ(w.to_vector<float>(), (std::vector<float>{1, 2}));
}

TEST(Trace, SeesTheLatestValueOfAVariable) {
  const Tensor w = variable(Tensor{1, 2});
  const Graph graph = trace(
      [&](const Tensors&) {
        assign(w, exp(w));
        assign(w, exp(w));
        return Tensors{w};
      },
      {});
  EXPECT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.outputs[0], graph.updates[0].value);
  EXPECT_EQ(graph.updates.size(), 1u);
}

TEST(Trace, ValuesHaveNoNumbers) {
  trace(
      [](const Tensors& in) {
        EXPECT_FALSE(in[0].is_concrete());
        EXPECT_THROW(in[0].item(), InvalidArgument);
        EXPECT_THROW((in[0] + in[0]).to_vector<float>(), InvalidArgument);
        return in;
      },
      {Spec{Shape{}}});
}

TEST(Trace, RefusesValuesOfAnotherTrace) {
  Tensor leaked;
  trace(
      [&](const Tensors& in) {
        leaked = in[0] + 1.0;
        return in;
      },
      {Spec{{2}}});
  EXPECT_THROW(trace([&](const Tensors& in) { return Tensors{in[0] + leaked}; }, {Spec{{2}}}), InvalidArgument);
  EXPECT_THROW(leaked + 1.0, InvalidArgument);
}

TEST(Trace, EndsWithAnError) {
  EXPECT_THROW(trace([](const Tensors&) -> Tensors { throw IoError("on purpose"); }, {}), IoError);
  EXPECT_EQ(current_recorder(), nullptr);
  EXPECT_EQ((ones({1}) + ones({1})).item(), 2);
}

TEST(Trace, InfersWithoutAGraph) {
  const Tensor w = variable(ones({3, 7}));
  const std::vector<Spec> specs = infer_specs(
      [&](const Tensors& in) {
        assign(w, w + 1.0);
        return Tensors{matmul(in[0], w), argmax(in[0])};
      },
      {Spec{{5, 3}}});
  EXPECT_EQ(specs, (std::vector<Spec>{Spec{{5, 7}}, Spec{{5}, DType::int64}}));
  EXPECT_EQ(w.to_vector<float>(), std::vector<float>(21, 1));
}

}  // namespace
}  // namespace hebb
