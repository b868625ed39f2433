#include "hebb/backend/cpu/simd/conv_winograd.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "hebb/backend/cpu/simd/block.h"
#include "hebb/backend/cpu/simd/conv_tiles.h"
#include "hebb/backend/cpu/simd/strided_copy.h"
#include "hebb/backend/cpu/simd/winograd_transforms.h"
#include "hebb/base/error.h"
#include "hebb/base/piece_memory.h"
#include "hebb/base/text.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/fused.h"

namespace hebb {

namespace simd {

namespace {

/// Floats in a cache line.
constexpr int64_t line = 16;

constexpr int64_t rounded_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

struct Range {
  int64_t first, last;
  int64_t size() const { return last - first; }
};

Range part(int64_t index, int64_t parts, int64_t size) { return {index * size / parts, (index + 1) * size / parts}; }

/// Pictures cut into tiles of outputs. With respect to the input, the source is the gradient of the output and the
/// target that of the input.
struct Geometry {
  const WinogradTransforms* transforms;
  int64_t batch;
  int64_t source_rows, source_columns, source_channels;
  int64_t target_rows, target_columns, target_channels;
  int64_t top, left;  ///< padding of the source

  int64_t tile() const { return transforms->tile; }
  int64_t window() const { return transforms->window; }
  int64_t size() const { return transforms->size; }
  int64_t points() const { return size() * size(); }
  int64_t taps() const { return window() * window(); }
  int64_t tile_rows() const { return (target_rows + tile() - 1) / tile(); }
  int64_t tile_columns() const { return (target_columns + tile() - 1) / tile(); }
  int64_t tiles() const { return batch * tile_rows() * tile_columns(); }
  int64_t weights() const { return source_channels * target_channels; }

  double direct_products() const {
    return static_cast<double>(batch * target_rows * target_columns * taps()) * static_cast<double>(weights());
  }
  /// Multiplications that would take as long as all of the work. Transforms cost about as much as this many for each
  /// number transformed, by measurement; small products are less efficient than large ones.
  double cost(bool lasting_weights) const {
    constexpr double product = 1.25, source_transform = 16, target_transform = 12, kernel_transform = 10;
    const auto pairs = static_cast<double>(weights());
    const double of_tile = product * pairs + source_transform * static_cast<double>(source_channels) +
                           target_transform * static_cast<double>(target_channels);
    return static_cast<double>(points()) *
           (static_cast<double>(tiles()) * of_tile + (lasting_weights ? 0 : kernel_transform * pairs));
  }

  /// Where tile number `index` lies in its picture.
  struct Place {
    int64_t image, row, column;
  };
  Place place(int64_t index) const {
    const int64_t in_row = index % tile_columns(), rest = index / tile_columns();
    return {rest / tile_rows(), rest % tile_rows() * tile(), in_row * tile()};
  }

  /// The square of the source that a tile sees.
  WinogradSquare source_square(const float* source, const Place& at) const {
    const int64_t row = at.row - top, column = at.column - left;
    WinogradSquare square{};
    square.in = source + ((at.image * source_rows + row) * source_columns + column) * source_channels;
    square.in_row = source_columns * source_channels;
    square.in_column = source_channels;
    const auto inside = [&](int64_t place, int64_t length, int32_t& first, int32_t& last) {
      first = static_cast<int32_t>(std::clamp<int64_t>(-place, 0, size()));
      last = static_cast<int32_t>(std::clamp<int64_t>(length - place, 0, size()));
    };
    inside(row, source_rows, square.first_row, square.last_row);
    inside(column, source_columns, square.first_column, square.last_column);
    square.channels = source_channels;
    return square;
  }
};

/// All of a square of numbers that has been stored place by place: place (i, j) lies (i * size + j) * plane behind.
void set_planes_in(WinogradSquare& square, const float* in, int64_t plane, int size) {
  square.in = in;
  square.in_row = size * plane;
  square.in_column = plane;
  square.last_row = square.last_column = size;
}

void set_planes_out(WinogradSquare& square, float* out, int64_t plane, int size) {
  square.out = out;
  square.out_row = size * plane;
  square.out_column = plane;
  square.rows = square.columns = size;
}

/// How many tiles are transformed and multiplied before the next ones are: about what half of a core's own cache holds,
/// and a multiple of the tiles that a strip of the product takes.
int64_t tiles_of_block(const Geometry& g, int64_t strip) {
  constexpr int64_t cache_bytes = 448 * 1024;
  const int64_t bytes = g.points() * (g.source_channels + g.target_channels) * static_cast<int64_t>(sizeof(float));
  const int64_t strips = std::max<int64_t>((cache_bytes / bytes + strip / 2) / strip, 1);
  // Of few tiles there are more blocks than would be needed, so that all threads have some.
  constexpr int64_t least_blocks = 8, least_tiles = 7;
  int64_t wanted = 1;
  while (wanted < least_blocks && 2 * wanted * least_tiles <= g.tiles()) wanted *= 2;
  return std::min(strips * strip, (g.tiles() + wanted - 1) / wanted);
}

/// What the two kinds of kernels share: the geometry, and where transformed tiles lie.
class Blocks {
 public:
  Blocks(const Geometry& geometry, const ConvTiles& tiles)
      : g(geometry), vectors(g.target_channels > tiles.lanes ? 2 : 1), strip(tiles.pixels[vectors]) {
    count = tiles_of_block(g, strip);
    number = (g.tiles() + count - 1) / count;
    source_step = rounded_up(g.source_channels, line);
    target_step = rounded_up(g.target_channels, line);
    // A line more, so that the planes' places in the cache differ.
    source_plane = count * source_step + line;
    target_plane = count * target_step + line;
  }

