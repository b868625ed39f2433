#include "hebb/plan/layouts.h"

namespace hebb {

std::unique_ptr<Kernel> Layouts::make_kernel(const Graph& graph, int index, const PlanOptions& options) const {
  const Graph::Operation& node = graph.nodes[static_cast<size_t>(index)];
  std::vector<Spec> in, out;
  for (int value : node.inputs) in.push_back(graph.values[static_cast<size_t>(value)].spec);
  for (int value : node.outputs) out.push_back(graph.values[static_cast<size_t>(value)].spec);
  return choose_kernel({*node.op, in, out}, options.kernels);
}

Layouts assign_layouts(const Graph&, const PlanOptions&) { return {}; }

}  // namespace hebb
