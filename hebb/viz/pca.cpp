#include "hebb/viz/pca.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"

namespace hebb::viz {

namespace {

/// Reduces a symmetric matrix to a tridiagonal one, Q' A Q. On return `diagonal` and `beside` hold it (beside[i]
/// between i and i + 1), and row i of `a` is column i of Q.
void to_tridiagonal(std::vector<double>& a, int64_t n, std::vector<double>& diagonal, std::vector<double>& beside) {
  const auto size = static_cast<size_t>(n);
  auto at = [&](int64_t i, int64_t j) -> double& { return a[static_cast<size_t>(i * n + j)]; };
  std::vector<std::vector<double>> reflectors;  // v with H = I - 2 v v', zero up to its index
  std::vector<double> p(size);
  for (int64_t k = 0; k + 2 < n; ++k) {
    std::vector<double> v(size);
    double scale = 0;
    for (int64_t i = k + 1; i < n; ++i) scale = std::max(scale, std::abs(at(k, i)));
    if (scale > 0) {
      double squares = 0;
      for (int64_t i = k + 1; i < n; ++i) {
        v[static_cast<size_t>(i)] = at(k, i) / scale;
        squares += v[static_cast<size_t>(i)] * v[static_cast<size_t>(i)];
      }
      double& head = v[static_cast<size_t>(k + 1)];
      head += std::copysign(std::sqrt(squares), head);  // away from cancellation
      double length = 0;
      for (int64_t i = k + 1; i < n; ++i) length += v[static_cast<size_t>(i)] * v[static_cast<size_t>(i)];
      length = std::sqrt(length);
      for (int64_t i = k + 1; i < n; ++i) v[static_cast<size_t>(i)] /= length;
      // A := H A H = A - 2 v w' - 2 w v' with p = A v, w = p - (v' p) v.
      double along = 0;
      for (int64_t i = k; i < n; ++i) {
        double sum = 0;
        for (int64_t j = k + 1; j < n; ++j) sum += at(i, j) * v[static_cast<size_t>(j)];
        p[static_cast<size_t>(i)] = sum;
        along += v[static_cast<size_t>(i)] * sum;
      }
      for (int64_t i = k; i < n; ++i) p[static_cast<size_t>(i)] -= along * v[static_cast<size_t>(i)];
      for (int64_t i = k; i < n; ++i) {
        const double vi = 2 * v[static_cast<size_t>(i)], pi = 2 * p[static_cast<size_t>(i)];
        double* row = &at(i, 0);
        for (int64_t j = k; j < n; ++j) row[j] -= vi * p[static_cast<size_t>(j)] + pi * v[static_cast<size_t>(j)];
      }
    }
    reflectors.push_back(std::move(v));
  }
  diagonal.resize(size);
  beside.assign(size, 0);
  for (int64_t i = 0; i < n; ++i) diagonal[static_cast<size_t>(i)] = at(i, i);
  for (int64_t i = 0; i + 1 < n; ++i) beside[static_cast<size_t>(i)] = at(i, i + 1);
  // The rows of Q' = H_last ... H_1, one reflector after the other applied from the right to the identity.
  std::fill(a.begin(), a.end(), 0.);
  for (int64_t i = 0; i < n; ++i) at(i, i) = 1;
  for (size_t k = reflectors.size(); k-- > 0;) {
    const std::vector<double>& v = reflectors[k];
    for (int64_t i = 0; i < n; ++i) {
      double sum = 0;
      const double* row = &at(i, 0);
      for (int64_t j = 0; j < n; ++j) sum += row[j] * v[static_cast<size_t>(j)];
      if (sum == 0) continue;
      double* out = &at(i, 0);
      for (int64_t j = 0; j < n; ++j) out[j] -= 2 * sum * v[static_cast<size_t>(j)];
    }
  }
}

/// Implicit QL steps with Wilkinson's shift until the matrix is diagonal; the rotations are applied to the rows of
/// `vectors`.
void diagonalize(std::vector<double>& d, std::vector<double>& e, std::vector<double>& vectors, int64_t n) {
  constexpr int most_steps = 60;
  const double epsilon = std::numeric_limits<double>::epsilon();
  auto D = [&](int64_t i) -> double& { return d[static_cast<size_t>(i)]; };
  auto E = [&](int64_t i) -> double& { return e[static_cast<size_t>(i)]; };
  for (int64_t l = 0; l < n; ++l) {
    for (int step = 0;; ++step) {
      int64_t m = l;
      while (m + 1 < n && std::abs(E(m)) > epsilon * (std::abs(D(m)) + std::abs(D(m + 1)))) ++m;
      if (m == l) break;
      if (step == most_steps) throw InternalError("symmetric_eigen: the QL steps do not converge.");
      double g = (D(l + 1) - D(l)) / (2 * E(l)), r = std::hypot(g, 1);
      g = D(m) - D(l) + E(l) / (g + std::copysign(r, g));
      double s = 1, c = 1, p = 0;
      int64_t i = m - 1;
      for (; i >= l; --i) {
        double f = s * E(i);
        const double b = c * E(i);
        r = std::hypot(f, g);
        E(i + 1) = r;
        if (r == 0) {
          D(i + 1) -= p;
          E(m) = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = D(i + 1) - p;
        r = (D(i) - g) * s + 2 * c * b;
        p = s * r;
        D(i + 1) = g + p;
        g = c * r - b;
        double* lower = &vectors[static_cast<size_t>(i * n)];
        double* upper = lower + n;
        for (int64_t k = 0; k < n; ++k) {
          f = upper[k];
          upper[k] = s * lower[k] + c * f;
          lower[k] = c * lower[k] - s * f;
        }
      }
      if (r == 0 && i >= l) continue;
      D(l) -= p;
      E(l) = g;
      E(m) = 0;
    }
  }
}

/// The products of all pairs of rows.
std::vector<double> products(const std::vector<double>& rows, int64_t count, int64_t length) {
  std::vector<double> out(static_cast<size_t>(count * count));
  parallel_for(count, [&](int64_t i) {
    for (int64_t j = i; j < count; ++j) {
      const double *a = &rows[static_cast<size_t>(i * length)], *b = &rows[static_cast<size_t>(j * length)];
      double sum[4] = {};
      int64_t k = 0;
      for (; k + 4 <= length; k += 4) {
        for (int64_t lane = 0; lane < 4; ++lane) sum[lane] += a[k + lane] * b[k + lane];
      }
      for (; k < length; ++k) sum[0] += a[k] * b[k];
      out[static_cast<size_t>(i * count + j)] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
  });
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = 0; j < i; ++j) out[static_cast<size_t>(i * count + j)] = out[static_cast<size_t>(j * count + i)];
  }
  return out;
}

std::vector<double> transposed(const std::vector<double>& rows, int64_t count, int64_t length) {
  std::vector<double> out(rows.size());
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t k = 0; k < length; ++k)
      out[static_cast<size_t>(k * count + i)] = rows[static_cast<size_t>(i * length + k)];
  }
  return out;
}

}  // namespace

