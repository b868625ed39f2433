#include <algorithm>

#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/matmul.h"

namespace hebb {

namespace {

/// Takes a large product into the loop behind it: strip by strip it is computed and used while it lies in the core's
/// cache. The gradient of a weight, which the optimizer's step alone needs, is never written; what a layer gives before
/// its activation is, for the gradient, but not read again.
class ProductLoopFuser {
 public:
  explicit ProductLoopFuser(const Graph& graph)
      : graph_(graph), readers_(graph.readers()), at_end_(graph.needed_at_end()) {}

  Graph run() {
    Rewriter rewriter(graph_);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Graph::Operation& node = graph_.nodes[n];
      const auto loop = as_loop(node.op, node.inputs.size(), spec(node.outputs[0]));
      const Found found = loop ? product_of(static_cast<int>(n), *loop) : Found{};
      if (found.operand < 0) {
        rewriter.keep(node);
        continue;
      }
      std::vector<int> inputs;
      for (int input : found.product->inputs) inputs.push_back(rewriter[input]);
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        if (static_cast<int>(i) != found.operand) inputs.push_back(rewriter[node.inputs[i]]);
      }
      rewriter.replace(node, std::make_shared<MatmulLoop>(found.product->op, loop, found.operand, found.is_kept),
                       std::move(inputs));
      if (!found.is_kept) continue;
      const int product = rewriter.graph().nodes.back().outputs.back();
      rewriter.forward(found.product->outputs[0], product);
      if (!found.reshape) continue;
      rewriter.graph().add_node(found.reshape->op, {product});
      rewriter.forward(found.reshape->outputs[0], rewriter.graph().nodes.back().outputs[0]);
    }
    return rewriter.finish();
  }

 private:
  /// A product that is a loop's input, as it is or in another shape.
  struct Found {
    int operand = -1;
    const Graph::Operation *product = nullptr, *reshape = nullptr;
    bool is_kept = false;  // others read it, further down
  };

  /// What stays in a core's cache anyway is not worth it.
  static constexpr int64_t least_bytes = 1'000'000;
  /// The same for what is written in any case.
  static constexpr int64_t least_kept_bytes = 2'000'000;
  /// With a longer inner axis the product takes so much longer than its memory that it is better computed as a whole.
  static constexpr int64_t most_depth = 256;

  const Spec& spec(int value) const { return graph_.values[static_cast<size_t>(value)].spec; }

  const Graph::Operation* maker(int value) const {
    const Graph::Value& known = graph_.values[static_cast<size_t>(value)];
    return known.source == Graph::Source::node ? &graph_.nodes[static_cast<size_t>(known.index)] : nullptr;
  }

  /// The product of matrices that an operation computes, with a bias at most; null for another.
  static const Matmul* matmul_of(const Graph::Operation& node) {
    if (const auto* fused = dynamic_cast<const FusedProduct*>(node.op.get())) {
      if (fused->has_addend() || !fused->activation().empty()) return nullptr;
      return dynamic_cast<const Matmul*>(&fused->product());
    }
    return dynamic_cast<const Matmul*>(node.op.get());
  }

  /// Whether nobody but the node `n` reads a value before or at `n`, and, in `others`, whether anybody does later.
  bool is_read_first_by(int n, int value, bool& others) const {
    others = others || at_end_[static_cast<size_t>(value)];
    for (int reader : readers_[static_cast<size_t>(value)]) {
      if (reader < n) return false;
      others = others || reader > n;
    }
    return true;
  }

  /// Which input of the loop at node `n` is a product that can be taken into it.
  Found product_of(int n, const FusedElementwise& loop) const {
    const Graph::Operation& node = graph_.nodes[static_cast<size_t>(n)];
    const Shape& shape = loop.shape();
    if (!loop.sums().empty() || shape.rank() < 2 || shape.back() > MatmulLoop::most_columns ||
        node.inputs.size() > MatmulLoop::most_inputs)
      return {};
    for (int input : node.inputs) {
      const int64_t elements = spec(input).shape.elements();
      if (elements != 1 && elements != shape.elements()) return {};
    }
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (spec(node.inputs[i]).shape != shape || std::count(node.inputs.begin(), node.inputs.end(), node.inputs[i]) > 1)
        continue;
      const Found found = product_at(n, node.inputs[i], shape);
      if (found.product) return {static_cast<int>(i), found.product, found.reshape, found.is_kept};
    }
    return {};
  }

  /// The product that a value is, if the loop at node `n` can have it.
  Found product_at(int n, int value, const Shape& shape) const {
    Found found;
    found.product = maker(value);
    if (found.product && found.product->op->name() == "reshape") {
      found.reshape = found.product;
      // The product itself must have the shape's rows, and no other reader than the reshape.
      value = found.reshape->inputs[0];
      found.product = maker(value);
      if (readers_[static_cast<size_t>(value)].size() > 1 || at_end_[static_cast<size_t>(value)] ||
          !is_read_first_by(n, found.reshape->outputs[0], found.is_kept))
        return {};
    } else if (!is_read_first_by(n, value, found.is_kept)) {
      return {};
    }
    const Matmul* matmul = found.product ? matmul_of(*found.product) : nullptr;
    const Spec& product = spec(value);
    if (!matmul || product.dtype != DType::float32 || product.shape.rank() != 2 || product.shape.back() != shape.back())
      return {};
    const int64_t depth = spec(found.product->inputs[0]).shape[matmul->transpose_a() ? 0 : 1];
    if (product.bytes() < (found.is_kept ? least_kept_bytes : least_bytes) || depth > most_depth) return {};
    return found;
  }

  const Graph& graph_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> at_end_;
};

}  // namespace

Graph fuse_product_loops(Graph graph) { return ProductLoopFuser(graph).run(); }

}  // namespace hebb
