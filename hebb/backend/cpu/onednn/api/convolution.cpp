#include "hebb/backend/cpu/onednn/api/execution.h"

namespace hebb::onednn {

namespace {

/// A convolution's tensors in the library's order of axes: (batch, channels, spatial...).
struct ConvDescs {
  Desc x, y, weights, bias;
  Dims strides, dilations, low, high;

  ConvDescs(const ConvProblem& p, const Desc* format) : strides(p.strides), low(p.low), high(p.high) {
    for (int64_t dilation : p.dilations) dilations.push_back(dilation - 1);
    const size_t spatial = p.input.size();
    constexpr dnnl_format_tag_t last[] = {dnnl_nwc, dnnl_nhwc, dnnl_ndhwc};
    const auto activations = [&](int64_t features, const Dims& places) {
      Dims dims{p.batch, features};
      dims.insert(dims.end(), places.begin(), places.end());
      return Desc::with_tag(dims, last[spatial - 1]);
    };
    x = activations(p.channels, p.input);
    y = activations(p.filters, p.output);
    if (p.bias) bias = Desc::with_tag({p.filters}, dnnl_x);
    weights = format ? *format : Desc::with_tag(weights_dims(p), dnnl_format_tag_any);
  }

  static Dims weights_dims(const ConvProblem& p) {
    Dims dims;
    if (p.groups > 1) dims.push_back(p.groups);
    dims.push_back(p.filters / p.groups);
    dims.push_back(p.channels / p.groups);
    dims.insert(dims.end(), p.window.begin(), p.window.end());
    return dims;
  }
};

PrimitiveDesc forward_desc(const ConvProblem& p, const ConvDescs& d, const Attribute& attribute) {
  PrimitiveDesc desc;
  Desc::Pointer bias = p.bias ? d.bias.get() : nullptr;
#if DNNL_VERSION_MAJOR == 2
  dnnl_convolution_desc_t conv;
  check(dnnl_dilated_convolution_forward_desc_init(&conv, dnnl_forward_training, dnnl_convolution_direct, d.x.get(),
                                                   d.weights.get(), bias, d.y.get(), d.strides.data(),
                                                   d.dilations.data(), d.low.data(), d.high.data()),
        "dnnl_dilated_convolution_forward_desc_init");
  const auto status = dnnl_primitive_desc_create(desc.receive(), &conv, attribute.get(), engine(), nullptr);
#else
  const auto status = dnnl_convolution_forward_primitive_desc_create(
      desc.receive(), engine(), dnnl_forward_training, dnnl_convolution_direct, d.x.get(), d.weights.get(), bias,
      d.y.get(), d.strides.data(), d.dilations.data(), d.low.data(), d.high.data(), attribute.get());
#endif
  return found(status, std::move(desc));
}

PrimitiveDesc backward_input_desc(const ConvDescs& d, const PrimitiveDesc& forward, const Attribute& attribute) {
  PrimitiveDesc desc;
#if DNNL_VERSION_MAJOR == 2
  dnnl_convolution_desc_t conv;
  check(dnnl_dilated_convolution_backward_data_desc_init(&conv, dnnl_convolution_direct, d.x.get(), d.weights.get(),
                                                         d.y.get(), d.strides.data(), d.dilations.data(), d.low.data(),
                                                         d.high.data()),
        "dnnl_dilated_convolution_backward_data_desc_init");
  const auto status = dnnl_primitive_desc_create(desc.receive(), &conv, attribute.get(), engine(), forward.get());
#else
  const auto status = dnnl_convolution_backward_data_primitive_desc_create(
      desc.receive(), engine(), dnnl_convolution_direct, d.x.get(), d.weights.get(), d.y.get(), d.strides.data(),
      d.dilations.data(), d.low.data(), d.high.data(), forward.get(), attribute.get());
#endif
  return found(status, std::move(desc));
}

PrimitiveDesc backward_kernel_desc(const ConvDescs& d, const PrimitiveDesc& forward, const Attribute& attribute) {
  PrimitiveDesc desc;
#if DNNL_VERSION_MAJOR == 2
  dnnl_convolution_desc_t conv;
  check(dnnl_dilated_convolution_backward_weights_desc_init(&conv, dnnl_convolution_direct, d.x.get(), d.weights.get(),
                                                            nullptr, d.y.get(), d.strides.data(), d.dilations.data(),
                                                            d.low.data(), d.high.data()),
        "dnnl_dilated_convolution_backward_weights_desc_init");
  const auto status = dnnl_primitive_desc_create(desc.receive(), &conv, attribute.get(), engine(), forward.get());
#else
  const auto status = dnnl_convolution_backward_weights_primitive_desc_create(
      desc.receive(), engine(), dnnl_convolution_direct, d.x.get(), d.weights.get(), nullptr, d.y.get(),
      d.strides.data(), d.dilations.data(), d.low.data(), d.high.data(), forward.get(), attribute.get());
#endif
  return found(status, std::move(desc));
}

/// The descriptor of a pass; empty when the library has only slow implementations.
PrimitiveDesc conv_desc(const ConvProblem& problem, ConvPass pass, const Desc* format) {
  const Attribute attribute = make_attribute(problem.activation);
  PrimitiveDesc desc;
  if (pass == ConvPass::forward) {
    desc = forward_desc(problem, ConvDescs(problem, format), attribute);
  } else {
    const PrimitiveDesc forward = forward_desc(problem, ConvDescs(problem, nullptr), attribute);
    if (!forward) return {};
    const ConvDescs descs(problem, format);
    desc = pass == ConvPass::backward_input ? backward_input_desc(descs, forward, attribute)
                                            : backward_kernel_desc(descs, forward, attribute);
  }
  if (!desc || is_slow(implementation_of(desc))) return {};
  return desc;
}

Desc weights_of(const PrimitiveDesc& desc, ConvPass pass) {
  return queried(desc, pass == ConvPass::backward_kernel ? dnnl_query_diff_weights_md : dnnl_query_weights_md);
}

WeightsPlacement place_weights(const ConvProblem& p, const Desc& desc) {
  const std::vector<Dims> offsets = desc.offsets();
  const bool grouped = p.groups > 1;
  if (offsets.empty()) return {};
  const size_t first = grouped ? 1 : 0;  // the axis of filters; then channels, then the window
  WeightsPlacement placement;
  placement.bytes = desc.bytes();
  placement.channels = offsets[first + 1];
  for (int64_t group = 0; group < p.groups; ++group) {
    for (int64_t filter : offsets[first]) {
      placement.filters.push_back(filter + (grouped ? offsets[0][static_cast<size_t>(group)] : 0));
    }
  }
  placement.taps = {0};
  for (size_t axis = first + 2; axis < offsets.size(); ++axis) {
    Dims taps;
    for (int64_t outer : placement.taps) {
      for (int64_t inner : offsets[axis]) taps.push_back(outer + inner);
    }
    placement.taps = std::move(taps);
  }
  return placement;
}

}  // namespace

class WeightsFormat {
 public:
  WeightsFormat(const ConvProblem& problem, Desc desc)
      : desc_(std::move(desc)), placement_(place_weights(problem, desc_)) {}
  const Desc& desc() const { return desc_; }
  const WeightsPlacement& placement() const { return placement_; }

