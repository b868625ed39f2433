#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"

namespace hebb {

namespace {
/// Larger results are left to the plan: they would cost memory for as long as the plan lives.
constexpr int64_t most_elements = 4096;
}  // namespace

Graph fold_constants(Graph graph) {
  Rewriter rewriter(graph);
  const WithRecorder at_once(nullptr);
  const NoTape no_tape;
  for (const Graph::Operation& node : graph.nodes) {
    Tensors inputs;
    bool foldable = !node.inputs.empty();
    for (int input : node.inputs) {
      const Graph::Value& value = rewriter.graph().values[static_cast<size_t>(rewriter[input])];
      foldable = foldable && value.source == Graph::Source::constant;
      if (foldable) inputs.push_back(rewriter.graph().constants[static_cast<size_t>(value.index)].tensor);
    }
    for (int output : node.outputs) {
      foldable = foldable && graph.values[static_cast<size_t>(output)].spec.shape.elements() <= most_elements;
    }
    if (!foldable) {
      rewriter.keep(node);
      continue;
    }
    const Tensors results = apply_op(node.op, inputs);
    for (size_t i = 0; i < results.size(); ++i)
      rewriter.forward(node.outputs[i], rewriter.graph().add_constant(results[i]));
  }
  return rewriter.finish();
}

}  // namespace hebb
