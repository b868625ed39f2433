#include "hebb/plan/lowering.h"

#include <algorithm>
#include <cstring>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/plan/layouts.h"
#include "hebb/plan/memory_planner.h"

namespace hebb {

namespace {

/// Copies bytes: a value that must end up in a place it was not computed in.
class CopyKernel : public Kernel {
 public:
  explicit CopyKernel(int64_t bytes) : bytes_(bytes) {}
  std::string_view implementation() const override { return "copy"; }
  int64_t pieces(int) const override { return (bytes_ + piece_bytes - 1) / piece_bytes; }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t from = piece * piece_bytes, count = std::min(piece_bytes, bytes_ - from);
    std::memcpy(args.output<std::byte>() + from, args.input<std::byte>(0) + from, static_cast<size_t>(count));
  }

 private:
  static constexpr int64_t piece_bytes = 256 * 1024;
  int64_t bytes_;
};

/// Nodes whose output is its input's memory.
bool is_view(const Graph::Operation& node) {
  return node.op->name() == "reshape" || node.op->name() == "stop_gradient";
}

class Lowering {
 public:
  Lowering(const Graph& graph, const PlanOptions& options) : graph_(graph), options_(options) {}

  Lowered run() {
    find_roots();
    layouts_ = assign_layouts(graph_, options_);
    find_lasting_values();
    make_kernels();
    place_outputs();
    place_updates();
    find_lifetimes();
    share_memory();
    return emit();
  }

 private:
  /// At the end of a run a value goes to where it is wanted.
  struct Copy {
    int value;
    Place target;
    int detour;  // the memory in which it is put aside on the way, or -1
  };

  const Graph::Value& value(int v) const { return graph_.values[static_cast<size_t>(v)]; }
  int root(int v) const { return roots_[static_cast<size_t>(v)]; }
  Place& place(int v) { return places_[static_cast<size_t>(root(v))]; }
  bool from_node(int v) const { return value(root(v)).source == Graph::Source::node; }

  /// A view has the memory of what it looks at.
  void find_roots() {
    roots_.resize(graph_.values.size());
    for (size_t v = 0; v < roots_.size(); ++v) roots_[v] = static_cast<int>(v);
    for (const Graph::Operation& node : graph_.nodes) {
      if (is_view(node)) roots_[static_cast<size_t>(node.outputs[0])] = root(node.inputs[0]);
    }
    places_.resize(graph_.values.size());
    placed_.assign(graph_.values.size(), false);
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      const Graph::Value& known = graph_.values[v];
      if (known.source == Graph::Source::node) continue;
      const auto kind = known.source == Graph::Source::parameter  ? Place::Kind::parameter
                        : known.source == Graph::Source::variable ? Place::Kind::variable
                                                                  : Place::Kind::constant;
      places_[v] = {kind, known.index, 0};
      placed_[v] = true;
    }
  }

  /// What follows from constants and from variables that the plan does not update need not be computed again as long as
  /// the variables stay the same. It lies in the arena, where nothing else is put.
  void find_lasting_values() {
    lasting_ = graph_.lasting_values();
    // What may be computed in memory that is not the arena's is computed in every run, and what follows from it as
    // well.
    std::vector<bool> leaves(graph_.values.size(), false);
    for (const Graph::Update& update : graph_.updates) leaves[static_cast<size_t>(root(update.value))] = true;
    for (int output : graph_.outputs) leaves[static_cast<size_t>(root(output))] = true;
    for (const Graph::Operation& node : graph_.nodes) {
      bool lasts = true;
      for (int input : node.inputs) lasts = lasts && lasting_[static_cast<size_t>(input)];
      for (int output : node.outputs) lasts = lasts && !leaves[static_cast<size_t>(root(output))];
      for (int output : node.outputs) lasting_[static_cast<size_t>(output)] = lasts;
    }
  }

  /// How many phases of a node are run only when a variable has changed.
  int lasting_phases(size_t n) const {
    const Kernel& kernel = *kernels_[n];
    const std::vector<int>& outputs = graph_.nodes[n].outputs;
    const bool all = !outputs.empty() && lasting_[static_cast<size_t>(outputs[0])];
    return all ? kernel.phases() : kernel.lasting_phases();
  }

