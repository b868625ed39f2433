/// Layouts of a plan: which parameters are stored in an order that their kernels want. Internal to plan/.
///
/// A convolution may want its kernel blocked and padded. Converting it in every step would cost time, so the variable
/// itself is stored in that order, and with it all that has its shape: the gradient, the optimizer's slots, the update.
/// For elementwise operations the packed form is a vector of numbers like any other; padding is zero and stays zero.
#pragma once

#include <map>
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
  explicit Layouts(std::map<int, LayoutPtr> of_values) : of_values_(std::move(of_values)) {}

  LayoutPtr of_value(int value) const {
    const auto found = of_values_.find(value);
    return found == of_values_.end() ? nullptr : found->second;
  }
  /// `lasting`: by value, whether it is mostly the same from run to run.
  std::unique_ptr<Kernel> make_kernel(const Graph& graph, int node, const PlanOptions& options,
                                      const std::vector<bool>& lasting) const;

 private:
  std::map<int, LayoutPtr> of_values_;
};

/// Lets the kernels that read parameters say in which order they want them, and stores the parameters so where
/// everything in the graph that touches them can work with it. No conversion is ever inserted: where one would be
/// needed, the parameter stays plain, for good.
Layouts assign_layouts(const Graph& graph, const PlanOptions& options);

}  // namespace hebb
