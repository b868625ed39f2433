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

/// What the rows of a crossentropy are compared with: numbers of float32, as many as a row has, or one label.
struct RowTargets {
  const void* data;
  DType dtype;  ///< float32, int32 or int64
};

/// Where results lie over what they come from, the last, masked store of a row touches the vector that the next row
/// begins with, whose load then waits until the store has left the core: most of the time of rows shorter than this.
constexpr int64_t shortest_row_in_place = 128;

/// Rows of float32, one after the other.
struct RowFunctions {
  void (*softmax)(const float* in, int64_t rows, int64_t length, float* out);
  void (*log_softmax)(const float* in, int64_t rows, int64_t length, float* out);
  /// The softmax p of the rows, which may lie over them, and each row's -sum(t log(p)).
  void (*crossentropy)(const float* in, RowTargets targets, int64_t rows, int64_t length, float* p, float* losses);
  /// (sum(t) p - t) g with one g for each row; the result may lie over p and over the targets' numbers.
  void (*crossentropy_backward)(const float* p, RowTargets targets, const float* g, int64_t rows, int64_t length,
                                float* out);
  /// The index of the first extreme, or of the first NaN.
  void (*argmax)(const float* in, int64_t rows, int64_t length, int64_t* out);
  void (*argmin)(const float* in, int64_t rows, int64_t length, int64_t* out);
};

RowFunctions find_row_functions();

}  // namespace hebb::simd
