/// The inner loops of layer normalisation, for the best instruction set of the processor.
#pragma once

#include <cstdint>

namespace hebb::simd {

/// Rows of float32, one after the other, each of at least one element.
struct NormalizationFunctions {
  /// y = (x - mean) / sqrt(variance + epsilon) gamma + beta. y may be x.
  void (*forward)(const float* x, const float* gamma, const float* beta, float epsilon, int64_t rows, int64_t length,
                  float* y);
  /// From `g`, the gradient of y, that of x, which may be x or g; and adds those of gamma and beta up.
  void (*backward)(const float* x, const float* gamma, const float* g, float epsilon, int64_t rows, int64_t length,
                   float* of_x, float* of_gamma, float* of_beta);
};

NormalizationFunctions find_normalization_functions();

}  // namespace hebb::simd
