#include "hebb/backend/cpu/simd/conv_winograd.h"

#include <algorithm>
#include <cstring>

#include "hebb/backend/cpu/simd/conv_tiles.h"
#include "hebb/backend/cpu/simd/winograd_tiling.h"
#include "hebb/base/piece_memory.h"

namespace hebb {

namespace simd {

namespace {

/// The gradient with respect to the kernel: for each place of a tile a sum over all tiles, in slices of the tiles that
/// are added up before the sums are transformed.
class WinogradBackwardKernel : public Kernel {
 public:
  explicit WinogradBackwardKernel(const WinogradGeometry& geometry) : tiles_(conv_tiles()), b_(geometry, tiles_) {
    const WinogradGeometry& g = b_.g;
    sum_plane_ = g.weights();
    slice_ = rounded_up(g.points() * sum_plane_, line);
    slices_ = slice_count(b_, slice_);
    add_pieces_ = std::clamp<int64_t>(slices_ * slice_ / 65536, 1, std::min<int64_t>(g.source_channels, 64));
    added_plane_ = rounded_up(g.source_channels, add_pieces_) / add_pieces_ * g.target_channels + line;
    reserve_piece_memory(std::max(b_.bytes(), added_bytes()));
  }

  /// A slice has its own sums, to be cleared, loaded and stored for each block, and added up: worth it for some blocks.
  static int64_t slice_count(const WinogradBlocks& blocks, int64_t slice) {
    constexpr int64_t blocks_of_slice = 3, most_slices = 16, most_floats = 8 << 20;
    return std::clamp<int64_t>(std::min({blocks.number / blocks_of_slice, most_slices, most_floats / slice}), 1,
                               most_slices);
  }

  std::string_view implementation() const override { return "winograd"; }
  int phases() const override { return 2; }
  int64_t pieces(int phase) const override { return phase == 0 ? slices_ : add_pieces_; }
  int64_t scratch_bytes() const override { return slices_ * slice_ * static_cast<int64_t>(sizeof(float)); }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    auto* sums = reinterpret_cast<float*>(args.scratch);
    if (phase == 1) {
      write_gradient(sums, part(piece, add_pieces_, b_.g.source_channels), args.output<float>());
      return;
    }
    const WinogradGeometry& g = b_.g;
    float* own = sums + piece * slice_;
    std::memset(own, 0, static_cast<size_t>(slice_) * sizeof(float));
    const PieceMemory memory(b_.bytes());
    float *source = memory.floats(), *gradient = source + g.points() * b_.source_plane;
    const Range blocks = part(piece, slices_, b_.number);
    for (int64_t block = blocks.first; block < blocks.last; ++block) {
      const Range tiles = b_.tiles_of(block);
      b_.transform_source(args.input<float>(0), tiles, source);
      transform_gradient(args.input<float>(1), tiles, gradient);
      add_products(source, gradient, own, tiles.size());
    }
  }

 private:
  int64_t added_bytes() const { return b_.g.points() * added_plane_ * static_cast<int64_t>(sizeof(float)); }

  void transform_gradient(const float* dy, Range tiles, float* planes) const {
    const WinogradGeometry& g = b_.g;
    WinogradSquare square{};
    square.in_column = g.target_channels;
    square.in_row = g.target_columns * g.target_channels;
    square.channels = g.target_channels;
    WinogradGeometry::Place at = g.place(tiles.first);
    for (int64_t t = tiles.first; t < tiles.last; ++t, g.advance(at)) {
      square.in = dy + ((at.image * g.target_rows + at.row) * g.target_columns + at.column) * g.target_channels;
      square.last_row = static_cast<int32_t>(std::min(g.tile(), g.target_rows - at.row));
      square.last_column = static_cast<int32_t>(std::min(g.tile(), g.target_columns - at.column));
      set_planes_out(square, planes + (t - tiles.first) * b_.target_step, b_.target_plane, g.transforms->size);
      g.transforms->gradient(square);
    }
  }

  /// For each place of a tile: (source channels, tiles) times (tiles, target channels).
  void add_products(const float* source, const float* gradient, float* sums, int64_t tiles) const {
    const WinogradGeometry& g = b_.g;
    ConvSum sum{};
    sum.x_step = b_.source_step;
    sum.dy_step = b_.target_step;
    sum.columns = tiles;
    sum.rows = 1;
    sum.row = g.target_channels;
    const int64_t block = b_.vectors * tiles_.lanes;
    for (int64_t point = 0; point < g.points(); ++point) {
      for (int64_t filter = 0; filter < g.target_channels; filter += block) {
        sum.filters = std::min(block, g.target_channels - filter);
        const int vectors = sum.filters > tiles_.lanes ? 2 : 1;
        sum.dy = gradient + point * b_.target_plane + filter;
        WinogradBlocks::each_strip(g.source_channels, tiles_.pixels[vectors], [&](int64_t first, int64_t count) {
          sum.x = source + point * b_.source_plane + first;
          sum.weights = sums + point * sum_plane_ + first * g.target_channels + filter;
          tiles_.sum[vectors][count](sum);
        });
      }
    }
  }

  void write_gradient(const float* sums, Range rows, float* out) const {
    const WinogradGeometry& g = b_.g;
    const PieceMemory memory(added_bytes());
    const int64_t count = rows.size() * g.target_channels;
    for (int64_t point = 0; point < g.points(); ++point) {
      tiles_.add(sums + point * sum_plane_ + rows.first * g.target_channels, slices_, slice_,
                 memory.floats() + point * added_plane_, 0, count);
    }
    WinogradSquare square{};
    square.out_column = g.weights();
    square.out_row = g.window() * square.out_column;
    square.rows = square.columns = static_cast<int32_t>(g.window());
    square.channels = g.target_channels;
    for (int64_t row = rows.first; row < rows.last; ++row) {
      set_planes_in(square, memory.floats() + (row - rows.first) * g.target_channels, added_plane_, g.transforms->size);
      square.out = out + row * g.target_channels;
      g.transforms->backward(square);
    }
  }

  const ConvTiles& tiles_;
  WinogradBlocks b_;
  int64_t sum_plane_, slice_, slices_, add_pieces_, added_plane_;
};

}  // namespace

}  // namespace simd

using namespace simd;

std::unique_ptr<Kernel> make_winograd_conv_backward_kernel(const Call& call, Refusal& why) {
  const auto& op = static_cast<const ConvBackwardKernel&>(call.op);
  const auto geometry =
      winograd_geometry(op.options(), call.in[0].shape, call.out[0].shape, call.in[1].shape, call, false, why);
  if (!geometry) return nullptr;
  return std::make_unique<WinogradBackwardKernel>(*geometry);
}

}  // namespace hebb
