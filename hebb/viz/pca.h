/// Principal components: the directions in which points differ most.
///
///     viz::Pca pca = viz::principal_components(x, 2);
///     pca.points;                      // (n, 2)
///     pca.explained[0];                // the share of the variance along the first
#pragma once

#include <cstdint>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb::viz {

struct Pca {
  Tensor points;                  ///< float64(n, components): the centred points in the new axes
  Tensor axes;                    ///< float64(components, features): orthonormal, the largest number positive
  std::vector<double> mean;       ///< of each feature
  std::vector<double> variances;  ///< along each axis, divided by n - 1, falling
  std::vector<double> explained;  ///< as shares of the whole variance
};

/// Of points (n, ...), whose axes but the first are taken as one. The eigenvectors of the covariance matrix, or of the
/// products of points where there are fewer points than features, by Householder's reduction to a tridiagonal matrix
/// and implicit QL steps (Golub and Van Loan, Matrix Computations, 8.3), all in float64. Variances below 1e-16 of the
/// largest are rounding. InvalidArgument for fewer than two points, values that are not finite, more components than
/// there can be, or more than 4,096 features and points.
Pca principal_components(const Tensor& points, int64_t components = 2);

/// The eigenvalues of a symmetric matrix of n rows, rising; its rows are overwritten with the eigenvectors in that
/// order. InternalError if QL does not converge, which no finite matrix is known to cause.
std::vector<double> symmetric_eigen(std::vector<double>& matrix, int64_t n);

}  // namespace hebb::viz
