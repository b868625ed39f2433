/// The inner loops of `moments`, for the best instruction set of the processor.
#pragma once

#include <cstdint>

namespace hebb::simd {

/// Means, and sums of the squared deviations from them, of float32. The numbers are read twice: few enough should be
/// given at a time to stay in a core's cache. With the mean taken out first, large means cost no digits.
struct MomentsFunctions {
  /// Of each column of `rows` rows, one or more, which lie one behind the other.
  void (*columns)(const float* x, int64_t rows, int64_t width, float* means, float* squares);
  /// Of `length` numbers, one or more.
  void (*row)(const float* x, int64_t length, float* mean, float* squares);
};

MomentsFunctions find_moments_functions();

}  // namespace hebb::simd
