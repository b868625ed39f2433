#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"
#include "hebb/ops/bfloat16_matmul.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/matmul.h"

namespace hebb {

namespace {

/// Rows for which a product reads bfloat16 weights as they are. One row is bound by reading them; with more, weights
/// that were converted to float32 once serve better.
constexpr int64_t most_rows = 1;

/// The bfloat16 value that a value was converted from, or -1.
int converted_from(const Graph& graph, int value) {
  const Graph::Value& known = graph.values[static_cast<size_t>(value)];
  if (known.source != Graph::Source::node) return -1;
  const Graph::Operation& node = graph.nodes[static_cast<size_t>(known.index)];
  const bool is_cast =
      node.op->name() == "cast" && graph.values[static_cast<size_t>(node.inputs[0])].spec.dtype == DType::bfloat16;
  return is_cast ? node.inputs[0] : -1;
}

}  // namespace

Graph read_bfloat16(Graph graph) {
  Rewriter rewriter(graph);
  for (const Graph::Operation& node : graph.nodes) {
    const auto* fused = dynamic_cast<const FusedProduct*>(node.op.get());
    const auto* matmul = dynamic_cast<const Matmul*>(fused ? &fused->product() : node.op.get());
    const bool has_bias = fused && fused->has_bias(), has_activation = fused && !fused->activation().empty(),
               relu = has_activation && fused->activation() == "relu";
    const int weights = matmul ? converted_from(graph, node.inputs[1]) : -1;
    if (weights < 0 || matmul->transpose_a() || matmul->transpose_b() || (has_activation && !relu) ||
        graph.values[static_cast<size_t>(weights)].spec.shape.rank() != 2 ||
        graph.values[static_cast<size_t>(node.inputs[0])].spec.dtype != DType::float32 ||
        graph.values[static_cast<size_t>(node.inputs[0])].spec.shape.front() > most_rows) {
      rewriter.keep(node);
      continue;
    }
    std::vector<int> inputs;
    for (int input : node.inputs) inputs.push_back(rewriter[input]);
    inputs[1] = rewriter[weights];
    rewriter.replace(node, std::make_shared<Bfloat16Matmul>(has_bias, relu), std::move(inputs));
  }
  return rewriter.finish();
}

}  // namespace hebb
