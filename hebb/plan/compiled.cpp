#include "hebb/plan/compiled.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "hebb/base/error.h"
#include "hebb/graph/trace.h"
#include "hebb/plan/tuning.h"

namespace hebb {

struct PlanCache::Entry {
  std::vector<Spec> parameters;
  int64_t expected_runs = 0;
  std::vector<std::unique_ptr<Plan>> plans;  // the first is the one that was compiled, the others are like it
  std::vector<Plan*> unused;
};

struct PlanCache::State {
  std::function<Tensors(const Tensors&)> function;
  PlanOptions options;
  std::vector<std::shared_ptr<Entry>> entries;  // latest first
  size_t most_entries = SIZE_MAX;
  std::mutex mutex;
  int64_t leased = 0;
  std::condition_variable none_leased;

  /// The entry for these specs, at the front. A stale one is made anew. Waits, before it compiles, until nobody runs a
  /// plan: a new one may want variables in another layout.
  std::shared_ptr<Entry> entry_for(const std::vector<Spec>& parameters, int64_t expected_runs,
                                   std::unique_lock<std::mutex>& lock) {
    PlanOptions wanted = options;
    wanted.expected_runs = std::max(wanted.expected_runs, expected_runs);
    if (auto known = known_entry(parameters, wanted)) return known;
    if (leased > 0) {
      none_leased.wait(lock, [this] { return leased == 0; });
      if (auto known = known_entry(parameters, wanted)) return known;  // made by another thread meanwhile
    }
    auto entry = std::make_shared<Entry>();
    entry->parameters = parameters;
    entry->plans.push_back(std::make_unique<Plan>(Plan::compile(trace(function, parameters), wanted)));
    entry->unused.push_back(entry->plans.front().get());
    entry->expected_runs = wanted.expected_runs;
    entries.insert(entries.begin(), entry);
    if (entries.size() > most_entries) entries.pop_back();
    return entry;
  }

 private:
  /// Null when there is none that can still be run.
  std::shared_ptr<Entry> known_entry(const std::vector<Spec>& parameters, const PlanOptions& wanted) {
    for (size_t i = 0; i < entries.size(); ++i) {
      if (entries[i]->parameters != parameters) continue;
      const auto at = entries.begin() + static_cast<std::ptrdiff_t>(i);
      if (entries[i]->plans.front()->is_stale()) {
        entries.erase(at);
        return nullptr;
      }
      std::rotate(entries.begin(), at, at + 1);
      // It need not wait until nobody runs the plan: the old one gives the same, and there is a next time.
      if (leased == 0 && is_worth_tuning(*entries.front(), wanted)) tune(*entries.front(), wanted);
      return entries.front();
    }
    return nullptr;
  }

  /// Whether the plan will be run so often that its kernels would have been measured had one known that before.
  static bool is_worth_tuning(const Entry& entry, const PlanOptions& wanted) {
    return tuning() == Tuning::on && !kernels_are_forced() && wanted.kernels.empty() &&
           entry.expected_runs < least_runs_to_tune && wanted.expected_runs >= least_runs_to_tune;
  }

  /// Compiles the plan anew, in its place: who refers to it has the new one from now on.
  void tune(Entry& entry, const PlanOptions& wanted) const {
    Plan& plan = *entry.plans.front();
    Plan tuned = Plan::compile(trace(function, entry.parameters), wanted);
    tuned.profile(plan.is_profiled());
    plan = std::move(tuned);
    entry.plans.resize(1);
    entry.unused.assign(1, &plan);
    entry.expected_runs = wanted.expected_runs;
  }
};

PlanCache::PlanCache(std::function<Tensors(const Tensors&)> function, PlanOptions options)
    : state_(std::make_unique<State>()) {
  state_->function = std::move(function);
  state_->options = std::move(options);
}
PlanCache::~PlanCache() = default;
PlanCache::PlanCache(PlanCache&&) noexcept = default;
PlanCache& PlanCache::operator=(PlanCache&&) noexcept = default;

Plan& PlanCache::plan_for(const std::vector<Spec>& parameters, int64_t expected_runs) {
  std::unique_lock lock(state_->mutex);
  return *state_->entry_for(parameters, expected_runs, lock)->plans.front();
}

PlanCache::Lease PlanCache::lease(const std::vector<Spec>& parameters, int64_t expected_runs) {
  std::unique_lock lock(state_->mutex);
  std::shared_ptr<Entry> entry = state_->entry_for(parameters, expected_runs, lock);
  if (entry->unused.empty()) {
    entry->plans.push_back(std::make_unique<Plan>(entry->plans.front()->another()));
    entry->unused.reserve(entry->plans.size());
    entry->unused.push_back(entry->plans.back().get());
  }
  Plan* plan = entry->unused.back();
  entry->unused.pop_back();
  ++state_->leased;
  return Lease(*state_, std::move(entry), plan);
}

PlanCache::Lease::~Lease() {
  const std::lock_guard lock(cache_.mutex);
  entry_->unused.push_back(plan_);
  if (--cache_.leased == 0) cache_.none_leased.notify_all();
}

Tensors PlanCache::run(const Tensors& inputs) {
  if (current_recorder()) return state_->function(inputs);
  std::vector<Spec> specs;
  std::vector<const void*> in;
  for (const Tensor& input : inputs) {
    specs.push_back(input.spec());
    in.push_back(input.raw());
  }
  const Lease plan = lease(specs);
  Tensors outputs;
  std::vector<void*> out;
  for (const Spec& spec : plan->outputs()) {
    outputs.push_back(Tensor::empty(spec));
    out.push_back(outputs.back().mutable_raw());
  }
  plan->run(in, out);
  return outputs;
}

void PlanCache::clear() {
  const std::lock_guard lock(state_->mutex);
  state_->entries.clear();
}

void PlanCache::keep_at_most(int64_t plans) {
  const std::lock_guard lock(state_->mutex);
  state_->most_entries = static_cast<size_t>(std::max<int64_t>(plans, 1));
}

int64_t PlanCache::plans() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<int64_t>(state_->entries.size());
}

}  // namespace hebb
