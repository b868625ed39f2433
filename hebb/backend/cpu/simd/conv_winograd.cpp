#include "hebb/backend/cpu/simd/conv_winograd.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "hebb/backend/cpu/simd/block.h"
#include "hebb/backend/cpu/simd/conv_tiles.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/strided_copy.h"
#include "hebb/backend/cpu/simd/winograd_tiling.h"
#include "hebb/base/piece_memory.h"
#include "hebb/ops/fused.h"

namespace hebb {

namespace simd {

namespace {

/// The forward pass, or the gradient with respect to the input with exchanged weights.
class WinogradConv : public Kernel {
 public:
  WinogradConv(const WinogradGeometry& geometry, bool backward, bool lasting_weights, bool bias, int addend,
               std::string_view activation)
      : tiles_(conv_tiles()),
        b_(geometry, tiles_),
        backward_(backward),
        lasting_weights_(lasting_weights),
        bias_(bias),
        addend_(addend),
        relu_(activation == "relu") {
    if (!activation.empty() && !relu_) activation_ = find_block_function(activation, DType::float32);
    const WinogradGeometry& g = b_.g;
    // A few tiles are transformed for each part of the filters anew.
    if (b_.number < 4 && !activation_)
      filter_parts_ = std::min<int64_t>(4, divide_up(g.target_channels, 2 * tiles_.lanes));
    // A row of transformed weights for each channel of the source.
    weight_pieces_ = std::clamp<int64_t>(g.weights() * g.points() / 32768, 1, std::min<int64_t>(g.source_channels, 32));
    exchanged_bytes_ = backward ? g.taps() * divide_up(g.source_channels, weight_pieces_) * g.target_channels *
                                      static_cast<int64_t>(sizeof(float))
                                : 0;
    if (backward) transpose_ = find_transpose_band();
    reserve_piece_memory(std::max(b_.bytes(), exchanged_bytes_));
  }

  std::string_view implementation() const override { return "winograd"; }
  int phases() const override { return 2; }
  int lasting_phases() const override { return lasting_weights_ ? 1 : 0; }
  int64_t pieces(int phase) const override { return phase == 0 ? weight_pieces_ : b_.number * filter_parts_; }
  int64_t scratch_bytes() const override {
    return divide_up(b_.g.target_channels, filters_in_block()) * block_floats() * static_cast<int64_t>(sizeof(float));
  }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    auto* weights = reinterpret_cast<float*>(args.scratch);
    if (phase == 0) {
      transform_weights(args.input<float>(1), weights, part(piece, weight_pieces_, b_.g.source_channels));
    } else {
      const PieceMemory memory(b_.bytes());
      float *source = memory.floats(), *target = source + b_.g.points() * b_.source_plane;
      // The pieces of a thread are neighbours: they share filters, whose weights are then read from its own cache.
      const Range tiles = b_.tiles_of(piece % b_.number), filters = filters_of(piece / b_.number);
      b_.transform_source(args.input<float>(0), tiles, source);
      multiply(source, weights, target, tiles.size(), filters);
      write_target(target, tiles, filters, args);
    }
  }

 private:
  int64_t filters_in_block() const { return b_.vectors * tiles_.lanes; }
  int64_t block_plane() const { return b_.g.source_channels * filters_in_block(); }
  int64_t block_floats() const { return b_.g.points() * block_plane(); }

  void transform_weights(const float* kernel, float* out, Range rows) const {
    const WinogradGeometry& g = b_.g;
    WinogradSquare square{};
    square.last_row = square.last_column = static_cast<int32_t>(g.window());
    if (!backward_) {
      square.in_column = g.weights();
      square.in_row = g.window() * square.in_column;
      for (int64_t row = rows.first; row < rows.last; ++row)
        transform_row(square, kernel + row * g.target_channels, out, row);
      return;
    }
    // Of the kernel (taps, target channels, source channels) some source channels, transposed, with the taps in
    // reverse.
    const PieceMemory memory(exchanged_bytes_);
    square.in_column = rows.size() * g.target_channels;
    square.in_row = g.window() * square.in_column;
    for (int64_t tap = 0; tap < g.taps(); ++tap) {
      transpose_(kernel + tap * g.weights() + rows.first, g.source_channels,
                 memory.floats() + (g.taps() - 1 - tap) * square.in_column, g.target_channels, g.target_channels,
                 rows.size());
    }
    for (int64_t row = rows.first; row < rows.last; ++row)
      transform_row(square, memory.floats() + (row - rows.first) * g.target_channels, out, row);
  }

  /// Writes block by block of filters what the products read from one end to the other: places, rows, filters.
  void transform_row(WinogradSquare square, const float* from, float* out, int64_t row) const {
    const WinogradGeometry& g = b_.g;
    const int64_t block = filters_in_block();
    for (int64_t filter = 0; filter < g.target_channels; filter += block) {
      square.in = from + filter;
      square.channels = std::min(block, g.target_channels - filter);
      set_planes_out(square, out + filter / block * block_floats() + row * block, block_plane(), g.transforms->size);
      g.transforms->kernel(square);
    }
  }

