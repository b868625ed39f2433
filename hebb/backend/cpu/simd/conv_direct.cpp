#include "hebb/backend/cpu/simd/conv_direct.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "hebb/backend/cpu/simd/block.h"
#include "hebb/backend/cpu/simd/conv_axis.h"
#include "hebb/backend/cpu/simd/conv_tiles.h"
#include "hebb/backend/cpu/simd/strided_copy.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/fused.h"

namespace hebb {

namespace simd {

namespace {

/// A convolution over rows and columns; one spatial axis is one row.
struct Geometry {
  int64_t batch, groups, channels, filters;  // of all groups
  ConvAxis rows, columns;

  Geometry(const ConvOptions& options, const Shape& x, const Shape& kernel, const Shape& y)
      : batch(x.front()),
        groups(options.groups),
        channels(x.back()),
        filters(y.back()),
        rows{1, 1, 1},
        columns{1, 1, 1} {
    const int spatial = x.rank() - 2;
    const auto axis = [&](int i) {
      const auto at = static_cast<size_t>(i);
      return ConvAxis{x[i + 1], kernel[i], y[i + 1], options.strides[at], options.dilations[at], options.low[at]};
    };
    columns = axis(spatial - 1);
    if (spatial == 2) rows = axis(0);
  }

  int64_t taps() const { return rows.window * columns.window; }
  int64_t x_image() const { return rows.input * columns.input * channels; }
  int64_t y_image() const { return rows.output * columns.output * filters; }
  int64_t weights() const { return taps() * channels / groups * filters; }
  double flops() const {
    return 2.0 * static_cast<double>(batch * rows.output * columns.output * taps()) *
           static_cast<double>(channels / groups * filters);
  }
};

/// Columns of weights that a tile takes: one or two vectors, the last one maybe not full.
struct FilterBlock {
  int64_t group, first, count;  ///< `first` counts from the first filter of all groups
  int vectors;
};

std::vector<FilterBlock> filter_blocks(int64_t groups, int64_t filters, int64_t lanes) {
  std::vector<FilterBlock> blocks;
  const int64_t in_group = filters / groups;
  for (int64_t group = 0; group < groups; ++group) {
    for (int64_t first = 0; first < in_group; first += 2 * lanes) {
      const int64_t count = std::min(in_group - first, 2 * lanes);
      blocks.push_back({group, group * in_group + first, count, count > lanes ? 2 : 1});
    }
  }
  return blocks;
}

int64_t power_of_two_below(double value) {
  int64_t power = 1;
  while (static_cast<double>(2 * power) <= value) power *= 2;
  return power;
}

/// How the work is cut, one cut inside the other.
struct Cuts {
  int64_t images = 1, bands = 1, filters = 1;

  int64_t pieces() const { return images * bands * filters; }
  std::array<int64_t, 3> at(int64_t piece) const {
    return {piece / (bands * filters), piece / filters % bands, piece % filters};
  }
};

/// A piece is worth starting when it has this many operations: some 10 microseconds.
constexpr double least_flops_of_piece = 2e6;
constexpr int64_t most_pieces = 64;

struct Range {
  int64_t first, last;
  int64_t size() const { return last - first; }
};

Range part(int64_t index, int64_t parts, int64_t size) { return {index * size / parts, (index + 1) * size / parts}; }

std::string refusal(const Call& call) {
  for (const Spec& spec : call.in) {
    if (spec.dtype != DType::float32) return "float32 only";
    if (spec.shape.elements() == 0) return "nothing to compute";
  }
  if (call.out[0].shape.elements() == 0) return "nothing to compute";
  if (call.in[0].shape.rank() > 4) return "one or two spatial axes only";
  if (conv_tiles().lanes < 8) return "the processor has no AVX2";
  return "";
}

/// The forward pass, or the gradient with respect to the input with exchanged weights: strips of outputs, each from the
/// numbers of the source that it sees.
class DirectConv : public Kernel {
 public:
  /// `addend`: the index of the input that is added, or -1.
  DirectConv(const Geometry& geometry, bool backward, bool bias, int addend, std::string_view activation)
      : geometry_(geometry),
        tiles_(conv_tiles()),
        backward_(backward),
        bias_(bias),
        addend_(addend),
        relu_(activation == "relu") {
    if (!activation.empty() && !relu_) activation_ = find_block_function(activation, DType::float32);
    const Geometry& g = geometry_;
    source_channels_ = backward ? g.filters : g.channels;
    filters_ = backward ? g.channels : g.filters;
    source_image_ = backward ? g.y_image() : g.x_image();
    target_image_ = backward ? g.x_image() : g.y_image();
    source_columns_ = backward ? g.columns.output : g.columns.input;
    target_columns_ = backward ? g.columns.input : g.columns.output;
    blocks_ = filter_blocks(g.groups, filters_, tiles_.lanes);
    most_pixels_ = tiles_.pixels[blocks_[0].vectors];
    make_strips(backward ? backward_groups(g.rows) : forward_groups(g.rows),
                backward ? backward_groups(g.columns) : forward_groups(g.columns));
    cut();
    if (backward) {
      transpose_ = find_transpose_band();
      scratch_bytes_ = g.weights() * static_cast<int64_t>(sizeof(float));
      transpose_pieces_ = std::clamp<int64_t>(g.weights() / 16384, 1, g.taps());
    }
  }

