#include "hebb/classic/least_squares.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hebb::classic {

namespace {

/// A matrix by columns, since reflections and rotations work on those.
using Columns = std::vector<std::vector<double>>;

Columns columns_of(const std::vector<double>& rows, size_t width) {
  Columns out(width, std::vector<double>(rows.size() / width));
  for (size_t r = 0; r < rows.size() / width; ++r) {
    for (size_t c = 0; c < width; ++c) out[c][r] = rows[r * width + c];
  }
  return out;
}

double dot(const std::vector<double>& a, const std::vector<double>& b, size_t from = 0) {
  double sum = 0;
  for (size_t i = from; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Turns x into R and y into Q'y by reflections; leaves the first rows of both.
void reduce(Columns& x, Columns& y) {
  const size_t rows = x.front().size(), steps = std::min(rows, x.size());
  for (size_t k = 0; k < steps; ++k) {
    std::vector<double> v(rows, 0);
    for (size_t i = k; i < rows; ++i) v[i] = x[k][i];
    const double length = std::sqrt(dot(v, v));
    if (length == 0) continue;
    v[k] += v[k] < 0 ? -length : length;  // away from zero: no digits are lost
    const double square = dot(v, v);
    auto reflect = [&](std::vector<double>& column) {
      const double share = 2 * dot(v, column, k) / square;
      for (size_t i = k; i < rows; ++i) column[i] -= share * v[i];
    };
    for (size_t c = k; c < x.size(); ++c) reflect(x[c]);
    for (std::vector<double>& column : y) reflect(column);
  }
  for (size_t c = 0; c < x.size(); ++c) {
    x[c].resize(steps);
    for (size_t i = c + 1; i < steps; ++i) x[c][i] = 0;
  }
  for (std::vector<double>& column : y) column.resize(steps);
}

}  // namespace

LeastSquaresSolution solve_least_squares(const std::vector<double>& x, const std::vector<double>& y, size_t columns,
                                         size_t outputs, double precision) {
  Columns u = columns_of(x, columns), right = columns_of(y, outputs);
  const size_t rows = u.front().size();
  reduce(u, right);
  // R V = U S: pairs of columns are turned until all are perpendicular. Their lengths are the singular values.
  Columns v(columns, std::vector<double>(columns, 0));
  for (size_t c = 0; c < columns; ++c) v[c][c] = 1;
  constexpr int most_sweeps = 60;
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  bool turned = true;
  for (int sweep = 0; turned && sweep < most_sweeps; ++sweep) {
    turned = false;
    for (size_t p = 0; p < columns; ++p) {
      for (size_t q = p + 1; q < columns; ++q) {
        const double pp = dot(u[p], u[p]), qq = dot(u[q], u[q]), pq = dot(u[p], u[q]);
        if (pq == 0 || std::abs(pq) <= epsilon * std::sqrt(pp * qq)) continue;
        turned = true;
        const double zeta = (qq - pp) / (2 * pq);
        const double t = (zeta < 0 ? -1 : 1) / (std::abs(zeta) + std::hypot(1, zeta)), c = 1 / std::hypot(1, t),
                     s = c * t;
        for (Columns* matrix : {&u, &v}) {
          for (size_t i = 0; i < (*matrix)[p].size(); ++i) {
            const double a = (*matrix)[p][i], b = (*matrix)[q][i];
            (*matrix)[p][i] = c * a - s * b;
            (*matrix)[q][i] = s * a + c * b;
          }
        }
      }
    }
  }
  std::vector<double> singular;
  for (const std::vector<double>& column : u) singular.push_back(std::sqrt(dot(column, column)));
  const double largest = *std::ranges::max_element(singular);
  const double least = static_cast<double>(std::max(rows, columns)) * precision * largest;

  // w = V S^-1 U'y over the singular values that count: no part of w lies where X sees nothing.
  LeastSquaresSolution out;
  out.w.assign(columns * outputs, 0);
  double smallest = largest;
  for (size_t k = 0; k < columns; ++k) {
    if (singular[k] <= least) continue;
    ++out.rank;
    smallest = std::min(smallest, singular[k]);
    for (size_t o = 0; o < outputs; ++o) {
      const double share = dot(u[k], right[o]) / (singular[k] * singular[k]);
      for (size_t c = 0; c < columns; ++c) out.w[c * outputs + o] += share * v[k][c];
    }
  }
  if (out.rank > 0) out.condition = largest / smallest;
  return out;
}

}  // namespace hebb::classic
