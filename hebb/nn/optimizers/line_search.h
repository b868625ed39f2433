/// A search along a line for the strong Wolfe conditions; internal to the optimizers of the whole set.
#pragma once

#include <vector>

#include "hebb/nn/optimizers/whole_set.h"

namespace hebb {

/// A point with its loss and gradient.
struct EvaluatedPoint {
  std::vector<double> weights, gradient;
  double loss = 0;
};

struct LineSearchOptions {
  double sufficient_decrease = 1e-4;
  double curvature = 0.9;
  int64_t max_evaluations = 20;
};

/// Goes from `point` along `direction`, beginning with the step `first`, to a point where the loss has fallen by
/// `sufficient_decrease` of what the slope promises and the slope's size to `curvature` of what it was (Nocedal and
/// Wright 2006, algorithms 3.5 and 3.6, with cubic interpolation). True when the loss has fallen: `point` is the new
/// one, and the latest that the objective saw. False: `point` is as it was, and the objective there again.
bool search_line(Objective& objective, EvaluatedPoint& point, const std::vector<double>& direction, double first,
                 const LineSearchOptions& options);

double dot(const std::vector<double>& a, const std::vector<double>& b);

/// The largest magnitude.
double largest(const std::vector<double>& a);

}  // namespace hebb