  std::string_view implementation() const override { return "simd"; }
  int phases() const override { return backward_ ? 2 : 1; }
  int64_t pieces(int phase) const override { return backward_ && phase == 0 ? transpose_pieces_ : cuts_.pieces(); }
  int64_t scratch_bytes() const override { return scratch_bytes_; }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    if (backward_ && phase == 0) {
      exchange_weights(args.input<float>(1), reinterpret_cast<float*>(args.scratch),
                       part(piece, transpose_pieces_, geometry_.taps()));
      return;
    }
    const auto [image, band, filter] = cuts_.at(piece);
    const Range images = part(image, cuts_.images, geometry_.batch);
    const Range strips = part(band, cuts_.bands, static_cast<int64_t>(strips_.size()));
    const Range blocks = part(filter, cuts_.filters, static_cast<int64_t>(blocks_.size()));
    const float* weights = backward_ ? reinterpret_cast<const float*>(args.scratch) : args.input<float>(1);
    const float* bias = bias_ ? args.input<float>(2) : nullptr;
    for (int64_t b = blocks.first; b < blocks.last; ++b) {
      const FilterBlock& block = blocks_[static_cast<size_t>(b)];
      ConvStrip strip;
      strip.weights = weights + block.first;
      strip.row = filters_;
      strip.bias = bias ? bias + block.first : nullptr;
      strip.addend = nullptr;
      strip.relu = relu_;
      strip.filters = block.count;
      const float* addend = addend_ < 0 ? nullptr : args.input<float>(static_cast<size_t>(addend_)) + block.first;
      const float* source = args.input<float>(0) + block.group * (source_channels_ / geometry_.groups);
      float* target = args.output<float>() + block.first;
      for (int64_t i = images.first; i < images.last; ++i) {
        for (int64_t s = strips.first; s < strips.last; ++s) {
          const Strip& at = strips_[static_cast<size_t>(s)];
          strip.x = source + i * source_image_ + at.source;
          strip.x_step = at.source_step;
          strip.y = target + i * target_image_ + at.target;
          strip.y_step = at.target_step;
          if (addend) strip.addend = addend + (strip.y - target);
          run_strip(strip, at, block.vectors);
        }
      }
      if (band == 0) run_lone_positions(strip, source, target, addend, images, block.vectors);
    }
    if (activation_) {
      // Pieces are whole images then.
      float* y = args.output<float>() + images.first * target_image_;
      const BlockOperand operand{y, each_element};
      activation_(&operand, y, static_cast<size_t>(images.size() * target_image_));
    }
  }

 private:
  /// Positions of the result in a row, a column, or alone, that see the same taps. Offsets are from the image's start.
  struct Strip {
    int64_t source, source_step, target, target_step;
    int32_t pixels;
    int32_t first_run, run_count;
  };

