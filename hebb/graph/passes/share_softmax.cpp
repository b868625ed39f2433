#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"
#include "hebb/ops/crossentropy.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

/// The softmax of the same logits along the same axis that stands before node `at`, or -1.
int softmax_before(const Graph& graph, size_t at) {
  const Graph::Operation& loss = graph.nodes[at];
  const int64_t axis = static_cast<const SoftmaxCrossentropy&>(*loss.op).axis();
  for (size_t i = 0; i < at; ++i) {
    const Graph::Operation& node = graph.nodes[i];
    if (node.op->name() == "softmax" && node.inputs[0] == loss.inputs[0] &&
        static_cast<const SoftmaxOp&>(*node.op).axis() == axis)
      return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

/// A model that ends with a softmax gives probabilities, and its loss is computed from the logits, with the
/// probabilities as a second result: they are what the metrics read. Only where nobody reads them before the loss.
Graph share_softmax(Graph graph) {
  const std::vector<std::vector<int>> readers = graph.readers();
  std::vector<int> softmax_of(graph.nodes.size(), -1);  // for each crossentropy what it makes unnecessary
  std::vector<bool> shared(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op->name() != "softmax_crossentropy") continue;
    const int at = softmax_before(graph, i);
    if (at < 0 || shared[static_cast<size_t>(at)]) continue;
    const auto& later = readers[static_cast<size_t>(graph.nodes[static_cast<size_t>(at)].outputs[0])];
    if (!later.empty() && later.front() < static_cast<int>(i)) continue;
    softmax_of[i] = at;
    shared[static_cast<size_t>(at)] = true;
  }

  Rewriter rewriter(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (shared[i]) continue;
    rewriter.keep(graph.nodes[i]);
    if (softmax_of[i] < 0) continue;
    const Graph::Operation& softmax = graph.nodes[static_cast<size_t>(softmax_of[i])];
    rewriter.forward(softmax.outputs[0], rewriter[graph.nodes[i].outputs[1]]);
  }
  return rewriter.finish();
}

}  // namespace hebb
