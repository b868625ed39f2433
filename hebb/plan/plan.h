/// Plans: graphs made ready to run again and again.
///
/// A plan has chosen a kernel for every node, knows the place of every value in one arena, and runs as a flat list of
/// calls on prepared arguments: nothing is looked up, allocated or compiled in a run.
///
///     Plan plan = Plan::compile(trace(f, specs));
///     plan.run({x.raw()}, {y.mutable_raw()});
///     std::string table = plan.describe();
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hebb/graph/graph.h"
#include "hebb/ops/cost.h"

namespace hebb {

struct PlanOptions {
  /// Names of passes to leave out (graph/passes/passes.h); "all" leaves out every one. Also read from HEBB_SKIP_PASSES.
  std::vector<std::string> skip_passes = {};
  /// Allow this implementation alone (KernelMaker::implementation), an InternalError where it computes an operation
  /// not; empty: the best.
  std::string kernels = {};
  /// Keep a part of what the gradients will read and compute the rest again when they do: less memory, the same bits,
  /// about a third more time (graph/passes/recompute_activations.cpp).
  bool recompute_activations = false;
  /// How often the plan will be run, as far as one knows. From some hundred runs on it pays to measure which kernels
  /// are the fastest here (plan/tuning.h).
  int64_t expected_runs = 0;
  /// The plan is kept to be run often, as a frozen model's: what does not change between runs may be stored twice, the
  /// second time in the order in which it is read the fastest.
  bool runs_often = false;
};

class Plan {
 public:
  /// Runs the passes, chooses kernels and layouts, plans memory.
  static Plan compile(Graph graph, const PlanOptions& options = {});
  /// The same plan with memory of its own: both may run at the same time, as long as neither updates variables.
  Plan another() const;

  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;
  ~Plan();

  /// Computes: reads the parameters, writes the outputs (each of the size its spec says) and the updated variables. One
  /// run at a time: for more there is `another()`.
  void run(std::span<const void* const> parameters, std::span<void* const> outputs);

  const std::vector<Spec>& parameters() const;
  const std::vector<Spec>& outputs() const;
  /// Whether a variable's storage has changed since compiling, so that the plan must be made anew.
  bool is_stale() const;

  /// Measures every step from now on (or no longer); resets what was measured. The first run of all, which touches
  /// fresh memory, counts only until there is another.
  void profile(bool on);
  bool is_profiled() const;
  /// A table of the steps: operation, implementation, what they compute and move, shapes and, when profiled, time,
  /// share and rates; then the same by implementation.
  std::string describe() const;
  /// The graph after the passes.
  const Graph& graph() const;
  /// What each pass took and did: "fuse_elementwise: 0.2 ms, 61 -> 40 nodes".
  const std::string& pass_report() const;

  int64_t arena_bytes() const;
  int64_t steps() const;
  /// A step: what one run of it costs, and what it took since profile(true).
  struct Timing {
    std::string operation, implementation, specs;
    int64_t calls = 0;
    double seconds = 0;  ///< of all calls
    Cost cost;
  };
  std::vector<Timing> timings() const;

 private:
  struct Program;
  struct State;
  explicit Plan(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hebb
