#include "hebb/plan/plan.h"

#include <chrono>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/plan/lowering.h"

namespace hebb {

namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

/// What all instances of a plan share.
struct Plan::Program {
  Graph graph;
  std::string pass_report;
  std::vector<Spec> parameters, outputs;
  Lowered lowered;
  /// Storage of the variables when the plan was made. Held, so that no other storage can come to lie there.
  std::vector<std::shared_ptr<Buffer>> storage;
};

/// An instance: its memory and arguments.
struct Plan::State {
  std::shared_ptr<const Program> program;
  std::shared_ptr<Buffer> arena;

  struct Step {
    const Kernel* kernel;
    int lasting_phases;
    std::vector<const void*> in;
    std::vector<void*> out;
    /// Points into both. Written once: what a run writes, other threads must fetch before they begin.
    KernelArgs args{};
    int64_t calls = 0;
    double seconds = 0;
  };
  std::vector<Step> steps;
  /// Places in the steps' arguments that hold a pointer from outside.
  struct Binding {
    size_t step, argument;
    bool is_output;
    int index;
  };
  std::vector<Binding> parameter_bindings, output_bindings;
  /// What the lasting variables were when what follows from them was computed.
  std::vector<uint64_t> versions;
  bool has_lasting = false;  ///< whether it was
  bool profiling = false;
  bool has_run = false, measured_first_run = false;

  explicit State(std::shared_ptr<const Program> shared)
      : program(std::move(shared)), arena(Buffer::allocate(program->lowered.arena_bytes)) {
    for (const LoweredStep& lowered : program->lowered.steps) {
      Step step{lowered.kernel.get(), lowered.lasting_phases, {}, {}};
      for (size_t i = 0; i < lowered.in.size(); ++i) step.in.push_back(pointer(lowered.in[i], i, false));
      for (size_t i = 0; i < lowered.out.size(); ++i) step.out.push_back(pointer(lowered.out[i], i, true));
      steps.push_back(std::move(step));
      steps.back().args = {steps.back().in.data(), steps.back().out.data(), arena->data() + lowered.scratch_offset};
    }
  }

  /// Where an argument of the next step lies; null, and noted, when that is known in each run alone.
  std::byte* pointer(const Place& place, size_t argument, bool is_output) {
    switch (place.kind) {
      case Place::Kind::arena: return arena->data() + place.offset;
      case Place::Kind::variable: return program->storage[static_cast<size_t>(place.index)]->data();
      case Place::Kind::constant: {
        const void* data = program->graph.constants[static_cast<size_t>(place.index)].tensor.raw();
        return static_cast<std::byte*>(const_cast<void*>(data));
      }
      case Place::Kind::parameter:
        parameter_bindings.push_back({steps.size(), argument, is_output, place.index});
        break;
      case Place::Kind::output: output_bindings.push_back({steps.size(), argument, is_output, place.index}); break;
    }
    return nullptr;
  }

  /// Whether a variable has changed since this was asked last.
  uint64_t version(size_t lasting) const {
    const auto index = static_cast<size_t>(program->lowered.lasting_variables[lasting]);
    return program->graph.variables[index].tensor.body()->version;
  }

  bool variables_changed() const {
    if (!has_lasting) return true;
    for (size_t i = 0; i < versions.size(); ++i) {
      if (version(i) != versions[i]) return true;
    }
    return false;
  }