 private:
  Desc desc_;
  WeightsPlacement placement_;
};

const WeightsPlacement& placement(const WeightsFormat& format) { return format.placement(); }

WeightsFormatPtr find_weights_format(const ConvProblem& problem, ConvPass pass) {
  [[maybe_unused]] const OneThread one_thread;  // nothing where oneDNN runs on other threads than OpenMP's
  const PrimitiveDesc desc = conv_desc(problem, pass, nullptr);
  if (!desc) return nullptr;
  auto format = std::make_shared<const WeightsFormat>(problem, weights_of(desc, pass));
  return format->placement().filters.empty() ? nullptr : format;
}

std::unique_ptr<Primitive> make_convolution(const ConvProblem& problem, ConvPass pass, const WeightsFormat* weights,
                                            int executions) {
  using State = Primitive::State;
  [[maybe_unused]] const OneThread one_thread;  // nothing where oneDNN runs on other threads than OpenMP's
  const PrimitiveDesc desc = conv_desc(problem, pass, weights ? &weights->desc() : nullptr);
  if (!desc) return nullptr;
  const ConvDescs descs(problem, nullptr);
  const Desc format = weights_of(desc, pass);
  std::vector<State::Argument> arguments;
  switch (pass) {
    case ConvPass::forward:
      arguments = {{State::role_a, DNNL_ARG_SRC, descs.x},
                   {State::role_b, DNNL_ARG_WEIGHTS, format},
                   {State::role_out, DNNL_ARG_DST, descs.y}};
      if (problem.bias) arguments.push_back({State::role_bias, DNNL_ARG_BIAS, descs.bias});
      break;
    case ConvPass::backward_input:
      arguments = {{State::role_a, DNNL_ARG_DIFF_DST, descs.y},
                   {State::role_b, DNNL_ARG_WEIGHTS, format},
                   {State::role_out, DNNL_ARG_DIFF_SRC, descs.x}};
      break;
    case ConvPass::backward_kernel:
      arguments = {{State::role_a, DNNL_ARG_SRC, descs.x},
                   {State::role_b, DNNL_ARG_DIFF_DST, descs.y},
                   {State::role_out, DNNL_ARG_DIFF_WEIGHTS, format}};
      break;
  }
  return std::make_unique<Primitive>(std::make_unique<State>(desc, std::move(arguments), executions));
}

}  // namespace hebb::onednn
