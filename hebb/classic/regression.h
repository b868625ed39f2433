/// Regression: straight lines, and probabilities from straight lines.
///
///     classic::LinearRegression line;
///     auto run = line.fit(x, y, {.learning_rate = 0.1, .epochs = 500});      // gradient descent
///     classic::LeastSquares best = line.solve(x, y);                         // at once; best.rank
///
///     classic::LogisticRegression classes;
///     classes.fit(x, labels, {.learning_rate = 0.5, .epochs = 1000});        // two classes or more
#pragma once

#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb::classic {

struct DescentOptions {
  double learning_rate = 0.1;
  int64_t epochs = 1000;
  double tolerance = 0;  ///< stop when no component of the gradient is larger
};

/// What gradient descent came to.
struct DescentRun {
  std::vector<double> errors;  ///< before each step
  bool converged = false;      ///< the gradient fell below the tolerance
  bool diverged = false;       ///< the error is no longer finite: the learning rate is too large
};

struct LeastSquares {
  int64_t rank = 0;      ///< of the inputs with the constant: below their number the best weights are not unique
  double condition = 0;  ///< the largest singular value through the smallest that counts
  double error = 0;      ///< the mean squared error that is left
};

/// y = x w + b, with the least mean squared error E = 1/m |Xw - y|^2 (Legendre 1805, Gauss 1809), where X has a column
/// of ones for b.
class LinearRegression {
 public:
  /// Gradient descent from the present weights (at first zero) with all m examples in each step: w -= learning_rate
  /// 2/m X'(Xw - y). x: (examples, features), y: (examples,) or (examples, outputs). Features of different sizes make
  /// it slow: scale them first (data::StandardScaler). InvalidArgument for other shapes and other numbers of features
  /// than before.
  DescentRun fit(const Tensor& x, const Tensor& y, const DescentOptions& options = {});
  /// What solves the normal equation X'X w = X'y, without forming X'X, whose condition is the square of X's: X = QR by
  /// Householder's reflections, then R's singular values by Jacobi's rotations (Golub and Van Loan, Matrix
  /// Computations, 2013, chapter 5). Where columns depend on one another, the shortest of all best weights; the rank
  /// says so. Singular values below max(m, n) times the precision of x's type (1.2e-7 for float32) times the
  /// largest count as zero. InvalidArgument as for `fit`.
  LeastSquares solve(const Tensor& x, const Tensor& y);
  Tensor predict(const Tensor& x) const;  ///< (examples,) or (examples, outputs), float32
  Tensor weights() const;                 ///< (features,) or (features, outputs)
  Tensor intercept() const;               ///< () or (outputs,)

 private:
  void prepare(const Tensor& x, const Tensor& y);

  int64_t features_ = 0, outputs_ = 0;
  bool many_ = false;            // whether y had an axis for outputs
  std::vector<double> weights_;  // (features + 1, outputs), the intercept last
};

/// Probabilities of classes: sigmoid(x w + b) of the second one where there are two (Cox 1958), softmax(x W + b) of
/// each where there are more. E is the mean cross-entropy, whose gradient is 1/m X'(P - Y).
class LogisticRegression {
 public:
  /// Gradient descent from the present weights (at first zero). x: (examples, features), y: (examples,) class numbers
  /// 0, 1,
  /// ..., with which `classes` there are (0: the largest and one). Where a line separates the classes the weights grow
  /// as long as it goes on. InvalidArgument for other shapes, negative or broken class numbers, fewer than two classes.
  DescentRun fit(const Tensor& x, const Tensor& y, const DescentOptions& options = {}, int64_t classes = 0);
  Tensor predict(const Tensor& x) const;   ///< (examples,) of class 1, or (examples, classes)
  Tensor classify(const Tensor& x) const;  ///< int64 (examples,)
  Tensor weights() const;                  ///< (features,) or (features, classes)
  Tensor intercept() const;                ///< () or (classes,)

 private:
  int64_t features_ = 0, columns_ = 0;  // columns: 1 for two classes
  std::vector<double> weights_;         // (features + 1, columns), the intercept last
};

}  // namespace hebb::classic
