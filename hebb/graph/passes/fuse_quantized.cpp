#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/quantized.h"

namespace hebb {

namespace {

/// Takes what follows a product of bytes into it: a bias, a batch normalisation's scale and shift, relu, and the
/// quantisation for the next layer, so that nothing but bytes goes from layer to layer.
class QuantizedFuser {
 public:
  explicit QuantizedFuser(const Graph& graph)
      : graph_(graph),
        readers_(graph.readers()),
        at_end_(graph.needed_at_end()),
        taken_(graph.nodes.size(), false),
        chain_ending_at_(graph.nodes.size()) {}

  Graph run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!dynamic_cast<const QuantizedProduct*>(graph_.nodes[n].op.get())) continue;
      const Chain chain = grow(static_cast<int>(n));
      if (chain.links.empty()) continue;
      taken_[n] = true;
      for (const Link& link : chain.links) taken_[static_cast<size_t>(link.node)] = true;
      chain_ending_at_[static_cast<size_t>(chain.links.back().node)] = chain;
    }
    Rewriter rewriter(graph_);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!chain_ending_at_[n].links.empty()) {
        fuse(rewriter, chain_ending_at_[n]);
      } else if (!taken_[n]) {
        rewriter.keep(graph_.nodes[n]);
      }
    }
    return rewriter.finish();
  }

 private:
  enum class Kind { multiply, add, relu, quantize };
  struct Link {
    Kind kind;
    int node;
    int channels = -1;  ///< the value with a number for each channel
  };
  struct Chain {
    int product = -1;
    std::vector<Link> links;
  };

  const Graph::Operation& node(int n) const { return graph_.nodes[static_cast<size_t>(n)]; }
  const Spec& spec(int value) const { return graph_.values[static_cast<size_t>(value)].spec; }

  Chain grow(int product) const {
    Chain chain{product, {}};
    const QuantizedProduct::Options& options = dynamic_cast<const QuantizedProduct&>(*node(product).op).options();
    if (options.has_bias || options.relu || options.output) return chain;
    int value = node(product).outputs[0];
    const Spec whole = spec(value);
    bool linear = true;
    for (;;) {
      const auto& readers = readers_[static_cast<size_t>(value)];
      if (readers.size() != 1 || at_end_[static_cast<size_t>(value)]) break;
      const Graph::Operation& next = node(readers[0]);
      const std::string_view name = next.op->name();
      if (name == "quantize") {
        chain.links.push_back({Kind::quantize, readers[0]});
        break;
      }
      if (name == "relu" && linear) {
        chain.links.push_back({Kind::relu, readers[0]});
        linear = false;
      } else if ((name == "multiply" || name == "add") && linear) {
        const int channels = next.inputs[0] == value ? next.inputs[1] : next.inputs[0];
        if (spec(channels) != Spec{Shape{whole.shape.back()}, DType::float32} || spec(next.outputs[0]) != whole) break;
        chain.links.push_back({name == "multiply" ? Kind::multiply : Kind::add, readers[0], channels});
      } else {
        break;
      }
      value = next.outputs[0];
    }
    return chain;
  }

  void fuse(Rewriter& rewriter, const Chain& chain) const {
    Graph& graph = rewriter.graph();
    const auto binary = [&](const char* name, int a, int b) {
      return graph.add_node(std::make_shared<Elementwise>(elementwise_record(name)), {a, b});
    };
    const Graph::Operation& old = node(chain.product);
    const auto& op = dynamic_cast<const QuantizedProduct&>(*old.op);
    QuantizedProduct::Options options = op.options();
    int scale = rewriter[old.inputs[2]], bias = -1;
    for (const Link& link : chain.links) {
      switch (link.kind) {
        case Kind::multiply:
          scale = binary("multiply", scale, rewriter[link.channels]);
          if (bias >= 0) bias = binary("multiply", bias, rewriter[link.channels]);
          break;
        case Kind::add: bias = bias < 0 ? rewriter[link.channels] : binary("add", bias, rewriter[link.channels]); break;
        case Kind::relu: options.relu = true; break;
        case Kind::quantize: options.output = dynamic_cast<const Quantize&>(*node(link.node).op).range(); break;
      }
    }
    std::vector<int> inputs = {rewriter[old.inputs[0]], rewriter[old.inputs[1]], scale};
    if (options.has_row_scale) inputs.push_back(rewriter[old.inputs[3]]);
    options.has_bias = bias >= 0;
    if (options.has_bias) inputs.push_back(bias);
    const int result = graph.add_node(std::make_shared<QuantizedProduct>(op.product_pointer(), options), inputs);
    rewriter.forward(node(chain.links.back().node).outputs[0], result);
  }

  const Graph& graph_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> at_end_, taken_;
  std::vector<Chain> chain_ending_at_;
};

}  // namespace

Graph fuse_quantized(Graph graph) { return QuantizedFuser(graph).run(); }

}  // namespace hebb
