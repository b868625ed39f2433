#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/matmul.h"

namespace hebb {

namespace {

/// Rows for which a product reads bfloat16 weights as they are. One row is bound by reading them; with more, weights
/// that were converted once serve as well.
constexpr int64_t most_rows = 1;

}  // namespace

Graph read_bfloat16(Graph graph) {
  const auto spec = [&](int value) -> const Spec& { return graph.values[static_cast<size_t>(value)].spec; };
  Rewriter rewriter(graph);
  for (const Graph::Operation& node : graph.nodes) {
    const auto* fused = dynamic_cast<const FusedProduct*>(node.op.get());
    const auto* matmul = dynamic_cast<const Matmul*>(fused ? &fused->product() : node.op.get());
    if (matmul && !matmul->transpose_a() && !matmul->transpose_b()) {
      const Graph::Value& weights = graph.values[static_cast<size_t>(node.inputs[1])];
      const bool is_made = weights.source == Graph::Source::node;
      const Graph::Operation* cast = is_made ? &graph.nodes[static_cast<size_t>(weights.index)] : nullptr;
      if (cast && cast->op->name() == "cast" && spec(cast->inputs[0]).dtype == DType::bfloat16 &&
          spec(node.inputs[0]).dtype == DType::float32 && spec(node.inputs[0]).shape.rank() == 2 &&
          spec(node.inputs[0]).shape.front() <= most_rows) {
        std::vector<int> inputs;
        for (int input : node.inputs) inputs.push_back(rewriter[input]);
        inputs[1] = rewriter[cast->inputs[0]];
        rewriter.replace(node, node.op, std::move(inputs));
        continue;
      }
    }
    rewriter.keep(node);
  }
  return rewriter.finish();
}

}  // namespace hebb
