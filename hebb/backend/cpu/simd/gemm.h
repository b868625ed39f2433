/// Products of matrices: the inner loops, for the best instruction set of the processor.
///
/// A block of the result is computed by register tiles of a few rows and vectors of columns. Elements of A are
/// broadcast, so A may have any strides; rows of B are read as vectors where they lie, and the first tile of rows that
/// reads them leaves them packed in the cache for the others. A transposed B is packed by tiles of 8 x 8 or 16 x 16.
#pragma once

#include <cstdint>
#include <span>

namespace hebb::simd {

struct Memory {
  const void* data;
  int64_t bytes;
};

/// c (rows x columns) = a (rows x depth) b (depth x columns), then bias, then relu.
template <class T>
struct GemmBlock {
  const T* a = nullptr;
  int64_t a_row = 0, a_column = 0;  ///< strides, in elements
  const T* b = nullptr;
  int64_t b_step = 0;         ///< from one row of b (or, transposed, from one column) to the next
  bool b_transposed = false;  ///< b lies as columns x depth
  T* c = nullptr;
  int64_t c_step = 0;
  int64_t rows = 0, columns = 0, depth = 0;
  const T* column_bias = nullptr;  ///< one for each column, or null
  const T* row_bias = nullptr;     ///< one for each row, or null
  bool relu = false;
  bool add = false;  ///< to what C holds; not by dot_rows
  /// What is read soon after the product, fetched into the second-level cache meanwhile. Not by dot_rows.
  std::span<const Memory> soon;
};

template <class T>
struct GemmFunctions {
  /// Any sizes, zero among them. Works on the stack of its thread.
  void (*block)(const GemmBlock<T>& block);
  /// c (rows x 1) = a (rows x depth, each row contiguous) b (depth); bias and relu as above.
  void (*dot_rows)(const GemmBlock<T>& block);
  /// out (columns x rows) = the transpose of in (rows x columns).
  void (*transpose)(const T* in, int64_t in_step, T* out, int64_t out_step, int64_t rows, int64_t columns);
  int64_t lanes;         ///< of a vector
  int64_t tile_vectors;  ///< of columns in a register tile
};

/// For float and double.
template <class T>
GemmFunctions<T> find_gemm_functions();

template <>
GemmFunctions<float> find_gemm_functions();
template <>
GemmFunctions<double> find_gemm_functions();

}  // namespace hebb::simd
