#include "hebb/nn/optimizers/whole_set.h"

#include <cmath>
#include <deque>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/config_fields.h"
#include "hebb/nn/optimizers/levenberg_marquardt.h"
#include "hebb/nn/optimizers/line_search.h"

namespace hebb {

void WholeSetOptimizer::start_update() {
  throw NotSupported(message("optimizer '", settings().name,
                             "' takes the whole set in every step: train with fit(). For steps on batches take SGD or "
                             "Adam."));
}

namespace {

template <class Visitor, FieldsOf<ConjugateGradientOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("formula", options.formula);
  visit("gradient_tolerance", options.gradient_tolerance);
  visit("max_evaluations", options.max_evaluations);
}
template <class Visitor, FieldsOf<LBFGSOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("history", options.history);
  visit("gradient_tolerance", options.gradient_tolerance);
  visit("max_evaluations", options.max_evaluations);
}
template <class Visitor, FieldsOf<LevenbergMarquardtOptions> Options>
void fields(Visitor& visit, Options& options) {
  visit("damping", options.damping);
  visit("explicit_weights", options.explicit_weights);
  visit("cg_iterations", options.cg_iterations);
  visit("cg_tolerance", options.cg_tolerance);
  visit("gradient_tolerance", options.gradient_tolerance);
  visit("max_evaluations", options.max_evaluations);
}

template <class Options>
Options read_options(const char* class_name, const Json& config) {
  Options options;
  ConfigReader read(class_name, config);
  read("name", options.name);
  fields(read, options);
  read.finish();
  return options;
}

void check(bool condition, const char* who, const char* what, double got) {
  if (!condition) throw InvalidArgument(message(who, ": expected ", what, ", got ", got, "."));
}

/// What conjugate gradients and L-BFGS share: a direction, a line search, an end.
class LineSearchOptimizer : public WholeSetOptimizer {
 public:
  LineSearchOptimizer(const std::string& name, const LineSearchOptions& search, double tolerance)
      : WholeSetOptimizer(OptimizerSettings{.name = name}), search_(search), tolerance_(tolerance) {}

  void begin(Objective& objective) override {
    point_ = {objective.weights(), {}, 0};
    point_.loss = objective.evaluate(point_.weights, point_.gradient);
    forget();
  }

  bool iterate(Objective& objective) override {
    if (objective.weights() != point_.weights) begin(objective);  // somebody else changed them
    end_reason_.clear();
    if (is_converged()) return false;
    for (;;) {
      bool is_steepest = false;
      std::vector<double> direction = next_direction(is_steepest);
      if (!is_steepest && !(dot(direction, point_.gradient) < 0)) {
        forget();
        direction = next_direction(is_steepest);
      }
      const EvaluatedPoint before = point_;
      if (search_line(objective, point_, direction, first_step(direction, is_steepest), search_)) {
        learn(before, direction);
        return !is_converged();
      }
      if (is_steepest) {
        end_reason_ = "no weights with a lower loss were found in this precision";
        return false;
      }
      forget();  // and try once more, straight down
    }
  }

 protected:
  virtual void forget() = 0;
  virtual std::vector<double> next_direction(bool& is_steepest) = 0;
  virtual double first_step(const std::vector<double>& direction, bool is_steepest) = 0;
  virtual void learn(const EvaluatedPoint& before, const std::vector<double>& direction) = 0;

  std::vector<double> downhill() const {
    std::vector<double> out = point_.gradient;
    for (double& value : out) value = -value;
    return out;
  }

  EvaluatedPoint point_;

 private:
  bool is_converged() {
    if (!(largest(point_.gradient) <= tolerance_)) return false;
    end_reason_ = message("the gradient is nowhere above ", tolerance_);
    return true;
  }

  LineSearchOptions search_;
  double tolerance_;
};

class ConjugateGradientRule final : public LineSearchOptimizer {
 public:
  explicit ConjugateGradientRule(const ConjugateGradientOptions& options)
      : LineSearchOptimizer(options.name.empty() ? "conjugate_gradient" : options.name,
                            {.curvature = 0.4, .max_evaluations = options.max_evaluations}, options.gradient_tolerance),
        options_(options) {
    const std::vector<std::string> formulas = {"polak_ribiere", "fletcher_reeves"};
    if (options.formula != formulas[0] && options.formula != formulas[1])
      throw InvalidArgument(message("ConjugateGradient: ", unknown_name("formula", options.formula, formulas)));
    check(options.max_evaluations >= 1, "ConjugateGradient", "max_evaluations of at least 1",
          static_cast<double>(options.max_evaluations));
  }
  std::string class_name() const override { return "ConjugateGradient"; }
  Json config() const override {
    Json json = Json::object({{"name", settings().name}});
    ConfigWriter write(json);
    fields(write, options_);
    return json;
  }

 protected:
  void forget() override { last_direction_.clear(); }

  std::vector<double> next_direction(bool& is_steepest) override {
    is_steepest = last_direction_.empty();
    std::vector<double> out = downhill();
    for (size_t i = 0; i < last_direction_.size(); ++i) out[i] += beta_ * last_direction_[i];
    return out;
  }

