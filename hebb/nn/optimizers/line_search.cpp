#include "hebb/nn/optimizers/line_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hebb {

namespace {

/// A step along the line: where it leads, loss and slope there.
struct Trial {
  double step = 0, loss = 0, slope = 0;
};

/// The minimum of the cubic through two trials' losses and slopes, or their middle where there is none well between
/// them.
double between(const Trial& a, const Trial& b) {
  const double low = std::min(a.step, b.step), high = std::max(a.step, b.step), margin = 0.1 * (high - low);
  const double d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.step - b.step);
  const double root = d1 * d1 - a.slope * b.slope;
  double step = std::numeric_limits<double>::quiet_NaN();
  if (root >= 0) {
    const double d2 = std::copysign(std::sqrt(root), b.step - a.step);
    step = b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
  }
  return std::isfinite(step) ? std::clamp(step, low + margin, high - margin) : (low + high) / 2;
}

class LineSearch {
 public:
  LineSearch(Objective& objective, EvaluatedPoint& point, const std::vector<double>& direction,
             const LineSearchOptions& options)
      : objective_(objective), point_(point), start_(point), best_(point), direction_(direction), options_(options) {}

  bool run(double first) {
    origin_ = {0, start_.loss, dot(start_.gradient, direction_)};
    Trial previous = origin_;
    double step = first;
    while (left() > 0) {
      const Trial trial = evaluate(step);
      if (!std::isfinite(trial.loss)) {  // too far: nothing can be told but that
        step = (previous.step + step) / 10;
        continue;
      }
      if (!decreases(trial) || (previous.step > 0 && trial.loss >= previous.loss)) return finish(zoom(previous, trial));
      if (is_flat(trial)) return finish(true);
      if (trial.slope >= 0) return finish(zoom(trial, previous));
      // The minimum of the cubic beyond the step, four times as far at most.
      const double further = between_beyond(previous, trial);
      previous = trial;
      step = further;
    }
    return finish(false);
  }

 private:
  int64_t left() const { return options_.max_evaluations - evaluations_; }
  bool decreases(const Trial& t) const {
    return t.loss <= origin_.loss + options_.sufficient_decrease * t.step * origin_.slope;
  }
  bool is_flat(const Trial& t) const { return std::abs(t.slope) <= -options_.curvature * origin_.slope; }

  static double between_beyond(const Trial& a, const Trial& b) {
    // Where the slope would be zero if it went on changing as between the two.
    const double change = (b.slope - a.slope) / (b.step - a.step);
    const double step = change > 0 ? b.step - b.slope / change : 4 * b.step;
    return std::clamp(step, 1.2 * b.step, 4 * b.step);
  }

  /// `low` has decreased most of all trials; a point that satisfies both conditions lies between the two.
  bool zoom(Trial low, Trial high) {
    while (left() > 0) {
      const double step = between(low, high);
      if (step == low.step || step == high.step) break;
      const Trial trial = evaluate(step);
      if (!std::isfinite(trial.loss) || !decreases(trial) || trial.loss >= low.loss) {
        high = trial;
        if (!std::isfinite(trial.loss)) high = {trial.step, std::numeric_limits<double>::max(), -origin_.slope};
        continue;
      }
      if (is_flat(trial)) return true;
      if (trial.slope * (high.step - low.step) >= 0) high = low;
      low = trial;
    }
    return false;
  }

  Trial evaluate(double step) {
    ++evaluations_;
    point_.weights = start_.weights;
    for (size_t i = 0; i < direction_.size(); ++i) point_.weights[i] += step * direction_[i];
    point_.loss = objective_.evaluate(point_.weights, point_.gradient);
    if (std::isfinite(point_.loss) && point_.loss < best_.loss) best_ = point_;
    return {step, point_.loss, dot(point_.gradient, direction_)};
  }

  /// Where the conditions were not met within the evaluations, the best point does.
  bool finish(bool found) {
    if (found) return true;
    const bool lower = best_.loss < start_.loss;
    const bool is_latest = best_.weights == point_.weights;
    point_ = best_;
    if (!is_latest) point_.loss = objective_.evaluate(point_.weights, point_.gradient);
    return lower;
  }

  Objective& objective_;
  EvaluatedPoint& point_;
  const EvaluatedPoint start_;
  EvaluatedPoint best_;
  const std::vector<double>& direction_;
  const LineSearchOptions& options_;
  Trial origin_;
  int64_t evaluations_ = 0;
};

}  // namespace

bool search_line(Objective& objective, EvaluatedPoint& point, const std::vector<double>& direction, double first,
                 const LineSearchOptions& options) {
  return LineSearch(objective, point, direction, options).run(first);
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double largest(const std::vector<double>& a) {
  double most = 0;
  for (const double value : a) most = std::isnan(value) ? value : std::max(most, std::abs(value));
  return most;
}

}  // namespace hebb