  void make_strips(const std::vector<AxisGroup>& rows, const std::vector<AxisGroup>& columns) {
    for (const AxisGroup& row : rows) {
      for (const AxisGroup& column : columns) {
        const auto first_run = static_cast<int32_t>(runs_.size());
        make_runs(row.taps, column.taps);
        const auto run_count = static_cast<int32_t>(runs_.size()) - first_run;
        const auto add = [&](std::vector<Strip>& to, int64_t i, int64_t j, bool down, Range pixels) {
          const int64_t source_row = row.source + i * row.source_step,
                        source_column = column.source + j * column.source_step;
          const int64_t target_row = row.first + i * row.step, target_column = column.first + j * column.step;
          to.push_back({(source_row * source_columns_ + source_column) * source_channels_,
                        (down ? row.source_step * source_columns_ : column.source_step) * source_channels_,
                        (target_row * target_columns_ + target_column) * filters_,
                        (down ? row.step * target_columns_ : column.step) * filters_,
                        static_cast<int32_t>(pixels.size()), first_run, run_count});
        };
        const auto each_part = [&](int64_t count, auto&& body) {
          const int64_t parts = (count + most_pixels_ - 1) / most_pixels_;
          for (int64_t p = 0; p < parts; ++p) body(part(p, parts, count));
        };
        // Fewer than this keep the arithmetic units waiting for each other's results.
        constexpr int64_t enough = 4;
        if (std::max(row.count, column.count) < enough && geometry_.batch >= enough) {
          for (int64_t i = 0; i < row.count; ++i) {
            for (int64_t j = 0; j < column.count; ++j) add(lone_, i, j, false, {0, 1});
          }
        } else if (column.count >= enough || column.count >= row.count) {
          for (int64_t i = 0; i < row.count; ++i) {
            each_part(column.count, [&](Range pixels) { add(strips_, i, pixels.first, false, pixels); });
          }
        } else {
          for (int64_t j = 0; j < column.count; ++j) {
            each_part(row.count, [&](Range pixels) { add(strips_, pixels.first, j, true, pixels); });
          }
        }
      }
    }
    // From the top down, so that what one strip has read is still near for the next.
    std::stable_sort(strips_.begin(), strips_.end(),
                     [](const Strip& a, const Strip& b) { return a.target < b.target; });
  }

  /// One run for each tap, or for neighbouring taps together where their channels are neighbours as well.
  void make_runs(const std::vector<AxisTap>& rows, const std::vector<AxisTap>& columns) {
    const int64_t channels = source_channels_ / geometry_.groups, last_tap = geometry_.taps() - 1;
    const size_t start = runs_.size();
    for (const AxisTap& row : rows) {
      for (const AxisTap& column : columns) {
        int64_t tap = row.tap * geometry_.columns.window + column.tap;
        if (backward_) tap = last_tap - tap;  // the exchanged weights lie in reverse
        const ConvRun run{(row.offset * source_columns_ + column.offset) * source_channels_, tap * channels * filters_,
                          channels};
        if (runs_.size() > start && runs_.back().x + runs_.back().length == run.x &&
            runs_.back().weights + runs_.back().length * filters_ == run.weights) {
          runs_.back().length += channels;
        } else {
          runs_.push_back(run);
        }
      }
    }
  }

  void cut() {
    const auto wanted = std::min(power_of_two_below(geometry_.flops() / least_flops_of_piece), most_pieces);
    cuts_.images = std::min(wanted, geometry_.batch);
    if (activation_) return;
    const int64_t rest = wanted / cuts_.images;
    cuts_.bands = std::clamp<int64_t>(rest, 1, std::max<int64_t>(static_cast<int64_t>(strips_.size()) / 4, 1));
    cuts_.filters = std::clamp<int64_t>(rest / cuts_.bands, 1, static_cast<int64_t>(blocks_.size()));
  }

  void run_strip(ConvStrip& strip, const Strip& at, int vectors) const {
    strip.runs = runs_.data() + at.first_run;
    strip.run_count = at.run_count;
    tiles_.strip[vectors][at.pixels](strip);
  }

