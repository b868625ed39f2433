/// The loops of attention between its products, for the best instruction set of the processor.
#pragma once

#include <cstdint>

namespace hebb::simd {

/// Rows of scores in memory of the kernel's own: rows are `step` elements apart, a multiple of a vector, so that whole
/// vectors may be read and written.
struct AttentionRows {
  float* scores = nullptr;  ///< products of queries and keys; then exponentials, or shares
  float* slopes = nullptr;  ///< backwards: products of gradients and values; then the gradients of the products
  int64_t step = 0;
  int64_t rows = 0, columns = 0;
  float scale = 1, lowest = 0;
  const bool* mask = nullptr;  ///< of the first row, or null
  int64_t mask_row = 0, mask_column = 0;
  int64_t first = -1;           ///< causal: in row i columns up to first + i count; below 0: not causal
  float* statistics = nullptr;  ///< for each row its largest score and 1 / the sum of its exponentials
};

struct AttentionFunctions {
  /// Scores become exponentials; fills in the statistics.
  void (*exponentials)(const AttentionRows& rows);
  /// With the statistics scores become shares, and slopes the gradients of the products of queries and keys.
  void (*gradients)(const AttentionRows& rows);
  /// Multiplies each row with the second of its statistics.
  void (*normalize)(float* y, int64_t step, int64_t rows, int64_t width, const float* statistics);
  int64_t lanes;  ///< of a vector
};

AttentionFunctions find_attention_functions();

}  // namespace hebb::simd