  Range tiles_of(int64_t block) const { return {block * count, std::min((block + 1) * count, g.tiles())}; }
  int64_t bytes() const { return g.points() * (source_plane + target_plane) * static_cast<int64_t>(sizeof(float)); }

  void transform_source(const float* source, Range tiles, float* planes) const {
    for (int64_t t = tiles.first; t < tiles.last; ++t) {
      WinogradSquare square = g.source_square(source, g.place(t));
      set_planes_out(square, planes + (t - tiles.first) * source_step, source_plane, g.transforms->size);
      g.transforms->input(square);
    }
  }

  /// Calls `body(first, count)` for each strip of so many items.
  template <class Body>
  static void each_strip(int64_t items, int64_t most, Body&& body) {
    const int64_t strips = (items + most - 1) / most;
    for (int64_t s = 0; s < strips; ++s) {
      const Range range = part(s, strips, items);
      body(range.first, range.size());
    }
  }

  Geometry g;
  int vectors;
  int64_t strip, count, number;
  int64_t source_step, target_step, source_plane, target_plane;
};

/// The forward pass, or the gradient with respect to the input with exchanged weights.
class WinogradConv : public Kernel {
 public:
  WinogradConv(const Geometry& geometry, bool backward, bool lasting_weights, bool bias, int addend,
               std::string_view activation)
      : tiles_(conv_tiles()),
        b_(geometry, tiles_),
        backward_(backward),
        lasting_weights_(lasting_weights),
        bias_(bias),
        addend_(addend),
        relu_(activation == "relu") {
    if (!activation.empty() && !relu_) activation_ = find_block_function(activation, DType::float32);
    const Geometry& g = b_.g;
    // A few tiles are transformed for each part of the filters anew.
    if (b_.number < 4 && !activation_)
      filter_parts_ = std::min<int64_t>(4, (g.target_channels + 2 * tiles_.lanes - 1) / (2 * tiles_.lanes));
    // A row of transformed weights for each channel of the source.
    weight_pieces_ = std::clamp<int64_t>(g.weights() * g.points() / 32768, 1, std::min<int64_t>(g.source_channels, 32));
    exchanged_bytes_ = backward ? g.taps() * rounded_up(g.source_channels, weight_pieces_) / weight_pieces_ *
                                      g.target_channels * static_cast<int64_t>(sizeof(float))
                                : 0;
    if (backward) transpose_ = find_transpose_band();
    reserve_piece_memory(std::max(b_.bytes(), exchanged_bytes_));
  }

  std::string_view implementation() const override { return "winograd"; }
  int phases() const override { return 2; }
  int lasting_phases() const override { return lasting_weights_ ? 1 : 0; }
  int64_t pieces(int phase) const override { return phase == 0 ? weight_pieces_ : b_.number * filter_parts_; }
  int64_t scratch_bytes() const override {
    return b_.g.points() * b_.g.weights() * static_cast<int64_t>(sizeof(float));
  }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    auto* weights = reinterpret_cast<float*>(args.scratch);
    if (phase == 0) {
      transform_weights(args.input<float>(1), weights, part(piece, weight_pieces_, b_.g.source_channels));
    } else {
      const PieceMemory memory(b_.bytes());
      float *source = memory.floats(), *target = source + b_.g.points() * b_.source_plane;
      const Range tiles = b_.tiles_of(piece / filter_parts_), filters = filters_of(piece % filter_parts_);
      b_.transform_source(args.input<float>(0), tiles, source);
      multiply(source, weights, target, tiles.size(), filters);
      write_target(target, tiles, filters, args);
    }
  }

