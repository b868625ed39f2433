/// The kernel behind every operation that moves elements without computing: the result in row-major order from an array
/// that is walked with any strides (0: broadcast, negative: backwards, permuted: transposed).
///
///     return std::make_unique<StridedCopy>(shape, strides, offset, element_bytes);
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "hebb/plan/kernel.h"

namespace hebb::simd {

/// Elements from one position to the next along each axis.
using Strides = std::array<int64_t, Shape::max_rank>;

Strides row_major_strides(const Shape& shape);

/// Transposes a band: `rows` x `columns` elements of 4 bytes, each row of the input contiguous, to out[column][row].
/// Strides are in elements.
using TransposeBand = void (*)(const void* in, int64_t in_stride, void* out, int64_t out_stride, int64_t rows,
                               int64_t columns);
/// For the best instruction set of the processor.
TransposeBand find_transpose_band();

class StridedCopy : public Kernel {
 public:
  /// `strides`: those of the input for each axis of the result; `offset`: of its first element.
  StridedCopy(const Shape& shape, const Strides& strides, int64_t offset, int64_t element_bytes);

  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return pieces_; }
  void run(int phase, int64_t piece, const KernelArgs& args) const override;
  bool may_overwrite(int, int) const override { return plain_; }

 private:
  enum class Way { contiguous, repeated, strided, transposed };

  void run_unit(int64_t unit, const std::byte* in, std::byte* out) const;

  int64_t bytes_;  ///< of an element
  int64_t offset_;
  Way way_ = Way::contiguous;
  bool plain_ = false;  ///< nothing moves: the same elements in the same order

  // The result is rows_ rows of row_ elements, each computed in parts; the outer axes walk over the rows. In the
  // transposed way one of the outer axes, along which the input is contiguous, is taken together with the row.
  std::array<int64_t, Shape::max_rank> outer_dims_{}, outer_steps_{}, outer_out_steps_{};
  int outer_rank_ = 0;
  int64_t rows_ = 1, row_ = 1, step_ = 1;
  int64_t across_ = 1, across_out_step_ = 0;  ///< transposed: the size of that axis and its stride in the result
  int64_t part_ = 0, parts_in_row_ = 1;       ///< of a row, or of the axis across
  int64_t units_ = 0, units_in_piece_ = 1, pieces_ = 0;
  TransposeBand transpose_ = nullptr;
};

}  // namespace hebb::simd
