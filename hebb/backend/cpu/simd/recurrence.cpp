#include "hebb/ops/recurrence.h"

#include <algorithm>
#include <cstring>

#include "hebb/backend/cpu/simd/gemm.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/recurrence_functions.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/base/piece_memory.h"

namespace hebb {

namespace {

using simd::CellGradientRows;
using simd::CellRows;
using simd::divide_up;
using simd::RecurrenceFunctions;

/// What both directions know of a call.
struct Geometry {
  Geometry(RecurrentCell cell, bool masked, int64_t batch, int64_t steps, int64_t units)
      : cell(cell),
        masked(masked),
        batch(batch),
        steps(steps),
        units(units),
        width(gates_of(cell) * units),
        saved(saved_gates_of(cell) * units),
        functions(simd::find_recurrence_functions()),
        blocks(divide_up(units, functions.lanes)),
        padded(blocks * functions.lanes) {
    // Sixteen examples keep the multipliers busy; fewer only where the batch has not enough for two threads.
    const int64_t rows = batch >= 32 ? 16 : std::max<int64_t>(4, divide_up(batch, 2));
    slices = divide_up(batch, rows);
  }

  bool is_lstm() const { return cell == RecurrentCell::lstm; }
  bool resets_before() const { return cell == RecurrentCell::gru_reset_before; }
  int64_t first_row(int64_t slice) const { return batch * slice / slices; }
  int64_t most_rows() const { return slices == 0 ? 0 : divide_up(batch, slices); }

  RecurrentCell cell;
  bool masked;
  int64_t batch, steps, units, width, saved;
  RecurrenceFunctions functions;
  int64_t blocks;  ///< of `lanes` units
  int64_t padded;  ///< units, filled up to whole blocks
  int64_t slices;  ///< of the batch
};

constexpr auto float_bytes = static_cast<int64_t>(sizeof(float));

/// Forward: the recurrent kernel is packed, then slices of the batch go through all steps with their states in a core's
/// own cache. (A single example leaves the other cores idle: steps cut into blocks of units wait for each other longer
/// than they save.)
class SimdRecurrence : public Kernel {
 public:
  SimdRecurrence(const Geometry& g, bool lasting_kernel) : g_(g), lasting_kernel_(lasting_kernel) {
    piece_bytes_ = g.most_rows() * (3 * g.padded + vectors() * g.functions.lanes) * float_bytes;
    reserve_piece_memory(piece_bytes_);
  }

  std::string_view implementation() const override { return "simd"; }
  int phases() const override { return 2; }
  int lasting_phases() const override { return lasting_kernel_ ? 1 : 0; }
  int64_t pieces(int phase) const override {
    if (g_.units == 0) return 0;
    return phase == 0 ? divide_up(vectors(), pack_unit()) : g_.slices;
  }
  int64_t scratch_bytes() const override { return vectors() * g_.functions.lanes * g_.units * float_bytes; }
  bool may_overwrite(int in, int out) const override {
    return in == 0 && out == gates_output() && g_.saved == g_.width && out > 0;
  }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    if (phase == 0) return pack(piece, args);
    run_slice(piece, args);
  }

 private:
  int64_t gates() const { return gates_of(g_.cell); }
  int64_t vectors() const { return g_.blocks * gates(); }
  int64_t tile() const { return simd::recurrence_tile(gates()); }
  /// Vectors that are packed by a piece.
  int64_t pack_unit() const { return 4 * tile(); }
  int gates_output() const { return g_.saved == 0 ? -1 : g_.is_lstm() ? 4 : 2; }

  /// A GRU that resets before the product has two of them: with z and r, and with the candidate.
  void pack(int64_t piece, const KernelArgs& args) const {
    const auto* kernel = args.input<float>(1);
    auto* packed = reinterpret_cast<float*>(args.scratch);
    if (!g_.resets_before()) {
      g_.functions.pack(kernel, g_.width, 1, g_.units, g_.units, gates(), piece * pack_unit(),
                        std::min(vectors(), (piece + 1) * pack_unit()), packed);
    } else if (piece == 0) {
      g_.functions.pack(kernel, g_.width, 1, g_.units, g_.units, 2, 0, 2 * g_.blocks, packed);
      g_.functions.pack(kernel + 2 * g_.units, g_.width, 1, g_.units, g_.units, 1, 0, g_.blocks,
                        packed + 2 * g_.padded * g_.units);
    }
  }

