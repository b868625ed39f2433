#include <cstdio>
#include <utility>

#include "hebb/graph/passes/passes.h"
#include "hebb/plan/lowering.h"

namespace hebb {

Graph run_passes(Graph graph, const PlanOptions& options, std::string& report) {
  std::vector<std::string> skip = options.skip_passes;
  for (std::string& name : passes_skipped_by_environment()) skip.push_back(std::move(name));
  if (!options.recompute_activations) skip.emplace_back("recompute_activations");
  std::vector<PassReport> reports;
  graph = apply_passes(std::move(graph), skip, &reports);
  for (const PassReport& pass : reports) {
    char line[160];
    std::snprintf(line, sizeof line, "%-28s %8.3f ms, %zu -> %zu nodes\n", std::string(pass.name).c_str(),
                  pass.seconds * 1e3, pass.nodes_before, pass.nodes_after);
    report += line;
  }
  return graph;
}

}  // namespace hebb
