/// What reference kernels are made of: a kernel from a lambda, types wide enough to compute in, and walks over arrays
/// with strides.
///
///     return plain_kernel([walk](const KernelArgs& args) { walk.rows([&](auto at, int64_t count, auto step) { ... });
///     });
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "hebb/plan/kernel.h"
#include "hebb/tensor/shape.h"

namespace hebb {

/// A kernel of one piece whose work is a callable `void(const KernelArgs&)`.
template <class Body>
class PlainKernel : public Kernel {
 public:
  struct Traits {
    int64_t scratch_bytes = 0;
    /// Which inputs the output may overwrite: bit i stands for input i.
    unsigned overwrites = 0;
  };

  PlainKernel(Body body, Traits traits) : body_(std::move(body)), traits_(traits) {}
  std::string_view implementation() const override { return "reference"; }
  void run(int, int64_t, const KernelArgs& args) const override { body_(args); }
  int64_t scratch_bytes() const override { return traits_.scratch_bytes; }
  bool may_overwrite(int in, int out) const override { return out == 0 && (traits_.overwrites >> in & 1) != 0; }

 private:
  Body body_;
  Traits traits_;
};

template <class Body>
std::unique_ptr<Kernel> plain_kernel(Body body, typename PlainKernel<Body>::Traits traits = {}) {
  return std::make_unique<PlainKernel<Body>>(std::move(body), traits);
}

/// A type in which one operation on T's neither overflows nor rounds twice to a different value: double for floats
/// (2 * 24 + 2 <= 53 bits, so that even a product rounded again to float32 is the correctly rounded one), and integers
/// of twice the width.
template <class T>
using Wide = std::conditional_t<std::is_floating_point_v<T>, double,
                                std::conditional_t<std::is_same_v<T, int64_t>, __int128, int64_t>>;

/// Back from the wide type: floats are rounded, integers wrap around, booleans say whether the value is not zero.
template <class T, class W>
T narrow(W value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value != 0;
  } else {
    return static_cast<T>(value);
  }
}

using Strides = std::array<int64_t, Shape::max_rank>;

inline Strides row_major(const Shape& shape) {
  Strides strides{};
  int64_t step = 1;
  for (int i = shape.rank(); i-- > 0;) {
    strides[static_cast<size_t>(i)] = step;
    step *= shape[i];
  }
  return strides;
}

/// The strides of an array of shape `from` that is seen as if it had the shape `to`: 0 along broadcast axes.
inline Strides broadcast_strides(const Shape& from, const Shape& to) {
  const Strides own = row_major(from);
  Strides strides{};
  const int more = to.rank() - from.rank();
  for (int i = 0; i < from.rank(); ++i) {
    strides[static_cast<size_t>(i + more)] = from[i] == 1 ? 0 : own[static_cast<size_t>(i)];
  }
  return strides;
}

/// Goes over all positions of a shape in row-major order, with an offset into each of N arrays that have strides of
/// their own.
template <size_t N>
class Walk {
 public:
  using Offsets = std::array<int64_t, N>;

  Walk(const Shape& shape, const std::array<Strides, N>& strides) {
    // Axes that run on without a gap in all arrays are joined, so that rows are long.
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == 1) continue;
      Offsets step;
      for (size_t k = 0; k < N; ++k) step[k] = strides[k][static_cast<size_t>(axis)];
      bool joins = rank_ > 0;
      for (size_t k = 0; joins && k < N; ++k) joins = steps_[rank_ - 1][k] == step[k] * shape[axis];
      if (joins) {
        dims_[rank_ - 1] *= shape[axis];
        steps_[rank_ - 1] = step;
      } else {
        dims_[rank_] = shape[axis];
        steps_[rank_++] = step;
      }
    }
    if (rank_ == 0) {
      dims_[0] = 1;
      steps_[0] = {};
      rank_ = 1;
    }
  }

  /// Calls `body(offsets of the row's first position, positions in the row, step from one position to the next)`.
  template <class Body>
  void rows(Body&& body) const {
    for (size_t axis = 0; axis < rank_; ++axis) {
      if (dims_[axis] == 0) return;
    }
    const size_t last = rank_ - 1;
    std::array<int64_t, Shape::max_rank> index{};
    Offsets at{};
    for (;;) {
      body(at, dims_[last], steps_[last]);
      size_t axis = last;
      for (;;) {
        if (axis-- == 0) return;
        for (size_t k = 0; k < N; ++k) at[k] += steps_[axis][k];
        if (++index[axis] < dims_[axis]) break;
        for (size_t k = 0; k < N; ++k) at[k] -= steps_[axis][k] * dims_[axis];
        index[axis] = 0;
      }
    }
  }

 private:
  size_t rank_ = 0;
  std::array<int64_t, Shape::max_rank> dims_{};
  std::array<Offsets, Shape::max_rank> steps_{};
};

/// An array seen along one axis: (outer, count, inner).
struct Axis {
  int64_t outer = 1, count = 1, inner = 1;
  Axis(const Shape& shape, int64_t axis) : count(shape[static_cast<int>(axis)]) {
    for (int i = 0; i < shape.rank(); ++i) {
      if (i < axis) outer *= shape[i];
      if (i > axis) inner *= shape[i];
    }
  }
};

}  // namespace hebb