  /// The parts of a step that lie in the call's own memory.
  CellRows rows_of(int64_t first, int64_t rows, int64_t step, const KernelArgs& args) const {
    const int64_t at = first * g_.steps + step;
    CellRows s{.rows = rows, .units = g_.units, .first_block = 0, .end_block = g_.blocks};
    s.x = args.input<float>(0) + at * g_.width;
    s.x_step = g_.steps * g_.width;
    s.bias = args.input<float>(2);
    if (g_.masked) s.mask = args.input<bool>(g_.is_lstm() ? 5 : 4) + at;
    s.mask_step = g_.steps;
    s.h = args.output<float>(0) + at * g_.units;
    if (g_.is_lstm()) s.c = args.output<float>(2) + at * g_.units;
    s.result_step = g_.steps * g_.units;
    if (g_.saved > 0) s.gates = args.output<float>(static_cast<size_t>(gates_output())) + at * g_.saved;
    s.gates_step = g_.steps * g_.saved;
    return s;
  }

  void cell(const CellRows& s) const {
    (g_.is_lstm() ? g_.functions.lstm : g_.cell == RecurrentCell::simple ? g_.functions.simple : g_.functions.gru)(s);
  }

  void run_slice(int64_t slice, const KernelArgs& args) const {
    const int64_t first = g_.first_row(slice), rows = g_.first_row(slice + 1) - first, n = g_.units;
    const auto* packed = reinterpret_cast<const float*>(args.scratch);
    const PieceMemory memory(piece_bytes_);
    float *h = memory.floats(), *c = h + rows * g_.padded, *reset = c + rows * g_.padded,
          *product = reset + rows * g_.padded;
    const int64_t product_step = vectors() * g_.functions.lanes;
    copy_rows(args.input<float>(3) + first * n, n, rows, h, g_.padded);
    if (g_.is_lstm()) copy_rows(args.input<float>(4) + first * n, n, rows, c, g_.padded);
    for (int64_t t = 0; t < g_.steps; ++t) {
      CellRows s = rows_of(first, rows, t, args);
      s.product = product;
      s.product_step = product_step;
      s.h_before = h;
      s.c_before = c;
      s.before_step = s.copy_step = g_.padded;
      if (g_.resets_before()) {
        g_.functions.multiply(h, g_.padded, rows, n, packed, 4, 0, 2 * g_.blocks, product, product_step);
        s.h_copy = reset;
        g_.functions.gru_reset(s);
        g_.functions.multiply(reset, g_.padded, rows, n, packed + 2 * g_.padded * n, 4, 0, g_.blocks, product,
                              product_step);
        s.h_copy = h;
        g_.functions.gru_candidate(s);
        continue;
      }
      g_.functions.multiply(h, g_.padded, rows, n, packed, tile(), 0, vectors(), product, product_step);
      s.h_copy = h;
      s.c_copy = g_.is_lstm() ? c : nullptr;
      cell(s);
    }
    copy_rows(h, g_.padded, rows, args.output<float>(1) + first * n, n);
    if (g_.is_lstm()) copy_rows(c, g_.padded, rows, args.output<float>(3) + first * n, n);
  }

  void copy_rows(const float* from, int64_t from_step, int64_t rows, float* to, int64_t to_step) const {
    for (int64_t i = 0; i < rows; ++i)
      std::memcpy(to + i * to_step, from + i * from_step, static_cast<size_t>(g_.units * float_bytes));
  }

  Geometry g_;
  bool lasting_kernel_;
  int64_t piece_bytes_ = 0;
};

/// Backwards: the transposed recurrent kernel is packed, slices of the batch go through the steps from the last to the
/// first and leave the states before each step side by side, and the recurrent kernel's gradient is one product over
/// all steps and examples.
class SimdRecurrenceBackward : public Kernel {
 public:
  SimdRecurrenceBackward(const Geometry& g, RecurrenceGradients given, bool lasting_kernel)
      : g_(g), given_(given), lasting_kernel_(lasting_kernel), gemm_(simd::find_gemm_functions<float>()) {
    size_t at = 1;
    const auto next = [&](bool there) { return there ? static_cast<int>(at++) : -1; };
    h0_ = next(true);
    c0_ = next(g.is_lstm());
    mask_ = next(g.masked);
    sequence_ = next(true);
    cells_ = next(g.is_lstm());
    gates_ = next(g.saved > 0);
    d_sequence_ = next(given.sequence);
    d_last_ = next(given.last);
    d_last_cell_ = next(given.last_cell);
    piece_bytes_ = g.most_rows() * (4 * g.padded + g.width) * float_bytes;
    reserve_piece_memory(piece_bytes_);
    const int64_t all = g.batch * g.steps;
    packed_at_ = 0;
    h_kept_at_ = packed_at_ + g.padded * g.width;
    reset_kept_at_ = h_kept_at_ + all * g.units;
    du_kept_at_ = reset_kept_at_ + (g.resets_before() ? all * g.units : 0);
    bias_at_ = du_kept_at_ + (g.cell == RecurrentCell::gru ? all * g.width : 0);
    floats_ = bias_at_ + std::max<int64_t>(1, g.slices) * g.width;
    // Columns of the recurrent kernel's gradient, in whole register tiles.
    const int64_t unit = gemm_.tile_vectors * gemm_.lanes;
    column_parts_ = std::clamp<int64_t>(divide_up(g.width, 2 * unit), 1, 8);
  }

