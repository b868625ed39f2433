/// Compiled functions: a function of tensors that is traced and made into a plan at its first call with new shapes, and
/// replayed from then on.
///
///     auto step = compiled([&](const Tensor& x, const Tensor& y) {
///       Tensor loss = mean(square(model(x, {.training = true}) - y));
///       optimizer.apply(gradient(loss, model.trainable_variables()), model.trainable_variables());
///       return loss;
///     });
///     std::cout << step(x, y).item();
///
/// The function runs only while it is traced: what it does besides tensor operations (printing, drawing numbers)
/// happens once for each new combination of shapes. Variables that it assigns are updated at each call.
///
/// Several threads may call it at once when it assigns no variables and nobody else does meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <vector>

#include "hebb/plan/plan.h"

namespace hebb {

/// The machinery: plans by the specs of their parameters.
class PlanCache {
  struct State;

 public:
  explicit PlanCache(std::function<Tensors(const Tensors&)> function, PlanOptions options = {});
  ~PlanCache();
  PlanCache(PlanCache&&) noexcept;
  PlanCache& operator=(PlanCache&&) noexcept;

  /// The plan for these specs, compiled when there is none yet or it is stale. For one thread. `expected_runs` counts
  /// where it is more than the options' (PlanOptions); a plan that was made for fewer runs than repay measuring kernels
  /// (plan/tuning.h) is compiled anew, once, when so many are expected, in the place of the old one.
  Plan& plan_for(const std::vector<Spec>& parameters, int64_t expected_runs = 0);

  /// As `plan_for`, for any number of threads: as many instances are made as are used at once. A thread that holds one
  /// must not ask for another: where that has to be compiled, it waits until none is held.
  class Lease;
  Lease lease(const std::vector<Spec>& parameters, int64_t expected_runs = 0);
  /// Runs the plan on concrete tensors; the outputs are new. Inside a trace the function is traced as a part of it.
  Tensors run(const Tensors& inputs);
  /// Forgets all plans.
  void clear();
  /// Forgets the plans that were not used for longest when there are more than so many, for inputs whose sizes vary.
  /// What `plan_for` gave may then end with the next one.
  void keep_at_most(int64_t plans);
  int64_t plans() const;

 private:
  struct Entry;
  std::unique_ptr<State> state_;
};

/// An instance of a plan that nobody else has while the lease lives.
class PlanCache::Lease {
 public:
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();
  Plan& operator*() const { return *plan_; }
  Plan* operator->() const { return plan_; }

 private:
  friend class PlanCache;
  Lease(State& cache, std::shared_ptr<Entry> entry, Plan* plan)
      : cache_(cache), entry_(std::move(entry)), plan_(plan) {}
  State& cache_;
  std::shared_ptr<Entry> entry_;
  Plan* plan_;
};

namespace detail {
template <class F, size_t... I>
auto call_with(F& f, const Tensors& inputs, std::index_sequence<I...>) {
  return f(inputs[I]...);
}
inline Tensors as_list(Tensor result) { return {std::move(result)}; }
inline Tensors as_list(Tensors results) { return results; }
}  // namespace detail

/// What `compiled` returns: called as the function itself.
template <class F>
class Compiled {
 public:
  explicit Compiled(F function, PlanOptions options) : function_(std::move(function)), options_(std::move(options)) {}

  template <class... Inputs>
    requires(std::is_convertible_v<const Inputs&, Tensor>&&...)
  auto operator()(const Inputs&... inputs) {
    using Result = std::invoke_result_t<F&, const Inputs&...>;
    if (!cache_) {
      cache_ = std::make_unique<PlanCache>(
          [this](const Tensors& list) {
            return detail::as_list(detail::call_with(function_, list, std::index_sequence_for<Inputs...>()));
          },
          options_);
    }
    Tensors results = cache_->run({Tensor(inputs)...});
    if constexpr (std::is_same_v<Result, Tensor>) {
      return std::move(results.front());
    } else {
      return results;
    }
  }

  Compiled(Compiled&&) = delete;  // the plans' function refers to this object

 private:
  F function_;
  PlanOptions options_;
  std::unique_ptr<PlanCache> cache_;
};

/// `f` takes tensors and returns a Tensor or Tensors.
template <class F>
Compiled<F> compiled(F f, PlanOptions options = {}) {
  return Compiled<F>(std::move(f), std::move(options));
}

}  // namespace hebb
