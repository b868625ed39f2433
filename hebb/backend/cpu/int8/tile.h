/// The inner loops on bytes, for one instruction set: tile_vnni.cpp and tile_avx2.cpp.
///
/// Weights are packed so that one vector multiplies four terms of many columns: blocks of 16 columns, in a block all
/// terms in fours, of each four the 16 columns' (columns and terms beyond the matrix are 0).
#pragma once

#include <cstdint>

namespace hebb::int8 {

inline constexpr int64_t block_columns = 16, terms_in_vector = 4;
inline constexpr int64_t block_bytes = block_columns * terms_in_vector;

/// Terms of a sum, in fours.
constexpr int64_t fours(int64_t terms) { return (terms + terms_in_vector - 1) / terms_in_vector; }
constexpr int64_t blocks(int64_t columns) { return (columns + block_columns - 1) / block_columns; }

/// How real numbers become bytes.
struct ToBytes {
  float scale;
  int32_t zero_point;
};

/// rows x columns of a result.
struct Tile {
  const uint8_t* x;       ///< rows of bytes
  int64_t x_step;         ///< from one row to the next
  const int8_t* weights;  ///< packed, from the first column on, which begins a block
  int64_t rows, columns, terms;
  const int32_t* offsets;  ///< to be subtracted from each column's sums: zero point times the sum of its weights
  const float* scale;      ///< one for each column
  const float* row_scale;  ///< one for each row, or null
  const float* bias;       ///< one for each column, or null
  bool relu;
  const ToBytes* to_bytes;  ///< null: the result is float
  void* out;                ///< float or uint8
  int64_t out_step;         ///< from one row to the next, in elements
};

struct Functions {
  void (*multiply)(const Tile& tile);
  void (*quantize)(const float* x, int64_t count, const ToBytes& how, uint8_t* out);
  /// max |x|; 0 where there is none.
  float (*largest)(const float* x, int64_t count);
};

/// Null where the processor has not the instructions.
const Functions* find_vnni();
const Functions* find_avx2();

}  // namespace hebb::int8
