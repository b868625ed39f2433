#include <algorithm>
#include <map>
#include <numeric>
#include <queue>

#include "hebb/graph/passes/passes.h"
#include "hebb/graph/passes/unit_order.h"
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
      : graph_(graph), readers_(graph.readers()), at_end_(graph.needed_at_end()), order_(graph) {
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
    compute_again();
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
    if (joined.size() > most_steps || outside_inputs(joined).size() > most_inputs) return;
    if (!order_.join(members_[static_cast<size_t>(a)][0], members_[static_cast<size_t>(b)][0])) return;
    for (int member : members_[static_cast<size_t>(b)]) group_[static_cast<size_t>(member)] = a;
    members_[static_cast<size_t>(a)] = std::move(joined);
    members_[static_cast<size_t>(b)].clear();
  }

  /// What follows from one array by little arithmetic (x - mean) is computed again by each loop that needs it, when
  /// those are all that need it: they read that array instead of the result, which then is never written. Arrays that
  /// do not stay in a core's cache are worth more arithmetic: an erf is computed anew on the way back.
  void compute_again() {
    borrowed_.resize(members_.size());
    for (size_t n = graph_.nodes.size(); n-- > 0;) {
      if (group_[n] < 0 || at_end_[static_cast<size_t>(graph_.nodes[n].outputs[0])]) continue;
      const std::vector<int> groups = groups_that_read(static_cast<int>(n));
      const std::vector<int> way = way_from_one_array(static_cast<int>(n));
      if (way.empty() || groups.empty() || !is_cheap(way, groups.size())) continue;
      const bool all_can = std::all_of(groups.begin(), groups.end(), [&](int group) {
        return group >= 0 && shape(members_[static_cast<size_t>(group)][0]) == shape(static_cast<int>(n)) &&
               all_of_unit(group).size() + way.size() <= most_steps &&
               outside_inputs(all_of_unit(group)).size() + way.size() < most_inputs;
      });
      if (!all_can) continue;
      for (int group : groups) {
        std::vector<int>& borrowed = borrowed_[static_cast<size_t>(group)];
        for (int node : way) {
          if (std::find(borrowed.begin(), borrowed.end(), node) == borrowed.end()) borrowed.push_back(node);
        }
      }
    }
  }

  /// The nodes of a loop that lead to one of its nodes from what is in memory in any case; none where that is more than
  /// one array of the loop's size, or where there are too many.
  std::vector<int> way_from_one_array(int n) const {
    constexpr size_t most = 8;
    const int64_t elements = shape(n).elements();
    std::vector<int> way = {n}, arrays;
    for (size_t i = 0; i < way.size(); ++i) {
      for (int input : graph_.nodes[static_cast<size_t>(way[i])].inputs) {
        const Graph::Value& value = graph_.values[static_cast<size_t>(input)];
        const bool own = value.source == Graph::Source::node &&
                         group_[static_cast<size_t>(value.index)] == group_[static_cast<size_t>(n)];
        std::vector<int>& list = own && !is_stored_anyway(value.index) ? way : arrays;
        const int entry = &list == &way ? value.index : input;
        if (&list == &arrays && 8 * value.spec.shape.elements() <= elements) continue;
        if (std::find(list.begin(), list.end(), entry) == list.end()) list.push_back(entry);
      }
      if (way.size() > most || arrays.size() > 1) return {};
    }
    if (arrays.size() != 1) return {};
    return way;
  }

  /// Whether something other than a loop needs a node's result.
  bool is_stored_anyway(int n) const {
    const int result = graph_.nodes[static_cast<size_t>(n)].outputs[0];
    const std::vector<int>& readers = readers_[static_cast<size_t>(result)];
    return at_end_[static_cast<size_t>(result)] || std::any_of(readers.begin(), readers.end(), [&](int reader) {
             return group_[static_cast<size_t>(reader)] < 0;
           });
  }

  /// Whether some loops should go this way again rather than read its end from memory: one simple operation always;
  /// more where the array would be written past the cache and read from there, which takes a processor about as long
  /// as an exponential function of the same numbers.
  bool is_cheap(const std::vector<int>& way, size_t loops) const {
    constexpr int64_t beyond_cache = int64_t{1} << 20;  // bytes
    constexpr size_t as_long_as_memory = 16;
    size_t work = 0;
    for (int n : way) {
      constexpr std::string_view simple[] = {"add", "subtract", "multiply", "negative"};
      constexpr std::string_view middling[] = {
          "divide", "sqrt", "abs", "maximum", "minimum", "square", "round_to_bfloat16", "round_to_float16"};
      constexpr std::string_view heavy[] = {"erf", "exp", "tanh", "sigmoid", "gelu"};
      const std::string_view name = graph_.nodes[static_cast<size_t>(n)].op->name();
      const auto is_in = [&](const auto& names) {
        return std::find(std::begin(names), std::end(names), name) != std::end(names);
      };
      if (!is_in(simple) && !is_in(middling) && !is_in(heavy)) return false;
      work += is_in(simple) ? 1 : is_in(middling) ? 3 : 8;
    }
    if (work == 1) return true;
    const Spec& end = graph_.values[static_cast<size_t>(graph_.nodes[static_cast<size_t>(way[0])].outputs[0])].spec;
    return end.bytes() >= beyond_cache && work * loops <= as_long_as_memory;
  }

  /// The groups other than its own in which a node's result is read, by their own nodes or by borrowed ones; -1 for a
  /// reader that is in no loop.
  std::vector<int> groups_that_read(int n) const {
    std::vector<int> groups;
    const int own = group_[static_cast<size_t>(n)];
    const auto add = [&](int group) {
      if (group != own && std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
    };
    for (int reader : readers_[static_cast<size_t>(graph_.nodes[static_cast<size_t>(n)].outputs[0])]) {
      add(group_[static_cast<size_t>(reader)]);
      for (size_t group = 0; group < borrowed_.size(); ++group) {
        const std::vector<int>& nodes = borrowed_[group];
        if (std::find(nodes.begin(), nodes.end(), reader) != nodes.end()) add(static_cast<int>(group));
      }
    }
    return groups;
  }

  /// A group's own nodes and those that it has borrowed, in order.
  std::vector<int> all_of_unit(int group) const {
    std::vector<int> nodes = members_[static_cast<size_t>(group)];
    const std::vector<int>& more = borrowed_[static_cast<size_t>(group)];
    nodes.insert(nodes.end(), more.begin(), more.end());
    std::sort(nodes.begin(), nodes.end());
    return nodes;
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
      units.push_back(group >= 0 ? all_of_unit(group) : std::vector<int>{static_cast<int>(n)});
    }
    std::vector<std::vector<int>> followers(units.size());
    std::vector<int> waiting(units.size(), 0);
    for (size_t u = 0; u < units.size(); ++u) {
      std::vector<int> before;
      for (int n : units[u]) {
        for (int input : graph_.nodes[static_cast<size_t>(n)].inputs) {
          const Graph::Value& value = graph_.values[static_cast<size_t>(input)];
          if (value.source == Graph::Source::node && !std::binary_search(units[u].begin(), units[u].end(), value.index))
            before.push_back(unit_of[static_cast<size_t>(value.index)]);
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
      emit(units[static_cast<size_t>(u)], unit_of, u);
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

  /// `unit_of`: where each node is at home; `u`: the unit's number.
  void emit(const std::vector<int>& unit, const std::vector<int>& unit_of, int u) {
    const Graph::Operation& first = graph_.nodes[static_cast<size_t>(unit.front())];
    if (unit.size() == 1) {
      std::vector<int> inputs;
      for (int input : first.inputs) inputs.push_back(moved_[static_cast<size_t>(input)]);
      new_.add_node(first.op, std::move(inputs));
      for (size_t i = 0; i < first.outputs.size(); ++i)
        moved_[static_cast<size_t>(first.outputs[i])] = new_.nodes.back().outputs[i];
      return;
    }
    const std::vector<int> needed = needed_nodes(unit, unit_of, u);
    if (needed.empty()) return;
    const std::vector<int> outside = outside_inputs(needed);
    std::map<int, int> registers;  // of old values
    for (int input : outside) registers.emplace(input, static_cast<int>(registers.size()));
    std::vector<FusedStep> steps;
    std::vector<int> outputs, output_values;
    for (int n : needed) {
      const Graph::Operation& node = graph_.nodes[static_cast<size_t>(n)];
      const int result = node.outputs[0];
      FusedStep step{node.op, {-1, -1, -1}, graph_.values[static_cast<size_t>(result)].spec.dtype};
      for (size_t i = 0; i < node.inputs.size(); ++i) step.operands[i] = registers.at(node.inputs[i]);
      const int reg = static_cast<int>(outside.size() + steps.size());
      registers.emplace(result, reg);
      steps.push_back(std::move(step));
      if (unit_of[static_cast<size_t>(n)] == u && is_stored(n, unit)) {
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

  /// The nodes of a unit that lead to something that is stored.
  std::vector<int> needed_nodes(const std::vector<int>& unit, const std::vector<int>& unit_of, int u) const {
    std::vector<int> needed;
    for (size_t i = unit.size(); i-- > 0;) {
      const int result = graph_.nodes[static_cast<size_t>(unit[i])].outputs[0];
      const bool used = std::any_of(needed.begin(), needed.end(), [&](int n) {
        const std::vector<int>& inputs = graph_.nodes[static_cast<size_t>(n)].inputs;
        return std::find(inputs.begin(), inputs.end(), result) != inputs.end();
      });
      if (used || (unit_of[static_cast<size_t>(unit[i])] == u && is_stored(unit[i], unit))) needed.push_back(unit[i]);
    }
    std::reverse(needed.begin(), needed.end());
    return needed;
  }

  /// Whether a node's result is needed outside of its loop, and not computed again there.
  bool is_stored(int n, const std::vector<int>& unit) const {
    const int result = graph_.nodes[static_cast<size_t>(n)].outputs[0];
    if (at_end_[static_cast<size_t>(result)]) return true;
    for (int reader : readers_[static_cast<size_t>(result)]) {
      if (std::binary_search(unit.begin(), unit.end(), reader)) continue;
      const int group = group_[static_cast<size_t>(reader)];
      if (group < 0) return true;
      const std::vector<int>& borrowed = borrowed_[static_cast<size_t>(group)];
      if (std::find(borrowed.begin(), borrowed.end(), n) == borrowed.end()) return true;
    }
    return false;
  }

  const Graph& graph_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> at_end_;
  UnitOrder order_;
  std::vector<int> group_;                  // of each node, or -1
  std::vector<std::vector<int>> members_;   // of each group, in order
  std::vector<std::vector<int>> borrowed_;  // nodes of other groups that a group computes again
  Graph new_;
  std::vector<int> moved_;
};

}  // namespace

Graph fuse_elementwise(Graph graph) { return ElementwiseFuser(graph).run(); }

}  // namespace hebb