  std::string_view implementation() const override { return "simd"; }
  int phases() const override { return 3; }
  int lasting_phases() const override { return lasting_kernel_ ? 1 : 0; }
  int64_t pieces(int phase) const override {
    if (g_.units == 0) return 0;
    return phase == 0 ? divide_up(g_.blocks, 4) : phase == 1 ? g_.slices : column_parts_;
  }
  int64_t scratch_bytes() const override { return floats_ * float_bytes; }
  bool may_overwrite(int in, int out) const override { return in == gates_ && out == 0 && g_.is_lstm(); }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    if (phase == 0) return pack(piece, args);
    if (phase == 1) return run_slice(piece, args);
    sum_weights(piece, args);
  }

 private:
  float* scratch(const KernelArgs& args, int64_t at) const { return reinterpret_cast<float*>(args.scratch) + at; }
  const float* input(const KernelArgs& args, int which) const {
    return which < 0 ? nullptr : args.input<float>(static_cast<size_t>(which));
  }

  void pack(int64_t piece, const KernelArgs& args) const {
    const float* kernel = args.input<float>(0);
    float* packed = scratch(args, packed_at_);
    const int64_t first = 4 * piece, end = std::min(g_.blocks, first + 4), w = g_.width, n = g_.units;
    if (!g_.resets_before()) {
      g_.functions.pack(kernel, 1, w, w, n, 1, first, end, packed);
    } else {
      g_.functions.pack(kernel, 1, w, 2 * n, n, 1, first, end, packed);
      g_.functions.pack(kernel + 2 * n, 1, w, n, n, 1, first, end, packed + 2 * n * g_.padded);
    }
  }