 private:
  void transform_weights(const float* kernel, float* out, Range rows) const {
    const Geometry& g = b_.g;
    const int size = g.transforms->size;
    WinogradSquare square{};
    set_planes_out(square, nullptr, g.weights(), size);
    square.channels = g.target_channels;
    square.last_row = square.last_column = static_cast<int32_t>(g.window());
    if (!backward_) {
      square.in_column = g.weights();
      square.in_row = g.window() * square.in_column;
      for (int64_t row = rows.first; row < rows.last; ++row) {
        square.in = kernel + row * g.target_channels;
        square.out = out + row * g.target_channels;
        g.transforms->kernel(square);
      }
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
    for (int64_t row = rows.first; row < rows.last; ++row) {
      square.in = memory.floats() + (row - rows.first) * g.target_channels;
      square.out = out + row * g.target_channels;
      g.transforms->kernel(square);
    }
  }

  /// Parts of the target's channels, cut where the tiles of the product are.
  Range filters_of(int64_t index) const {
    const int64_t unit = 2 * tiles_.lanes, units = (b_.g.target_channels + unit - 1) / unit;
    const Range range = part(index, filter_parts_, units);
    return {range.first * unit, std::min(range.last * unit, b_.g.target_channels)};
  }

  /// For each place of a tile: (tiles, source channels) times (source channels, target channels).
  void multiply(const float* source, const float* weights, float* target, int64_t tiles, Range filters) const {
    const Geometry& g = b_.g;
    const ConvRun run{0, 0, g.source_channels};
    ConvStrip strip{};
    strip.x_step = b_.source_step;
    strip.row = g.target_channels;
    strip.runs = &run;
    strip.run_count = 1;
    strip.y_step = b_.target_step;
    const int64_t block = b_.vectors * tiles_.lanes;
    for (int64_t point = 0; point < g.points(); ++point) {
      for (int64_t filter = filters.first; filter < filters.last; filter += block) {
        strip.filters = std::min(block, filters.last - filter);
        const int vectors = strip.filters > tiles_.lanes ? 2 : 1;
        strip.weights = weights + point * g.weights() + filter;
        Blocks::each_strip(tiles, b_.strip, [&](int64_t first, int64_t count) {
          strip.x = source + point * b_.source_plane + first * b_.source_step;
          strip.y = target + point * b_.target_plane + first * b_.target_step + filter;
          tiles_.strip[vectors][count](strip);
        });
      }
    }
  }

  void write_target(const float* target, Range tiles, Range filters, const KernelArgs& args) const {
    const Geometry& g = b_.g;
    const float* bias = bias_ ? args.input<float>(2) : nullptr;
    const float* addend = addend_ < 0 ? nullptr : args.input<float>(static_cast<size_t>(addend_));
    auto* y = args.output<float>();
    WinogradSquare square{};
    square.out_column = g.target_channels;
    square.out_row = g.target_columns * g.target_channels;
    square.channels = filters.size();
    square.bias = bias ? bias + filters.first : nullptr;
    square.relu = relu_;
    for (int64_t t = tiles.first; t < tiles.last; ++t) {
      const Geometry::Place at = g.place(t);
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
  Blocks b_;
  bool backward_, lasting_weights_, bias_;
  int addend_;  ///< the input that is added, or -1
  bool relu_;
  BlockFunction activation_ = nullptr;
  TransposeBand transpose_ = nullptr;
  int64_t filter_parts_ = 1, weight_pieces_, exchanged_bytes_;
};

/// The gradient with respect to the kernel: for each place of a tile a sum over all tiles, in slices of the tiles that
/// are added up before the sums are transformed.
class WinogradBackwardKernel : public Kernel {
 public:
  explicit WinogradBackwardKernel(const Geometry& geometry) : tiles_(conv_tiles()), b_(geometry, tiles_) {
    const Geometry& g = b_.g;
    sum_plane_ = g.weights();
    slice_ = rounded_up(g.points() * sum_plane_, line);
    slices_ = slice_count(b_, slice_);
    add_pieces_ = std::clamp<int64_t>(slices_ * slice_ / 65536, 1, std::min<int64_t>(g.source_channels, 64));
    added_plane_ = rounded_up(g.source_channels, add_pieces_) / add_pieces_ * g.target_channels + line;
    reserve_piece_memory(std::max(b_.bytes(), added_bytes()));
  }

  /// A slice has its own sums, to be cleared, loaded and stored for each block, and added up: worth it for some blocks.
  static int64_t slice_count(const Blocks& blocks, int64_t slice) {
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
    const Geometry& g = b_.g;
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
    const Geometry& g = b_.g;
    WinogradSquare square{};
    square.in_column = g.target_channels;
    square.in_row = g.target_columns * g.target_channels;
    square.channels = g.target_channels;
    for (int64_t t = tiles.first; t < tiles.last; ++t) {
      const Geometry::Place at = g.place(t);
      square.in = dy + ((at.image * g.target_rows + at.row) * g.target_columns + at.column) * g.target_channels;
      square.last_row = static_cast<int32_t>(std::min(g.tile(), g.target_rows - at.row));
      square.last_column = static_cast<int32_t>(std::min(g.tile(), g.target_columns - at.column));
      set_planes_out(square, planes + (t - tiles.first) * b_.target_step, b_.target_plane, g.transforms->size);
      g.transforms->gradient(square);
    }
  }

  /// For each place of a tile: (source channels, tiles) times (tiles, target channels).
  void add_products(const float* source, const float* gradient, float* sums, int64_t tiles) const {
    const Geometry& g = b_.g;
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
        Blocks::each_strip(g.source_channels, tiles_.pixels[vectors], [&](int64_t first, int64_t count) {
          sum.x = source + point * b_.source_plane + first;
          sum.weights = sums + point * sum_plane_ + first * g.target_channels + filter;
          tiles_.sum[vectors][count](sum);
        });
      }
    }
  }

  void write_gradient(const float* sums, Range rows, float* out) const {
    const Geometry& g = b_.g;
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
  Blocks b_;
  int64_t sum_plane_, slice_, slices_, add_pieces_, added_plane_;
};

WinogradUse initial_use() {
  const char* text = std::getenv("HEBB_WINOGRAD");
  const std::string_view wanted = text ? text : "";
  if (wanted.empty() || wanted == "on") return WinogradUse::on;
  if (wanted == "always") return WinogradUse::always;
  if (wanted == "off") return WinogradUse::off;
  throw InvalidArgument(message("HEBB_WINOGRAD: expected on, always or off, got '", wanted, "'."));
}

std::atomic<WinogradUse>& winograd_use() {
  static std::atomic<WinogradUse> use = initial_use();
  return use;
}

/// The geometry of a convolution that can be and is worth being computed this way; nothing, and why, for others.
std::optional<Geometry> geometry_of(const ConvOptions& options, const Shape& x, const Shape& kernel, const Shape& y,
                                    const Call& call, bool backward, Refusal& why) {
  const auto refuse = [&](const char* reason) {
    why(reason);
    return std::nullopt;
  };
  const WinogradUse use = winograd_use();
  if (use == WinogradUse::off) return refuse("switched off by HEBB_WINOGRAD");
  for (const Spec& spec : call.in) {
    if (spec.dtype != DType::float32) return refuse("float32 only");
    if (spec.shape.elements() == 0) return refuse("nothing to compute");
  }
  if (x.rank() != 4 || y.elements() == 0) return refuse("two spatial axes only");
  if (kernel[0] != kernel[1]) return refuse("square kernels only");
  const auto all_one = [](const std::vector<int64_t>& values) {
    return std::all_of(values.begin(), values.end(), [](int64_t value) { return value == 1; });
  };
  if (!all_one(options.strides) || !all_one(options.dilations) || options.groups != 1)
    return refuse("no strides, dilations or groups");
  const WinogradTransforms* transforms = winograd_transforms(4, static_cast<int>(std::min<int64_t>(kernel[0], 99)));
  if (!transforms) return refuse("no transforms for this size of kernel, or no AVX2");
  Geometry g{transforms, x[0], x[1], x[2], x[3], y[1], y[2], y[3], options.low[0], options.low[1]};
  if (backward) {
    std::swap(g.source_rows, g.target_rows);
    std::swap(g.source_columns, g.target_columns);
    std::swap(g.source_channels, g.target_channels);
    g.top = kernel[0] - 1 - g.top;
    g.left = kernel[1] - 1 - g.left;
  }
  if (use == WinogradUse::on && g.cost(call.lasts(1)) > 0.9 * g.direct_products())
    return refuse("the direct way is faster");
  return g;
}

std::unique_ptr<Kernel> make_forward(const Call& call, const ConvOptions& options, bool bias, int addend,
                                     const std::string& activation, Refusal& why) {
  const auto geometry = geometry_of(options, call.in[0].shape, call.in[1].shape, call.out[0].shape, call, false, why);
  if (!geometry) return nullptr;
  return std::make_unique<WinogradConv>(*geometry, false, call.lasts(1), bias, addend, activation);
}

}  // namespace

}  // namespace simd

using namespace simd;

void set_winograd_use(WinogradUse use) { winograd_use() = use; }

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
      geometry_of(op.options(), call.out[0].shape, call.in[1].shape, call.in[0].shape, call, true, why);
  if (!geometry) return nullptr;
  return std::make_unique<WinogradConv>(*geometry, true, call.lasts(1), false, -1, "");
}

std::unique_ptr<Kernel> make_winograd_conv_backward_kernel(const Call& call, Refusal& why) {
  const auto& op = static_cast<const ConvBackwardKernel&>(call.op);
  const auto geometry =
      geometry_of(op.options(), call.in[0].shape, call.out[0].shape, call.in[1].shape, call, false, why);
  if (!geometry) return nullptr;
  return std::make_unique<WinogradBackwardKernel>(*geometry);
}

}  // namespace hebb
