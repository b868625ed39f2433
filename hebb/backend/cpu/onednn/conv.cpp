#include "hebb/ops/conv.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "hebb/backend/cpu/onednn/conv_slices.h"
#include "hebb/backend/cpu/onednn/onednn.h"
#include "hebb/backend/cpu/onednn/onednn_api.h"
#include "hebb/backend/cpu/onednn/weights.h"
#include "hebb/backend/cpu/then_add.h"
#include "hebb/base/text.h"
#include "hebb/base/threads.h"
#include "hebb/ops/fused.h"

namespace hebb {

namespace onednn {

namespace {

int64_t aligned(int64_t bytes) { return (bytes + 63) / 64 * 64; }

/// Slices and the primitives that compute them; slices of one shape share a primitive.
class Slices {
 public:
  /// False when the library has no good implementation for one of them.
  bool make(std::vector<ConvSlice> slices, ConvPass pass, const WeightsFormat& format) {
    slices_ = std::move(slices);
    // What slices of one convolution can differ in.
    const auto key = [](const ConvProblem& p) {
      return std::tuple(p.batch, p.input[0], p.low[0], p.high[0], p.output[0]);
    };
    std::map<decltype(key(ConvProblem())), std::pair<int, size_t>> found;  // how many, and which primitive
    for (const ConvSlice& slice : slices_) ++found[key(slice.problem)].first;
    for (const ConvSlice& slice : slices_) {
      auto& [count, index] = found[key(slice.problem)];
      if (count > 0) {
        const int executions = std::min(count, std::max(threads(), 8));
        auto primitive = make_convolution(slice.problem, pass, &format, executions);
        if (!primitive) return false;
        index = primitives_.size();
        scratch_.push_back(scratch_bytes_);
        scratch_bytes_ += aligned(primitive->scratch_bytes());
        primitives_.push_back(std::move(primitive));
        count = 0;
      }
      primitive_of_.push_back(index);
    }
    return true;
  }

  int64_t count() const { return static_cast<int64_t>(slices_.size()); }
  const ConvSlice& operator[](int64_t i) const { return slices_[static_cast<size_t>(i)]; }
  int64_t scratch_bytes() const { return scratch_bytes_; }
  const std::string& implementation() const { return primitives_[0]->implementation(); }

  void execute(int64_t i, Buffers buffers) const {
    const size_t index = primitive_of_[static_cast<size_t>(i)];
    buffers.scratch += scratch_[index];
    primitives_[index]->execute(buffers, i);
  }

 private:
  std::vector<ConvSlice> slices_;
  std::vector<size_t> primitive_of_;
  std::vector<std::unique_ptr<Primitive>> primitives_;
  std::vector<int64_t> scratch_;
  int64_t scratch_bytes_ = 0;
};

/// How many pieces to cut the rows of weights into: a piece moves at least 4 K elements, some two microseconds.
int64_t pieces_of_weights(const WeightsPlacement& weights, int64_t parts) {
  const int64_t elements = rows(weights) * static_cast<int64_t>(weights.filters.size()) * parts;
  return std::clamp<int64_t>(elements / 4096, 1, std::min<int64_t>(rows(weights), 64));
}

/// On a slice that is still in the core's cache. NaN stays NaN, as it does not with the library's own relu.
void apply_relu(float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = 0.0f > y[i] ? 0.0f : y[i];
}

/// The forward pass, and the gradient with respect to the input: an activation and weights give an activation.
class SlicedConv : public Kernel {
 public:
  SlicedConv(std::string name, Slices slices, bool backward, WeightsPlacement given, WeightsPlacement wanted,
             LayoutPtr layout, bool bias, bool relu)
      : name_(std::move(name)),
        slices_(std::move(slices)),
        backward_(backward),
        given_(std::move(given)),
        wanted_(std::move(wanted)),
        layout_(std::move(layout)),
        bias_(bias),
        relu_(relu),
        packs_(!same_placement(given_, wanted_)),
        packed_bytes_(packs_ ? aligned(wanted_.bytes) : 0) {
    // Gaps are cleared first, which is not worth a phase of its own.
    pack_pieces_ = has_gaps(wanted_) ? 1 : pieces_of_weights(wanted_, 1);
  }

