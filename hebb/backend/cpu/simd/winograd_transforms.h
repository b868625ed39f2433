/// The transforms of fast convolutions: a small square of numbers between two constant matrices, for every channel.
///
///     const WinogradTransforms* transforms = winograd_transforms(4, 5);   // F(4x4, 5x5); null: not compiled
///     transforms->input(square);
#pragma once

#include <cstdint>

namespace hebb::simd {

/// P X P^T for one square X of numbers, channel by channel. Channels are neighbours in memory.
struct WinogradSquare {
  const float* in;
  int64_t in_row, in_column;
  /// The part of X that is in memory; the rest is zero (padding) and not read.
  int32_t first_row = 0, last_row = 0, first_column = 0, last_column = 0;
  float* out;
  int64_t out_row, out_column;
  int32_t rows = 0, columns = 0;  ///< the part of the result that is wanted
  int64_t channels;
  const float* bias = nullptr;    ///< added to all elements of the result; null: none
  const float* addend = nullptr;  ///< added to the result, at the places that it has in out; null: none
  bool relu = false;
};

using WinogradTransform = void (*)(const WinogradSquare&);

/// For a tile of m x m outputs and a kernel of r x r taps; n = m + r - 1.
struct WinogradTransforms {
  int tile, window, size;      ///< m, r, n
  WinogradTransform input;     ///< B^T: n x n from n x n
  WinogradTransform kernel;    ///< G: n x n from r x r
  WinogradTransform output;    ///< A^T: m x m from n x n
  WinogradTransform gradient;  ///< of F(r, m), whose filter is a tile of the output's gradient: n x n from m x m
  WinogradTransform backward;  ///< of F(r, m), whose output is the kernel's gradient: r x r from n x n
};

/// For the best instruction set of this processor.
const WinogradTransforms* winograd_transforms(int tile, int window);

}  // namespace hebb::simd