  /// As long as brings what the last step brought; at the start a step of half the gradient's length, as SciPy does.
  double first_step(const std::vector<double>& direction, bool is_steepest) override {
    const double slope = dot(direction, point_.gradient);
    const double expected = is_steepest ? std::sqrt(dot(point_.gradient, point_.gradient)) / 2 : last_gain_;
    const double step = 1.01 * 2 * expected / -slope;
    return step > 0 ? std::min(1.0, step) : 1.0;
  }

  void learn(const EvaluatedPoint& before, const std::vector<double>& direction) override {
    const double old = dot(before.gradient, before.gradient), now = dot(point_.gradient, point_.gradient);
    beta_ = options_.formula == "fletcher_reeves" ? now / old
                                                  : std::max(0.0, (now - dot(point_.gradient, before.gradient)) / old);
    last_direction_ = direction;
    last_gain_ = before.loss - point_.loss;
  }

 private:
  ConjugateGradientOptions options_;
  std::vector<double> last_direction_;
  double beta_ = 0, last_gain_ = 0;
};

class LBFGSRule final : public LineSearchOptimizer {
 public:
  explicit LBFGSRule(const LBFGSOptions& options)
      : LineSearchOptimizer(options.name.empty() ? "lbfgs" : options.name,
                            {.curvature = 0.9, .max_evaluations = options.max_evaluations}, options.gradient_tolerance),
        options_(options) {
    check(options.history >= 1, "LBFGS", "a history of at least 1", static_cast<double>(options.history));
    check(options.max_evaluations >= 1, "LBFGS", "max_evaluations of at least 1",
          static_cast<double>(options.max_evaluations));
  }
  std::string class_name() const override { return "LBFGS"; }
  Json config() const override {
    Json json = Json::object({{"name", settings().name}});
    ConfigWriter write(json);
    fields(write, options_);
    return json;
  }

 protected:
  void forget() override { pairs_.clear(); }

  /// The two loops of Nocedal (1980).
  std::vector<double> next_direction(bool& is_steepest) override {
    is_steepest = pairs_.empty();
    std::vector<double> q = downhill(), alphas(pairs_.size());
    for (size_t i = pairs_.size(); i-- > 0;) {
      alphas[i] = dot(pairs_[i].step, q) / pairs_[i].product;
      for (size_t k = 0; k < q.size(); ++k) q[k] -= alphas[i] * pairs_[i].change[k];
    }
    if (!pairs_.empty()) {
      const Pair& latest = pairs_.back();
      const double scale = latest.product / dot(latest.change, latest.change);
      for (double& value : q) value *= scale;
    }
    for (size_t i = 0; i < pairs_.size(); ++i) {
      const double beta = dot(pairs_[i].change, q) / pairs_[i].product;
      for (size_t k = 0; k < q.size(); ++k) q[k] += (alphas[i] - beta) * pairs_[i].step[k];
    }
    return q;
  }

  double first_step(const std::vector<double>& direction, bool is_steepest) override {
    return is_steepest ? std::min(1.0, 1 / std::sqrt(dot(direction, direction))) : 1.0;
  }

  void learn(const EvaluatedPoint& before, const std::vector<double>&) override {
    Pair pair{point_.weights, point_.gradient, 0};
    for (size_t i = 0; i < pair.step.size(); ++i) {
      pair.step[i] -= before.weights[i];
      pair.change[i] -= before.gradient[i];
    }
    pair.product = dot(pair.step, pair.change);
    // Without positive curvature the approximation would not stay positive definite.
    if (!(pair.product > 1e-10 * dot(pair.change, pair.change))) return;
    pairs_.push_back(std::move(pair));
    if (static_cast<int64_t>(pairs_.size()) > options_.history) pairs_.pop_front();
  }

 private:
  struct Pair {
    std::vector<double> step, change;
    double product;
  };
  LBFGSOptions options_;
  std::deque<Pair> pairs_;
};

}  // namespace

Optimizer ConjugateGradient(const ConjugateGradientOptions& options) {
  return std::make_shared<ConjugateGradientRule>(options);
}
Optimizer LBFGS(const LBFGSOptions& options) { return std::make_shared<LBFGSRule>(options); }
Optimizer LevenbergMarquardt(const LevenbergMarquardtOptions& options) {
  Json config = Json::object({{"name", options.name.empty() ? "levenberg_marquardt" : options.name}});
  ConfigWriter write(config);
  fields(write, options);
  return std::make_shared<LevenbergMarquardtRule>(options, std::move(config));
}

const std::vector<OptimizerRecord>& whole_set_optimizer_records() {
  static const std::vector<OptimizerRecord> records = {
      {"ConjugateGradient",
       [](const Json& config) {
         return ConjugateGradient(read_options<ConjugateGradientOptions>("ConjugateGradient", config));
       },
       "conjugate directions and line searches, the whole set in every step"},
      {"LBFGS", [](const Json& config) { return LBFGS(read_options<LBFGSOptions>("LBFGS", config)); },
       "quasi-Newton steps with a short memory, the whole set in every step"},
      {"LevenbergMarquardt",
       [](const Json& config) {
         return LevenbergMarquardt(read_options<LevenbergMarquardtOptions>("LevenbergMarquardt", config));
       },
       "damped Gauss-Newton steps for least squares, the whole set in every step"},
  };
  return records;
}

}  // namespace hebb
