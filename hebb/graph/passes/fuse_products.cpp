#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"
#include "hebb/ops/fused.h"

namespace hebb {

namespace {

class ProductFuser {
 public:
  explicit ProductFuser(const Graph& graph)
      : graph_(graph), readers_(graph.readers()), at_end_(graph.needed_at_end()), fused_(graph.nodes.size(), false) {}

  Graph run() {
    // From each product forward: the fused node stands where the last of its parts stood.
    std::vector<Group> group_ending_at(graph_.nodes.size());
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const std::string_view name = graph_.nodes[n].op->name();
      if (name != "matmul" && name != "conv") continue;
      const Group group = grow(static_cast<int>(n));
      if (group.last == static_cast<int>(n)) continue;
      for (int part : {static_cast<int>(n), group.bias_node, group.addend_node, group.last}) {
        if (part >= 0) fused_[static_cast<size_t>(part)] = true;
      }
      group_ending_at[static_cast<size_t>(group.last)] = group;
    }
    Rewriter rewriter(graph_);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Group& group = group_ending_at[n];
      if (group.product < 0) {
        if (!fused_[n]) rewriter.keep(graph_.nodes[n]);
        continue;
      }
      const Graph::Operation& product = graph_.nodes[static_cast<size_t>(group.product)];
      std::vector<int> inputs;
      for (int input : product.inputs) inputs.push_back(rewriter[input]);
      if (group.bias >= 0) inputs.push_back(rewriter[group.bias]);
      if (group.addend >= 0) inputs.push_back(rewriter[group.addend]);
      rewriter.replace(graph_.nodes[n],
                       std::make_shared<FusedProduct>(product.op, group.bias >= 0, group.activation, group.addend >= 0),
                       std::move(inputs));
    }
    return rewriter.finish();
  }

 private:
  struct Group {
    int product = -1, bias_node = -1, bias = -1, addend_node = -1, addend = -1, last = -1;
    std::string activation;
  };

  bool is_addition(int n) const {
    return n >= 0 && !fused_[static_cast<size_t>(n)] && graph_.nodes[static_cast<size_t>(n)].op->name() == "add";
  }

  /// The one node that reads a value, or -1 when others, or an output, need it too.
  int only_reader(int value) const {
    const auto& readers = readers_[static_cast<size_t>(value)];
    return readers.size() == 1 && !at_end_[static_cast<size_t>(value)] ? readers[0] : -1;
  }

  Group grow(int product) const {
    Group group{.product = product, .last = product, .activation = {}};
    int value = graph_.nodes[static_cast<size_t>(product)].outputs[0];
    const Spec& spec = graph_.values[static_cast<size_t>(value)].spec;
    int next = only_reader(value);
    if (is_addition(next)) {
      const Graph::Operation& node = graph_.nodes[static_cast<size_t>(next)];
      const int other = node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
      const Spec& bias = graph_.values[static_cast<size_t>(other)].spec;
      const bool per_column =
          bias.shape == Shape{spec.shape.back()} && graph_.values[static_cast<size_t>(node.outputs[0])].spec == spec;
      if (per_column) {
        group.bias = other;
        group.bias_node = group.last = next;
        value = node.outputs[0];
        next = only_reader(value);
      }
    }
    // What is added around the layers of a residual block. Of two products that meet the first takes the other.
    if (is_addition(next) && graph_.nodes[static_cast<size_t>(product)].op->name() == "conv" &&
        spec.dtype == DType::float32) {
      const Graph::Operation& node = graph_.nodes[static_cast<size_t>(next)];
      const int other = node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
      if (other == value || graph_.values[static_cast<size_t>(other)].spec != spec) return group;
      group.addend = other;
      group.addend_node = group.last = next;
      value = node.outputs[0];
      next = only_reader(value);
    }
    if (next >= 0) {
      const Graph::Operation& node = graph_.nodes[static_cast<size_t>(next)];
      const auto* elementwise = dynamic_cast<const Elementwise*>(node.op.get());
      if (elementwise && elementwise->record().arity == 1 && elementwise->record().result == ResultType::same) {
        group.activation = elementwise->name();
        group.last = next;
      }
    }
    return group;
  }

  const Graph& graph_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> at_end_;
  std::vector<bool> fused_;
};

}  // namespace

Graph fuse_products(Graph graph) { return ProductFuser(graph).run(); }

}  // namespace hebb
