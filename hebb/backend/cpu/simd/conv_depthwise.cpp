#include "hebb/backend/cpu/simd/conv_depthwise.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "hebb/backend/cpu/simd/block.h"
#include "hebb/backend/cpu/simd/conv_geometry.h"
#include "hebb/backend/cpu/simd/depthwise_strips.h"
#include "hebb/ops/fused.h"

namespace hebb::simd {

namespace {

/// A piece is worth starting when it has this many operations: few for each number that is moved.
constexpr double least_flops_of_depthwise_piece = 4e5;

/// Positions of the result in a row that see the same taps. Offsets are from the image's start.
struct Strip {
  int64_t source, target;
  int64_t source_step, target_step;
  int64_t pixels;
  int64_t first_tap, tap_count;
};

/// All positions of a result, and what they see.
struct Strips {
  std::vector<Strip> strips;  ///< from the top down, so that what one has read is still near for the next
  std::vector<DepthwiseTap> taps;
};

/// `backward`: of the gradient with respect to the input, whose source is that of the output.
Strips make_strips(const ConvGeometry& g, bool backward) {
  Strips all;
  const auto rows = backward ? backward_groups(g.rows) : forward_groups(g.rows);
  const auto columns = backward ? backward_groups(g.columns) : forward_groups(g.columns);
  const int64_t source_columns = backward ? g.columns.output : g.columns.input;
  const int64_t target_columns = backward ? g.columns.input : g.columns.output;
  for (const AxisGroup& row : rows) {
    for (const AxisGroup& column : columns) {
      const auto first_tap = static_cast<int64_t>(all.taps.size());
      for (const AxisTap& i : row.taps) {
        for (const AxisTap& j : column.taps) {
          all.taps.push_back(
              {(i.offset * source_columns + j.offset) * g.channels, (i.tap * g.columns.window + j.tap) * g.channels});
        }
      }
      const auto count = static_cast<int64_t>(all.taps.size()) - first_tap;
      for (int64_t i = 0; i < row.count; ++i) {
        all.strips.push_back({((row.source + i * row.source_step) * source_columns + column.source) * g.channels,
                              ((row.first + i * row.step) * target_columns + column.first) * g.channels,
                              column.source_step * g.channels, column.step * g.channels, column.count, first_tap,
                              count});
      }
    }
  }
  std::stable_sort(all.strips.begin(), all.strips.end(),
                   [](const Strip& a, const Strip& b) { return a.target < b.target; });
  return all;
}

/// The forward pass, or the gradient with respect to the input.
class DepthwiseConv : public Kernel {
 public:
  /// `addend`: the index of the input that is added, or -1.
  DepthwiseConv(const ConvGeometry& geometry, bool backward, bool bias, int addend, std::string_view activation)
      : geometry_(geometry),
        functions_(find_depthwise_functions()),
        all_(make_strips(geometry, backward)),
        source_image_(backward ? geometry.y_image() : geometry.x_image()),
        target_image_(backward ? geometry.x_image() : geometry.y_image()),
        bias_(bias),
        addend_(addend),
        relu_(activation == "relu") {
    if (!activation.empty() && !relu_) activation_ = find_block_function(activation, DType::float32);
    const auto wanted = std::min(power_of_two_below(geometry.flops() / least_flops_of_depthwise_piece), most_pieces);
    cuts_.images = std::min(wanted, geometry.batch);
    if (!activation_)  // which goes over whole images
      cuts_.bands = std::clamp<int64_t>(wanted / cuts_.images, 1, static_cast<int64_t>(all_.strips.size()));
  }

  std::string_view implementation() const override { return "simd:depthwise"; }
  int64_t pieces(int) const override { return cuts_.pieces(); }

  void run(int, int64_t piece, const KernelArgs& args) const override {
    const auto [image, band, unused] = cuts_.at(piece);
    const Range images = part(image, cuts_.images, geometry_.batch);
    const Range strips = part(band, cuts_.bands, static_cast<int64_t>(all_.strips.size()));
    const float* addend = addend_ < 0 ? nullptr : args.input<float>(static_cast<size_t>(addend_));
    DepthwiseStrip strip;
    strip.weights = args.input<float>(1);
    strip.bias = bias_ ? args.input<float>(2) : nullptr;
    strip.relu = relu_;
    strip.channels = geometry_.channels;
    for (int64_t i = images.first; i < images.last; ++i) {
      for (int64_t s = strips.first; s < strips.last; ++s) {
        const Strip& at = all_.strips[static_cast<size_t>(s)];
        const int64_t target = i * target_image_ + at.target;
        strip.x = args.input<float>(0) + i * source_image_ + at.source;
        strip.x_step = at.source_step;
        strip.taps = all_.taps.data() + at.first_tap;
        strip.tap_count = at.tap_count;
        strip.addend = addend ? addend + target : nullptr;
        strip.y = args.output<float>() + target;
        strip.y_step = at.target_step;
        strip.pixels = at.pixels;
        functions_.strip(strip);
      }
    }
    if (!activation_) return;
    float* y = args.output<float>() + images.first * target_image_;
    const BlockOperand operand{y, each_element};
    activation_(&operand, y, static_cast<size_t>(images.size() * target_image_));
  }

