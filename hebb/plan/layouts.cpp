#include "hebb/plan/layouts.h"

#include <algorithm>
#include <set>

#include "hebb/ops/fused.h"
#include "hebb/plan/tuning.h"

namespace hebb {

namespace {

bool is_elementwise(const Op& op) {
  const auto* fused = dynamic_cast<const FusedElementwise*>(&op);
  return dynamic_cast<const Elementwise*>(&op) != nullptr || (fused != nullptr && fused->sums().empty());
}

/// The specs of a node's inputs and outputs.
struct NodeSpecs {
  std::vector<Spec> in, out;
  NodeSpecs(const Graph& graph, const Graph::Operation& node) {
    for (int value : node.inputs) in.push_back(graph.values[static_cast<size_t>(value)].spec);
    for (int value : node.outputs) out.push_back(graph.values[static_cast<size_t>(value)].spec);
  }
};

class LayoutSearch {
 public:
  LayoutSearch(const Graph& graph, const PlanOptions& options)
      : graph_(graph), options_(options), readers_(graph.readers()) {}

  std::map<int, LayoutPtr> run() {
    for (const Graph::Outside& variable : graph_.variables) {
      if (found_.contains(variable.value)) continue;
      const LayoutPtr wanted = wanted_layout(variable.value);
      if (wanted && !variable.tensor.body()->keep_plain && spread(variable, wanted)) {
        for (int value : group_) found_[value] = wanted;
      } else if (wanted) {
        keep_plain_.push_back(variable.tensor);
      }
    }
    for (const Graph::Outside& variable : graph_.variables) {
      const auto found = found_.find(variable.value);
      if (found != found_.end()) {
        set_variable_layout(variable.tensor, found->second);
      } else if (variable.tensor.body()->layout) {
        keep_plain_.push_back(variable.tensor);
      }
    }
    // Pinned, so that two plans with different needs do not convert a variable to and fro.
    for (const Tensor& variable : keep_plain_) {
      variable.body()->keep_plain = true;
      set_variable_layout(variable, nullptr);
    }
    return std::move(found_);
  }

 private:
  const Graph::Value& value(int v) const { return graph_.values[static_cast<size_t>(v)]; }
  const Graph::Operation& node(int n) const { return graph_.nodes[static_cast<size_t>(n)]; }

  /// What the first kernel that reads a variable, and has a wish, wants.
  LayoutPtr wanted_layout(int variable) const {
    if (value(variable).spec.dtype != DType::float32) return nullptr;
    for (int reader : readers_[static_cast<size_t>(variable)]) {
      if (is_elementwise(*node(reader).op)) continue;
      if (const LayoutPtr wanted = layout_of_input(reader, variable)) return wanted;
    }
    return nullptr;
  }

  /// In which layout a node would take an input (give an output) if it may choose; null: the plain one alone.
  LayoutPtr layout_of_input(int reader, int v) const {
    const Graph::Operation& operation = node(reader);
    // Other kernels have no layouts of their own; not asking saves making them twice.
    if (!has_choice_of_kernels(operation.op->name())) return nullptr;
    const NodeSpecs specs(graph_, operation);
    Call call{*operation.op, specs.in, specs.out};
    call.free_in.assign(specs.in.size(), false);
    LayoutPtr layout;
    for (size_t i = 0; i < operation.inputs.size(); ++i) call.free_in[i] = operation.inputs[i] == v;
    const auto kernel = choose_tuned_kernel(call, options_.kernels, options_.expected_runs);
    for (size_t i = 0; i < operation.inputs.size(); ++i) {
      if (operation.inputs[i] != v) continue;
      const LayoutPtr here = kernel->input_layout(static_cast<int>(i));
      if (!here || (layout && !same_layout(layout, here))) return nullptr;
      layout = here;
    }
    return layout;
  }

  LayoutPtr layout_of_output(int producer, int output) const {
    const Graph::Operation& operation = node(producer);
    if (!has_choice_of_kernels(operation.op->name())) return nullptr;
    const NodeSpecs specs(graph_, operation);
    Call call{*operation.op, specs.in, specs.out};
    call.free_out.assign(specs.out.size(), false);
    call.free_out[static_cast<size_t>(output)] = true;
    return choose_tuned_kernel(call, options_.kernels, options_.expected_runs)->output_layout(output);
  }

