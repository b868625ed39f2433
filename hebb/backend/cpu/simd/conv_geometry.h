/// What the passes of direct convolutions share: their sizes, and how the work is cut.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "hebb/backend/cpu/simd/conv_axis.h"
#include "hebb/backend/cpu/simd/conv_tiles.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/ops/conv.h"
#include "hebb/plan/kernel.h"

namespace hebb::simd {

/// A convolution over rows and columns; one spatial axis is one row.
struct ConvGeometry {
  int64_t batch, groups, channels, filters;  // of all groups
  ConvAxis rows, columns;

  ConvGeometry(const ConvOptions& options, const Shape& x, const Shape& kernel, const Shape& y)
      : batch(x.front()),
        groups(options.groups),
        channels(x.back()),
        filters(y.back()),
        rows{1, 1, 1},
        columns{1, 1, 1} {
    const int spatial = x.rank() - 2;
    const auto axis = [&](int i) {
      const auto at = static_cast<size_t>(i);
      return ConvAxis{x[i + 1], kernel[i], y[i + 1], options.strides[at], options.dilations[at], options.low[at]};
    };
    columns = axis(spatial - 1);
    if (spatial == 2) rows = axis(0);
  }

  int64_t taps() const { return rows.window * columns.window; }
  int64_t x_image() const { return rows.input * columns.input * channels; }
  int64_t y_image() const { return rows.output * columns.output * filters; }
  int64_t weights() const { return taps() * channels / groups * filters; }
  double flops() const {
    return 2.0 * static_cast<double>(batch * rows.output * columns.output * taps()) *
           static_cast<double>(channels / groups * filters);
  }
};

/// Columns of weights that a tile takes: one or two vectors, the last one maybe not full.
struct FilterBlock {
  int64_t group, first, count;  ///< `first` counts from the first filter of all groups
  int vectors;
};

inline std::vector<FilterBlock> filter_blocks(int64_t groups, int64_t filters, int64_t lanes) {
  std::vector<FilterBlock> blocks;
  const int64_t in_group = filters / groups;
  for (int64_t group = 0; group < groups; ++group) {
    for (int64_t first = 0; first < in_group; first += 2 * lanes) {
      const int64_t count = std::min(in_group - first, 2 * lanes);
      blocks.push_back({group, group * in_group + first, count, count > lanes ? 2 : 1});
    }
  }
  return blocks;
}

inline int64_t power_of_two_below(double value) {
  int64_t power = 1;
  while (static_cast<double>(2 * power) <= value) power *= 2;
  return power;
}

/// How the work is cut, one cut inside the other.
struct Cuts {
  int64_t images = 1, bands = 1, filters = 1;

  int64_t pieces() const { return images * bands * filters; }
  std::array<int64_t, 3> at(int64_t piece) const {
    return {piece / (bands * filters), piece / filters % bands, piece % filters};
  }
};

/// A piece is worth starting when it has this many operations: some 6 microseconds.
inline constexpr double least_flops_of_piece = 0.9e6;
inline constexpr int64_t most_pieces = 64;

/// Why direct convolutions do not take a call; empty when they do.
inline std::string refusal(const Call& call) {
  for (const Spec& spec : call.in) {
    if (spec.dtype != DType::float32) return "float32 only";
    if (spec.shape.elements() == 0) return "nothing to compute";
  }
  if (call.out[0].shape.elements() == 0) return "nothing to compute";
  if (call.in[0].shape.rank() > 4) return "one or two spatial axes only";
  if (conv_tiles().lanes < 8) return "the processor has no AVX2";
  return "";
}

}  // namespace hebb::simd