  /// What follows from the lasting variables is there as a whole.
  void keep_versions() {
    versions.resize(program->lowered.lasting_variables.size());
    for (size_t i = 0; i < versions.size(); ++i) versions[i] = version(i);
    has_lasting = true;
  }
};

Plan::Plan(std::unique_ptr<State> state) : state_(std::move(state)) {}
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(Plan&&) noexcept = default;
Plan::~Plan() = default;

Plan Plan::compile(Graph graph, const PlanOptions& options) {
  auto program = std::make_shared<Program>();
  program->graph = run_passes(std::move(graph), options, program->pass_report);
  const Graph& g = program->graph;
  for (int parameter : g.parameters) program->parameters.push_back(g.values[static_cast<size_t>(parameter)].spec);
  for (int output : g.outputs) program->outputs.push_back(g.values[static_cast<size_t>(output)].spec);
  program->lowered = lower(g, options);
  for (const Graph::Outside& variable : g.variables) program->storage.push_back(variable.tensor.body()->buffer);
  return Plan(std::make_unique<State>(std::move(program)));
}

Plan Plan::another() const { return Plan(std::make_unique<State>(state_->program)); }

void Plan::run(std::span<const void* const> parameters, std::span<void* const> outputs) {
  State& state = *state_;
  if (parameters.size() != state.program->parameters.size() || outputs.size() != state.program->outputs.size()) {
    throw InternalError(message("plan: expected ", state.program->parameters.size(), " parameters and ",
                                state.program->outputs.size(), " outputs, got ", parameters.size(), " and ",
                                outputs.size(), "."));
  }
  if (is_stale()) throw InternalError("plan: a variable is stored elsewhere by now. Make the plan anew.");
  for (const State::Binding& binding : state.parameter_bindings) {
    State::Step& step = state.steps[binding.step];
    step.in[binding.argument] = parameters[static_cast<size_t>(binding.index)];
  }
  for (const State::Binding& binding : state.output_bindings) {
    State::Step& step = state.steps[binding.step];
    void* data = outputs[static_cast<size_t>(binding.index)];
    if (binding.is_output) {
      step.out[binding.argument] = data;
    } else {
      step.in[binding.argument] = data;
    }
  }
  const FlushDenormals flush;
  if (state.measured_first_run) profile(state.profiling);
  state.measured_first_run = state.profiling && !state.has_run;
  state.has_run = true;
  const bool changed = state.variables_changed();
  // Until the last step is through: one that ends with an exception leaves what lasts half done.
  if (changed) state.has_lasting = false;
  for (State::Step& step : state.steps) {
    const int first_phase = changed ? 0 : step.lasting_phases;
    const double start = state.profiling ? seconds_now() : 0;
    run_kernel(*step.kernel, step.args, first_phase);
    if (state.profiling) {
      step.seconds += seconds_now() - start;
      ++step.calls;
    }
  }
  if (changed) state.keep_versions();
  const Graph& graph = state.program->graph;
  for (const Graph::Update& update : graph.updates)
    ++graph.variables[static_cast<size_t>(update.variable)].tensor.body()->version;
}

const std::vector<Spec>& Plan::parameters() const { return state_->program->parameters; }
const std::vector<Spec>& Plan::outputs() const { return state_->program->outputs; }

bool Plan::is_stale() const {
  const Program& program = *state_->program;
  for (size_t i = 0; i < program.storage.size(); ++i) {
    if (program.graph.variables[i].tensor.body()->buffer != program.storage[i]) return true;
  }
  return false;
}

void Plan::profile(bool on) {
  state_->profiling = on;
  state_->measured_first_run = false;
  for (State::Step& step : state_->steps) {
    step.calls = 0;
    step.seconds = 0;
  }
}

bool Plan::is_profiled() const { return state_->profiling; }

std::vector<Plan::Timing> Plan::timings() const {
  std::vector<Timing> out;
  for (size_t i = 0; i < state_->steps.size(); ++i) {
    const LoweredStep& lowered = state_->program->lowered.steps[i];
    const State::Step& step = state_->steps[i];
    out.push_back({lowered.operation, std::string(step.kernel->implementation()), lowered.specs, step.calls,
                   step.seconds, lowered.cost});
  }
  return out;
}

const Graph& Plan::graph() const { return state_->program->graph; }
const std::string& Plan::pass_report() const { return state_->program->pass_report; }
int64_t Plan::arena_bytes() const { return state_->program->lowered.arena_bytes; }
int64_t Plan::steps() const { return static_cast<int64_t>(state_->steps.size()); }

}  // namespace hebb