  void run_slice(int64_t slice, const KernelArgs& args) const {
    const int64_t first = g_.first_row(slice), rows = g_.first_row(slice + 1) - first, n = g_.units, w = g_.width;
    const float* packed = scratch(args, packed_at_);
    float* bias_sums = scratch(args, bias_at_) + slice * w;
    std::fill_n(bias_sums, w, 0.0f);
    const PieceMemory memory(piece_bytes_);
    float *dh = memory.floats(), *dc = dh + rows * g_.padded, *carried = dc + rows * g_.padded,
          *d_reset = carried + rows * g_.padded, *du = d_reset + rows * g_.padded;
    std::fill_n(dh, 3 * rows * g_.padded, 0.0f);
    if (given_.last) copy_rows(input(args, d_last_) + first * n, n, rows, dh, g_.padded);
    if (given_.last_cell) copy_rows(input(args, d_last_cell_) + first * n, n, rows, dc, g_.padded);
    for (int64_t t = g_.steps; t-- > 0;) {
      const int64_t at = first * g_.steps + t;
      CellGradientRows s{.rows = rows, .units = n};
      if (g_.masked) s.mask = args.input<bool>(static_cast<size_t>(mask_)) + at;
      s.mask_step = g_.steps;
      s.result_step = g_.steps * n;
      s.h = input(args, sequence_) + at * n;
      s.h_before = t > 0 ? s.h - n : input(args, h0_) + first * n;
      s.before_step = s.c_before_step = t > 0 ? g_.steps * n : n;
      if (g_.is_lstm()) {
        s.c = input(args, cells_) + at * n;
        s.c_before = t > 0 ? s.c - n : input(args, c0_) + first * n;
      }
      if (g_.saved > 0) s.gates = input(args, gates_) + at * g_.saved;
      s.gates_step = g_.steps * g_.saved;
      if (given_.sequence) s.d_sequence = input(args, d_sequence_) + at * n;
      s.d_sequence_step = g_.steps * n;
      s.dh = dh;
      s.dc = dc;
      s.carried = carried;
      s.d_reset = d_reset;
      s.state_step = g_.padded;
      s.dx = args.output<float>(0) + at * w;
      s.dx_step = g_.steps * w;
      s.du = du;
      s.du_step = w;
      s.kept_step = g_.steps * n;
      s.h_kept = scratch(args, h_kept_at_) + at * n;
      if (g_.resets_before()) s.reset_kept = scratch(args, reset_kept_at_) + at * n;
      if (g_.cell == RecurrentCell::gru) s.du_kept = scratch(args, du_kept_at_) + at * w;
      s.du_kept_step = g_.steps * w;
      s.bias_sums = bias_sums;
      step_back(s, packed, dh);
    }
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t k = 0; k < n; ++k)
        args.output<float>(3)[(first + i) * n + k] = dh[i * g_.padded + k] + carried[i * g_.padded + k];
    }
    if (g_.is_lstm()) copy_rows(dc, g_.padded, rows, args.output<float>(4) + first * n, n);
  }

  void step_back(const CellGradientRows& s, const float* packed, float* dh) const {
    const int64_t n = g_.units, w = g_.width;
    switch (g_.cell) {
      case RecurrentCell::simple: g_.functions.simple_backward(s); break;
      case RecurrentCell::lstm: g_.functions.lstm_backward(s); break;
      case RecurrentCell::gru: g_.functions.gru_backward(s); break;
      case RecurrentCell::gru_reset_before:
        g_.functions.gru_candidate_backward(s);
        g_.functions.multiply(s.du + 2 * n, w, s.rows, n, packed + 2 * n * g_.padded, 4, 0, g_.blocks, s.d_reset,
                              g_.padded);
        g_.functions.gru_reset_backward(s);
        break;
    }
    const int64_t depth = g_.resets_before() ? 2 * n : w;
    g_.functions.multiply(s.du, w, s.rows, depth, packed, 4, 0, g_.blocks, dh, g_.padded);
  }

  /// Columns of the gradients of the recurrent kernel and the bias.
  void sum_weights(int64_t piece, const KernelArgs& args) const {
    const int64_t n = g_.units, w = g_.width, unit = gemm_.tile_vectors * gemm_.lanes, units = divide_up(w, unit);
    const int64_t first = units * piece / column_parts_ * unit,
                  end = std::min(w, units * (piece + 1) / column_parts_ * unit);
    const float* bias_sums = scratch(args, bias_at_);
    for (int64_t j = first; j < end; ++j) {
      float sum = 0;
      for (int64_t slice = 0; slice < g_.slices; ++slice) sum += bias_sums[slice * w + j];
      args.output<float>(2)[j] = sum;
    }
    const int64_t middle = g_.resets_before() ? std::clamp(2 * n, first, end) : end;
    multiply_states(scratch(args, h_kept_at_), first, middle, args);
    multiply_states(scratch(args, reset_kept_at_), middle, end, args);
  }

  void multiply_states(const float* states, int64_t first, int64_t end, const KernelArgs& args) const {
    if (end <= first) return;
    simd::GemmBlock<float> block;
    block.a = states;
    block.a_row = 1;
    block.a_column = g_.units;
    block.b = (g_.cell == RecurrentCell::gru ? scratch(args, du_kept_at_) : args.output<float>(0)) + first;
    block.b_step = g_.width;
    block.c = args.output<float>(1) + first;
    block.c_step = g_.width;
    block.rows = g_.units;
    block.columns = end - first;
    block.depth = g_.batch * g_.steps;
    gemm_.block(block);
  }

  void copy_rows(const float* from, int64_t from_step, int64_t rows, float* to, int64_t to_step) const {
    for (int64_t i = 0; i < rows; ++i)
      std::memcpy(to + i * to_step, from + i * from_step, static_cast<size_t>(g_.units * float_bytes));
  }

  Geometry g_;
  RecurrenceGradients given_;
  bool lasting_kernel_;
  simd::GemmFunctions<float> gemm_;
  int h0_, c0_, mask_, sequence_, cells_, gates_, d_sequence_, d_last_, d_last_cell_;
  int64_t packed_at_, h_kept_at_, reset_kept_at_, du_kept_at_, bias_at_, floats_;  ///< places in the scratch memory
  int64_t column_parts_, piece_bytes_;
};

}  // namespace

std::unique_ptr<Kernel> make_simd_recurrence(const Call& call, Refusal& why) {
  if (call.in[0].dtype != DType::float32) return why("float32 only");
  const auto& op = static_cast<const RecurrenceOp&>(call.op);
  const Shape& sequence = call.out[0].shape;
  return std::make_unique<SimdRecurrence>(Geometry(op.cell(), op.is_masked(), sequence[0], sequence[1], sequence[2]),
                                          call.lasts(1));
}

std::unique_ptr<Kernel> make_simd_recurrence_backward(const Call& call, Refusal& why) {
  if (call.in[0].dtype != DType::float32) return why("float32 only");
  const auto& op = static_cast<const RecurrenceBackward&>(call.op);
  const Shape& d_projections = call.out[0].shape;
  return std::make_unique<SimdRecurrenceBackward>(
      Geometry(op.cell(), op.is_masked(), d_projections[0], d_projections[1], call.in[1].shape[1]), op.given(),
      call.lasts(0));
}

}  // namespace hebb
