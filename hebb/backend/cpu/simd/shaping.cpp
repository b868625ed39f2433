#include "hebb/ops/shaping.h"

#include <algorithm>
#include <cstring>

#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/backend/cpu/simd/strided_copy.h"

namespace hebb {

namespace {

using simd::row_major_strides;
using simd::StridedCopy;
using simd::Strides;

constexpr int64_t bytes_in_piece = 256 * 1024;

std::unique_ptr<Kernel> strided_copy(const Call& call, const Strides& strides, int64_t offset = 0) {
  return std::make_unique<StridedCopy>(call.out[0].shape, strides, offset, size_of(call.out[0].dtype));
}

/// Rows of the result one after the other, each made of a part of every input.
class Concatenate : public Kernel {
 public:
  Concatenate(const Call& call, int64_t axis) {
    const Shape& shape = call.out[0].shape;
    for (int i = 0; i < axis; ++i) rows_ *= shape[i];
    for (const Spec& input : call.in) {
      int64_t part = size_of(input.dtype);
      for (int i = static_cast<int>(axis); i < input.shape.rank(); ++i) part *= input.shape[i];
      parts_.push_back(part);
      row_ += part;
    }
    const int64_t total = rows_ * row_;
    // A few long rows are cut into parts, many short ones are taken together.
    rows_in_piece_ = std::max<int64_t>(1, bytes_in_piece / std::max<int64_t>(1, row_));
    cuts_ = rows_ == 1 ? std::max<int64_t>(1, row_ / bytes_in_piece) : 1;
    pieces_ = total == 0 ? 0 : (rows_ + rows_in_piece_ - 1) / rows_in_piece_ * cuts_;
  }

  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return pieces_; }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    auto* out = args.output<std::byte>();
    const int64_t cut = piece % cuts_;
    const int64_t begin = row_ * cut / cuts_, end = row_ * (cut + 1) / cuts_;  // bytes of a row
    const int64_t first = piece / cuts_ * rows_in_piece_, last = std::min(rows_, first + rows_in_piece_);
    for (int64_t row = first; row < last; ++row) {
      int64_t at = 0;
      for (size_t i = 0; i < parts_.size(); at += parts_[i++]) {
        const int64_t from = std::max(at, begin), to = std::min(at + parts_[i], end);
        if (from < to)
          std::memcpy(out + row * row_ + from, args.input<std::byte>(i) + row * parts_[i] + from - at,
                      static_cast<size_t>(to - from));
      }
    }
  }

 private:
  std::vector<int64_t> parts_;  ///< bytes of each input in a row
  int64_t rows_ = 1, row_ = 0;  ///< bytes in a row
  int64_t rows_in_piece_ = 1, cuts_ = 1, pieces_ = 0;
};

