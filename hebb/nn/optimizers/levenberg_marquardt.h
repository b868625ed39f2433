/// The rule of Levenberg and Marquardt as a class. Internal: users make it through whole_set.h.
#pragma once

#include <vector>

#include "hebb/nn/optimizers/line_search.h"

namespace hebb {

class LevenbergMarquardtRule final : public WholeSetOptimizer {
 public:
  LevenbergMarquardtRule(const LevenbergMarquardtOptions& options, Json config);
  std::string class_name() const override { return "LevenbergMarquardt"; }
  Json config() const override { return config_; }
  void begin(Objective& objective) override;
  bool iterate(Objective& objective) override;

 private:
  /// Minus the solution of (curvature + damping I) s = gradient.
  std::vector<double> damped_step(Objective& objective, const std::vector<double>& curvature) const;
  bool is_converged();

  LevenbergMarquardtOptions options_;
  Json config_;
  EvaluatedPoint point_;
  double damping_ = 0, growth_ = 2;
};

}  // namespace hebb
