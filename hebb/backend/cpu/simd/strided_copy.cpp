#include "hebb/backend/cpu/simd/strided_copy.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace hebb::simd {

namespace {

constexpr int64_t bytes_in_piece = 256 * 1024;
constexpr int64_t bytes_in_part = 64 * 1024;
/// Columns of a transposed band: a few cache lines of the input, whose rows stay in the first-level cache meanwhile.
constexpr int64_t band = 32;

/// Calls `body` with an unsigned number of the element's size: elements are moved, never looked at.
template <class Body>
void with_element(int64_t bytes, Body body) {
  if (bytes == 4) return body(uint32_t{});
  if (bytes == 8) return body(uint64_t{});
  body(uint8_t{});
}

}  // namespace

Strides row_major_strides(const Shape& shape) {
  Strides strides{};
  int64_t step = 1;
  for (int axis = shape.rank(); axis-- > 0;) {
    strides[static_cast<size_t>(axis)] = step;
    step *= shape[axis];
  }
  return strides;
}

StridedCopy::StridedCopy(const Shape& shape, const Strides& strides, int64_t offset, int64_t element_bytes)
    : bytes_(element_bytes), offset_(offset) {
  const int64_t elements = shape.elements();
  if (elements == 0) return;

  // Axes in reverse order, those joined along which both arrays run on.
  struct Axis {
    int64_t dim, step, out_step;
  };
  std::vector<Axis> axes;
  int64_t out_step = 1;
  for (int axis = shape.rank(); axis-- > 0;) {
    const int64_t dim = shape[axis], step = strides[static_cast<size_t>(axis)];
    if (dim == 1) continue;
    if (!axes.empty() && step == axes.back().step * axes.back().dim) {
      axes.back().dim *= dim;
    } else {
      axes.push_back({dim, step, out_step});
    }
    out_step *= dim;
  }
  if (axes.empty()) axes.push_back({1, 1, 1});
  plain_ = axes.size() == 1 && axes[0].step == 1 && offset == 0;

  row_ = axes[0].dim;
  step_ = axes[0].step;
  way_ = step_ == 1 ? Way::contiguous : step_ == 0 ? Way::repeated : Way::strided;
  size_t across = 0;
  for (size_t i = 1; i < axes.size() && way_ == Way::strided; ++i) {
    if (axes[i].step == 1) across = i;
  }
  if (across > 0) {
    way_ = Way::transposed;
    across_ = axes[across].dim;
    across_out_step_ = axes[across].out_step;
    if (bytes_ == 4) transpose_ = find_transpose_band();
  }
  for (size_t i = axes.size(); i-- > 1;) {
    if (i == across) continue;
    const auto at = static_cast<size_t>(outer_rank_++);
    outer_dims_[at] = axes[i].dim;
    outer_steps_[at] = axes[i].step;
    outer_out_steps_[at] = axes[i].out_step;
    rows_ *= axes[i].dim;
  }

  const int64_t along = way_ == Way::transposed ? across_ : row_;
  part_ = way_ == Way::transposed ? band : std::max<int64_t>(1, bytes_in_part / bytes_);
  parts_in_row_ = (along + part_ - 1) / part_;
  units_ = rows_ * parts_in_row_;
  const int64_t unit_bytes = std::max<int64_t>(1, elements / units_) * bytes_;
  units_in_piece_ = std::max<int64_t>(1, bytes_in_piece / unit_bytes);
  pieces_ = (units_ + units_in_piece_ - 1) / units_in_piece_;
}

void StridedCopy::run(int, int64_t piece, const KernelArgs& args) const {
  const auto* in = args.input<std::byte>(0) + offset_ * bytes_;
  auto* out = args.output<std::byte>();
  if (plain_ && in == out) return;
  const int64_t last = std::min(units_, (piece + 1) * units_in_piece_);
  for (int64_t unit = piece * units_in_piece_; unit < last; ++unit) run_unit(unit, in, out);
}

void StridedCopy::run_unit(int64_t unit, const std::byte* in, std::byte* out) const {
  int64_t row = unit / parts_in_row_;
  const int64_t begin = unit % parts_in_row_ * part_;
  for (int axis = outer_rank_; axis-- > 0;) {
    const auto at = static_cast<size_t>(axis);
    const int64_t index = row % outer_dims_[at];
    row /= outer_dims_[at];
    in += index * outer_steps_[at] * bytes_;
    out += index * outer_out_steps_[at] * bytes_;
  }
  if (way_ == Way::transposed) {
    const int64_t columns = std::min(part_, across_ - begin);
    in += begin * bytes_;
    out += begin * across_out_step_ * bytes_;
    if (transpose_) return transpose_(in, step_, out, across_out_step_, row_, columns);
    with_element(bytes_, [&]<class T>(T) {
      const auto* from = reinterpret_cast<const T*>(in);
      auto* to = reinterpret_cast<T*>(out);
      for (int64_t i = 0; i < row_; ++i) {
        for (int64_t j = 0; j < columns; ++j) to[j * across_out_step_ + i] = from[i * step_ + j];
      }
    });
    return;
  }
  const int64_t count = std::min(part_, row_ - begin);
  in += begin * step_ * bytes_;
  out += begin * bytes_;
  if (way_ == Way::contiguous) {
    std::memcpy(out, in, static_cast<size_t>(count * bytes_));
    return;
  }
  with_element(bytes_, [&]<class T>(T) {
    const auto* from = reinterpret_cast<const T*>(in);
    auto* to = reinterpret_cast<T*>(out);
    if (way_ == Way::repeated) {
      std::fill_n(to, count, *from);
    } else {
      for (int64_t i = 0; i < count; ++i) to[i] = from[i * step_];
    }
  });
}

}  // namespace hebb::simd
