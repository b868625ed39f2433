/// The inner loops of the reductions, for the best instruction set of the processor.
#pragma once

#include <cstdint>

#include "hebb/ops/reduce.h"

namespace hebb::simd {

struct ReduceFunctions {
  /// out[r] = the reduction of `length` elements at in + r * length.
  void (*rows)(const void* in, int64_t rows, int64_t length, void* out) = nullptr;
  /// out[c] = the reduction over r of in[r * stride + c], for `width` columns.
  void (*columns)(const void* in, int64_t rows, int64_t stride, int64_t width, void* out) = nullptr;
};

/// For float32 and float64; both null for other types.
ReduceFunctions find_reduce_functions(Reduce::Kind kind, DType dtype);

/// Rows of float32, one after the other.
struct RowFunctions {
  void (*softmax)(const float* in, int64_t rows, int64_t length, float* out);
  void (*log_softmax)(const float* in, int64_t rows, int64_t length, float* out);
  /// The index of the first extreme, or of the first NaN.
  void (*argmax)(const float* in, int64_t rows, int64_t length, int64_t* out);
  void (*argmin)(const float* in, int64_t rows, int64_t length, int64_t* out);
};

RowFunctions find_row_functions();

}  // namespace hebb::simd