  /// Parts of the target's channels, cut where the tiles of the product are.
  Range filters_of(int64_t index) const {
    const int64_t unit = 2 * tiles_.lanes, units = divide_up(b_.g.target_channels, unit);
    const Range range = part(index, filter_parts_, units);
    return {range.first * unit, std::min(range.last * unit, b_.g.target_channels)};
  }

  /// For each place of a tile: (tiles, source channels) times (source channels, target channels).
  void multiply(const float* source, const float* weights, float* target, int64_t tiles, Range filters) const {
    const WinogradGeometry& g = b_.g;
    ConvPlanes run{};
    run.length = g.source_channels;
    run.x_step = b_.source_step;
    run.x_plane = b_.source_plane;
    run.row = filters_in_block();
    run.weights_plane = block_plane();
    run.y_step = b_.target_step;
    run.y_plane = b_.target_plane;
    // Weights that more than one strip reads should still be near when the second one does.
    const bool one_strip = tiles <= b_.strip;
    run.planes = one_strip ? g.points() : 1;
    for (int64_t point = 0; point < g.points(); point += run.planes) {
      for (int64_t filter = filters.first; filter < filters.last; filter += run.row) {
        run.filters = std::min(run.row, filters.last - filter);
        const int vectors = run.filters > tiles_.lanes ? 2 : 1;
        run.weights = weights + filter / run.row * block_floats() + point * run.weights_plane;
        WinogradBlocks::each_strip(tiles, b_.strip, [&](int64_t first, int64_t count) {
          run.x = source + point * b_.source_plane + first * b_.source_step;
          run.y = target + point * b_.target_plane + first * b_.target_step + filter;
          tiles_.planes[vectors][count](run);
        });
      }
    }
  }

  void write_target(const float* target, Range tiles, Range filters, const KernelArgs& args) const {
    const WinogradGeometry& g = b_.g;
    const float* bias = bias_ ? args.input<float>(2) : nullptr;
    const float* addend = addend_ < 0 ? nullptr : args.input<float>(static_cast<size_t>(addend_));
    auto* y = args.output<float>();
    WinogradSquare square{};
    square.out_column = g.target_channels;
    square.out_row = g.target_columns * g.target_channels;
    square.channels = filters.size();
    square.bias = bias ? bias + filters.first : nullptr;
    square.relu = relu_;
    WinogradGeometry::Place at = g.place(tiles.first);
    for (int64_t t = tiles.first; t < tiles.last; ++t, g.advance(at)) {
      set_planes_in(square, target + (t - tiles.first) * b_.target_step + filters.first, b_.target_plane,
                    g.transforms->size);
      square.out =
          y + ((at.image * g.target_rows + at.row) * g.target_columns + at.column) * g.target_channels + filters.first;
      if (addend) square.addend = addend + (square.out - y);
      square.rows = static_cast<int32_t>(std::min(g.tile(), g.target_rows - at.row));
      square.columns = static_cast<int32_t>(std::min(g.tile(), g.target_columns - at.column));
      g.transforms->output(square);
      if (!activation_) continue;
      for (int64_t row = 0; row < square.rows; ++row) {
        float* const start = square.out + row * square.out_row;
        const BlockOperand operand{start, each_element};
        activation_(&operand, start, static_cast<size_t>(square.columns * g.target_channels));
      }
    }
  }

  const ConvTiles& tiles_;
  WinogradBlocks b_;
  bool backward_, lasting_weights_, bias_;
  int addend_;  ///< the input that is added, or -1
  bool relu_;
  BlockFunction activation_ = nullptr;
  TransposeBand transpose_ = nullptr;
  int64_t filter_parts_ = 1, weight_pieces_, exchanged_bytes_;
};

std::unique_ptr<Kernel> make_forward(const Call& call, const ConvOptions& options, bool bias, int addend,
                                     const std::string& activation, Refusal& why) {
  const auto geometry =
      winograd_geometry(options, call.in[0].shape, call.in[1].shape, call.out[0].shape, call, false, why);
  if (!geometry) return nullptr;
  return std::make_unique<WinogradConv>(*geometry, false, call.lasts(1), bias, addend, activation);
}

}  // namespace

}  // namespace simd

using namespace simd;

std::unique_ptr<Kernel> make_winograd_conv(const Call& call, Refusal& why) {
  return make_forward(call, static_cast<const Conv&>(call.op).options(), false, -1, "", why);
}

std::unique_ptr<Kernel> make_winograd_fused_conv(const Call& call, Refusal& why) {
  const auto& op = static_cast<const FusedProduct&>(call.op);
  const std::string& activation = op.activation();
  if (!activation.empty() && find_block_function(activation, DType::float32) == nullptr) {
    return why("no vector code for the activation");
  }
  const int addend = op.has_addend() ? static_cast<int>(call.in.size()) - 1 : -1;
  return make_forward(call, static_cast<const Conv&>(op.product()).options(), op.has_bias(), addend, activation, why);
}

std::unique_ptr<Kernel> make_winograd_conv_backward_input(const Call& call, Refusal& why) {
  const auto& op = static_cast<const ConvBackwardInput&>(call.op);
  const auto geometry =
      winograd_geometry(op.options(), call.out[0].shape, call.in[1].shape, call.in[0].shape, call, true, why);
  if (!geometry) return nullptr;
  return std::make_unique<WinogradConv>(*geometry, true, call.lasts(1), false, -1, "");
}

}  // namespace hebb