/// Row by row of the last axis that is padded; what lies behind that axis moves as one unit.
class PadRows : public Kernel {
 public:
  PadRows(const Call& call, const Pad& op) {
    const Shape &in = call.in[0].shape, &out = call.out[0].shape;
    int axis = in.rank() - 1;
    unit_ = size_of(call.in[0].dtype);
    const auto is_padded = [&](int i) {
      const auto at = static_cast<size_t>(i);
      return op.low()[at] != 0 || op.high()[at] != 0 || op.inner()[at] != 0;
    };
    while (axis > 0 && !is_padded(axis)) unit_ *= in[axis--];
    if (axis >= 0) {
      const auto at = static_cast<size_t>(axis);
      low_ = op.low()[at];
      step_ = op.inner()[at] + 1;
      count_ = in[axis];
      size_ = out[axis];
    }
    for (int i = 0; i < axis; ++i) {
      const auto at = static_cast<size_t>(i);
      outer_.push_back({in[i], out[i], op.low()[at], op.inner()[at] + 1});
      rows_ *= out[i];
    }
    const int64_t row_bytes = size_ * unit_;
    rows_in_piece_ = std::max<int64_t>(1, bytes_in_piece / std::max<int64_t>(1, row_bytes));
    pieces_ = rows_ * row_bytes == 0 ? 0 : (rows_ + rows_in_piece_ - 1) / rows_in_piece_;
  }

  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return pieces_; }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const auto* in = args.input<std::byte>(0);
    auto* out = args.output<std::byte>() + piece * rows_in_piece_ * size_ * unit_;
    const int64_t last = std::min(rows_, (piece + 1) * rows_in_piece_);
    for (int64_t row = piece * rows_in_piece_; row < last; ++row, out += size_ * unit_) {
      const int64_t source = source_row(row);
      if (source < 0 || count_ == 0) {
        std::memset(out, 0, static_cast<size_t>(size_ * unit_));
        continue;
      }
      const std::byte* from = in + source * count_ * unit_;
      const int64_t used = low_ + (count_ - 1) * step_ + 1;
      if (step_ == 1) {
        std::memset(out, 0, static_cast<size_t>(low_ * unit_));
        std::memcpy(out + low_ * unit_, from, static_cast<size_t>(count_ * unit_));
        std::memset(out + used * unit_, 0, static_cast<size_t>((size_ - used) * unit_));
      } else {
        std::memset(out, 0, static_cast<size_t>(size_ * unit_));
        for (int64_t i = 0; i < count_; ++i)
          std::memcpy(out + (low_ + i * step_) * unit_, from + i * unit_, static_cast<size_t>(unit_));
      }
    }
  }

 private:
  struct Outer {
    int64_t in, out, low, step;
  };

  /// The row of the input that goes into a row of the result; -1: a row of zeros.
  int64_t source_row(int64_t row) const {
    int64_t source = 0, scale = 1;
    for (size_t i = outer_.size(); i-- > 0;) {
      const Outer& axis = outer_[i];
      const int64_t index = row % axis.out - axis.low;
      row /= axis.out;
      if (index < 0 || index % axis.step != 0 || index / axis.step >= axis.in) return -1;
      source += index / axis.step * scale;
      scale *= axis.in;
    }
    return source;
  }

  std::vector<Outer> outer_;
  int64_t unit_ = 1;                                   ///< bytes
  int64_t low_ = 0, step_ = 1, count_ = 1, size_ = 1;  ///< of the row, in units
  int64_t rows_ = 1, rows_in_piece_ = 1, pieces_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_simd_copy(const Call& call, Refusal&) {
  const Shape flat{call.out[0].shape.elements()};
  return std::make_unique<StridedCopy>(flat, row_major_strides(flat), 0, size_of(call.out[0].dtype));
}

std::unique_ptr<Kernel> make_simd_broadcast_to(const Call& call, Refusal&) {
  const Shape &from = call.in[0].shape, &to = call.out[0].shape;
  const Strides own = row_major_strides(from);
  Strides strides{};
  const int more = to.rank() - from.rank();
  for (int i = 0; i < from.rank(); ++i)
    strides[static_cast<size_t>(i + more)] = from[i] == 1 ? 0 : own[static_cast<size_t>(i)];
  return strided_copy(call, strides);
}

std::unique_ptr<Kernel> make_simd_transpose(const Call& call, Refusal&) {
  const Shape& from = call.in[0].shape;
  const Strides own = row_major_strides(from);
  Strides strides{};
  const auto& axes = static_cast<const Transpose&>(call.op).axes();
  for (size_t i = 0; i < axes.size(); ++i)
    strides[i] = own[static_cast<size_t>(normalize_axis(axes[i], from.rank(), "transpose"))];
  return strided_copy(call, strides);
}

std::unique_ptr<Kernel> make_simd_slice(const Call& call, Refusal&) {
  const auto& op = static_cast<const Slice&>(call.op);
  Strides strides = row_major_strides(call.in[0].shape);
  int64_t offset = 0;
  for (size_t i = 0; i < op.begin().size(); ++i) {
    offset += op.begin()[i] * strides[i];
    strides[i] *= op.steps()[i];
  }
  return strided_copy(call, strides, offset);
}

std::unique_ptr<Kernel> make_simd_reverse(const Call& call, Refusal&) {
  const Shape& shape = call.in[0].shape;
  Strides strides = row_major_strides(shape);
  int64_t offset = 0;
  for (int64_t axis : static_cast<const Reverse&>(call.op).axes()) {
    const int at = normalize_axis(axis, shape.rank(), "reverse");
    int64_t& stride = strides[static_cast<size_t>(at)];
    if (stride < 0) continue;  // named twice
    offset += stride * (shape[at] - 1);
    stride = -stride;
  }
  return strided_copy(call, strides, offset);
}

std::unique_ptr<Kernel> make_simd_concatenate(const Call& call, Refusal&) {
  const int64_t axis = static_cast<const ConcatenateOp&>(call.op).axis();
  return std::make_unique<Concatenate>(call, normalize_axis(axis, call.out[0].shape.rank(), "concatenate"));
}

std::unique_ptr<Kernel> make_simd_pad(const Call& call, Refusal&) {
  return std::make_unique<PadRows>(call, static_cast<const Pad&>(call.op));
}

}  // namespace hebb
