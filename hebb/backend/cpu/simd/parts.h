/// Cutting a number of things into parts of nearly equal size.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hebb::simd {

struct Range {
  int64_t first, last;
  int64_t size() const { return last - first; }
};

/// Part number `index` of `parts`.
inline Range part(int64_t index, int64_t parts, int64_t size) {
  return {index * size / parts, (index + 1) * size / parts};
}

constexpr int64_t divide_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit; }
constexpr int64_t rounded_up(int64_t value, int64_t unit) { return divide_up(value, unit) * unit; }

/// Rows of one length, cut into pieces of some ten microseconds: how many there are follows from the sizes alone.
struct RowPieces {
  RowPieces(int64_t elements, int64_t row_length)
      : length(row_length), rows(row_length == 0 ? 0 : elements / row_length) {
    constexpr int64_t elements_in_piece = 32768, most = 64;
    const int64_t wanted = std::clamp<int64_t>(elements / elements_in_piece, 1, most);
    rows_in_piece = std::max<int64_t>(1, divide_up(rows, wanted));
    pieces = divide_up(rows, rows_in_piece);
  }
  int64_t first_row(int64_t piece) const { return piece * rows_in_piece; }
  int64_t first_element(int64_t piece) const { return first_row(piece) * length; }
  int64_t rows_of(int64_t piece) const { return std::min(rows_in_piece, rows - first_row(piece)); }

  int64_t length, rows, rows_in_piece, pieces;
};

}  // namespace hebb::simd
