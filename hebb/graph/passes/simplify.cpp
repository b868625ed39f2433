#include <optional>

#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/rewriter.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// The value of a constant whose elements are all equal.
std::optional<double> uniform_constant(const Graph& graph, int value) {
  const Graph::Value& known = graph.values[static_cast<size_t>(value)];
  if (known.source != Graph::Source::constant || known.spec.shape.elements() != 1) return std::nullopt;
  return graph.constants[static_cast<size_t>(known.index)].tensor.item();
}

class Simplifier {
 public:
  explicit Simplifier(const Graph& graph) : old_(graph), rewriter_(graph) {}

  Graph run() {
    for (const Graph::Operation& node : old_.nodes) {
      if (const int same = unchanged(node); same >= 0) {
        rewriter_.forward(node.outputs[0], same);
      } else if (!shorten(node)) {
        rewriter_.keep(node);
      }
    }
    return rewriter_.finish();
  }

 private:
  const Graph& graph() { return rewriter_.graph(); }
  const Spec& spec(int value) { return graph().values[static_cast<size_t>(value)].spec; }

  /// The node in the new graph that makes a value, or null.
  const Graph::Operation* maker(int value) {
    const Graph::Value& known = graph().values[static_cast<size_t>(value)];
    return known.source == Graph::Source::node ? &graph().nodes[static_cast<size_t>(known.index)] : nullptr;
  }

  /// The new value that the node's output equals, or -1.
  int unchanged(const Graph::Operation& node) {
    const std::string_view name = node.op->name();
    const Spec& out = old_.values[static_cast<size_t>(node.outputs[0])].spec;
    auto input = [&](size_t i) { return rewriter_[node.inputs[i]]; };
    auto passes = [&](size_t i) { return spec(input(i)) == out ? input(i) : -1; };
    if (name == "stop_gradient") return input(0);
    if (name == "cast" || name == "reshape" || name == "broadcast_to") return passes(0);
    auto is = [&](size_t i, double number) {
      const std::optional<double> value = uniform_constant(graph(), input(i));
      return value && *value == number;
    };
    if (name == "add") return is(1, 0) ? passes(0) : is(0, 0) ? passes(1) : -1;
    if (name == "subtract") return is(1, 0) ? passes(0) : -1;
    if (name == "multiply") return is(1, 1) ? passes(0) : is(0, 1) ? passes(1) : -1;
    if (name == "divide") return is(1, 1) ? passes(0) : -1;
    return -1;
  }

  /// Puts a shorter chain in the node's place.
  bool shorten(const Graph::Operation& node) {
    const std::string_view name = node.op->name();
    if (name == "reshape") {
      const Graph::Operation* before = maker(rewriter_[node.inputs[0]]);
      if (!before || before->op->name() != "reshape") return false;
      rewriter_.replace(node, node.op, {before->inputs[0]});
      return true;
    }
    if (name == "transpose") {
      const Graph::Operation* before = maker(rewriter_[node.inputs[0]]);
      if (!before || before->op->name() != "transpose") return false;
      const auto& first = static_cast<const Transpose&>(*before->op).axes();
      const auto& second = static_cast<const Transpose&>(*node.op).axes();
      std::vector<int64_t> axes;
      bool identity = true;
      for (int64_t axis : second) {
        identity = identity && first[static_cast<size_t>(axis)] == static_cast<int64_t>(axes.size());
        axes.push_back(first[static_cast<size_t>(axis)]);
      }
      if (identity) {
        rewriter_.forward(node.outputs[0], before->inputs[0]);
      } else {
        rewriter_.replace(node, std::make_shared<Transpose>(std::move(axes)), {before->inputs[0]});
      }
      return true;
    }
    if (name == "add" && add_before_reshape(node)) return true;
    if (dynamic_cast<const Elementwise*>(node.op.get())) return take_broadcasts_in(node);
    return false;
  }

  /// A bias that is added to a product in another shape (positions, heads, sizes) is added to the product itself, whose
  /// kernel does it on the way.
  bool add_before_reshape(const Graph::Operation& node) {
    const Shape& shape = old_.values[static_cast<size_t>(node.outputs[0])].spec.shape;
    for (const size_t i : {size_t{0}, size_t{1}}) {
      const int sum = rewriter_[node.inputs[i]], bias = rewriter_[node.inputs[1 - i]];
      const Graph::Operation *before = maker(sum), *product = before ? maker(before->inputs[0]) : nullptr;
      if (!product || before->op->name() != "reshape" || product->op->name() != "matmul" || spec(sum).shape != shape)
        continue;
      const int value = before->inputs[0];
      const Spec last{{spec(value).shape.back()}, spec(bias).dtype};
      if (!is_tail(spec(bias).shape, shape) || spec(bias).shape.elements() != last.shape.back()) continue;
      const OpPtr add = node.op;
      const int flat = add_node(std::make_shared<ReshapeOp>(last.shape), {bias});
      rewriter_.replace(node, std::make_shared<ReshapeOp>(shape), {add_node(add, {value, flat})});
      return true;
    }
    return false;
  }

  /// Whether a shape is that of the last axes of another.
  static bool is_tail(const Shape& tail, const Shape& shape) {
    if (tail.rank() == 0 || tail.rank() > shape.rank()) return false;
    for (int axis = 0; axis < tail.rank(); ++axis) {
      if (tail[axis] != shape[axis + shape.rank() - tail.rank()]) return false;
    }
    return true;
  }

  /// The result of a new node.
  int add_node(OpPtr op, std::vector<int> inputs) {
    rewriter_.graph().add_node(std::move(op), std::move(inputs));
    return rewriter_.graph().nodes.back().outputs[0];
  }

  /// Elementwise operations broadcast by themselves: a broadcast operand is read where it comes from, as long as the
  /// result keeps its shape.
  bool take_broadcasts_in(const Graph::Operation& node) {
    std::vector<int> inputs;
    for (int input : node.inputs) inputs.push_back(rewriter_[input]);
    const Shape& shape = old_.values[static_cast<size_t>(node.outputs[0])].spec.shape;
    bool any = false;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Graph::Operation* before = maker(inputs[i]);
      if (!before || before->op->name() != "broadcast_to") continue;
      std::vector<int> shorter = inputs;
      shorter[i] = before->inputs[0];
      Shape result;
      for (int input : shorter) result = broadcast_shapes(result, spec(input).shape);
      if (result != shape) continue;
      inputs = std::move(shorter);
      any = true;
    }
    if (any) rewriter_.replace(node, node.op, std::move(inputs));
    return any;
  }

  const Graph& old_;
  Rewriter rewriter_;
};

}  // namespace

Graph simplify(Graph graph) { return Simplifier(graph).run(); }

}  // namespace hebb
