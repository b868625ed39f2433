/// The inner loops of depthwise convolutions, where every channel has a kernel of its own: vectors of channels,
/// float32, for the best instruction set of the processor. Numbers of taps are those of positions that all see the
/// same.
#pragma once

#include <cstdint>

namespace hebb::simd {

/// Where a tap finds its numbers: behind the position's origin, and in the kernel.
struct DepthwiseTap {
  int64_t x, weights;
};

/// Positions in a row: y[p * y_step + c] = sum over taps of x[p * x_step + tap.x + c] * weights[tap.weights + c], then
/// bias, addend and relu.
struct DepthwiseStrip {
  const float* x;
  int64_t x_step;
  const float* weights;
  const DepthwiseTap* taps;
  int64_t tap_count;
  const float* bias;    ///< null: none
  const float* addend;  ///< at the places that its numbers have in y; null: none
  bool relu;
  float* y;
  int64_t y_step;
  int64_t pixels, channels;
};

/// Sums over positions in a row: weights[tap.weights + c] += x[p * x_step + tap.x + c] * dy[p * dy_step + c].
struct DepthwiseSum {
  const float* x;
  int64_t x_step;
  const float* dy;
  int64_t dy_step;
  const DepthwiseTap* taps;
  int64_t tap_count;
  float* weights;
  int64_t pixels, channels;
};

struct DepthwiseFunctions {
  void (*strip)(const DepthwiseStrip&);
  void (*sum)(const DepthwiseSum&);
};

DepthwiseFunctions find_depthwise_functions();

}  // namespace hebb::simd
