/// The Gaussian error linear unit and its derivative, of one number: what kernels that compute in double are made of.
#pragma once

#include <cmath>
#include <numbers>

namespace hebb {

/// The normal distribution's density at x is exp(-x^2 / 2) times this.
inline constexpr double normal_density_factor = std::numbers::inv_sqrtpi / std::numbers::sqrt2;

/// P(X <= x), X normal.
inline double normal_probability(double x) { return 0.5 * std::erfc(x * (-1 / std::numbers::sqrt2)); }

/// x P(X <= x), X normal (Hendrycks and Gimpel 2016).
inline double gelu_of(double x) {
  const double probability = normal_probability(x);
  return probability == 0 ? 0 : x * probability;  // also at -infinity
}

/// P(X <= x) + x p(x), where p is the density.
inline double gelu_derivative_of(double x) {
  const double density = std::exp(x * x * -0.5) * normal_density_factor;
  return normal_probability(x) + (density == 0 ? 0 : x * density);
}

}  // namespace hebb
