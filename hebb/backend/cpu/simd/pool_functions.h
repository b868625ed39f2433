/// The inner loops of pooling over two spatial axes, channels last, float32, for the best instruction set of the
/// processor.
#pragma once

#include <cstdint>

namespace hebb::simd {

struct PoolShape {
  int64_t height, width, channels;  ///< of the image
  int64_t out_height, out_width;
  int64_t window_height, window_width;
  int64_t stride_height, stride_width;
  int64_t low_height, low_width;  ///< padding before
  /// Every place of the image lies in exactly one window: gradients are stored, not added up.
  bool tiles = false;
};

struct PoolFunctions {
  /// Rows [begin, end) of the result for one image.
  void (*max)(const PoolShape& shape, const float* x, float* y, int64_t begin, int64_t end);
  void (*average)(const PoolShape& shape, const float* x, float* y, int64_t begin, int64_t end);
  /// Of `values` what lies where x is largest.
  void (*pick)(const PoolShape& shape, const float* x, const float* values, float* y, int64_t begin, int64_t end);
  /// The gradient for one image from rows [begin, end) of dout, added to dx or stored where windows tile the image.
  void (*max_backward)(const PoolShape& shape, const float* x, const float* dout, float* dx, int64_t begin,
                       int64_t end);
  void (*average_backward)(const PoolShape& shape, const float* dout, float* dx, int64_t begin, int64_t end);
};

PoolFunctions find_pool_functions();

}  // namespace hebb::simd