  std::string_view implementation() const override { return name_; }
  int phases() const override { return packs_ ? 2 : 1; }
  int64_t pieces(int phase) const override { return packs_ && phase == 0 ? pack_pieces_ : slices_.count(); }
  int64_t scratch_bytes() const override { return packed_bytes_ + slices_.scratch_bytes(); }
  LayoutPtr input_layout(int in) const override { return in == 1 ? layout_ : nullptr; }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    if (packs_ && phase == 0) {
      auto* packed = reinterpret_cast<float*>(args.scratch);
      if (has_gaps(wanted_)) std::memset(packed, 0, static_cast<size_t>(wanted_.bytes));
      const int64_t count = rows(wanted_);
      move_weights(given_, wanted_, args.input<float>(1), packed, piece * count / pack_pieces_,
                   (piece + 1) * count / pack_pieces_);
      return;
    }
    const ConvSlice& slice = slices_[piece];
    const int64_t in = backward_ ? slice.y_offset : slice.x_offset, out = backward_ ? slice.x_offset : slice.y_offset;
    slices_.execute(piece, {.a = args.input<float>(0) + in,
                            .b = packs_ ? static_cast<const void*>(args.scratch) : args.in[1],
                            .bias = bias_ ? args.in[2] : nullptr,
                            .out = args.output<float>() + out,
                            .scratch = args.scratch + packed_bytes_});
    if (relu_) apply_relu(args.output<float>() + out, y_elements(slice.problem));
  }

 private:
  std::string name_;
  Slices slices_;
  bool backward_;
  WeightsPlacement given_, wanted_;
  LayoutPtr layout_;
  bool bias_, relu_;
  bool packs_;
  int64_t packed_bytes_, pack_pieces_;
};

/// The gradient with respect to the kernel: one of each slice of the batch, and then their sum.
class SlicedConvBackwardKernel : public Kernel {
 public:
  SlicedConvBackwardKernel(Slices slices, WeightsPlacement partial, WeightsPlacement wanted, LayoutPtr layout)
      : name_("onednn:" + slices.implementation()),
        slices_(std::move(slices)),
        partial_(std::move(partial)),
        wanted_(std::move(wanted)),
        layout_(std::move(layout)),
        direct_(slices_.count() == 1 && same_placement(partial_, wanted_)),
        partial_bytes_(direct_ ? 0 : aligned(partial_.bytes)) {
    add_pieces_ = has_gaps(wanted_) ? 1 : pieces_of_weights(wanted_, slices_.count());
  }

  std::string_view implementation() const override { return name_; }
  int phases() const override { return direct_ ? 1 : 2; }
  int64_t pieces(int phase) const override { return phase == 0 ? slices_.count() : add_pieces_; }
  int64_t scratch_bytes() const override { return slices_.count() * partial_bytes_ + slices_.scratch_bytes(); }
  LayoutPtr output_layout(int out) const override { return out == 0 ? layout_ : nullptr; }

  void run(int phase, int64_t piece, const KernelArgs& args) const override {
    if (phase == 0) {
      const ConvSlice& slice = slices_[piece];
      slices_.execute(piece, {.a = args.input<float>(0) + slice.x_offset,
                              .b = args.input<float>(1) + slice.y_offset,
                              .out = direct_ ? args.out[0] : args.scratch + piece * partial_bytes_,
                              .scratch = args.scratch + slices_.count() * partial_bytes_});
      return;
    }
    if (has_gaps(wanted_)) std::memset(args.out[0], 0, static_cast<size_t>(wanted_.bytes));
    const int64_t count = rows(wanted_);
    add_weights(partial_, wanted_, reinterpret_cast<const float*>(args.scratch), slices_.count(),
                partial_bytes_ / static_cast<int64_t>(sizeof(float)), args.output<float>(), piece * count / add_pieces_,
                (piece + 1) * count / add_pieces_);
  }

