/// Layouts of a plan: which parameters are stored in an order that their kernels want. Internal to plan/.
#pragma once

#include <memory>
#include <vector>

#include "hebb/graph/graph.h"
#include "hebb/plan/kernel.h"
#include "hebb/plan/plan.h"

namespace hebb {

/// The layout of each value, null for the plain one, and the kernels that follow from it.
class Layouts {
 public:
  Layouts() = default;
  explicit Layouts(std::vector<LayoutPtr> of_values) : of_values_(std::move(of_values)) {}

  LayoutPtr of_value(int value) const { return of_values_.empty() ? nullptr : of_values_[static_cast<size_t>(value)]; }
  std::unique_ptr<Kernel> make_kernel(const Graph& graph, int node, const PlanOptions& options) const;

 private:
  std::vector<LayoutPtr> of_values_;
};

/// Lets the kernels that read parameters say in which order they want them.
Layouts assign_layouts(const Graph& graph, const PlanOptions& options);

}  // namespace hebb