  void make_kernels() {
    kernels_.resize(graph_.nodes.size());
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!is_view(graph_.nodes[n]))
        kernels_[n] = layouts_.make_kernel(graph_, static_cast<int>(n), options_, lasting_);
    }
  }

  /// Outputs are computed in the caller's memory, where they are computed for that alone; otherwise copied at the end.
  void place_outputs() {
    for (size_t i = 0; i < graph_.outputs.size(); ++i) {
      const int v = graph_.outputs[i];
      const Place target{Place::Kind::output, static_cast<int>(i), 0};
      if (from_node(v) && !placed_[static_cast<size_t>(root(v))] && !layouts_.of_value(root(v))) {
        place(v) = target;
        placed_[static_cast<size_t>(root(v))] = true;
      } else {
        copies_.push_back({v, target, -1});
      }
    }
  }

  /// An update is computed in the variable's memory when nobody needs the old value any more; otherwise copied at the
  /// end.
  void place_updates() {
    std::vector<int> last_reader(graph_.values.size(), -1);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      for (int input : graph_.nodes[n].inputs) last_reader[static_cast<size_t>(root(input))] = static_cast<int>(n);
    }
    std::vector<bool> read_at_end(graph_.values.size(), false);
    for (const Copy& copy : copies_) read_at_end[static_cast<size_t>(root(copy.value))] = true;
    for (const Graph::Update& update : graph_.updates) read_at_end[static_cast<size_t>(root(update.value))] = true;
    for (const Graph::Update& update : graph_.updates) {
      const int old = graph_.variables[static_cast<size_t>(update.variable)].value;
      const int fresh = root(update.value);
      const Place target{Place::Kind::variable, update.variable, 0};
      if (fresh == old) continue;
      if (update.in_place && from_node(fresh) && !placed_[static_cast<size_t>(fresh)] &&
          !read_at_end[static_cast<size_t>(old)] &&
          may_replace(value(fresh).index, fresh, old, last_reader[static_cast<size_t>(old)])) {
        places_[static_cast<size_t>(fresh)] = target;
        placed_[static_cast<size_t>(fresh)] = true;
      } else {
        copies_.push_back({fresh, target, -1});
      }
    }
  }

  bool may_replace(int node, int fresh, int old, int last_reader) const {
    if (last_reader > node) return false;
    const Graph::Operation& operation = graph_.nodes[static_cast<size_t>(node)];
    const auto at = std::find(operation.outputs.begin(), operation.outputs.end(), fresh) - operation.outputs.begin();
    for (size_t i = 0; i < operation.inputs.size(); ++i) {
      if (root(operation.inputs[i]) != old) continue;
      if (!kernels_[static_cast<size_t>(node)]->may_overwrite(static_cast<int>(i), static_cast<int>(at))) return false;
    }
    return true;
  }

  void find_lifetimes() {
    first_.assign(graph_.values.size(), 0);
    last_.assign(graph_.values.size(), -1);
    const int end = static_cast<int>(graph_.nodes.size());
    for (int n = 0; n < end; ++n) {
      const Graph::Operation& node = graph_.nodes[static_cast<size_t>(n)];
      if (is_view(node)) continue;
      for (int input : node.inputs) last_[static_cast<size_t>(root(input))] = n;
      for (int output : node.outputs) {
        first_[static_cast<size_t>(output)] = n;
        last_[static_cast<size_t>(output)] = std::max(last_[static_cast<size_t>(output)], n);
      }
    }
    for (const Copy& copy : copies_) last_[static_cast<size_t>(root(copy.value))] = end;
    for (size_t v = 0; v < lasting_.size(); ++v) {
      if (!lasting_[v]) continue;
      first_[v] = 0;
      last_[static_cast<size_t>(root(static_cast<int>(v)))] = end;
    }
  }

  int64_t bytes_of(int v) const {
    const LayoutPtr layout = layouts_.of_value(v);
    return layout ? layout->bytes() : value(v).spec.bytes();
  }

  /// Places what is left in the arena. An output takes the memory of an input that dies with this step where its kernel
  /// can.
  void share_memory() {
    std::vector<int> slot(graph_.values.size(), -1);
    std::vector<Lifetime> lives;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Graph::Operation& node = graph_.nodes[n];
      if (is_view(node)) continue;
      std::vector<int> taken;
      for (size_t k = 0; k < node.outputs.size(); ++k) {
        const int out = node.outputs[k];
        if (placed_[static_cast<size_t>(out)]) continue;
        for (size_t i = 0; i < node.inputs.size() && slot[static_cast<size_t>(out)] < 0; ++i) {
          const int in = root(node.inputs[i]);
          const int candidate = slot[static_cast<size_t>(in)];
          const bool free = candidate >= 0 && last_[static_cast<size_t>(in)] == static_cast<int>(n) &&
                            bytes_of(in) == bytes_of(out) &&
                            std::find(taken.begin(), taken.end(), candidate) == taken.end();
          if (free && overwrites_everywhere(n, in, static_cast<int>(k))) {
            slot[static_cast<size_t>(out)] = candidate;
            taken.push_back(candidate);
          }
        }
        if (slot[static_cast<size_t>(out)] < 0) {
          slot[static_cast<size_t>(out)] = static_cast<int>(lives.size());
          lives.push_back({bytes_of(out), first_[static_cast<size_t>(out)], 0});
        }
        Lifetime& life = lives[static_cast<size_t>(slot[static_cast<size_t>(out)])];
        life.last = std::max(life.last, last_[static_cast<size_t>(out)]);
      }
      if (const int64_t scratch = kernels_[n]->scratch_bytes(); scratch > 0) {
        scratch_slot_.resize(graph_.nodes.size(), -1);
        scratch_slot_[n] = static_cast<int>(lives.size());
        const bool lasts = lasting_phases(n) > 0;
        const auto now = static_cast<int>(n), end = static_cast<int>(graph_.nodes.size());
        lives.push_back({scratch, lasts ? 0 : now, lasts ? end : now});
      }
    }
    scratch_slot_.resize(graph_.nodes.size(), -1);
    for (Copy& copy : copies_) {
      if (!needs_detour(copy)) continue;
      const auto end = static_cast<int>(graph_.nodes.size());
      copy.detour = static_cast<int>(lives.size());
      lives.push_back({bytes_of(root(copy.value)), end, end});
    }
    memory_ = plan_memory(lives);
    for (size_t v = 0; v < slot.size(); ++v) {
      if (slot[v] >= 0) places_[v] = {Place::Kind::arena, 0, memory_.offsets[static_cast<size_t>(slot[v])]};
    }
  }

  /// Variables that take each other's values: what is copied from a variable that another copy overwrites is put aside
  /// first.
  bool needs_detour(const Copy& copy) {
    const Place from = place(copy.value);
    if (copy.target.kind != Place::Kind::variable || from.kind != Place::Kind::variable) return false;
    return std::any_of(copies_.begin(), copies_.end(), [&](const Copy& other) {
      return other.target.kind == Place::Kind::variable && other.target.index == from.index;
    });
  }

  /// Whether output k of node n may lie over `in` wherever the node reads that.
  bool overwrites_everywhere(size_t n, int in, int k) const {
    const Graph::Operation& node = graph_.nodes[n];
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (root(node.inputs[i]) == in && !kernels_[n]->may_overwrite(static_cast<int>(i), k)) return false;
    }
    return true;
  }

  Lowered emit() {
    Lowered out;
    out.arena_bytes = memory_.bytes;
    for (size_t i = 0; i < graph_.variables.size(); ++i) {
      if (lasting_[static_cast<size_t>(graph_.variables[i].value)])
        out.lasting_variables.push_back(static_cast<int>(i));
    }
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Graph::Operation& node = graph_.nodes[n];
      if (is_view(node)) continue;
      const int lasting = lasting_phases(n);
      LoweredStep step{std::move(kernels_[n]), {}, {}, 0, lasting, std::string(node.op->name()), {}, {}};
      std::vector<Spec> in, results;
      for (int input : node.inputs) {
        step.in.push_back(place(input));
        in.push_back(value(input).spec);
        step.specs += message(step.specs.empty() ? "" : " ", value(input).spec.shape);
      }
      step.specs += " ->";
      for (int output : node.outputs) {
        step.out.push_back(place(output));
        results.push_back(value(output).spec);
        step.specs += message(" ", value(output).spec.shape);
      }
      step.cost = cost_of(*node.op, in, results);
      if (scratch_slot_[n] >= 0) step.scratch_offset = memory_.offsets[static_cast<size_t>(scratch_slot_[n])];
      out.steps.push_back(std::move(step));
    }
    // Outputs and what is put aside come before the variables are overwritten.
    auto add_copy = [&](const Copy& copy, const Place& from, const Place& to) {
      const int64_t bytes = bytes_of(root(copy.value));
      out.steps.push_back({std::make_unique<CopyKernel>(bytes),
                           {from},
                           {to},
                           0,
                           0,
                           "copy",
                           value(copy.value).spec.shape.to_string(),
                           {0, 2.0 * static_cast<double>(bytes)}});
    };
    auto aside = [&](const Copy& copy) {
      return Place{Place::Kind::arena, 0, memory_.offsets[static_cast<size_t>(copy.detour)]};
    };
    for (const Copy& copy : copies_) {
      if (copy.target.kind == Place::Kind::output) add_copy(copy, place(copy.value), copy.target);
      if (copy.detour >= 0) add_copy(copy, place(copy.value), aside(copy));
    }
    for (const Copy& copy : copies_) {
      if (copy.target.kind != Place::Kind::variable) continue;
      add_copy(copy, copy.detour >= 0 ? aside(copy) : place(copy.value), copy.target);
    }
    return out;
  }

  const Graph& graph_;
  const PlanOptions& options_;
  std::vector<int> roots_;
  std::vector<Place> places_;
  std::vector<bool> placed_;
  Layouts layouts_;
  std::vector<bool> lasting_;
  std::vector<std::unique_ptr<Kernel>> kernels_;
  std::vector<Copy> copies_;
  std::vector<int> first_, last_;
  std::vector<int> scratch_slot_;
  MemoryPlan memory_;
};

}  // namespace

Lowered lower(const Graph& graph, const PlanOptions& options) { return Lowering(graph, options).run(); }

}  // namespace hebb
