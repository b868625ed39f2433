#include <algorithm>

#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

/// Takes sums over leading axes (a bias's gradient, the mean and variance of a batch) into the loop that computes what
/// is summed. Where nothing else reads that, it is never written to memory.
class SumFuser {
 public:
  explicit SumFuser(const Graph& graph) : graph_(graph), readers_(graph.readers()), at_end_(graph.needed_at_end()) {}

  Graph run() {
    Rewriter rewriter(graph_);
    // A sum is ready where the loop is, which stands before it: moving it there disturbs no order.
    std::vector<bool> taken(graph_.nodes.size(), false);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (taken[n]) continue;
      const Graph::Operation& node = graph_.nodes[n];
      const std::vector<int> sums = sums_of(node);
      if (sums.empty()) {
        rewriter.keep(node);
        continue;
      }
      for (int sum : sums) taken[static_cast<size_t>(sum)] = true;
      fuse(rewriter, node, sums);
    }
    return rewriter.finish();
  }

 private:
  const Spec& spec(int value) const { return graph_.values[static_cast<size_t>(value)].spec; }

  std::shared_ptr<const FusedElementwise> loop_of(const Graph::Operation& node) const {
    return as_loop(node.op, node.inputs.size(), spec(node.outputs[0]));
  }

  /// The sums of a loop's results that can be taken into it.
  std::vector<int> sums_of(const Graph::Operation& node) const {
    std::vector<int> sums;
    if (!loop_of(node)) return sums;
    for (int output : node.outputs) {
      if (spec(output).dtype != DType::float32 || spec(output).shape.elements() == 0) continue;
      for (int reader : readers_[static_cast<size_t>(output)]) {
        const auto* reduce = dynamic_cast<const Reduce*>(graph_.nodes[static_cast<size_t>(reader)].op.get());
        if (reduce && reduce->kind() == Reduce::Kind::sum && over_leading_axes(*reduce, spec(output).shape) &&
            sums.size() < most_sums)
          sums.push_back(reader);
      }
    }
    return sums;
  }

  static bool over_leading_axes(const Reduce& reduce, const Shape& shape) {
    std::vector<bool> reduced(static_cast<size_t>(shape.rank()), false);
    for (int64_t axis : reduce.axes()) reduced[static_cast<size_t>(axis)] = true;
    bool kept = false;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == 1) continue;
      if (reduced[static_cast<size_t>(axis)] && kept) return false;
      kept |= !reduced[static_cast<size_t>(axis)];
    }
    return true;
  }

  /// Whether somebody but these sums needs a value.
  bool is_needed_beside(int value, const std::vector<int>& sums) const {
    if (at_end_[static_cast<size_t>(value)]) return true;
    for (int reader : readers_[static_cast<size_t>(value)]) {
      if (std::find(sums.begin(), sums.end(), reader) == sums.end()) return true;
    }
    return false;
  }

  void fuse(Rewriter& rewriter, const Graph::Operation& node, const std::vector<int>& sums) const {
    const auto loop = loop_of(node);
    const std::vector<int>& registers = loop->outputs();
    std::vector<int> stored, values;
    std::vector<FusedSum> fused_sums;
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (!is_needed_beside(node.outputs[i], sums)) continue;
      stored.push_back(registers[i]);
      values.push_back(node.outputs[i]);
    }
    for (int sum : sums) {
      const Graph::Operation& reduce = graph_.nodes[static_cast<size_t>(sum)];
      const auto at = std::find(node.outputs.begin(), node.outputs.end(), reduce.inputs[0]) - node.outputs.begin();
      fused_sums.push_back({registers[static_cast<size_t>(at)], spec(reduce.outputs[0]).shape});
      values.push_back(reduce.outputs[0]);
    }
    std::vector<int> new_inputs;
    for (int input : node.inputs) new_inputs.push_back(rewriter[input]);
    rewriter.graph().add_node(std::make_shared<FusedElementwise>(loop->inputs(), loop->steps(), std::move(stored),
                                                                 spec(node.outputs[0]).shape, std::move(fused_sums)),
                              std::move(new_inputs));
    for (size_t i = 0; i < values.size(); ++i) rewriter.forward(values[i], rewriter.graph().nodes.back().outputs[i]);
  }

  static constexpr size_t most_sums = 8;

  const Graph& graph_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> at_end_;
};

}  // namespace

Graph fuse_sums(Graph graph) { return SumFuser(graph).run(); }

}  // namespace hebb
