#include "hebb/backend/cpu/simd/conv_direct.h"

#include <algorithm>
#include <string>
#include <vector>

#include "hebb/backend/cpu/simd/block.h"
#include "hebb/backend/cpu/simd/conv_depthwise.h"
#include "hebb/backend/cpu/simd/conv_geometry.h"
#include "hebb/backend/cpu/simd/conv_pointwise.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/strided_copy.h"
#include "hebb/ops/fused.h"

namespace hebb {

namespace simd {

namespace {

/// The forward pass, or the gradient with respect to the input with exchanged weights: strips of outputs, each from the
/// numbers of the source that it sees.
class DirectConv : public Kernel {
 public:
  /// `addend`: the index of the input that is added, or -1.
  DirectConv(const ConvGeometry& geometry, bool backward, bool bias, int addend, std::string_view activation)
      : geometry_(geometry),
        tiles_(conv_tiles()),
        backward_(backward),
        bias_(bias),
        addend_(addend),
        relu_(activation == "relu") {
    if (!activation.empty() && !relu_) activation_ = find_block_function(activation, DType::float32);
    const ConvGeometry& g = geometry_;
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
          const int64_t parts = divide_up(count, most_pixels_);
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
    const ConvGeometry& g = geometry_;
    const int64_t channels = g.channels / g.groups, filters = g.filters / g.groups, size = channels * g.filters;
    for (int64_t tap = taps.first; tap < taps.last; ++tap) {
      for (int64_t group = 0; group < g.groups; ++group) {
        transpose_(from + tap * size + group * filters, g.filters, to + (g.taps() - 1 - tap) * size + group * channels,
                   g.channels, channels, filters);
      }
    }
  }

  ConvGeometry geometry_;
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

std::unique_ptr<Kernel> make_forward(const Call& call, const ConvOptions& options, bool bias, int addend,
                                     const std::string& activation, Refusal& why) {
  const ConvGeometry geometry(options, call.in[0].shape, call.in[1].shape, call.out[0].shape);
  if (geometry.filters / geometry.groups < 4 && geometry.groups > 1) return why("groups with few filters");
  return std::make_unique<DirectConv>(geometry, false, bias, addend, activation);
}

}  // namespace

}  // namespace simd

using namespace simd;

std::unique_ptr<Kernel> make_simd_conv(const Call& call, Refusal& why) {
  if (std::string reason = refusal(call); !reason.empty()) return why(reason);
  const ConvOptions& options = static_cast<const Conv&>(call.op).options();
  if (is_depthwise(options, call.in[1].shape)) return make_depthwise_conv(call);
  if (is_pointwise(options, call.in[1].shape)) return make_pointwise_conv(call, why);
  return make_forward(call, options, false, -1, "", why);
}

std::unique_ptr<Kernel> make_simd_fused_conv(const Call& call, Refusal& why) {
  const auto& op = static_cast<const FusedProduct&>(call.op);
  const std::string& activation = op.activation();
  if (!activation.empty() && find_block_function(activation, DType::float32) == nullptr) {
    return why("no vector code for the activation");
  }
  if (std::string reason = refusal(call); !reason.empty()) return why(reason);
  const ConvOptions& options = static_cast<const Conv&>(op.product()).options();
  if (is_depthwise(options, call.in[1].shape)) return make_depthwise_fused_conv(call);
  if (is_pointwise(options, call.in[1].shape)) return make_pointwise_fused_conv(call, why);
  const int addend = op.has_addend() ? static_cast<int>(call.in.size()) - 1 : -1;
  return make_forward(call, options, op.has_bias(), addend, activation, why);
}

std::unique_ptr<Kernel> make_simd_conv_backward_input(const Call& call, Refusal& why) {
  if (std::string reason = refusal(call); !reason.empty()) return why(reason);
  const auto& op = static_cast<const ConvBackwardInput&>(call.op);
  if (is_depthwise(op.options(), call.in[1].shape)) return make_depthwise_backward_input(call);
  if (is_pointwise(op.options(), call.in[1].shape)) return make_pointwise_backward_input(call, why);
  const ConvGeometry geometry(op.options(), call.out[0].shape, call.in[1].shape, call.in[0].shape);
  if (geometry.channels / geometry.groups < 4 && geometry.groups > 1) return why("groups with few channels");
  return std::make_unique<DirectConv>(geometry, true, false, -1, "");
}

}  // namespace hebb
