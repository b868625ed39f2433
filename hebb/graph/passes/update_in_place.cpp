#include <vector>

#include "hebb/graph/passes/passes.h"

namespace hebb {

/// Allows updates to be computed in the memory of their variables: those whose variable nobody reads once its new value
/// is there. Whether it is done depends on the kernel as well, which is chosen later (plan/lowering.cpp).
Graph update_in_place(Graph graph) {
  const std::vector<std::vector<int>> readers = graph.readers();
  const std::vector<bool> at_end = graph.needed_at_end();
  for (Graph::Update& update : graph.updates) {
    const Graph::Value& fresh = graph.values[static_cast<size_t>(update.value)];
    const int old = graph.variables[static_cast<size_t>(update.variable)].value;
    update.in_place = fresh.source == Graph::Source::node && !at_end[static_cast<size_t>(old)];
    for (int reader : readers[static_cast<size_t>(old)]) update.in_place = update.in_place && reader <= fresh.index;
  }
  return graph;
}

}  // namespace hebb
