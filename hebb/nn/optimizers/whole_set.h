/// Optimizers of the whole set: the training algorithms of numerical optimisation, which take all examples in every
/// step and in return need few of them: conjugate gradients, L-BFGS, Levenberg-Marquardt.
///
///     model.compile({.optimizer = LBFGS({.history = 10}), .loss = "mse"});
///     History history = model.fit(x, y, {.epochs = 200});           // an epoch is an iteration
///     history["evaluations"].back();                                // of loss and gradient, so far
///
/// They train in `fit` alone. An iteration is an epoch, and the numbers of an epoch (loss, metrics) are those of the
/// weights that it ended with. `batch_size` changes nothing but how many examples are computed at once (at least 1024).
/// Training ends before its last epoch when no weight's gradient exceeds `gradient_tolerance`, or when no better
/// weights are found, which is where float32 ends: layers of dtype float64 go on. Regularisers, sample and class
/// weights, callbacks and validation work as ever; what makes the loss another function in every evaluation is refused:
/// dropout, augmentation and other random layers, batch normalisation.
///
/// What an optimizer remembers of past iterations lives as long as the call of `fit`. Files hold the weights and not
/// the optimizer, which Keras has not; a model from a file is compiled again, and begins with its weights and no
/// memory.
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/optimizers/optimizer.h"

namespace hebb {

struct ConjugateGradientOptions {
  std::string formula = "polak_ribiere";  ///< or "fletcher_reeves"
  double gradient_tolerance = 1e-5;       ///< training ends when no element of the gradient is larger
  int64_t max_evaluations = 20;           ///< of one line search
  std::string name = {};
};
/// Nonlinear conjugate gradients: directions d = -g + beta d, beta = max(0, g'(g - g_old) / g_old'g_old) (Polak and
/// Ribiere 1969, restarted as Powell 1984 proposes), or g'g / g_old'g_old (Fletcher and Reeves 1964), each followed
/// until the strong Wolfe conditions hold with 1e-4 and 0.4 (Nocedal and Wright, Numerical Optimization, 2006, chapters
/// 3, 5).
Optimizer ConjugateGradient(const ConjugateGradientOptions& options = {});

struct LBFGSOptions {
  int64_t history = 10;              ///< pairs of steps and changes of the gradient that are remembered
  double gradient_tolerance = 1e-5;  ///< training ends when no element of the gradient is larger
  int64_t max_evaluations = 20;      ///< of one line search
  std::string name = {};
};
/// Quasi-Newton steps from an approximation of the inverse Hessian that the last steps tell (Liu and Nocedal 1989),
/// with a line search for the strong Wolfe conditions with 1e-4 and 0.9.
Optimizer LBFGS(const LBFGSOptions& options = {});

struct LevenbergMarquardtOptions {
  double damping = 1e-3;  ///< of the first step, as a share of the largest curvature
  /// Nets of at most so many weights solve the damped equations by Cholesky's factors of J'J, larger ones by conjugate
  /// gradients on products with it.
  int64_t explicit_weights = 500;
  int64_t cg_iterations = 100;       ///< at most, of a larger net's step
  double cg_tolerance = 1e-3;        ///< the residual at which they end, as a share of the gradient
  double gradient_tolerance = 1e-5;  ///< training ends when no element of the gradient is larger
  int64_t max_evaluations = 20;      ///< dampings that are tried in one iteration
  std::string name = {};
};
/// Least squares: each step solves (J'J + lambda I) s = -J'r, where r are the residuals and J their derivatives, with
/// the damping lambda that the gain of the last step suggests (Levenberg 1944, Marquardt 1963; Nielsen 1999). J'J v is
/// made by the second-order gradients: of J'u with respect to u, and back. For models of one output with the loss
/// mean_squared_error and no sample weights; what regularisers add counts in loss and gradient, not in the curvature.
Optimizer LevenbergMarquardt(const LevenbergMarquardtOptions& options = {});

/// The function that is minimised: of all weights as one vector.
class Objective {
 public:
  virtual ~Objective() = default;
  /// Number of weights.
  virtual int64_t size() const = 0;
  /// The weights as they are.
  virtual std::vector<double> weights() const = 0;
  /// Loss and gradient at these weights, which become the model's, rounded to what it can hold.
  virtual double evaluate(std::vector<double>& weights, std::vector<double>& gradient) = 0;
  /// At the latest weights: the Gauss-Newton approximation of the loss's Hessian times a vector.
  virtual std::vector<double> curvature_times(const std::vector<double>& vector) = 0;
  /// The same as a matrix, (size, size).
  virtual std::vector<double> curvature() = 0;
  /// InvalidArgument unless the loss is one of least squares.
  virtual void require_least_squares() const = 0;
};

/// The base of these optimizers: one iteration after the other on an objective.
class WholeSetOptimizer : public OptimizerBase {
 public:
  using OptimizerBase::OptimizerBase;
  /// Forgets what was learnt of another objective.
  virtual void begin(Objective& objective) = 0;
  /// One iteration. False when it is the last: `end_reason` says why.
  virtual bool iterate(Objective& objective) = 0;
  const std::string& end_reason() const { return end_reason_; }

 protected:
  void make_slots(const Tensors&) override {}
  /// Steps on batches are not what these optimizers do: NotSupported.
  void start_update() override;
  void update(const Tensor&, const Tensor&, size_t, const Tensor&) override {}
  std::string end_reason_;
};

/// The table of these optimizers, beside that of Keras's.
const std::vector<OptimizerRecord>& whole_set_optimizer_records();

}  // namespace hebb
