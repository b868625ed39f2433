#include "hebb/nn/optimizers/levenberg_marquardt.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

/// Solves (matrix + damping I) x = b by Cholesky's factors; empty when the sum is not positive definite.
std::vector<double> solve_damped(std::vector<double> a, double damping, std::vector<double> b) {
  const size_t n = b.size();
  for (size_t j = 0; j < n; ++j) {
    double* row = a.data() + j * n;
    row[j] += damping;
    for (size_t i = 0; i <= j; ++i) {
      const double* other = a.data() + i * n;
      double sum = row[i];
      for (size_t k = 0; k < i; ++k) sum -= row[k] * other[k];
      if (i < j) {
        row[i] = sum / other[i];
      } else {
        if (!(sum > 0)) return {};
        row[i] = std::sqrt(sum);
      }
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return b;
}

}  // namespace

LevenbergMarquardtRule::LevenbergMarquardtRule(const LevenbergMarquardtOptions& options, Json config)
    : WholeSetOptimizer(OptimizerSettings{.name = config.get("name", "levenberg_marquardt")}),
      options_(options),
      config_(std::move(config)) {
  if (!(options.damping > 0)) {
    throw InvalidArgument(message("LevenbergMarquardt: expected a damping above 0, got ", options.damping,
                                  ". 1e-3 is usual; more is more careful."));
  }
  if (options.max_evaluations < 1 || options.cg_iterations < 1) {
    throw InvalidArgument(message("LevenbergMarquardt: expected max_evaluations and cg_iterations of at least 1, got ",
                                  options.max_evaluations, " and ", options.cg_iterations, "."));
  }
}

void LevenbergMarquardtRule::begin(Objective& objective) {
  objective.require_least_squares();
  point_ = {objective.weights(), {}, 0};
  point_.loss = objective.evaluate(point_.weights, point_.gradient);
  damping_ = 0;
  growth_ = 2;
}

bool LevenbergMarquardtRule::is_converged() {
  if (!(largest(point_.gradient) <= options_.gradient_tolerance)) return false;
  end_reason_ = message("the gradient is nowhere above ", options_.gradient_tolerance);
  return true;
}

std::vector<double> LevenbergMarquardtRule::damped_step(Objective& objective,
                                                        const std::vector<double>& curvature) const {
  std::vector<double> b = point_.gradient;
  for (double& value : b) value = -value;
  if (!curvature.empty()) return solve_damped(curvature, damping_, std::move(b));
  // Conjugate gradients (Hestenes and Stiefel 1952), from zero: every iterate lowers the model of the loss.
  std::vector<double> x(b.size(), 0.0), r = b, d = b;
  double rr = dot(r, r);
  const double enough = options_.cg_tolerance * options_.cg_tolerance * rr;
  for (int64_t k = 0; k < options_.cg_iterations && rr > enough; ++k) {
    std::vector<double> product = objective.curvature_times(d);
    for (size_t i = 0; i < d.size(); ++i) product[i] += damping_ * d[i];
    const double alpha = rr / dot(d, product);
    if (!std::isfinite(alpha)) break;
    for (size_t i = 0; i < d.size(); ++i) {
      x[i] += alpha * d[i];
      r[i] -= alpha * product[i];
    }
    const double next = dot(r, r);
    for (size_t i = 0; i < d.size(); ++i) d[i] = r[i] + next / rr * d[i];
    rr = next;
  }
  return x;
}

bool LevenbergMarquardtRule::iterate(Objective& objective) {
  if (objective.weights() != point_.weights) begin(objective);  // somebody else changed them
  end_reason_.clear();
  if (is_converged()) return false;
  const bool is_explicit = objective.size() <= options_.explicit_weights;
  const std::vector<double> curvature = is_explicit ? objective.curvature() : std::vector<double>();
  if (damping_ == 0) {
    double size = 0;
    if (is_explicit) {
      const auto n = static_cast<size_t>(objective.size());
      for (size_t i = 0; i < n; ++i) size = std::max(size, curvature[i * n + i]);
    } else {
      size = std::sqrt(dot(objective.curvature_times(point_.gradient), objective.curvature_times(point_.gradient)) /
                       dot(point_.gradient, point_.gradient));
    }
    damping_ = options_.damping * std::max(size, 1e-12);
  }
  const EvaluatedPoint before = point_;
  for (int64_t trial = 0; trial < options_.max_evaluations; ++trial) {
    const std::vector<double> step = damped_step(objective, curvature);
    if (step.empty()) {
      damping_ *= growth_;
      growth_ *= 2;
      continue;
    }
    EvaluatedPoint next{before.weights, {}, 0};
    for (size_t i = 0; i < step.size(); ++i) next.weights[i] += step[i];
    next.loss = objective.evaluate(next.weights, next.gradient);
    // What the quadratic model promised: (lambda s's - g's) / 2.
    const double promised = (damping_ * dot(step, step) - dot(step, before.gradient)) / 2;
    const double gain = (before.loss - next.loss) / promised;
    if (next.loss < before.loss) {
      point_ = std::move(next);
      damping_ *= std::max(1.0 / 3, 1 - std::pow(2 * gain - 1, 3));
      growth_ = 2;
      return !is_converged();
    }
    damping_ *= growth_;
    growth_ *= 2;
    // Products with the curvature are those of the weights that the objective saw last.
    if (!is_explicit) {
      point_ = before;
      point_.loss = objective.evaluate(point_.weights, point_.gradient);
    }
  }
  point_ = before;
  point_.loss = objective.evaluate(point_.weights, point_.gradient);
  end_reason_ = "no weights with a lower loss were found in this precision";
  return false;
}

}  // namespace hebb
