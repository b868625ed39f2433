/// How fast convolutions cut pictures into tiles, and where transformed tiles lie in memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "hebb/backend/cpu/simd/conv_tiles.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/winograd_transforms.h"
#include "hebb/ops/conv.h"
#include "hebb/plan/kernel.h"

namespace hebb::simd {

/// Floats in a cache line.
inline constexpr int64_t line = 16;

/// Pictures cut into tiles of outputs. With respect to the input, the source is the gradient of the output and the
/// target that of the input.
struct WinogradGeometry {
  const WinogradTransforms* transforms;
  int64_t batch;
  int64_t source_rows, source_columns, source_channels;
  int64_t target_rows, target_columns, target_channels;
  int64_t top, left;  ///< padding of the source

  int64_t tile() const { return transforms->tile; }
  int64_t window() const { return transforms->window; }
  int64_t size() const { return transforms->size; }
  int64_t points() const { return size() * size(); }
  int64_t taps() const { return window() * window(); }
  int64_t tile_rows() const { return (target_rows + tile() - 1) / tile(); }
  int64_t tile_columns() const { return (target_columns + tile() - 1) / tile(); }
  int64_t tiles() const { return batch * tile_rows() * tile_columns(); }
  int64_t weights() const { return source_channels * target_channels; }

  double direct_products() const {
    return static_cast<double>(batch * target_rows * target_columns * taps()) * static_cast<double>(weights());
  }
  /// Multiplications that would take as long as all of the work. Transforms cost about as much as this many for each
  /// number transformed, by measurement (those of 4 x 4 numbers consist of additions); small products are less
  /// efficient than large ones. Transformed weights that lie there from an earlier run come from far away.
  double cost(bool lasting_weights) const {
    const double product = 1.25, source_transform = size() <= 4 ? 8 : 16, target_transform = size() <= 4 ? 6 : 12,
                 kernel_transform = 10, kernel_reading = 8;
    const auto pairs = static_cast<double>(weights());
    const double of_tile = product * pairs + source_transform * static_cast<double>(source_channels) +
                           target_transform * static_cast<double>(target_channels);
    return static_cast<double>(points()) *
           (static_cast<double>(tiles()) * of_tile + (lasting_weights ? kernel_reading : kernel_transform) * pairs);
  }

  /// Where tile number `index` lies in its picture.
  struct Place {
    int64_t image, row, column;
  };
  Place place(int64_t index) const {
    const int64_t in_row = index % tile_columns(), rest = index / tile_columns();
    return {rest / tile_rows(), rest % tile_rows() * tile(), in_row * tile()};
  }

  /// The tile behind this one; `place` divides, which takes as long as a small transform.
  void advance(Place& at) const {
    at.column += tile();
    if (at.column < target_columns) return;
    at.column = 0;
    at.row += tile();
    if (at.row < target_rows) return;
    at.row = 0;
    ++at.image;
  }

  /// The square of the source that a tile sees.
  WinogradSquare source_square(const float* source, const Place& at) const {
    const int64_t row = at.row - top, column = at.column - left;
    WinogradSquare square{};
    square.in = source + ((at.image * source_rows + row) * source_columns + column) * source_channels;
    square.in_row = source_columns * source_channels;
    square.in_column = source_channels;
    const auto inside = [&](int64_t place, int64_t length, int32_t& first, int32_t& last) {
      first = static_cast<int32_t>(std::clamp<int64_t>(-place, 0, size()));
      last = static_cast<int32_t>(std::clamp<int64_t>(length - place, 0, size()));
    };
    inside(row, source_rows, square.first_row, square.last_row);
    inside(column, source_columns, square.first_column, square.last_column);
    square.channels = source_channels;
    return square;
  }
};

/// The geometry of a convolution that can be and is worth being computed with these tiles; nothing, and why, for
/// others. `backward`: with respect to the input.
std::optional<WinogradGeometry> winograd_geometry(const ConvOptions& options, const Shape& x, const Shape& kernel,
                                                  const Shape& y, const Call& call, bool backward, Refusal& why);

/// All of a square of numbers that has been stored place by place: place (i, j) lies (i * size + j) * plane behind.
inline void set_planes_in(WinogradSquare& square, const float* in, int64_t plane, int size) {
  square.in = in;
  square.in_row = size * plane;
  square.in_column = plane;
  square.last_row = square.last_column = size;
}

inline void set_planes_out(WinogradSquare& square, float* out, int64_t plane, int size) {
  square.out = out;
  square.out_row = size * plane;
  square.out_column = plane;
  square.rows = square.columns = size;
}

/// How many tiles are transformed and multiplied before the next ones are: about what half of a core's own cache holds,
/// and a multiple of the tiles that a strip of the product takes.
inline int64_t tiles_of_block(const WinogradGeometry& g, int64_t strip) {
  constexpr int64_t cache_bytes = 448 * 1024;
  const int64_t bytes = g.points() * (g.source_channels + g.target_channels) * static_cast<int64_t>(sizeof(float));
  const int64_t strips = std::max<int64_t>((cache_bytes / bytes + strip / 2) / strip, 1);
  // Of few tiles there are more blocks than would be needed, so that all threads have some.
  constexpr int64_t least_blocks = 8, least_tiles = 7;
  int64_t wanted = 1;
  while (wanted < least_blocks && 2 * wanted * least_tiles <= g.tiles()) wanted *= 2;
  return std::min(strips * strip, (g.tiles() + wanted - 1) / wanted);
}

/// What the two kinds of kernels share: the geometry, and where transformed tiles lie.
class WinogradBlocks {
 public:
  WinogradBlocks(const WinogradGeometry& geometry, const ConvTiles& tiles)
      : g(geometry), vectors(g.target_channels > tiles.lanes ? 2 : 1), strip(tiles.pixels[vectors]) {
    count = tiles_of_block(g, strip);
    number = (g.tiles() + count - 1) / count;
    source_step = rounded_up(g.source_channels, line);
    target_step = rounded_up(g.target_channels, line);
    // A line more, so that the planes' places in the cache differ.
    source_plane = count * source_step + line;
    target_plane = count * target_step + line;
  }

  Range tiles_of(int64_t block) const { return {block * count, std::min((block + 1) * count, g.tiles())}; }
  int64_t bytes() const { return g.points() * (source_plane + target_plane) * static_cast<int64_t>(sizeof(float)); }

  void transform_source(const float* source, Range tiles, float* planes) const {
    WinogradGeometry::Place at = g.place(tiles.first);
    for (int64_t t = tiles.first; t < tiles.last; ++t, g.advance(at)) {
      WinogradSquare square = g.source_square(source, at);
      set_planes_out(square, planes + (t - tiles.first) * source_step, source_plane, g.transforms->size);
      g.transforms->input(square);
    }
  }

  /// Calls `body(first, count)` for each strip of so many items.
  template <class Body>
  static void each_strip(int64_t items, int64_t most, Body&& body) {
    const int64_t strips = (items + most - 1) / most;
    for (int64_t s = 0; s < strips; ++s) {
      const Range range = part(s, strips, items);
      body(range.first, range.size());
    }
  }

  WinogradGeometry g;
  int vectors;
  int64_t strip, count, number;
  int64_t source_step, target_step, source_plane, target_plane;
};

}  // namespace hebb::simd