 private:
  ConvGeometry geometry_;
  DepthwiseFunctions functions_;
  Strips all_;
  int64_t source_image_, target_image_;
  bool bias_;
  int addend_;
  bool relu_;
  BlockFunction activation_ = nullptr;
  Cuts cuts_;
};

/// The gradient with respect to the kernel: a sum for each slice of the batch, and then their sum.
class DepthwiseBackwardKernel : public Kernel {
 public:
  explicit DepthwiseBackwardKernel(const ConvGeometry& geometry)
      : geometry_(geometry),
        functions_(find_depthwise_functions()),
        add_(conv_tiles().add),
        all_(make_strips(geometry, false)) {
    const auto wanted = power_of_two_below(geometry.flops() / least_flops_of_depthwise_piece);
    slices_ = std::min({wanted, int64_t{32}, geometry.batch});
    partial_stride_ = rounded_up(geometry.weights(), 16);
  }

  std::string_view implementation() const override { return "simd:depthwise"; }
  int phases() const override { return slices_ == 1 ? 1 : 2; }
  int64_t pieces(int phase) const override { return phase == 0 ? slices_ : 1; }
  int64_t scratch_bytes() const override {
    return slices_ == 1 ? 0 : slices_ * partial_stride_ * static_cast<int64_t>(sizeof(float));
  }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    const ConvGeometry& g = geometry_;
    auto* partials = reinterpret_cast<float*>(args.scratch);
    if (phase == 1) {
      add_(partials, slices_, partial_stride_, args.output<float>(), 0, g.weights());
      return;
    }
    const Range images = part(piece, slices_, g.batch);
    DepthwiseSum sum;
    sum.weights = slices_ == 1 ? args.output<float>() : partials + piece * partial_stride_;
    sum.channels = g.channels;
    std::memset(sum.weights, 0, static_cast<size_t>(g.weights()) * sizeof(float));
    for (int64_t i = images.first; i < images.last; ++i) {
      for (const Strip& at : all_.strips) {
        sum.x = args.input<float>(0) + i * g.x_image() + at.source;
        sum.x_step = at.source_step;
        sum.dy = args.input<float>(1) + i * g.y_image() + at.target;
        sum.dy_step = at.target_step;
        sum.taps = all_.taps.data() + at.first_tap;
        sum.tap_count = at.tap_count;
        sum.pixels = at.pixels;
        functions_.sum(sum);
      }
    }
  }

 private:
  ConvGeometry geometry_;
  DepthwiseFunctions functions_;
  void (*add_)(const float*, int64_t, int64_t, float*, int64_t, int64_t);
  Strips all_;
  int64_t slices_ = 1, partial_stride_ = 0;
};

}  // namespace

bool is_depthwise(const ConvOptions& options, const Shape& kernel) {
  return options.groups > 1 && kernel[-2] == 1 && kernel[-1] == options.groups;
}

std::unique_ptr<Kernel> make_depthwise_conv(const Call& call) {
  const ConvOptions& options = static_cast<const Conv&>(call.op).options();
  return std::make_unique<DepthwiseConv>(ConvGeometry(options, call.in[0].shape, call.in[1].shape, call.out[0].shape),
                                         false, false, -1, "");
}

std::unique_ptr<Kernel> make_depthwise_fused_conv(const Call& call) {
  const auto& op = static_cast<const FusedProduct&>(call.op);
  const ConvOptions& options = static_cast<const Conv&>(op.product()).options();
  const int addend = op.has_addend() ? static_cast<int>(call.in.size()) - 1 : -1;
  return std::make_unique<DepthwiseConv>(ConvGeometry(options, call.in[0].shape, call.in[1].shape, call.out[0].shape),
                                         false, op.has_bias(), addend, op.activation());
}

std::unique_ptr<Kernel> make_depthwise_backward_input(const Call& call) {
  const auto& op = static_cast<const ConvBackwardInput&>(call.op);
  return std::make_unique<DepthwiseConv>(
      ConvGeometry(op.options(), call.out[0].shape, call.in[1].shape, call.in[0].shape), true, false, -1, "");
}

std::unique_ptr<Kernel> make_depthwise_backward_kernel(const Call& call) {
  const auto& op = static_cast<const ConvBackwardKernel&>(call.op);
  return std::make_unique<DepthwiseBackwardKernel>(
      ConvGeometry(op.options(), call.in[0].shape, call.out[0].shape, call.in[1].shape));
}

}  // namespace hebb::simd