  /// Positions without neighbours that see the same, such as corners: strips go through the images.
  void run_lone_positions(ConvStrip& strip, const float* source, float* target, const float* addend, Range images,
                          int vectors) const {
    strip.x_step = source_image_;
    strip.y_step = target_image_;
    for (const Strip& at : lone_) {
      strip.runs = runs_.data() + at.first_run;
      strip.run_count = at.run_count;
      for (int64_t i = images.first; i < images.last;) {
        const int64_t count = std::min<int64_t>(images.last - i, tiles_.pixels[vectors]);
        strip.x = source + i * source_image_ + at.source;
        strip.y = target + i * target_image_ + at.target;
        if (addend) strip.addend = addend + (strip.y - target);
        tiles_.strip[vectors][count](strip);
        i += count;
      }
    }
  }

  /// kernel: (taps, channels, groups, filters) -> (taps in reverse, filters, groups, channels), with channels and
  /// filters of one group.
  void exchange_weights(const float* from, float* to, Range taps) const {
    const Geometry& g = geometry_;
    const int64_t channels = g.channels / g.groups, filters = g.filters / g.groups, size = channels * g.filters;
    for (int64_t tap = taps.first; tap < taps.last; ++tap) {
      for (int64_t group = 0; group < g.groups; ++group) {
        transpose_(from + tap * size + group * filters, g.filters, to + (g.taps() - 1 - tap) * size + group * channels,
                   g.channels, channels, filters);
      }
    }
  }

  Geometry geometry_;
  const ConvTiles& tiles_;
  bool backward_, bias_;
  int addend_;
  bool relu_;
  BlockFunction activation_ = nullptr;
  TransposeBand transpose_ = nullptr;
  int64_t source_channels_, filters_, source_image_, target_image_, source_columns_, target_columns_;
  std::vector<FilterBlock> blocks_;
  int64_t most_pixels_;
  std::vector<Strip> strips_, lone_;
  std::vector<ConvRun> runs_;
  Cuts cuts_;
  int64_t scratch_bytes_ = 0, transpose_pieces_ = 0;
};

/// The gradient with respect to the kernel: a sum for each slice of the batch, and then their sum.
class DirectConvBackwardKernel : public Kernel {
 public:
  explicit DirectConvBackwardKernel(const Geometry& geometry) : geometry_(geometry), tiles_(conv_tiles()) {
    blocks_ = filter_blocks(geometry.groups, geometry.filters, tiles_.lanes);
    make_sums();
    cut();
    const Geometry& g = geometry_;
    // As many rows of outputs at a time as the first-level cache can hold with what they see, and enough to be worth
    // the loading and storing of the sums.
    const int64_t row_bytes = 4 * (g.columns.output * std::min<int64_t>(g.filters, 2 * tiles_.lanes) +
                                   g.columns.input * g.channels / g.groups * g.rows.stride);
    rows_at_once_ = std::max<int64_t>({24 * 1024 / row_bytes, 128 / g.columns.output, 1});
    partial_stride_ = (g.weights() + 15) / 16 * 16;
    add_pieces_ = std::clamp<int64_t>(g.weights() * cuts_.images / 65536, 1, 64);
  }

  std::string_view implementation() const override { return "simd"; }
  int phases() const override { return cuts_.images == 1 ? 1 : 2; }
  int64_t pieces(int phase) const override { return phase == 0 ? cuts_.pieces() : add_pieces_; }
  int64_t scratch_bytes() const override {
    return cuts_.images == 1 ? 0 : cuts_.images * partial_stride_ * static_cast<int64_t>(sizeof(float));
  }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    const Geometry& g = geometry_;
    auto* partials = reinterpret_cast<float*>(args.scratch);
    if (phase == 1) {
      const Range elements = part(piece, add_pieces_, (g.weights() + 15) / 16);
      tiles_.add(partials, cuts_.images, partial_stride_, args.output<float>(), elements.first * 16,
                 std::min(elements.last * 16, g.weights()));
      return;
    }
    const auto [slice, unused, filter] = cuts_.at(piece);
    const Range images = part(slice, cuts_.images, g.batch);
    const Range blocks = part(filter, cuts_.filters, static_cast<int64_t>(blocks_.size()));
    float* weights = cuts_.images == 1 ? args.output<float>() : partials + slice * partial_stride_;
    clear(weights, blocks);
    for (int64_t b = blocks.first; b < blocks.last; ++b) {
      for (int64_t image = images.first; image < images.last; ++image) {
        const float* x = args.input<float>(0) + image * g.x_image();
        const float* dy = args.input<float>(1) + image * g.y_image();
        for (int64_t row = 0; row < g.rows.output; row += rows_at_once_) {
          add_rows(x, dy, weights, blocks_[static_cast<size_t>(b)],
                   {row, std::min(row + rows_at_once_, g.rows.output)});
        }
      }
    }
  }

