#include "hebb/plan/compiled.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/graph/trace.h"

namespace hebb {

struct PlanCache::State {
  std::function<Tensors(const Tensors&)> function;
  PlanOptions options;
  struct Entry {
    std::vector<Spec> parameters;
    Plan plan;
  };
  std::vector<std::unique_ptr<Entry>> entries;  // latest first
};

PlanCache::PlanCache(std::function<Tensors(const Tensors&)> function, PlanOptions options)
    : state_(std::make_unique<State>(State{std::move(function), std::move(options), {}})) {}
PlanCache::~PlanCache() = default;
PlanCache::PlanCache(PlanCache&&) noexcept = default;
PlanCache& PlanCache::operator=(PlanCache&&) noexcept = default;

Plan& PlanCache::plan_for(const std::vector<Spec>& parameters) {
  auto& entries = state_->entries;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i]->parameters != parameters) continue;
    std::rotate(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(i),
                entries.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    Plan& known = entries.front()->plan;
    if (known.is_stale()) known = Plan::compile(trace(state_->function, parameters), state_->options);
    return known;
  }
  Plan plan = Plan::compile(trace(state_->function, parameters), state_->options);
  entries.insert(entries.begin(), std::make_unique<State::Entry>(State::Entry{parameters, std::move(plan)}));
  return entries.front()->plan;
}

Tensors PlanCache::run(const Tensors& inputs) {
  if (current_recorder()) return state_->function(inputs);
  std::vector<Spec> specs;
  std::vector<const void*> in;
  for (const Tensor& input : inputs) {
    specs.push_back(input.spec());
    in.push_back(input.raw());
  }
  Plan& plan = plan_for(specs);
  Tensors outputs;
  std::vector<void*> out;
  for (const Spec& spec : plan.outputs()) {
    outputs.push_back(Tensor::empty(spec));
    out.push_back(outputs.back().mutable_raw());
  }
  plan.run(in, out);
  return outputs;
}

void PlanCache::clear() { state_->entries.clear(); }

int64_t PlanCache::plans() const { return static_cast<int64_t>(state_->entries.size()); }

}  // namespace hebb
