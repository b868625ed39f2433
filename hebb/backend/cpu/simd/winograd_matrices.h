/// The matrices of fast convolutions by interpolation at points (Toom 1963, Cook 1966; for small convolutions Winograd,
/// Arithmetic Complexity of Computations, 1980; Lavin and Gray, Fast Algorithms for Convolutional Neural Networks,
/// 2016).
///
/// F(m, r) computes m neighbouring outputs of a filter with r taps from n = m + r - 1 inputs with n multiplications:
///
///     y = A^T ((G g) * (B^T d)),  and in two dimensions  Y = A^T ((G g G^T) * (B^T d B)) A
///
/// Points other than 0 and infinity, which stands at the end, come in pairs of both signs: a row of B^T (or G) for -p
/// is that for p with the odd columns negated, which halves the work.
#pragma once

#include <array>
#include <cstddef>

namespace hebb::simd {

template <int row_count, int column_count>
struct WinogradMatrix {
  static constexpr int rows = row_count, columns = column_count;
  std::array<std::array<double, static_cast<size_t>(column_count)>, static_cast<size_t>(row_count)> at{};

  constexpr double operator()(int i, int j) const { return at[static_cast<size_t>(i)][static_cast<size_t>(j)]; }
  constexpr double& operator()(int i, int j) { return at[static_cast<size_t>(i)][static_cast<size_t>(j)]; }
};

/// Point number i of n - 1. Those with the smallest errors among fractions with few bits (of six, 0, 1, -1, 2, -2, as
/// they are often taken, make nearly three times the error).
template <int n>
constexpr double winograd_point(int i) {
  constexpr std::array<double, 7> of_four = {0, 1, -1}, of_six = {0, 0.625, -0.625, 1.5, -1.5},
                                  of_eight = {0, 0.5, -0.5, 1, -1, 1.75, -1.75};
  return (n <= 4 ? of_four : n <= 6 ? of_six : of_eight)[static_cast<size_t>(i)];
}

/// B^T, n x n: row i has the coefficients of f(x) / (x - p_i), the last one those of f(x), the product of all x - p_i.
template <int n>
constexpr WinogradMatrix<n, n> winograd_input() {
  WinogradMatrix<n, n> matrix;
  for (int i = 0; i < n; ++i) {
    matrix(i, 0) = 1;
    int degree = 0;
    for (int j = 0; j + 1 < n; ++j) {
      if (j == i) continue;
      ++degree;
      for (int k = degree; k >= 0; --k) {
        matrix(i, k) = (k > 0 ? matrix(i, k - 1) : 0) - winograd_point<n>(j) * matrix(i, k);
      }
    }
  }
  return matrix;
}

/// G, n x r: row i has the powers of p_i, divided by the product of all p_i - p_j.
template <int n, int r>
constexpr WinogradMatrix<n, r> winograd_filter() {
  WinogradMatrix<n, r> matrix;
  for (int i = 0; i + 1 < n; ++i) {
    double product = 1;  // of numbers with few bits, so that it is exact and the same for p and -p
    for (int j = 0; j + 1 < n; ++j) {
      if (j != i) product *= winograd_point<n>(i) - winograd_point<n>(j);
    }
    double value = 1 / product;
    for (int k = 0; k < r; ++k, value *= winograd_point<n>(i)) matrix(i, k) = value;
  }
  matrix(n - 1, r - 1) = 1;
  return matrix;
}

/// A^T, m x n: column i has the powers of p_i.
template <int m, int n>
constexpr WinogradMatrix<m, n> winograd_output() {
  WinogradMatrix<m, n> matrix;
  for (int i = 0; i + 1 < n; ++i) {
    double value = 1;
    for (int k = 0; k < m; ++k, value *= winograd_point<n>(i)) matrix(k, i) = value;
  }
  matrix(m - 1, n - 1) = 1;
  return matrix;
}

}  // namespace hebb::simd
