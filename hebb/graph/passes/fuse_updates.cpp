#include <algorithm>

#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/matmul.h"

namespace hebb {

namespace {

/// Takes the gradient of a weight into the loop of the optimizer, which alone reads it: strip by strip it is computed
/// and used while it lies in the core's cache, and never written.
class UpdateFuser {
 public:
  explicit UpdateFuser(const Graph& graph) : graph_(graph), readers_(graph.readers()), at_end_(graph.needed_at_end()) {}

  Graph run() {
    Rewriter rewriter(graph_);
    for (const Graph::Operation& node : graph_.nodes) {
      const auto loop = std::dynamic_pointer_cast<const FusedElementwise>(node.op);
      const int operand = loop ? product_of(node, *loop) : -1;
      if (operand < 0) {
        rewriter.keep(node);
        continue;
      }
      const Graph::Operation& product = *maker(node.inputs[static_cast<size_t>(operand)]);
      std::vector<int> inputs = {rewriter[product.inputs[0]], rewriter[product.inputs[1]]};
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        if (static_cast<int>(i) != operand) inputs.push_back(rewriter[node.inputs[i]]);
      }
      rewriter.replace(node, std::make_shared<MatmulLoop>(product.op, loop, operand), std::move(inputs));
    }
    return rewriter.finish();
  }

 private:
  /// What stays in a core's cache anyway is not worth it.
  static constexpr int64_t least_bytes = 1'000'000;
  /// With a longer inner axis the product takes so much longer than its memory that it is better computed as a whole.
  static constexpr int64_t most_depth = 256;

  const Spec& spec(int value) const { return graph_.values[static_cast<size_t>(value)].spec; }

  const Graph::Operation* maker(int value) const {
    const Graph::Value& known = graph_.values[static_cast<size_t>(value)];
    return known.source == Graph::Source::node ? &graph_.nodes[static_cast<size_t>(known.index)] : nullptr;
  }

  /// Which input of a loop is a product that can be taken into it; -1 for none.
  int product_of(const Graph::Operation& node, const FusedElementwise& loop) const {
    const Shape& shape = loop.shape();
    if (!loop.sums().empty() || shape.rank() != 2 || shape[1] > MatmulLoop::most_columns ||
        node.inputs.size() > MatmulLoop::most_inputs)
      return -1;
    for (int input : node.inputs) {
      const int64_t elements = spec(input).shape.elements();
      if (elements != 1 && elements != shape.elements()) return -1;
    }
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const int value = node.inputs[i];
      const Graph::Operation* product = maker(value);
      const auto* matmul = product ? dynamic_cast<const Matmul*>(product->op.get()) : nullptr;
      if (!matmul || spec(value).shape != shape || spec(value).dtype != DType::float32) continue;
      const bool is_alone = readers_[static_cast<size_t>(value)].size() == 1 && !at_end_[static_cast<size_t>(value)];
      const int64_t depth = spec(product->inputs[0]).shape[matmul->transpose_a() ? 0 : 1];
      if (is_alone && spec(value).bytes() >= least_bytes && depth <= most_depth) return static_cast<int>(i);
    }
    return -1;
  }

  const Graph& graph_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> at_end_;
};

}  // namespace

Graph fuse_updates(Graph graph) { return UpdateFuser(graph).run(); }

}  // namespace hebb
