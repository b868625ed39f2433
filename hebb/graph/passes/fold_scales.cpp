#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"

namespace hebb {

namespace {

/// Takes a scale for each channel behind a product, a batch normalisation's when it predicts, into the weights:
/// (x W + b) f + s = x (W f) + (b f + s). Only where weights and scale follow from variables that the graph does not
/// change: the plan then computes W f when a variable has changed, and not in every run.
class ScaleFolder {
 public:
  explicit ScaleFolder(const Graph& graph)
      : graph_(graph),
        readers_(graph.readers()),
        at_end_(graph.needed_at_end()),
        lasting_(graph.lasting_values()),
        part_of_chain_(graph.nodes.size(), false),
        chain_ending_at_(graph.nodes.size()) {}

  Graph run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!has_channels_last(*graph_.nodes[n].op) || !lasting_[static_cast<size_t>(graph_.nodes[n].inputs[1])])
        continue;
      const Chain chain = grow(static_cast<int>(n));
      if (!chain.scales) continue;
      for (const Link& link : chain.links) part_of_chain_[static_cast<size_t>(link.node)] = true;
      part_of_chain_[n] = true;
      chain_ending_at_[static_cast<size_t>(chain.links.back().node)] = chain;
    }
    Rewriter rewriter(graph_);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!chain_ending_at_[n].links.empty()) {
        fold(rewriter, chain_ending_at_[n]);
      } else if (!part_of_chain_[n]) {
        rewriter.keep(graph_.nodes[n]);
      }
    }
    return rewriter.finish();
  }

 private:
  /// A multiplication with, or an addition of, a number for each channel.
  struct Link {
    int node;
    bool multiplies;
    int channels;  ///< the value with a number for each channel
  };
  struct Chain {
    int product = -1;
    std::vector<Link> links;
    bool scales = false;
  };

  /// Whether it is a product of weights whose last axis is that of the channels. With transposed ones, as in the
  /// gradient of a frozen layer, it is another.
  static bool has_channels_last(const Op& op) {
    const auto* matmul = dynamic_cast<const Matmul*>(&op);
    return op.name() == "conv" || (matmul && !matmul->transpose_b());
  }

  const Graph::Operation& node(int n) const { return graph_.nodes[static_cast<size_t>(n)]; }
  const Spec& spec(int value) const { return graph_.values[static_cast<size_t>(value)].spec; }

  Chain grow(int product) const {
    Chain chain{product, {}, false};
    int value = node(product).outputs[0];
    const Spec whole = spec(value);
    if (whole.dtype != DType::float32 && whole.dtype != DType::float64) return chain;
    for (;;) {
      const auto& readers = readers_[static_cast<size_t>(value)];
      if (readers.size() != 1 || at_end_[static_cast<size_t>(value)]) break;
      const Graph::Operation& next = node(readers[0]);
      const bool multiplies = next.op->name() == "multiply";
      if (!multiplies && next.op->name() != "add") break;
      const int channels = next.inputs[0] == value ? next.inputs[1] : next.inputs[0];
      if (spec(channels).shape != Shape{whole.shape.back()} || !lasting_[static_cast<size_t>(channels)] ||
          spec(next.outputs[0]) != whole)
        break;
      chain.links.push_back({readers[0], multiplies, channels});
      chain.scales |= multiplies;
      value = next.outputs[0];
    }
    return chain;
  }

  void fold(Rewriter& rewriter, const Chain& chain) const {
    Graph& graph = rewriter.graph();
    const auto binary = [&](const char* name, int a, int b) {
      return graph.add_node(std::make_shared<Elementwise>(elementwise_record(name)), {a, b});
    };
    int scale = -1, shift = -1;
    for (const Link& link : chain.links) {
      const int channels = rewriter[link.channels];
      if (link.multiplies) {
        scale = scale < 0 ? channels : binary("multiply", scale, channels);
        if (shift >= 0) shift = binary("multiply", shift, channels);
      } else {
        shift = shift < 0 ? channels : binary("add", shift, channels);
      }
    }
    const Graph::Operation& product = node(chain.product);
    const int weights = binary("multiply", rewriter[product.inputs[1]], scale);
    int result = graph.add_node(product.op, {rewriter[product.inputs[0]], weights});
    if (shift >= 0) result = binary("add", result, shift);
    rewriter.forward(node(chain.links.back().node).outputs[0], result);
  }

  const Graph& graph_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> at_end_, lasting_, part_of_chain_;
  std::vector<Chain> chain_ending_at_;
};

}  // namespace

Graph fold_scales(Graph graph) { return ScaleFolder(graph).run(); }

}  // namespace hebb
