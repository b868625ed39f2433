/// What the positions along one axis of a convolution see, for positions that are computed together.
///
/// With padding, strides or dilations not every position of the result meets every tap of the window, and the gradient
/// with respect to the input meets only every stride-th. Positions at equal distances that meet the same taps form a
/// group, and a kernel needs no tests and no padded copies:
///
///     forward_groups({.input = 8, .window = 3, .output = 8, .low = 1})   // position 0; positions 1 to 6; position 7
#pragma once

#include <cstdint>
#include <vector>

namespace hebb::simd {

/// One spatial axis of a convolution.
struct ConvAxis {
  int64_t input, window, output;
  int64_t stride = 1, dilation = 1, low = 0;
};

/// A tap that a group meets, and where: `offset` positions behind the group's source.
struct AxisTap {
  int64_t tap;
  int64_t offset;
};

/// Positions first, first + step, ... of the result. Position number i meets the source at
/// `source + i * source_step + tap.offset` for each of the taps.
struct AxisGroup {
  int64_t first, step, count;
  int64_t source, source_step;
  std::vector<AxisTap> taps;
};

/// The groups of the output's positions; sources are positions of the input. Taps ascend.
std::vector<AxisGroup> forward_groups(const ConvAxis& axis);

/// The groups of the input gradient's positions; sources are positions of the output gradient. Taps descend, so that
/// sources ascend.
std::vector<AxisGroup> backward_groups(const ConvAxis& axis);

}  // namespace hebb::simd
