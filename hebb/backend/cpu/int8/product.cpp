// quantized_matmul and quantized_conv: weights are packed in a phase of their own, which a plan runs once; a
// convolution is a product with the patches under its windows, gathered some rows at a time in memory of the piece.
#include <algorithm>
#include <cstring>

#include "hebb/backend/cpu/int8/int8.h"
#include "hebb/backend/cpu/int8/tile.h"
#include "hebb/base/piece_memory.h"
#include "hebb/ops/quantized.h"

namespace hebb {

namespace {

using int8::Tile;

/// Gathers the bytes under a convolution's windows, one row a position.
class Patches {
 public:
  Patches(const ConvOptions& options, const Shape& x, const Shape& kernel, const Shape& out, int64_t zero_point)
      : height_(x[1]),
        width_(x[2]),
        channels_(x[3]),
        taps_high_(kernel[0]),
        taps_wide_(kernel[1]),
        out_width_(out[2]),
        positions_(out[1] * out[2]),
        stride_{options.strides[0], options.strides[1]},
        low_{options.low[0], options.low[1]},
        dilation_{options.dilations[0], options.dilations[1]},
        zero_point_(static_cast<int>(zero_point)) {}

  /// Whether the image's own rows are the patches.
  bool are_the_image() const {
    return taps_high_ * taps_wide_ == 1 && stride_[0] == 1 && stride_[1] == 1 && low_[0] == 0 && low_[1] == 0 &&
           positions_ == height_ * width_;
  }

  /// Positions [first, first + count), counted through all images.
  void gather(const uint8_t* x, int64_t first, int64_t count, uint8_t* to) const {
    for (int64_t p = first; p < first + count; ++p) {
      const uint8_t* image = x + p / positions_ * height_ * width_ * channels_;
      const int64_t position = p % positions_;
      const int64_t top = position / out_width_ * stride_[0] - low_[0],
                    left = position % out_width_ * stride_[1] - low_[1];
      for (int64_t i = 0; i < taps_high_; ++i) {
        const int64_t row = top + i * dilation_[0];
        gather_row(row >= 0 && row < height_ ? image + row * width_ * channels_ : nullptr, left, to);
        to += taps_wide_ * channels_;
      }
    }
  }

 private:
  /// `row`: of the image, or null outside of it.
  void gather_row(const uint8_t* row, int64_t left, uint8_t* to) const {
    const auto bytes = static_cast<size_t>(channels_);
    if (row && dilation_[1] == 1 && left >= 0 && left + taps_wide_ <= width_) {
      std::memcpy(to, row + left * channels_, static_cast<size_t>(taps_wide_) * bytes);
      return;
    }
    for (int64_t j = 0; j < taps_wide_; ++j, to += channels_) {
      const int64_t column = left + j * dilation_[1];
      if (row && column >= 0 && column < width_) {
        std::memcpy(to, row + column * channels_, bytes);
      } else {
        std::memset(to, zero_point_, bytes);
      }
    }
  }

  int64_t height_, width_, channels_, taps_high_, taps_wide_, out_width_, positions_;
  int64_t stride_[2], low_[2], dilation_[2];
  int zero_point_;
};

class Int8Product : public Kernel {
 public:
  Int8Product(std::string_view name, const int8::Functions& functions, const Call& call)
      : name_(name), functions_(functions), lasts_(call.lasts(1)) {
    const auto& op = static_cast<const QuantizedProduct&>(call.op);
    options_ = op.options();
    bias_input_ = op.bias_input();
    const Shape &kernel = call.in[1].shape, &out = call.out[0].shape;
    columns_ = kernel.back();
    terms_ = kernel.without(kernel.rank() - 1).elements();
    rows_ = out.without(out.rank() - 1).elements();
    if (options_.output)
      to_bytes_ = {static_cast<float>(options_.output->scale), static_cast<int32_t>(options_.output->zero_point)};
    if (const auto* conv = dynamic_cast<const Conv*>(&op.product())) {
      patches_.emplace(conv->options(), call.in[0].shape, kernel, out, options_.zero_point);
      if (patches_->are_the_image()) patches_.reset();
    }
    cut();
  }

  std::string_view implementation() const override { return name_; }
  int phases() const override { return 2; }
  int lasting_phases() const override { return lasts_ ? 1 : 0; }
  int64_t pieces(int phase) const override { return phase == 0 ? int8::blocks(columns_) : row_parts_ * column_parts_; }
  int64_t scratch_bytes() const override {
    return int8::blocks(columns_) * (block_bytes() + int8::block_columns * static_cast<int64_t>(sizeof(int32_t)));
  }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    if (phase == 0) return pack(piece, args);
    const int64_t row_part = piece / column_parts_, column_part = piece % column_parts_;
    const int64_t row = rows_ * row_part / row_parts_, end_row = rows_ * (row_part + 1) / row_parts_;
    const int64_t units = int8::blocks(columns_);
    const int64_t column = units * column_part / column_parts_ * int8::block_columns,
                  end_column = std::min(columns_, units * (column_part + 1) / column_parts_ * int8::block_columns);
    if (!patches_) return multiply(args.input<uint8_t>(0) + row * terms_, row, end_row, column, end_column, args);
    const PieceMemory memory(patch_rows_ * terms_);
    auto* patches = reinterpret_cast<uint8_t*>(memory.data());
    for (int64_t first = row; first < end_row; first += patch_rows_) {
      const int64_t count = std::min(patch_rows_, end_row - first);
      patches_->gather(args.input<uint8_t>(0), first, count, patches);
      multiply(patches, first, first + count, column, end_column, args);
    }
  }