 private:
  std::string name_;
  Slices slices_;
  WeightsPlacement partial_, wanted_;
  LayoutPtr layout_;
  bool direct_;
  int64_t partial_bytes_, add_pieces_;
};

/// Why the library cannot be asked at all; empty when it can.
std::string refusal(const Call& call) {
  for (const Spec& spec : call.in) {
    if (spec.dtype != DType::float32) return "float32 only";
    if (spec.shape.elements() == 0) return "nothing to compute";
  }
  if (call.out[0].shape.elements() == 0) return "nothing to compute";
  if (const int spatial = call.in[0].shape.rank() - 2; spatial > 3) return "at most three spatial axes";
  return "";
}

/// The format that the weights have in all three passes of a convolution: what the forward pass wants for one image, so
/// that it does not depend on the batch.
WeightsFormatPtr shared_format(ConvProblem problem) {
  problem.batch = 1;
  problem.bias = false;
  problem.activation.clear();
  return find_weights_format(problem, ConvPass::forward);
}

/// The layout that a parameter should have; null where that is the plain one.
LayoutPtr shared_layout(const ConvProblem& problem, const Shape& kernel) {
  const WeightsFormatPtr format = shared_format(problem);
  if (!format || same_placement(placement(*format), plain_placement(kernel))) return nullptr;
  return std::make_shared<WeightsLayout>(kernel, placement(*format));
}

WeightsPlacement placement_in(const LayoutPtr& layout, const Shape& kernel) {
  return layout ? static_cast<const WeightsLayout&>(*layout).placement() : plain_placement(kernel);
}

/// Weights in the shared format, on slices; falls back to slices of single images, for which the format was made.
bool make_forward_slices(Slices& slices, const ConvProblem& problem, const WeightsFormat& format) {
  if (slices.make(slices_of_rows(problem), ConvPass::forward, format)) return true;
  slices = Slices();
  return slices.make(slices_of_images(problem, problem.batch), ConvPass::forward, format);
}

std::unique_ptr<Kernel> make_forward(const Call& call, const ConvOptions& options, bool bias, std::string activation,
                                     Refusal& why) {
  if (std::string reason = refusal(call); !reason.empty()) return why(reason);
  const Shape& kernel = call.in[1].shape;
  ConvProblem problem = problem_of(options, call.in[0].shape, kernel, call.out[0].shape);
  const WeightsFormatPtr format = shared_format(problem);
  problem.bias = bias;
  const bool relu = activation == "relu";
  if (!relu) problem.activation = std::move(activation);
  Slices slices;
  if (!format || !make_forward_slices(slices, problem, *format)) return why("oneDNN has no fast implementation");
  const LayoutPtr layout = call.may_choose_in(1) ? shared_layout(problem, kernel) : nullptr;
  std::string name = "onednn:" + slices.implementation();
  return std::make_unique<SlicedConv>(std::move(name), std::move(slices), false, placement_in(layout, kernel),
                                      placement(*format), layout, bias, relu);
}

}  // namespace

}  // namespace onednn

using namespace onednn;

std::unique_ptr<Kernel> make_onednn_conv(const Call& call, Refusal& why) {
  return make_forward(call, static_cast<const Conv&>(call.op).options(), false, "", why);
}

std::unique_ptr<Kernel> make_onednn_fused_conv(const Call& call, Refusal& why) {
  const auto& op = static_cast<const FusedProduct&>(call.op);
  const std::string& activation = op.activation();
  if (!activation.empty() && activation != "relu" && !supports_activation(activation))
    return why("relu, tanh and sigmoid only");
  const ConvOptions& options = static_cast<const Conv&>(op.product()).options();
  if (!op.has_addend()) return make_forward(call, options, op.has_bias(), activation, why);
  Call product = call;
  product.in = call.in.first(call.in.size() - 1);
  auto kernel = make_forward(product, options, op.has_bias(), "", why);
  if (!kernel) return nullptr;
  kernel = then_add(std::move(kernel), call, activation);
  return kernel ? std::move(kernel) : why("no loop for the addition");
}