  /// Finds all values that must have the layout with the variable; false when one cannot.
  bool spread(const Graph::Outside& variable, const LayoutPtr& layout) {
    if (layout->bytes() % static_cast<int64_t>(sizeof(float)) != 0) return false;
    spec_ = value(variable.value).spec;
    layout_ = layout;
    group_.clear();
    open_ = {variable.value};
    while (!open_.empty()) {
      const int v = open_.back();
      open_.pop_back();
      if (!group_.insert(v).second) continue;
      if (!takes(v)) return false;
    }
    return true;
  }

  bool takes(int v) {
    if (value(v).spec != spec_ || found_.contains(v)) return false;
    if (std::find(graph_.outputs.begin(), graph_.outputs.end(), v) != graph_.outputs.end()) return false;
    switch (value(v).source) {
      case Graph::Source::parameter:
      case Graph::Source::constant: return false;
      case Graph::Source::variable: {
        const TensorBody& body = *graph_.variables[static_cast<size_t>(value(v).index)].tensor.body();
        if (body.keep_plain || (body.layout && !same_layout(body.layout, layout_))) return false;
        break;
      }
      case Graph::Source::node: {
        const int producer = value(v).index;
        const bool fits = is_elementwise(*node(producer).op)
                              ? takes_node(producer)
                              : same_layout(layout_of_output(producer, value(v).output), layout_);
        if (!fits) return false;
        break;
      }
    }
    for (int reader : readers_[static_cast<size_t>(v)]) {
      const bool fits =
          is_elementwise(*node(reader).op) ? takes_node(reader) : same_layout(layout_of_input(reader, v), layout_);
      if (!fits) return false;
    }
    for (const Graph::Update& update : graph_.updates) {
      const int old = graph_.variables[static_cast<size_t>(update.variable)].value;
      if (update.value == v) open_.push_back(old);
      if (old == v) open_.push_back(update.value);
    }
    return true;
  }

  /// An elementwise node works on packed values when all it touches are packed alike, or are single numbers.
  bool takes_node(int n) {
    for (int input : node(n).inputs) {
      if (value(input).spec.shape == spec_.shape) {
        open_.push_back(input);
      } else if (value(input).spec.shape.elements() != 1) {
        return false;
      }
    }
    for (int output : node(n).outputs) open_.push_back(output);
    return true;
  }

  const Graph& graph_;
  const PlanOptions& options_;
  std::vector<std::vector<int>> readers_;
  std::map<int, LayoutPtr> found_;
  std::vector<Tensor> keep_plain_;
  // Of the variable that is being tried.
  Spec spec_;
  LayoutPtr layout_;
  std::set<int> group_;
  std::vector<int> open_;
};

}  // namespace

std::unique_ptr<Kernel> Layouts::make_kernel(const Graph& graph, int index, const PlanOptions& options,
                                             const std::vector<bool>& lasting) const {
  const Graph::Operation& node = graph.nodes[static_cast<size_t>(index)];
  NodeSpecs specs(graph, node);
  std::vector<bool> free_in, free_out, lasting_in;
  LayoutPtr packed;
  for (int input : node.inputs) {
    free_in.push_back(of_value(input) != nullptr);
    lasting_in.push_back(lasting[static_cast<size_t>(input)]);
  }
  for (int output : node.outputs) {
    free_out.push_back(of_value(output) != nullptr);
    if (free_out.back()) packed = of_value(output);
  }
  if (!packed || !is_elementwise(*node.op))
    return choose_tuned_kernel({.op = *node.op,
                                .in = specs.in,
                                .out = specs.out,
                                .free_in = free_in,
                                .free_out = free_out,
                                .lasting_in = lasting_in,
                                .runs_often = options.runs_often},
                               options.kernels, options.expected_runs);
  // Packed values are vectors to an elementwise loop.
  const Shape flat{packed->bytes() / static_cast<int64_t>(sizeof(float))};
  for (size_t i = 0; i < specs.in.size(); ++i) {
    if (free_in[i]) specs.in[i].shape = flat;
  }
  for (Spec& spec : specs.out) spec.shape = flat;
  if (const auto* fused = dynamic_cast<const FusedElementwise*>(node.op.get())) {
    const FusedElementwise on_vectors(fused->inputs(), fused->steps(), fused->outputs(), flat);
    return choose_tuned_kernel({on_vectors, specs.in, specs.out}, options.kernels, options.expected_runs);
  }
  return choose_tuned_kernel({*node.op, specs.in, specs.out}, options.kernels, options.expected_runs);
}

Layouts assign_layouts(const Graph& graph, const PlanOptions& options) {
  return Layouts(LayoutSearch(graph, options).run());
}

}  // namespace hebb
