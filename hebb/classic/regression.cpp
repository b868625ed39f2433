#include "hebb/classic/regression.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/classic/least_squares.h"

namespace hebb::classic {

namespace {

using Numbers = std::vector<double>;

/// The examples with a last column of ones: (examples, features + 1).
Numbers with_ones(const Tensor& x) {
  const Numbers values = x.to_vector<double>();
  const auto features = static_cast<size_t>(x.shape().back());
  Numbers out;
  for (size_t at = 0; at < values.size(); at += features) {
    out.insert(out.end(), values.begin() + static_cast<std::ptrdiff_t>(at),
               values.begin() + static_cast<std::ptrdiff_t>(at + features));
    out.push_back(1);
  }
  return out;
}

/// x (rows, inner) times w (inner, columns).
Numbers product(const Numbers& x, const Numbers& w, size_t inner, size_t columns) {
  Numbers out(x.size() / inner * columns, 0);
  for (size_t row = 0; row < x.size() / inner; ++row) {
    for (size_t k = 0; k < inner; ++k) {
      for (size_t c = 0; c < columns; ++c) out[row * columns + c] += x[row * inner + k] * w[k * columns + c];
    }
  }
  return out;
}

/// w -= rate * factor x'(residual of w), until the epochs are over, the gradient is small or the error is not finite.
/// `residual` turns predictions into what the gradient is made of, and returns the error.
DescentRun descend(const Numbers& x, Numbers& w, size_t columns, double factor, const DescentOptions& options,
                   const std::function<double(Numbers&)>& residual) {
  const size_t inner = w.size() / columns, rows = x.size() / inner;
  DescentRun run;
  for (int64_t epoch = 0; epoch < options.epochs && !run.converged && !run.diverged; ++epoch) {
    Numbers rest = product(x, w, inner, columns);
    run.errors.push_back(residual(rest));
    run.diverged = !std::isfinite(run.errors.back());
    Numbers gradient(w.size(), 0);
    for (size_t row = 0; row < rows; ++row) {
      for (size_t k = 0; k < inner; ++k) {
        for (size_t c = 0; c < columns; ++c) gradient[k * columns + c] += x[row * inner + k] * rest[row * columns + c];
      }
    }
    double largest = 0;
    for (double& g : gradient) {
      g *= factor / static_cast<double>(rows);
      largest = std::max(largest, std::abs(g));
    }
    run.converged = largest <= options.tolerance && options.tolerance > 0;
    if (run.converged || run.diverged) break;
    for (size_t i = 0; i < w.size(); ++i) w[i] -= options.learning_rate * gradient[i];
  }
  return run;
}

void check_examples(const char* owner, const Tensor& x, int64_t features) {
  if (x.rank() != 2 || x.size() == 0)
    throw InvalidArgument(message(owner, ": expected examples (examples, features), got ", x.spec(), "."));
  if (features != 0 && x.shape().back() != features) {
    throw InvalidArgument(message(owner, ": expected examples of ", features, " features, as before, got ", x.spec(),
                                  ". Take a new object for other data."));
  }
}

Tensor rows_of(const Numbers& w, size_t first, size_t last, const Shape& shape) {
  return Tensor::from(
      std::vector<float>(w.begin() + static_cast<std::ptrdiff_t>(first), w.begin() + static_cast<std::ptrdiff_t>(last)),
      shape);
}

}  // namespace

// ------------------------------------------------------------------------------------------------------------ linear

void LinearRegression::prepare(const Tensor& x, const Tensor& y) {
  check_examples("LinearRegression", x, features_);
  const bool many = y.rank() == 2;
  const int64_t outputs = many ? y.shape().back() : 1;
  if (y.rank() < 1 || y.rank() > 2 || y.shape().front() != x.shape().front() || outputs < 1 ||
      (outputs_ != 0 && outputs != outputs_)) {
    throw InvalidArgument(message("LinearRegression: expected targets (", x.shape().front(), ",) or (",
                                  x.shape().front(), ", ", outputs_ == 0 ? "outputs" : message(outputs_), "), got ",
                                  y.spec(), "."));
  }
  if (outputs_ == 0) weights_.assign(static_cast<size_t>((x.shape().back() + 1) * outputs), 0);
  features_ = x.shape().back();
  outputs_ = outputs;
  many_ = many;
}

DescentRun LinearRegression::fit(const Tensor& x, const Tensor& y, const DescentOptions& options) {
  prepare(x, y);
  const Numbers targets = y.to_vector<double>();
  return descend(with_ones(x), weights_, static_cast<size_t>(outputs_), 2, options, [&](Numbers& rest) {
    double squares = 0;
    for (size_t i = 0; i < rest.size(); ++i) {
      rest[i] -= targets[i];
      squares += rest[i] * rest[i];
    }
    return squares / static_cast<double>(x.shape().front());
  });
}

LeastSquares LinearRegression::solve(const Tensor& x, const Tensor& y) {
  prepare(x, y);
  const Numbers inputs = with_ones(x), targets = y.to_vector<double>();
  const auto columns = static_cast<size_t>(features_ + 1), outputs = static_cast<size_t>(outputs_);
  LeastSquaresSolution solution =
      solve_least_squares(inputs, targets, columns, outputs, x.dtype() == DType::float64 ? 2.2e-16 : 1.2e-7);
  weights_ = std::move(solution.w);
  const Numbers predictions = product(inputs, weights_, columns, outputs);
  double squares = 0;
  for (size_t i = 0; i < predictions.size(); ++i)
    squares += (predictions[i] - targets[i]) * (predictions[i] - targets[i]);
  return {.rank = solution.rank,
          .condition = solution.condition,
          .error = squares / static_cast<double>(x.shape().front())};
}

Tensor LinearRegression::predict(const Tensor& x) const {
  if (features_ == 0) throw InvalidArgument("LinearRegression: expected fit() or solve() before predict().");
  check_examples("LinearRegression", x, features_);
  const Numbers y = product(with_ones(x), weights_, static_cast<size_t>(features_ + 1), static_cast<size_t>(outputs_));
  const int64_t examples = x.shape().front();
  return rows_of(y, 0, y.size(), many_ ? Shape{examples, outputs_} : Shape{examples});
}

Tensor LinearRegression::weights() const {
  return rows_of(weights_, 0, static_cast<size_t>(features_ * outputs_),
                 many_ ? Shape{features_, outputs_} : Shape{features_});
}

Tensor LinearRegression::intercept() const {
  return rows_of(weights_, static_cast<size_t>(features_ * outputs_), weights_.size(),
                 many_ ? Shape{outputs_} : Shape{});
}

// ---------------------------------------------------------------------------------------------------------- logistic

namespace {

/// Sums of one example as probabilities, in place; the logarithm of the one of `label` (-1: no label).
double to_probabilities(double* sums, size_t columns, int64_t label) {
  if (columns == 1) {
    // log(sigmoid(s)) = -log(1 + exp(-s)), for either sign without overflow.
    const double s = sums[0], signed_sum = label == 0 ? -s : s;
    sums[0] = s >= 0 ? 1 / (1 + std::exp(-s)) : std::exp(s) / (1 + std::exp(s));
    return std::min(signed_sum, 0.0) - std::log1p(std::exp(-std::abs(signed_sum)));
  }
  const double largest = *std::max_element(sums, sums + columns);
  double total = 0;
  for (size_t c = 0; c < columns; ++c) total += std::exp(sums[c] - largest);
  const double of_label = label < 0 ? 0 : sums[label] - largest - std::log(total);
  for (size_t c = 0; c < columns; ++c) sums[c] = std::exp(sums[c] - largest) / total;
  return of_label;
}

}  // namespace

DescentRun LogisticRegression::fit(const Tensor& x, const Tensor& y, const DescentOptions& options, int64_t classes) {
  check_examples("LogisticRegression", x, features_);
  const int64_t examples = x.shape().front();
  if (y.size() != examples)
    throw InvalidArgument(message("LogisticRegression: expected a class number for each of ", examples,
                                  " examples, got ", y.spec(), "."));
  std::vector<int64_t> labels;
  int64_t largest = 0;
  for (const double value : y.to_vector<double>()) {
    if (!(value >= 0) || value != std::floor(value) || value > 1e6 ||
        (classes > 0 && value >= static_cast<double>(classes)))
      throw InvalidArgument(message("LogisticRegression: expected class numbers 0, 1, ...",
                                    classes > 0 ? message(", ", classes - 1) : "", ", got ", value, "."));
    labels.push_back(static_cast<int64_t>(value));
    largest = std::max(largest, labels.back());
  }
  const int64_t count = classes > 0 ? classes : columns_ > 0 ? std::max<int64_t>(columns_, 2) : largest + 1;
  const int64_t columns = count == 2 ? 1 : count;
  if (count < 2 || largest >= count || (columns_ != 0 && columns != columns_)) {
    throw InvalidArgument(message("LogisticRegression: expected at least two classes, and as many as before, got ",
                                  std::max(count, largest + 1),
                                  ". Say how many there are: fit(x, y, options, classes)."));
  }
  if (columns_ == 0) weights_.assign(static_cast<size_t>((x.shape().back() + 1) * columns), 0);
  features_ = x.shape().back();
  columns_ = columns;
  const auto width = static_cast<size_t>(columns);
  return descend(with_ones(x), weights_, width, 1, options, [&](Numbers& rest) {
    double total = 0;
    for (size_t example = 0; example < labels.size(); ++example) {
      double* row = rest.data() + example * width;
      total -= to_probabilities(row, width, labels[example]);
      if (width == 1) {
        row[0] -= static_cast<double>(labels[example]);
      } else {
        row[labels[example]] -= 1;
      }
    }
    return total / static_cast<double>(labels.size());
  });
}

Tensor LogisticRegression::predict(const Tensor& x) const {
  if (features_ == 0) throw InvalidArgument("LogisticRegression: expected fit() before predict().");
  check_examples("LogisticRegression", x, features_);
  const auto width = static_cast<size_t>(columns_);
  Numbers y = product(with_ones(x), weights_, static_cast<size_t>(features_ + 1), width);
  for (size_t at = 0; at < y.size(); at += width) to_probabilities(y.data() + at, width, -1);
  const int64_t examples = x.shape().front();
  return rows_of(y, 0, y.size(), columns_ == 1 ? Shape{examples} : Shape{examples, columns_});
}

Tensor LogisticRegression::classify(const Tensor& x) const {
  const std::vector<float> p = predict(x).to_vector<float>();
  const auto width = static_cast<size_t>(columns_);
  std::vector<int64_t> out;
  for (size_t at = 0; at < p.size(); at += width) {
    const auto first = p.begin() + static_cast<std::ptrdiff_t>(at);
    out.push_back(width == 1 ? (*first >= 0.5f ? 1 : 0) : std::max_element(first, first + columns_) - first);
  }
  return Tensor::from(out);
}

Tensor LogisticRegression::weights() const {
  return rows_of(weights_, 0, static_cast<size_t>(features_ * columns_),
                 columns_ == 1 ? Shape{features_} : Shape{features_, columns_});
}

Tensor LogisticRegression::intercept() const {
  return rows_of(weights_, static_cast<size_t>(features_ * columns_), weights_.size(),
                 columns_ == 1 ? Shape{} : Shape{columns_});
}

}  // namespace hebb::classic
