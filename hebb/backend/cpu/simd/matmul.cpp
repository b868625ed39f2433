#include "hebb/ops/matmul.h"

#include <algorithm>

#include "hebb/backend/cpu/simd/gemm.h"
#include "hebb/backend/cpu/simd/matmul_finish.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

using simd::divide_up;
using simd::Finish;
using simd::GemmBlock;
using simd::GemmFunctions;
using simd::rounded_up;

/// Products of matrices, in pieces that are blocks of the result.
///
/// Vectors run along the columns of the result. Where the transposed problem, with vectors along the rows, takes less
/// time (few columns, or a transposed B that would have to be packed anew), it is computed instead and turned round
/// block by block.
template <class T>
class SimdMatmul : public Kernel {
 public:
  SimdMatmul(const Call& call, const MatmulOptions& options, const Finish& finish)
      : finish_(finish), functions_(simd::find_gemm_functions<T>()) {
    const Shape &a = call.in[0].shape, &out = call.out[0].shape;
    m_ = out[-2];
    n_ = out[-1];
    k_ = a[options.transpose_a ? -2 : -1];
    for (int i = 0; i < out.rank() - 2; ++i) batch_ *= out[i];
    choose_way(options);
    cut();
  }

  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return pieces_; }

  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t part = piece % (row_parts_ * column_parts_);
    const int64_t first = piece / (row_parts_ * column_parts_) * batch_in_piece_,
                  last = std::min(batch_, first + batch_in_piece_);
    // Parts of the problem that is computed, which may be the transposed one.
    const int64_t width = unit_ * functions_.lanes, units = divide_up(columns_ - tail_columns_, width);
    const int64_t row_part = part / column_parts_, column_part = part % column_parts_;
    const int64_t row = rows_ * row_part / row_parts_, end_row = rows_ * (row_part + 1) / row_parts_;
    const int64_t column = units * column_part / column_parts_ * width;
    const int64_t end_column =
        column_part == column_parts_ - 1 ? columns_ : units * (column_part + 1) / column_parts_ * width;
    for (int64_t item = first; item < last; ++item) {
      const T *a = args.input<T>(0) + item * m_ * k_, *b = args.input<T>(1) + item * k_ * n_;
      const T* bias = finish_.has_bias ? args.input<T>(2) : nullptr;
      T* c = args.output<T>() + item * m_ * n_;
      if (flipped_) {
        run_flipped(a, b, bias, c, row, end_row, column, end_column);
      } else {
        run_straight(a, b, bias, c, row, end_row, column, end_column);
      }
    }
  }

 private:
  static constexpr int64_t most_tail_columns = 4;
  /// Of a column of B that is copied to the stack.
  static constexpr int64_t most_tail_depth = 4096;
  /// Elements of the block that is turned round, on the stack.
  static constexpr int64_t turned_elements = 65536 / static_cast<int64_t>(sizeof(T));

  void choose_way(const MatmulOptions& options) {
    const bool ta = options.transpose_a, tb = options.transpose_b;
    // Cycles, roughly: two vectors are multiplied in one, and two or three elements turned round.
    const double lanes = static_cast<double>(functions_.lanes), m = static_cast<double>(m_),
                 n = static_cast<double>(n_), k = static_cast<double>(k_);
    // The last few columns behind full vectors are computed as products with vectors, for next to nothing.
    if (n_ > functions_.lanes && n_ % functions_.lanes <= most_tail_columns && (ta || tb || k_ <= most_tail_depth))
      tail_columns_ = n_ % functions_.lanes;
    const double vector_columns = static_cast<double>(divide_up(n_ - tail_columns_, functions_.lanes)),
                 vector_rows = static_cast<double>(divide_up(m_, functions_.lanes));
    constexpr double turning = 0.4;
    const double straight = vector_columns * m * k / 2 + (tb ? turning * n * k : 0);
    const double flipped = vector_rows * n * k / 2 + (ta ? 0 : turning * m * k) + (n_ == 1 ? 0 : turning * m * n);
    // Turned round is every block of the result; a part of A would be packed again for each.
    flipped_ = lanes > 1 && flipped < straight && (ta || m_ <= 128);
    dots_ = (n_ == 1 && !ta) || (m_ == 1 && tb);
    if (dots_) flipped_ = m_ == 1 && n_ != 1;
    if (dots_ || flipped_) tail_columns_ = 0;

    rows_ = flipped_ ? n_ : m_;
    columns_ = flipped_ ? m_ : n_;
    if (flipped_) {
      block_.a_row = tb ? k_ : 1;
      block_.a_column = tb ? 1 : n_;
      block_.b_step = ta ? m_ : k_;
      block_.b_transposed = !ta;
    } else {
      block_.a_row = ta ? 1 : k_;
      block_.a_column = ta ? m_ : 1;
      block_.b_step = tb ? k_ : n_;
      block_.b_transposed = tb;
    }
    block_.depth = k_;
    block_.relu = finish_.relu;
  }

  /// Cycles of a piece for each element of the depth, roughly.
  double piece_cost(int64_t rows, int64_t vectors) const {
    // Two vectors are multiplied in a cycle, but for tiles too narrow to keep the multipliers busy. What is read of B
    // comes from a far cache once for a piece, what is read of A from a near one.
    const int64_t tiles = vectors / functions_.tile_vectors, rest = vectors % functions_.tile_vectors;
    // A that lies column by column is packed for each piece if it is deep.
    const double reading = block_.a_row == 1 && k_ >= 128 ? 1 : 0.1;
    const double row = static_cast<double>(tiles * functions_.tile_vectors) / 2 +
                       (rest > 1 ? static_cast<double>(rest) / 2 + 0.03 : 0.62 * static_cast<double>(rest)) + reading;
    return static_cast<double>(rows) * row + 4 * static_cast<double>(vectors);
  }

  /// Cuts into pieces of at least some eight microseconds, with little more work together than a single one has and
  /// none much larger than the others.
  void cut() {
    constexpr double least_flops = 1.5e6;
    constexpr int64_t most_pieces = 32;
    const double item_flops = 2.0 * static_cast<double>(m_ * n_) * static_cast<double>(k_);
    // With few rows the time goes into reading B: from the caches of two cores in half of the time.
    constexpr double least_bytes = 340 * 1024;
    const double item_bytes = static_cast<double>(n_ * k_) * sizeof(T);
    const auto wanted = std::clamp<int64_t>(
        static_cast<int64_t>(std::max(item_flops / least_flops, item_bytes / least_bytes)), 1, most_pieces);
    const int64_t vectors = std::max<int64_t>(1, divide_up(columns_ - tail_columns_, functions_.lanes));
    double best = -1;
    for (const int64_t unit : {functions_.tile_vectors, int64_t{1}}) {
      const int64_t units = divide_up(vectors, unit);
      for (int64_t parts = 1; parts <= std::min(wanted, units); ++parts) {
        const int64_t most_row_parts = std::clamp<int64_t>(wanted / parts, 1, std::max<int64_t>(1, rows_ / 16));
        for (int64_t row_parts = 1; row_parts <= most_row_parts; ++row_parts) {
          const int64_t rows = divide_up(rows_, row_parts);
          const double largest = piece_cost(rows, divide_up(units, parts) * unit);
          const double all = static_cast<double>(row_parts * parts) * piece_cost(rows, divide_up(vectors, parts));
          if (best < 0 || all + largest < best) {
            best = all + largest;
            unit_ = unit;
            column_parts_ = parts;
            row_parts_ = row_parts;
          }
        }
      }
    }
    if (wanted == 1) {
      batch_in_piece_ = std::clamp<int64_t>(static_cast<int64_t>(least_flops / std::max(1.0, item_flops)), 1,
                                            std::max<int64_t>(1, batch_));
    }
    pieces_ = m_ * n_ == 0 ? 0 : divide_up(batch_, batch_in_piece_) * row_parts_ * column_parts_;
  }

  void run_straight(const T* a, const T* b, const T* bias, T* c, int64_t row, int64_t end_row, int64_t column,
                    int64_t end_column) const {
    const int64_t tail = end_column == columns_ ? tail_columns_ : 0;
    GemmBlock<T> block = block_;
    block.a = a + row * block.a_row;
    block.b = b + column * (block.b_transposed ? block.b_step : 1);
    block.c = c + row * n_ + column;
    block.c_step = n_;
    block.rows = end_row - row;
    block.columns = end_column - tail - column;
    if (bias) block.column_bias = bias + column;
    (dots_ ? functions_.dot_rows : functions_.block)(block);
    if (tail > 0 && block.a_column == 1) {
      for (int64_t j = end_column - tail; j < end_column; ++j) run_tail_dots(block, b, bias, c + row * n_ + j, j);
    } else if (tail > 0) {
      run_tail_flipped(block, b, bias, c + row * n_ + end_column - tail, end_column - tail, tail);
    }
    activate(c + row * n_ + column, end_row - row, end_column - column);
  }

  /// One column of the result: products of A's rows with a column of B.
  void run_tail_dots(const GemmBlock<T>& whole, const T* b, const T* bias, T* c, int64_t column) const {
    alignas(64) T copied[most_tail_depth];
    GemmBlock<T> block = whole;
    if (block.b_transposed) {
      block.b = b + column * block.b_step;
    } else {
      for (int64_t p = 0; p < k_; ++p) copied[p] = b[p * block.b_step + column];
      block.b = copied;
    }
    block.c = c;
    if (bias) block.column_bias = bias + column;
    functions_.dot_rows(block);
  }

  /// A few columns of the result where A lies column by column: the rows of the transposed problem.
  void run_tail_flipped(const GemmBlock<T>& straight, const T* b, const T* bias, T* c, int64_t column,
                        int64_t columns) const {
    constexpr int64_t strip = 1024;
    alignas(64) T turned[most_tail_columns * strip];
    GemmBlock<T> block;
    block.a = b + column * (straight.b_transposed ? straight.b_step : 1);
    block.a_row = straight.b_transposed ? straight.b_step : 1;
    block.a_column = straight.b_transposed ? 1 : straight.b_step;
    block.b_step = straight.a_column;
    block.c = turned;
    block.c_step = strip;
    block.rows = columns;
    block.depth = k_;
    if (bias) block.row_bias = bias + column;
    block.relu = straight.relu;
    for (int64_t i = 0; i < straight.rows; i += strip) {
      block.columns = std::min(strip, straight.rows - i);
      block.b = straight.a + i;
      functions_.block(block);
      functions_.transpose(turned, strip, c + i * n_, n_, columns, block.columns);
    }
  }

  /// Rows and columns are those of the transposed result.
  void run_flipped(const T* a, const T* b, const T* bias, T* c, int64_t row, int64_t end_row, int64_t column,
                   int64_t end_column) const {
    alignas(64) T turned[turned_elements];
    GemmBlock<T> block = block_;
    if (dots_ || rows_ == 1) {  // a vector lies the same way transposed
      block.a = b + row * block.a_row;
      block.b = a + column * (block.b_transposed ? block.b_step : 1);
      block.c = c + row + column;
      block.c_step = 1;
      block.rows = end_row - row;
      block.columns = end_column - column;
      if (bias) block.row_bias = bias + row;
      (dots_ ? functions_.dot_rows : functions_.block)(block);
      activate(block.c, 1, block.rows * block.columns);
      return;
    }
    constexpr int64_t widest = 256;
    for (int64_t j = column; j < end_column; j += widest) {
      block.columns = std::min(widest, end_column - j);
      block.b = a + j * (block.b_transposed ? block.b_step : 1);
      block.c = turned;
      block.c_step = rounded_up(block.columns, functions_.lanes);
      const int64_t strip = turned_elements / block.c_step;
      for (int64_t i = row; i < end_row; i += strip) {
        block.rows = std::min(strip, end_row - i);
        block.a = b + i * block.a_row;
        if (bias) block.row_bias = bias + i;
        functions_.block(block);
        functions_.transpose(turned, block.c_step, c + j * n_ + i, n_, block.rows, block.columns);
        activate(c + j * n_ + i, block.columns, block.rows);
      }
    }
  }

  /// On rows x columns elements of the result, while they are in the cache.
  void activate(T* c, int64_t rows, int64_t columns) const {
    if (!finish_.activation) return;
    if (columns == n_) {
      columns *= rows;
      rows = 1;
    }
    for (int64_t i = 0; i < rows; ++i) finish_.activate(c + i * n_, columns);
  }

  Finish finish_;
  GemmFunctions<T> functions_;
  int64_t m_, n_, k_, batch_ = 1;
  bool flipped_ = false;  ///< the transposed problem is computed
  bool dots_ = false;     ///< one side is a vector
  GemmBlock<T> block_;    ///< strides of the problem that is computed, and its depth
  int64_t rows_, columns_;
  int64_t tail_columns_ = 0;
  int64_t unit_ = 1;  ///< columns are parted at multiples of so many vectors
  int64_t row_parts_ = 1, column_parts_ = 1, batch_in_piece_ = 1, pieces_ = 0;
};

