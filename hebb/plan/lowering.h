/// Lowering: from a graph to steps with kernels and places in memory. Internal to plan/.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hebb/graph/graph.h"
#include "hebb/ops/cost.h"
#include "hebb/plan/kernel.h"
#include "hebb/plan/plan.h"

namespace hebb {

/// Where a step finds an input or puts an output.
struct Place {
  enum class Kind { arena, variable, constant, parameter, output };
  Kind kind = Kind::arena;
  int index = 0;       ///< of the variable, constant, parameter or output
  int64_t offset = 0;  ///< into the arena
};

struct LoweredStep {
  std::unique_ptr<Kernel> kernel;
  std::vector<Place> in, out;
  int64_t scratch_offset = 0;
  int lasting_phases = 0;        ///< that are run only when a variable has changed
  std::string operation, specs;  ///< for the profile, as the cost
  Cost cost;
};

struct Lowered {
  std::vector<LoweredStep> steps;
  std::vector<int> lasting_variables;  ///< those that lasting phases depend on
  int64_t arena_bytes = 0;
};

/// Applies the passes that `options` does not skip, verifying after each.
Graph run_passes(Graph graph, const PlanOptions& options, std::string& report);

/// Chooses kernels and layouts and plans memory.
Lowered lower(const Graph& graph, const PlanOptions& options);

}  // namespace hebb