 private:
  int64_t block_bytes() const { return int8::fours(terms_) * int8::block_bytes; }
  const int8_t* packed(const KernelArgs& args) const { return reinterpret_cast<const int8_t*>(args.scratch); }
  std::byte* offsets(const KernelArgs& args) const { return args.scratch + int8::blocks(columns_) * block_bytes(); }

  /// Work is cut by shapes alone: enough pieces for many threads, none so small that starting it costs more.
  void cut() {
    constexpr int64_t least_work = 1 << 17, most_pieces = 64, rows_of_patches = 48;
    const int64_t work = rows_ * columns_ * terms_;
    const int64_t wanted = std::clamp<int64_t>(work / least_work, 1, most_pieces);
    // Rows first: a piece of columns would gather the patches again.
    row_parts_ = std::clamp<int64_t>(rows_ / (patches_ ? 16 : 24), 1, wanted);
    if (!patches_)
      column_parts_ = std::clamp<int64_t>(wanted / row_parts_, 1, std::max<int64_t>(1, int8::blocks(columns_) / 4));
    if (rows_ * columns_ == 0) row_parts_ = 0;
    if (!patches_) return;
    patch_rows_ = rows_of_patches;
    reserve_piece_memory(patch_rows_ * terms_);
  }

  /// One block of columns, and what their sums have too much since bytes stand for x + zero point.
  void pack(int64_t block, const KernelArgs& args) const {
    const auto* kernel = args.input<int8_t>(1);
    auto* to = reinterpret_cast<int8_t*>(args.scratch) + block * block_bytes();
    int32_t sums[int8::block_columns] = {};
    const int64_t first = block * int8::block_columns, count = std::min(int8::block_columns, columns_ - first);
    std::memset(to, 0, static_cast<size_t>(block_bytes()));
    for (int64_t k = 0; k < terms_; ++k) {
      const int8_t* row = kernel + k * columns_ + first;
      int8_t* four = to + k / int8::terms_in_vector * int8::block_bytes + k % int8::terms_in_vector;
      for (int64_t j = 0; j < count; ++j) {
        four[j * int8::terms_in_vector] = row[j];
        sums[j] += row[j];
      }
    }
    for (int32_t& sum : sums) sum *= static_cast<int32_t>(options_.zero_point);
    std::memcpy(offsets(args) + block * static_cast<int64_t>(sizeof sums), sums, sizeof sums);
  }

  void multiply(const uint8_t* x, int64_t row, int64_t end_row, int64_t column, int64_t end_column,
                const KernelArgs& args) const {
    Tile tile{};
    tile.x = x;
    tile.x_step = terms_;
    tile.weights = packed(args) + column / int8::block_columns * block_bytes();
    tile.rows = end_row - row;
    tile.columns = end_column - column;
    tile.terms = terms_;
    tile.offsets = reinterpret_cast<const int32_t*>(offsets(args)) + column;
    tile.scale = args.input<float>(2) + column;
    tile.row_scale = options_.has_row_scale ? args.input<float>(3) + row : nullptr;
    tile.bias = options_.has_bias ? args.input<float>(bias_input_) + column : nullptr;
    tile.relu = options_.relu;
    tile.to_bytes = options_.output ? &to_bytes_ : nullptr;
    const int64_t at = row * columns_ + column;
    tile.out = options_.output ? static_cast<void*>(args.output<uint8_t>() + at) : args.output<float>() + at;
    tile.out_step = columns_;
    functions_.multiply(tile);
  }

  std::string_view name_;
  const int8::Functions& functions_;
  bool lasts_;
  QuantizedProduct::Options options_;
  size_t bias_input_;
  int64_t rows_, columns_, terms_;
  int8::ToBytes to_bytes_{};
  std::optional<Patches> patches_;
  int64_t row_parts_ = 1, column_parts_ = 1, patch_rows_ = 0;
};

std::unique_ptr<Kernel> make(std::string_view name, const int8::Functions* functions, const char* missing,
                             const Call& call, Refusal& why) {
  if (!functions) return why(missing);
  if (call.op.name() == "quantized_conv" && call.in[0].shape.rank() != 4) return why("two spatial axes only");
  return std::make_unique<Int8Product>(name, *functions, call);
}

}  // namespace

std::unique_ptr<Kernel> make_vnni_product(const Call& call, Refusal& why) {
  return make("vnni", int8::find_vnni(), "the processor has no AVX-512 VNNI", call, why);
}

std::unique_ptr<Kernel> make_avx2_product(const Call& call, Refusal& why) {
  return make("avx2", int8::find_avx2(), "the processor has no AVX2", call, why);
}

}  // namespace hebb
