#include <algorithm>
#include <cstring>
#include <vector>

#include "hebb/backend/cpu/simd/conv_depthwise.h"
#include "hebb/backend/cpu/simd/conv_direct.h"
#include "hebb/backend/cpu/simd/conv_geometry.h"
#include "hebb/backend/cpu/simd/parts.h"

namespace hebb {

namespace simd {

namespace {

/// The gradient with respect to the kernel: a sum for each slice of the batch, and then their sum.
class DirectConvBackwardKernel : public Kernel {
 public:
  explicit DirectConvBackwardKernel(const ConvGeometry& geometry) : geometry_(geometry), tiles_(conv_tiles()) {
    blocks_ = filter_blocks(geometry.groups, geometry.filters, tiles_.lanes);
    make_sums();
    cut();
    const ConvGeometry& g = geometry_;
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
    const ConvGeometry& g = geometry_;
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
    const ConvGeometry& g = geometry_;
    const int64_t channels = g.channels / g.groups;
    for (int64_t tap_row = 0; tap_row < g.rows.window; ++tap_row) {
      const Range rows = outputs_of(g.rows, tap_row);
      if (rows.size() <= 0) continue;
      const auto add = [&](Range columns, int64_t first_tap, int64_t taps) {
        const int64_t length = taps * channels;
        const int64_t parts = divide_up(length, tiles_.pixels[blocks_[0].vectors]);
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
    const int64_t first = offset >= 0 ? 0 : divide_up(-offset, axis.stride);
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
    const ConvGeometry& g = geometry_;
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
    const ConvGeometry& g = geometry_;
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

  ConvGeometry geometry_;
  const ConvTiles& tiles_;
  std::vector<FilterBlock> blocks_;
  std::vector<Sum> sums_;
  Cuts cuts_;
  int64_t rows_at_once_ = 1, partial_stride_ = 0, add_pieces_ = 1;
};

}  // namespace

}  // namespace simd

using namespace simd;

std::unique_ptr<Kernel> make_simd_conv_backward_kernel(const Call& call, Refusal& why) {
  if (std::string reason = refusal(call); !reason.empty()) return why(reason);
  const auto& op = static_cast<const ConvBackwardKernel&>(call.op);
  if (is_depthwise(op.options(), call.out[0].shape)) return make_depthwise_backward_kernel(call);
  const ConvGeometry geometry(op.options(), call.in[0].shape, call.out[0].shape, call.in[1].shape);
  if (geometry.filters / geometry.groups < 4 && geometry.groups > 1) return why("groups with few filters");
  return std::make_unique<DirectConvBackwardKernel>(geometry);
}

}  // namespace hebb