std::vector<double> symmetric_eigen(std::vector<double>& matrix, int64_t n) {
  std::vector<double> values, beside;
  to_tridiagonal(matrix, n, values, beside);
  diagonalize(values, beside, matrix, n);
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return values[static_cast<size_t>(a)] < values[static_cast<size_t>(b)];
  });
  std::vector<double> sorted, vectors;
  for (const int64_t i : order) {
    sorted.push_back(values[static_cast<size_t>(i)]);
    vectors.insert(vectors.end(), matrix.begin() + i * n, matrix.begin() + (i + 1) * n);
  }
  matrix = std::move(vectors);
  return sorted;
}

Pca principal_components(const Tensor& points, int64_t components) {
  const int64_t n = points.rank() > 0 ? points.shape()[0] : 0, features = n > 0 ? points.size() / n : 0;
  if (n < 2 || features < 1) {
    throw InvalidArgument(message("principal_components: expected at least two points, got ", points.spec(), "."));
  }
  const int64_t side = std::min(n, features);
  constexpr int64_t most = 4096;
  if (side > most) {
    throw InvalidArgument(message("principal_components: expected at most ", most, " features or points, got ",
                                  features, " and ", n, ". Take a part of the points."));
  }
  if (components < 1 || components > side) {
    throw InvalidArgument(message("principal_components: expected from 1 to ", side, " components of ", n,
                                  " points with ", features, " features, got ", components, "."));
  }
  std::vector<double> x = points.to_vector<double>();
  if (!std::all_of(x.begin(), x.end(), [](double value) { return std::isfinite(value); })) {
    throw InvalidArgument("principal_components: expected finite values, got NaN or infinity among them.");
  }
  Pca out;
  out.mean.assign(static_cast<size_t>(features), 0);
  for (size_t i = 0; i < x.size(); ++i) out.mean[i % static_cast<size_t>(features)] += x[i] / static_cast<double>(n);
  for (size_t i = 0; i < x.size(); ++i) x[i] -= out.mean[i % static_cast<size_t>(features)];

  const bool by_features = features <= n;
  std::vector<double> matrix =
      by_features ? products(transposed(x, n, features), features, n) : products(x, n, features);
  double whole = 0;
  for (int64_t i = 0; i < side; ++i) whole += matrix[static_cast<size_t>(i * side + i)];
  const std::vector<double> values = symmetric_eigen(matrix, side);

  Tensor axes = Tensor::empty({components, features}, DType::float64);
  Tensor projected = Tensor::empty({n, components}, DType::float64);
  auto* axis = axes.mutable_data<double>();
  auto* place = projected.mutable_data<double>();
  for (int64_t c = 0; c < components; ++c, axis += features) {
    const double value = std::max(values[static_cast<size_t>(side - 1 - c)], 0.);
    const double* vector = &matrix[static_cast<size_t>((side - 1 - c) * side)];
    if (by_features) {
      std::copy(vector, vector + features, axis);
    } else {
      // An eigenvector u of X X' belongs to X' u of X' X.
      std::fill(axis, axis + features, 0.);
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t k = 0; k < features; ++k) axis[k] += vector[i] * x[static_cast<size_t>(i * features + k)];
      }
    }
    double length = 0, largest = 0;
    for (int64_t k = 0; k < features; ++k) {
      length += axis[k] * axis[k];
      if (std::abs(axis[k]) > std::abs(largest)) largest = axis[k];
    }
    length = std::copysign(std::sqrt(length), largest);  // one of the two directions, for all machines the same
    for (int64_t k = 0; k < features; ++k) axis[k] = length != 0 ? axis[k] / length : 0;
    for (int64_t i = 0; i < n; ++i) {
      double sum = 0;
      for (int64_t k = 0; k < features; ++k) sum += axis[k] * x[static_cast<size_t>(i * features + k)];
      place[i * components + c] = sum;
    }
    out.variances.push_back(value / static_cast<double>(n - 1));
    out.explained.push_back(whole > 0 ? value / whole : 0);
  }
  out.points = projected;
  out.axes = axes;
  return out;
}

}  // namespace hebb::viz