 private:
  /// Rows of weights that are neighbours, as their numbers of x are, and the outputs that they all meet.
  struct Sum {
    int64_t weights;  ///< the first row
    int64_t count;
    Range rows, columns;      ///< of outputs
    int64_t x_row, x_column;  ///< the place of the first row's number for output (0, 0), which may lie outside
    int64_t channel;
  };

  void make_sums() {
    const Geometry& g = geometry_;
    const int64_t channels = g.channels / g.groups;
    for (int64_t tap_row = 0; tap_row < g.rows.window; ++tap_row) {
      const Range rows = outputs_of(g.rows, tap_row);
      if (rows.size() <= 0) continue;
      const auto add = [&](Range columns, int64_t first_tap, int64_t taps) {
        const int64_t length = taps * channels;
        const int64_t parts = (length + tiles_.pixels[blocks_[0].vectors] - 1) / tiles_.pixels[blocks_[0].vectors];
        for (int64_t p = 0; p < parts; ++p) {
          const Range at = part(p, parts, length);
          sums_.push_back({(tap_row * g.columns.window + first_tap) * channels + at.first, at.size(), rows, columns,
                           tap_row * g.rows.dilation - g.rows.low, first_tap * g.columns.dilation - g.columns.low,
                           at.first});
        }
      };
      if (g.groups == 1 && g.columns.dilation == 1 && channels < 8) {
        // Few channels: numbers of neighbouring taps are taken together wherever all of them are met.
        for (const AxisGroup& group : forward_groups(g.columns)) {
          if (group.taps.empty()) continue;
          add({group.first, group.first + group.count}, group.taps[0].tap, static_cast<int64_t>(group.taps.size()));
        }
      } else {
        for (int64_t tap = 0; tap < g.columns.window; ++tap) {
          if (const Range columns = outputs_of(g.columns, tap); columns.size() > 0) add(columns, tap, 1);
        }
      }
    }
  }

  /// The outputs that meet a tap inside the input.
  static Range outputs_of(const ConvAxis& axis, int64_t tap) {
    const int64_t offset = tap * axis.dilation - axis.low;  // output * stride + offset is the place in the input
    const int64_t first = offset >= 0 ? 0 : (-offset + axis.stride - 1) / axis.stride;
    const int64_t last = axis.input - 1 - offset < 0 ? 0 : (axis.input - 1 - offset) / axis.stride + 1;
    return {first, std::min(last, axis.output)};
  }

  void cut() {
    // Partial sums cost memory and the time to add them: a few percent of a slice's own. Where the kernel is large, its
    // filters are cut instead.
    constexpr double flops_for_a_byte = 400;
    constexpr int64_t most_partial_bytes = 64 << 20;
    const int64_t bytes = geometry_.weights() * static_cast<int64_t>(sizeof(float));
    const auto wanted = std::min(power_of_two_below(geometry_.flops() / least_flops_of_piece), most_pieces);
    const double least = std::max(least_flops_of_piece, flops_for_a_byte * static_cast<double>(bytes));
    cuts_.images = std::min({power_of_two_below(geometry_.flops() / least), int64_t{32}, geometry_.batch,
                             std::max<int64_t>(most_partial_bytes / bytes, 1)});
    cuts_.filters = std::clamp<int64_t>(wanted / cuts_.images, 1, static_cast<int64_t>(blocks_.size()));
  }

  void clear(float* weights, Range blocks) const {
    const Geometry& g = geometry_;
    const int64_t rows = g.weights() / g.filters;
    if (cuts_.filters == 1) {
      std::memset(weights, 0, static_cast<size_t>(g.weights()) * sizeof(float));
      return;
    }
    const FilterBlock &first = blocks_[static_cast<size_t>(blocks.first)],
                      &last = blocks_[static_cast<size_t>(blocks.last - 1)];
    const int64_t count = last.first + last.count - first.first;
    for (int64_t row = 0; row < rows; ++row) {
      std::memset(weights + row * g.filters + first.first, 0, static_cast<size_t>(count) * sizeof(float));
    }
  }

