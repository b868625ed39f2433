#include <algorithm>
#include <map>
#include <numeric>
#include <queue>

#include "hebb/graph/passes/passes.h"
#include "hebb/ops/fused.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// A loop's registers should stay in the first-level cache.
constexpr size_t most_steps = 48;
constexpr size_t most_inputs = 24;

/// Groups elementwise nodes whose loops run over the same shape. Starting from single nodes, a node joins the groups of
/// its readers as long as the joined group neither grows too large nor needs, through other nodes, a result of its own.
class ElementwiseFuser {
 public:
  explicit ElementwiseFuser(const Graph& graph)
      : graph_(graph), readers_(graph.readers()), at_end_(graph.needed_at_end()) {
    group_.assign(graph.nodes.size(), -1);
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      if (!fusible(static_cast<int>(n))) continue;
      group_[n] = static_cast<int>(members_.size());
      members_.push_back({static_cast<int>(n)});
    }
  }

  Graph run() {
    for (size_t n = graph_.nodes.size(); n-- > 0;) {
      if (group_[n] < 0) continue;
      // The readers' groups, nearest first.
      std::vector<int> readers = readers_[static_cast<size_t>(graph_.nodes[n].outputs[0])];
      for (int reader : readers) try_join(group_[n], group_[static_cast<size_t>(reader)]);
      // Neighbours that read the same values profit as well: they are in cache.
      for (int input : graph_.nodes[n].inputs) {
        if (graph_.values[static_cast<size_t>(input)].spec.shape != shape(static_cast<int>(n))) continue;
        for (int sibling : readers_[static_cast<size_t>(input)])
          try_join(group_[n], group_[static_cast<size_t>(sibling)]);
      }
    }
    return rebuild();
  }

 private:
  const Shape& shape(int node) const {
    return graph_.values[static_cast<size_t>(graph_.nodes[static_cast<size_t>(node)].outputs[0])].spec.shape;
  }

  /// Loops compute in one floating type; bool, and integers on their way to a float, may enter.
  bool fusible(int n) const {
    const Graph::Operation& node = graph_.nodes[static_cast<size_t>(n)];
    const Spec& out = graph_.values[static_cast<size_t>(node.outputs[0])].spec;
    auto input = [&](size_t i) { return graph_.values[static_cast<size_t>(node.inputs[i])].spec.dtype; };
    const bool float_or_bool = out.dtype == DType::float32 || out.dtype == DType::boolean;
    if (!float_or_bool || out.shape.elements() == 0) return false;
    if (node.op->name() == "cast") {
      if (input(0) == DType::float32 || input(0) == DType::boolean) return true;
      return out.dtype == DType::float32 && (input(0) == DType::uint8 || input(0) == DType::int32);
    }
    if (!dynamic_cast<const Elementwise*>(node.op.get())) return false;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (input(i) != DType::float32 && input(i) != DType::boolean) return false;
    }
    return true;
  }

  void try_join(int a, int b) {
    if (a < 0 || b < 0 || a == b) return;
    if (shape(members_[static_cast<size_t>(a)][0]) != shape(members_[static_cast<size_t>(b)][0])) return;
    std::vector<int> joined = members_[static_cast<size_t>(a)];
    joined.insert(joined.end(), members_[static_cast<size_t>(b)].begin(), members_[static_cast<size_t>(b)].end());
    std::sort(joined.begin(), joined.end());
    if (joined.size() > most_steps || outside_inputs(joined).size() > most_inputs || makes_cycle(joined, a, b)) return;
    for (int member : members_[static_cast<size_t>(b)]) group_[static_cast<size_t>(member)] = a;
    members_[static_cast<size_t>(a)] = std::move(joined);
    members_[static_cast<size_t>(b)].clear();
  }

  std::vector<int> outside_inputs(const std::vector<int>& nodes) const {
    std::vector<int> out;
    for (int n : nodes) {
      for (int input : graph_.nodes[static_cast<size_t>(n)].inputs) {
        const Graph::Value& value = graph_.values[static_cast<size_t>(input)];
        const bool inside =
            value.source == Graph::Source::node && std::binary_search(nodes.begin(), nodes.end(), value.index);
        if (!inside && std::find(out.begin(), out.end(), input) == out.end()) out.push_back(input);
      }
    }
    return out;
  }

  /// Whether a result of the joined nodes leads, through nodes outside, back to one of them. Groups count as one node,
  /// since that is what they become.
  bool makes_cycle(const std::vector<int>& joined, int a, int b) const {
    std::vector<bool> seen(graph_.nodes.size(), false);
    std::vector<int> open;
    auto inside = [&](int n) {
      return group_[static_cast<size_t>(n)] >= 0 &&
             (group_[static_cast<size_t>(n)] == a || group_[static_cast<size_t>(n)] == b);
    };
    auto reach_from = [&](int n, bool from_inside) {
      for (int output : graph_.nodes[static_cast<size_t>(n)].outputs) {
        for (int reader : readers_[static_cast<size_t>(output)]) {
          if (inside(reader)) {
            if (!from_inside) return true;
            continue;
          }
          if (!seen[static_cast<size_t>(reader)]) {
            seen[static_cast<size_t>(reader)] = true;
            open.push_back(reader);
          }
        }
      }
      return false;
    };
    for (int n : joined) reach_from(n, true);
    while (!open.empty()) {
      const int n = open.back();
      open.pop_back();
      const int group = group_[static_cast<size_t>(n)];
      if (group >= 0 && members_[static_cast<size_t>(group)].size() > 1) {
        for (int member : members_[static_cast<size_t>(group)]) {
          if (reach_from(member, false)) return true;
        }
      } else if (reach_from(n, false)) {
        return true;
      }
    }
    return false;
  }

  /// The graph with each group as one node. Groups stand between nodes, so the order is found anew: always the unit
  /// that came first among those whose inputs are ready.
  Graph rebuild() {
    std::vector<int> unit_of(graph_.nodes.size());
    std::vector<std::vector<int>> units;
    std::vector<int> unit_of_group(members_.size(), -1);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const int group = group_[n];
      if (group >= 0 && unit_of_group[static_cast<size_t>(group)] >= 0) {
        unit_of[n] = unit_of_group[static_cast<size_t>(group)];
        continue;
      }
      unit_of[n] = static_cast<int>(units.size());
      if (group >= 0) unit_of_group[static_cast<size_t>(group)] = unit_of[n];
      units.push_back(group >= 0 ? members_[static_cast<size_t>(group)] : std::vector<int>{static_cast<int>(n)});
    }
    std::vector<std::vector<int>> followers(units.size());
    std::vector<int> waiting(units.size(), 0);
    for (size_t u = 0; u < units.size(); ++u) {
      std::vector<int> before;
      for (int n : units[u]) {
        for (int input : graph_.nodes[static_cast<size_t>(n)].inputs) {
          const Graph::Value& value = graph_.values[static_cast<size_t>(input)];
          if (value.source == Graph::Source::node && unit_of[static_cast<size_t>(value.index)] != static_cast<int>(u)) {
            before.push_back(unit_of[static_cast<size_t>(value.index)]);
          }
        }
      }
      std::sort(before.begin(), before.end());
      before.erase(std::unique(before.begin(), before.end()), before.end());
      waiting[u] = static_cast<int>(before.size());
      for (int other : before) followers[static_cast<size_t>(other)].push_back(static_cast<int>(u));
    }
    auto later = [&](int a, int b) {
      return units[static_cast<size_t>(a)].back() > units[static_cast<size_t>(b)].back();
    };
    std::priority_queue<int, std::vector<int>, decltype(later)> ready(later);
    for (size_t u = 0; u < units.size(); ++u) {
      if (waiting[u] == 0) ready.push(static_cast<int>(u));
    }
    start_new();
    while (!ready.empty()) {
      const int u = ready.top();
      ready.pop();
      emit(units[static_cast<size_t>(u)]);
      for (int follower : followers[static_cast<size_t>(u)]) {
        if (--waiting[static_cast<size_t>(follower)] == 0) ready.push(follower);
      }
    }
    for (int output : graph_.outputs) new_.outputs.push_back(moved_[static_cast<size_t>(output)]);
    for (const Graph::Update& update : graph_.updates)
      new_.updates.push_back({update.variable, moved_[static_cast<size_t>(update.value)]});
    return compacted(new_);
  }

  void start_new() {
    moved_.assign(graph_.values.size(), -1);
    for (int parameter : graph_.parameters) {
      new_.parameters.push_back(new_.add_value(graph_.values[static_cast<size_t>(parameter)].spec,
                                               Graph::Source::parameter, static_cast<int>(new_.parameters.size())));
      moved_[static_cast<size_t>(parameter)] = new_.parameters.back();
    }
    for (const Graph::Outside& variable : graph_.variables) {
      const int value =
          new_.add_value(variable.tensor.spec(), Graph::Source::variable, static_cast<int>(new_.variables.size()));
      new_.variables.push_back({variable.tensor, value});
      moved_[static_cast<size_t>(variable.value)] = value;
    }
    for (const Graph::Outside& constant : graph_.constants) {
      moved_[static_cast<size_t>(constant.value)] = new_.add_constant(constant.tensor);
    }
  }

  void emit(const std::vector<int>& unit) {
    const Graph::Operation& first = graph_.nodes[static_cast<size_t>(unit.front())];
    if (unit.size() == 1) {
      std::vector<int> inputs;
      for (int input : first.inputs) inputs.push_back(moved_[static_cast<size_t>(input)]);
      new_.add_node(first.op, std::move(inputs));
      for (size_t i = 0; i < first.outputs.size(); ++i)
        moved_[static_cast<size_t>(first.outputs[i])] = new_.nodes.back().outputs[i];
      return;
    }
    const std::vector<int> outside = outside_inputs(unit);
    std::map<int, int> registers;  // of old values
    for (int input : outside) registers.emplace(input, static_cast<int>(registers.size()));
    std::vector<FusedStep> steps;
    std::vector<int> outputs, output_values;
    for (int n : unit) {
      const Graph::Operation& node = graph_.nodes[static_cast<size_t>(n)];
      const int result = node.outputs[0];
      FusedStep step{node.op, {-1, -1, -1}, graph_.values[static_cast<size_t>(result)].spec.dtype};
      for (size_t i = 0; i < node.inputs.size(); ++i) step.operands[i] = registers.at(node.inputs[i]);
      const int reg = static_cast<int>(outside.size() + steps.size());
      registers.emplace(result, reg);
      steps.push_back(std::move(step));
      bool read_outside = at_end_[static_cast<size_t>(result)];
      for (int reader : readers_[static_cast<size_t>(result)])
        read_outside = read_outside || !std::binary_search(unit.begin(), unit.end(), reader);
      if (read_outside) {
        outputs.push_back(reg);
        output_values.push_back(result);
      }
    }
    std::vector<int> inputs;
    for (int input : outside) inputs.push_back(moved_[static_cast<size_t>(input)]);
    const auto count = static_cast<int>(outside.size());
    new_.add_node(std::make_shared<FusedElementwise>(count, std::move(steps), std::move(outputs), shape(unit.front())),
                  std::move(inputs));
    for (size_t i = 0; i < output_values.size(); ++i)
      moved_[static_cast<size_t>(output_values[i])] = new_.nodes.back().outputs[i];
  }

  const Graph& graph_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> at_end_;
  std::vector<int> group_;                 // of each node, or -1
  std::vector<std::vector<int>> members_;  // of each group, in order
  Graph new_;
  std::vector<int> moved_;
};

}  // namespace

Graph fuse_elementwise(Graph graph) { return ElementwiseFuser(graph).run(); }

}  // namespace hebb
