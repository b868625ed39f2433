// Operations with indices. Nothing here computes with vectors but the sums, which take the block function of "add";
// what they gain over the reference is that memory moves in large pieces, on all threads.
#include "hebb/ops/indexing.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "hebb/backend/cpu/simd/block.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

using simd::divide_up;

constexpr int64_t bytes_in_piece = 256 * 1024;

/// Rows for a piece when a row of the result has this many bytes.
int64_t rows_in_piece(int64_t row_bytes) {
  return std::max<int64_t>(1, bytes_in_piece / std::max<int64_t>(1, row_bytes));
}

/// Calls `body` with the indices as an array of their type.
template <class Body>
void with_indices(DType dtype, const void* indices, Body&& body) {
  with_type(dtype, [&](auto zero) {
    using Index = decltype(zero);
    if constexpr (std::is_integral_v<Index> && !std::is_same_v<Index, bool>) body(static_cast<const Index*>(indices));
  });
}

bool is_inside(int64_t index, int64_t rows) { return index >= 0 && index < rows; }

/// Copies rows of one size; a row of one number is a load and a store, not a call.
template <size_t width>
void copy_row(std::byte* to, const std::byte* from, size_t bytes) {
  std::memcpy(to, from, width == 0 ? bytes : width);
}
template <size_t width>
void clear_row(std::byte* to, size_t bytes) {
  std::memset(to, 0, width == 0 ? bytes : width);
}

class GatherRows : public Kernel {
 public:
  explicit GatherRows(const Call& call)
      : indices_(call.in[1].dtype), rows_(call.in[0].shape.front()), count_(call.in[1].shape.elements()) {
    const Shape& table = call.in[0].shape;
    bytes_ = table.sub(1, table.rank()).elements() * size_of(call.in[0].dtype);
    rows_in_piece_ = rows_in_piece(bytes_);
  }

  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return bytes_ == 0 ? 0 : divide_up(count_, rows_in_piece_); }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    switch (bytes_) {
      case 1: return copy<1>(piece, args);
      case 4: return copy<4>(piece, args);
      case 8: return copy<8>(piece, args);
      case 12: return copy<12>(piece, args);  // a pixel's colors
      default: return copy<0>(piece, args);
    }
  }

 private:
  template <size_t width>
  void copy(int64_t piece, const KernelArgs& args) const {
    const int64_t first = piece * rows_in_piece_, last = std::min(count_, first + rows_in_piece_);
    const auto* table = args.input<std::byte>(0);
    const auto bytes = static_cast<size_t>(bytes_);
    std::byte* out = args.output<std::byte>() + first * bytes_;
    with_indices(indices_, args.in[1], [&](const auto* indices) {
      for (int64_t i = first; i < last; ++i, out += bytes_) {
        const auto index = static_cast<int64_t>(indices[i]);
        if (is_inside(index, rows_)) {
          copy_row<width>(out, table + index * bytes_, bytes);
        } else {
          clear_row<width>(out, bytes);
        }
      }
    });
  }

  DType indices_;
  int64_t rows_, count_;
  int64_t bytes_ = 0, rows_in_piece_ = 1;  ///< of a row
};

class OneHotRows : public Kernel {
 public:
  explicit OneHotRows(const Call& call)
      : indices_(call.in[0].dtype),
        values_(call.out[0].dtype),
        depth_(call.out[0].shape.back()),
        count_(call.in[0].shape.elements()),
        rows_in_piece_(rows_in_piece(depth_ * size_of(values_))) {}

  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return depth_ == 0 ? 0 : divide_up(count_, rows_in_piece_); }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t first = piece * rows_in_piece_, last = std::min(count_, first + rows_in_piece_);
    with_type(values_, [&](auto zero) {
      using T = decltype(zero);
      T* out = args.output<T>() + first * depth_;
      std::fill_n(out, (last - first) * depth_, T(0));
      with_indices(indices_, args.in[0], [&](const auto* indices) {
        for (int64_t i = first; i < last; ++i, out += depth_) {
          const auto index = static_cast<int64_t>(indices[i]);
          if (is_inside(index, depth_)) out[index] = T(1);
        }
      });
    });
  }

 private:
  DType indices_, values_;
  int64_t depth_, count_, rows_in_piece_;
};

/// Integers wrap around; a sum of booleans is true where one of them is.
template <class T>
T plus(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a + b;
  } else if constexpr (std::is_same_v<T, bool>) {
    return a || b;
  } else {
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  }
}