  void add_rows(const float* x, const float* dy, float* weights, const FilterBlock& block, Range rows) const {
    const Geometry& g = geometry_;
    const int64_t first_channel = block.group * (g.channels / g.groups);
    ConvSum sum;
    sum.x_step = g.columns.stride * g.channels;
    sum.x_row = g.rows.stride * g.columns.input * g.channels;
    sum.dy_step = g.filters;
    sum.dy_row = g.columns.output * g.filters;
    sum.row = g.filters;
    sum.filters = block.count;
    for (const Sum& s : sums_) {
      const int64_t row = std::max(rows.first, s.rows.first), column = s.columns.first;
      sum.rows = std::min(rows.last, s.rows.last) - row;
      if (sum.rows <= 0) continue;
      sum.columns = s.columns.size();
      sum.x =
          x +
          ((row * g.rows.stride + s.x_row) * g.columns.input + column * g.columns.stride + s.x_column) * g.channels +
          first_channel + s.channel;
      sum.dy = dy + (row * g.columns.output + column) * g.filters + block.first;
      sum.weights = weights + s.weights * g.filters + block.first;
      tiles_.sum[block.vectors][s.count](sum);
    }
  }

  Geometry geometry_;
  const ConvTiles& tiles_;
  std::vector<FilterBlock> blocks_;
  std::vector<Sum> sums_;
  Cuts cuts_;
  int64_t rows_at_once_ = 1, partial_stride_ = 0, add_pieces_ = 1;
};

std::unique_ptr<Kernel> make_forward(const Call& call, const ConvOptions& options, bool bias, int addend,
                                     const std::string& activation, Refusal& why) {
  if (std::string reason = refusal(call); !reason.empty()) return why(reason);
  const Geometry geometry(options, call.in[0].shape, call.in[1].shape, call.out[0].shape);
  if (geometry.filters / geometry.groups < 4 && geometry.groups > 1) return why("groups with few filters");
  return std::make_unique<DirectConv>(geometry, false, bias, addend, activation);
}

}  // namespace

}  // namespace simd

using namespace simd;

std::unique_ptr<Kernel> make_simd_conv(const Call& call, Refusal& why) {
  return make_forward(call, static_cast<const Conv&>(call.op).options(), false, -1, "", why);
}

std::unique_ptr<Kernel> make_simd_fused_conv(const Call& call, Refusal& why) {
  const auto& op = static_cast<const FusedProduct&>(call.op);
  const std::string& activation = op.activation();
  if (!activation.empty() && find_block_function(activation, DType::float32) == nullptr) {
    return why("no vector code for the activation");
  }
  const int addend = op.has_addend() ? static_cast<int>(call.in.size()) - 1 : -1;
  return make_forward(call, static_cast<const Conv&>(op.product()).options(), op.has_bias(), addend, activation, why);
}

std::unique_ptr<Kernel> make_simd_conv_backward_input(const Call& call, Refusal& why) {
  if (std::string reason = refusal(call); !reason.empty()) return why(reason);
  const auto& op = static_cast<const ConvBackwardInput&>(call.op);
  const Geometry geometry(op.options(), call.out[0].shape, call.in[1].shape, call.in[0].shape);
  if (geometry.channels / geometry.groups < 4 && geometry.groups > 1) return why("groups with few channels");
  return std::make_unique<DirectConv>(geometry, true, false, -1, "");
}

std::unique_ptr<Kernel> make_simd_conv_backward_kernel(const Call& call, Refusal& why) {
  if (std::string reason = refusal(call); !reason.empty()) return why(reason);
  const auto& op = static_cast<const ConvBackwardKernel&>(call.op);
  const Geometry geometry(op.options(), call.in[0].shape, call.out[0].shape, call.in[1].shape);
  if (geometry.filters / geometry.groups < 4 && geometry.groups > 1) return why("groups with few filters");
  return std::make_unique<DirectConvBackwardKernel>(geometry);
}

}  // namespace hebb
