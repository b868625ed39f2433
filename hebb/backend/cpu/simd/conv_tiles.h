/// The innermost loops of convolutions: a tile is what fits into the vector registers.
///
/// Forward (and the gradient with respect to the input, which is of the same kind): a strip of up to `max_pixels`
/// outputs that see the same taps, times up to two vectors of filters. With respect to the kernel: up to `max_pixels`
/// neighbouring rows of weights, times up to two vectors of filters, summed over a rectangle of outputs.
///
/// An output's products are added in one order (taps and channels as they lie in the kernel) whatever tile it is in.
#pragma once

#include <cstdint>

namespace hebb::simd {

/// Products with neighbouring numbers of the input and rows of weights.
struct ConvRun {
  int64_t x;        ///< where the first number lies, from the pixel's origin
  int64_t weights;  ///< where the first row lies
  int64_t length;
};

/// A strip of outputs: y[p * y_step + f] = sum over runs of x[p * x_step + run.x + i] * weights[run.weights + i * row +
/// f].
struct ConvStrip {
  const float* x;
  int64_t x_step;
  const float* weights;
  int64_t row;  ///< from one row of weights to the next
  const ConvRun* runs;
  int64_t run_count;
  const float* bias;    ///< null: none
  const float* addend;  ///< added to the outputs, at the places that they have in y; null: none
  bool relu;
  float* y;
  int64_t y_step;
  int64_t filters;  ///< at most two vectors; more than one of them when the tile has two
};

/// Products of matrices that lie in planes, one behind the other: in each plane y[p * y_step + f] = sum over i below
/// `length` of x[p * x_step + i] * weights[i * row + f]. One call for all planes: their sums are short, and a processor
/// begins with the next one before it is through with the last.
struct ConvPlanes {
  int64_t planes;
  int64_t length;
  const float* x;
  int64_t x_step, x_plane;
  const float* weights;
  int64_t row, weights_plane;
  float* y;
  int64_t y_step, y_plane;
  int64_t filters;  ///< as of a strip
};

/// Sums over a rectangle of outputs: weights[r * row + f] += x[r] * dy[f].
struct ConvSum {
  const float* x;
  int64_t x_step, x_row;  ///< from one output's number to the next one's, and to that of the next row of outputs
  const float* dy;
  int64_t dy_step, dy_row;
  int64_t columns, rows;
  float* weights;  ///< what is there is added to
  int64_t row;
  int64_t filters;
};

inline constexpr int max_pixels = 14;

/// The tiles of the best instruction set of this processor.
struct ConvTiles {
  int64_t lanes = 1;          ///< floats in a vector; 1 where there are no vectors worth using
  int pixels[3] = {0, 0, 0};  ///< [vectors]: how many pixels, or rows of weights, a tile may have
  void (*strip[3][max_pixels + 1])(const ConvStrip&) = {};    ///< [vectors][pixels]
  void (*planes[3][max_pixels + 1])(const ConvPlanes&) = {};  ///< [vectors][pixels]
  void (*sum[3][max_pixels + 1])(const ConvSum&) = {};        ///< [vectors][rows of weights]
  /// The sum of `count` arrays that lie `stride` apart, the first one first; elements [first, last).
  void (*add)(const float* arrays, int64_t count, int64_t stride, float* out, int64_t first, int64_t last) = nullptr;
};

const ConvTiles& conv_tiles();

}  // namespace hebb::simd