std::unique_ptr<Kernel> make_onednn_conv_backward_input(const Call& call, Refusal& why) {
  if (std::string reason = refusal(call); !reason.empty()) return why(reason);
  const auto& op = static_cast<const ConvBackwardInput&>(call.op);
  const Shape& kernel = call.in[1].shape;
  const ConvProblem problem = problem_of(op.options(), call.out[0].shape, kernel, call.in[0].shape);
  const LayoutPtr layout = call.may_choose_in(1) ? shared_layout(problem, kernel) : nullptr;
  const WeightsPlacement given = placement_in(layout, kernel);

  const auto as_forward = [&]() -> std::unique_ptr<Kernel> {
    const ConvProblem forward = exchanged(problem);
    const WeightsFormatPtr format = forward.input.empty() ? nullptr : shared_format(forward);
    Slices slices;
    if (!format || !make_forward_slices(slices, forward, *format)) return nullptr;
    std::string name = "onednn:exchanged " + slices.implementation();
    return std::make_unique<SlicedConv>(std::move(name), std::move(slices), false, given,
                                        exchanged(placement(*format), problem.groups), layout, false, false);
  };
  const auto as_backward = [&]() -> std::unique_ptr<Kernel> {
    const WeightsFormatPtr format = find_weights_format(problem, ConvPass::backward_input);
    Slices slices;
    if (!format || !slices.make(slices_of_images(problem, count_slices(problem, least_flops_of_slice, 64)),
                                ConvPass::backward_input, *format)) {
      return nullptr;
    }
    std::string name = "onednn:" + slices.implementation();
    return std::make_unique<SlicedConv>(std::move(name), std::move(slices), true, given, placement(*format), layout,
                                        false, false);
  };

  // The library's best code for AVX-512 (brgconv) knows forward convolutions alone. It is from 0.92 to 1.6 times as
  // fast as the code for this pass, except where the vectors of channels are not full.
  auto forward = as_forward();
  if (forward && problem.channels / problem.groups % 16 == 0 &&
      forward->implementation().find("brg") != std::string::npos) {
    return forward;
  }
  if (auto backward = as_backward()) return backward;
  return forward ? std::move(forward) : why("oneDNN has no fast implementation");
}

std::unique_ptr<Kernel> make_onednn_conv_backward_kernel(const Call& call, Refusal& why) {
  if (std::string reason = refusal(call); !reason.empty()) return why(reason);
  const auto& op = static_cast<const ConvBackwardKernel&>(call.op);
  const Shape& kernel = call.out[0].shape;
  const ConvProblem problem = problem_of(op.options(), call.in[0].shape, kernel, call.in[1].shape);
  const WeightsFormatPtr format = find_weights_format(problem, ConvPass::backward_kernel);
  if (!format) return why("oneDNN has no fast implementation");

  // Partial gradients cost memory and the time to add them: a few percent of a slice's own, except that some threads
  // shall have work even where the kernel is large.
  constexpr double flops_for_a_byte = 400;
  constexpr int64_t most_partial_bytes = 64 << 20;
  const int64_t bytes = placement(*format).bytes;
  const int64_t worth =
      count_slices(problem, std::max(least_flops_of_slice, flops_for_a_byte * static_cast<double>(bytes)), 32);
  const int64_t least = flops(problem) > 4 * least_flops_of_slice ? 4 : 1;
  const int64_t count = std::min(std::max(worth, least), std::max<int64_t>(most_partial_bytes / bytes, 1));
  Slices slices;
  if (!slices.make(slices_of_images(problem, count), ConvPass::backward_kernel, *format)) {
    return why("oneDNN has no fast implementation");
  }
  const LayoutPtr layout = call.may_choose_out(0) ? shared_layout(problem, kernel) : nullptr;
  return std::make_unique<SlicedConvBackwardKernel>(std::move(slices), placement(*format), placement_in(layout, kernel),
                                                    layout);
}

}  // namespace hebb
