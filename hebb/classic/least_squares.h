/// The least squares of plain arrays, in float64: what `LinearRegression::solve` computes with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hebb::classic {

struct LeastSquaresSolution {
  std::vector<double> w;  ///< (columns, outputs): of all that are best, the shortest
  int64_t rank = 0;
  double condition = 0;  ///< the largest singular value through the smallest that counts; 0 for rank 0
};

/// The w that minimises |X w - y|. X: (rows, columns), y: (rows, outputs), row by row. By Householder's QR and the
/// singular values of R by one-sided Jacobi rotations (Golub and Van Loan, Matrix Computations, 2013, 5.2 and 8.6).
/// `precision`: how exact X's numbers are, relative to their size; singular values below max(rows, columns) times it
/// times the largest one count as zero.
LeastSquaresSolution solve_least_squares(const std::vector<double>& x, const std::vector<double>& y, size_t columns,
                                         size_t outputs, double precision = 2.2e-16);

}  // namespace hebb::classic