/// A piece owns blocks of rows of the result, or strips of them, and goes over all indices for what falls into them: so
/// every sum is made by one thread, in the order of the positions. Blocks are dealt out in turn, since the rows that
/// are asked for most often are mostly neighbours (the common words of a vocabulary).
class ScatterRows : public Kernel {
 public:
  ScatterRows(const Call& call, simd::BlockFunction add)
      : add_(add),
        indices_(call.in[0].dtype),
        values_(call.in[1].dtype),
        rows_(call.out[0].shape.front()),
        count_(call.in[0].shape.elements()) {
    const Shape& sums = call.out[0].shape;
    width_ = sums.sub(1, sums.rank()).elements();
    bytes_ = size_of(values_);
    const int64_t row_bytes = width_ * bytes_;
    if (rows_ * row_bytes == 0) return;
    strip_ = width_;
    // Looking at an index costs about as much as adding four numbers, and each piece looks at all of them.
    const int64_t work = (rows_ + count_) * row_bytes / bytes_in_piece;
    const int64_t most = std::min({work, most_pieces, width_ / 4});
    if (most > 1) {
      while (2 * owners_ <= std::min(most, rows_)) owners_ *= 2;
      const int64_t strips = std::clamp<int64_t>(most / owners_, 1, divide_up(width_, shortest_strip));
      strip_ = divide_up(divide_up(width_, strips), shortest_strip) * shortest_strip;
    }
    strips_ = divide_up(width_, strip_);
    const int64_t fair = std::max<int64_t>(1, rows_ / owners_);
    while (block_shift_ < 5 && (int64_t{2} << block_shift_) <= fair) ++block_shift_;
  }

  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return width_ == 0 || rows_ == 0 ? 0 : owners_ * strips_; }
  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t owner = piece / strips_, column = piece % strips_ * strip_;
    const int64_t width = std::min(strip_, width_ - column);
    clear(owner, column, width, args.output<std::byte>());
    with_type(values_, [&](auto zero) {
      with_indices(indices_, args.in[0],
                   [&](const auto* indices) { add<decltype(zero)>(owner, column, width, indices, args); });
    });
  }

 private:
  bool owns(int64_t owner, int64_t row) const { return ((row >> block_shift_) & (owners_ - 1)) == owner; }

  void clear(int64_t owner, int64_t column, int64_t width, std::byte* out) const {
    const int64_t block = int64_t{1} << block_shift_;
    for (int64_t first = owner * block; first < rows_; first += owners_ * block) {
      const int64_t last = std::min(rows_, first + block);
      if (width == width_) {
        std::memset(out + first * width_ * bytes_, 0, static_cast<size_t>((last - first) * width_ * bytes_));
        continue;
      }
      for (int64_t row = first; row < last; ++row)
        std::memset(out + (row * width_ + column) * bytes_, 0, static_cast<size_t>(width * bytes_));
    }
  }

  template <class T, class Index>
  void add(int64_t owner, int64_t column, int64_t width, const Index* indices, const KernelArgs& args) const {
    T* out = args.output<T>() + column;
    const T* values = args.input<T>(1) + column;
    for (int64_t i = 0; i < count_; ++i) {
      const auto index = static_cast<int64_t>(indices[i]);
      if (!is_inside(index, rows_) || !owns(owner, index)) continue;
      T* to = out + index * width_;
      if (width < shortest_call) {
        for (int64_t k = 0; k < width; ++k) to[k] = plus(to[k], values[i * width_ + k]);
        continue;
      }
      const simd::BlockOperand operands[] = {{to, simd::each_element}, {values + i * width_, simd::each_element}};
      add_(operands, to, static_cast<size_t>(width));
    }
  }

  static constexpr int64_t most_pieces = 64, shortest_strip = 64;
  static constexpr int64_t shortest_call = 16;  ///< numbers for which the block function is worth calling

  simd::BlockFunction add_;
  DType indices_, values_;
  int64_t rows_, count_;
  int64_t width_ = 0, bytes_ = 0;    ///< numbers in a row; bytes of a number
  int64_t owners_ = 1, strips_ = 1;  ///< a power of two
  int64_t strip_ = 0;                ///< numbers
  int block_shift_ = 0;              ///< a block has 2^block_shift_ rows
};

}  // namespace

std::unique_ptr<Kernel> make_simd_gather(const Call& call, Refusal&) { return std::make_unique<GatherRows>(call); }

std::unique_ptr<Kernel> make_simd_one_hot(const Call& call, Refusal&) { return std::make_unique<OneHotRows>(call); }

std::unique_ptr<Kernel> make_simd_scatter_add(const Call& call, Refusal& why) {
  const simd::BlockFunction add = simd::find_block_function("add", call.in[1].dtype);
  if (!add) return why(message("no sum of ", call.in[1].dtype));
  return std::make_unique<ScatterRows>(call, add);
}

}  // namespace hebb