std::unique_ptr<Kernel> make(const Call& call, const MatmulOptions& options, const Finish& finish, Refusal& why) {
  if (call.in[0].dtype == DType::float32) return std::make_unique<SimdMatmul<float>>(call, options, finish);
  if (call.in[0].dtype == DType::float64) return std::make_unique<SimdMatmul<double>>(call, options, finish);
  return why("float32 and float64 only");
}

MatmulOptions options_of(const Op& op) {
  const auto& matmul = static_cast<const Matmul&>(op);
  return {matmul.transpose_a(), matmul.transpose_b()};
}

}  // namespace

std::unique_ptr<Kernel> make_simd_matmul(const Call& call, Refusal& why) {
  return make(call, options_of(call.op), {}, why);
}

std::unique_ptr<Kernel> make_simd_fused_matmul(const Call& call, Refusal& why) {
  const auto& op = static_cast<const FusedProduct&>(call.op);
  const std::optional<Finish> finish = simd::finish_of(op, call.in[0].dtype, why);
  return finish ? make(call, options_of(op.product()), *finish, why) : nullptr;
}

namespace simd {

std::optional<Finish> finish_of(const FusedProduct& op, DType dtype, Refusal& why) {
  if (op.has_addend()) {
    why("no addend");
    return std::nullopt;
  }
  Finish finish{.has_bias = op.has_bias(), .relu = op.activation() == "relu"};
  if (!finish.relu && !op.activation().empty()) {
    const ElementwiseRecord& record = elementwise_record(op.activation());
    if (record.arity == 1 && record.result == ResultType::same)
      finish.activation = find_block_function(record.name, dtype);
    if (!finish.activation) {
      why(message("no block function for the activation '", op.activation(), "'"));
      return std::nullopt;
    }
  }
  return finish;
}

}  // namespace simd

}  // namespace hebb
