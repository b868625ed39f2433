// Keras's operations that layers and losses have, too: pooling, resizing, normalisation, losses, convolutions,
// attention, activations with options
// (keras/src/ops/nn.py, image.py).

#include <cmath>

#include "hebb/base/text.h"
#include "hebb/nn/activations.h"
#include "hebb/nn/layers/attention_scores.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/attention.h"
#include "hebb/ops/conv.h"
#include "hebb/ops/ctc.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb::detail {

namespace {

// ----------------------------------------------------------------------------------------------------- activations

Tensors gated(const OperationCall& call) { return {glu(call.tensor(0, "x"), call.whole("axis", -1))}; }
Tensors hard_shrunk(const OperationCall& call) {
  return {hard_shrink(call.tensor(0, "x"), call.real("threshold", 0.5))};
}
Tensors soft_shrunk(const OperationCall& call) {
  return {soft_shrink(call.tensor(0, "x"), call.real("threshold", 0.5))};
}
Tensors sparse_sum(const OperationCall& call) { return {sparse_plus(call.tensor(0, "x"))}; }
Tensors sparse_gate(const OperationCall& call) { return {sparse_sigmoid(call.tensor(0, "x"))}; }
Tensors above_threshold(const OperationCall& call) {
  return {threshold(call.tensor(0, "x"), call.real("threshold", 0), call.real("default_value", 0))};
}

// ----------------------------------------------------------------------------------------------------------- layers

/// What a layer without weights computes; its options are the operation's of these names.
Tensors by_layer(const OperationCall& call, const std::string& class_name, const Tensor& x, Json config,
                 std::initializer_list<const char*> options) {
  config.set("name", call.config.get("name", ""));
  for (const char* option : options) {
    const Json* value = call.config.find(option);
    if (value && !value->is_null()) config.set(option, *value);
  }
  return layer_from_json(Json::object({{"class_name", class_name}, {"config", config}}))->call_many({x}, {});
}

template <bool largest>
Tensors pooled(const OperationCall& call) {
  const Tensor x = call.tensor(0, "inputs");
  if (x.rank() < 3 || x.rank() > 5) call.refuse(message("expected a tensor of 3 to 5 axes, got ", x.spec(), "."));
  const std::string class_name = message(largest ? "MaxPooling" : "AveragePooling", x.rank() - 2, "D");
  return by_layer(call, class_name, x, Json::object(), {"pool_size", "strides", "padding", "data_format"});
}

template <bool largest>
Tensors adaptively_pooled(const OperationCall& call) {
  const Tensor x = call.tensor(0, "inputs");
  if (x.rank() < 3 || x.rank() > 5) call.refuse(message("expected a tensor of 3 to 5 axes, got ", x.spec(), "."));
  const std::string class_name = message(largest ? "AdaptiveMaxPooling" : "AdaptiveAveragePooling", x.rank() - 2, "D");
  return by_layer(call, class_name, x, Json::object(), {"output_size", "data_format"});
}

Tensors resized(const OperationCall& call) {
  const Tensor x = call.tensor(0, "images");
  const Json& size = call.config.at("size");
  if (x.rank() != 3 && x.rank() != 4)
    call.refuse(message("expected images of three axes, or a batch of them, got ", x.spec(), "."));
  const Tensors y = by_layer(call, "Resizing", x.rank() == 3 ? expand_dims(x, 0) : x,
                             Json::object({{"height", size.at(size_t{0})}, {"width", size.at(1)}}),
                             {"interpolation", "antialias", "data_format", "crop_to_aspect_ratio",
                              "pad_to_aspect_ratio", "fill_mode", "fill_value"});
  return {x.rank() == 3 ? squeeze(y.front(), 0) : y.front()};
}

// ---------------------------------------------------------------------------------------------------- normalisation

constexpr double fuzz = 1e-7;  // where no epsilon was given

/// An argument that may be left out, with a tensor's axes: those that are normalised, or as it is.
Tensor scale_of(const OperationCall& call, size_t position, const char* name, const Tensor& x,
                const std::vector<int64_t>& axes) {
  const Json* given = call.arguments.find(position, name);
  if (!given || given->is_null()) return {};
  const Tensor scale = call.tensor(position, name);
  if (scale.rank() == x.rank() || (axes.size() == 1 && axes.front() == x.rank() - 1)) return scale;
  Shape shape = x.shape();
  for (int i = 0; i < x.rank(); ++i) shape[i] = 1;
  for (const int64_t axis : axes) shape[static_cast<int>(axis)] = x.shape()[static_cast<int>(axis)];
  return reshape(scale, shape);
}

std::vector<int64_t> normalized_axes(const OperationCall& call, const Tensor& x) {
  return call.config.find("axis") ? call.axes("axis", x.rank()) : std::vector<int64_t>{x.rank() - 1};
}

Tensors normalized(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const std::vector<int64_t> axes = normalized_axes(call, x);
  const Tensor gamma = scale_of(call, 1, "gamma", x, axes), beta = scale_of(call, 2, "beta", x, axes);
  const ReduceOptions options{.axes = axes, .keepdims = true};
  const Tensor inverse = rsqrt(variance(x, options) + call.real("epsilon", fuzz));
  if (call.flag("rms_scaling", false)) return {gamma.defined() ? x * inverse * gamma : x * inverse};
  Tensor y = (x - mean(x, options)) * inverse;
  if (gamma.defined()) y = y * gamma;
  return {beta.defined() ? y + beta : y};
}

Tensors of_mean_square_one(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const std::vector<int64_t> axes = normalized_axes(call, x);
  const Tensor scale = scale_of(call, 1, "scale", x, axes);
  const Tensor y = x * rsqrt(mean(square(x), {.axes = axes, .keepdims = true}) + call.real("epsilon", fuzz));
  return {scale.defined() ? y * scale : y};
}

Tensors mean_and_variance(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const ReduceOptions options{.axes = call.axes("axes", x.rank()), .keepdims = call.flag("keepdims", false)};
  return {mean(x, options), variance(x, options)};
}

/// With a mean and a variance for each place of an axis.
Tensors normalized_by(const OperationCall& call) {
  const Tensor x = call.tensor(0, "x");
  const std::vector<int64_t> axes = {call.counted(call.whole("axis", -1), x.rank())};
  const Tensor middle = scale_of(call, 1, "mean", x, axes), spread = scale_of(call, 2, "variance", x, axes);
  if (!middle.defined() || !spread.defined()) call.refuse("expected a mean and a variance.");
  const Tensor offset = scale_of(call, 3, "offset", x, axes), scale = scale_of(call, 4, "scale", x, axes);
  const Tensor inverse = rsqrt(spread + call.real("epsilon", 1e-3));
  const Tensor y = (x - middle) * (scale.defined() ? inverse * scale : inverse);
  return {offset.defined() ? y + offset : y};
}

// ------------------------------------------------------------------------------------------------------------ losses

/// The target, the output, and whether that is logits.
struct Compared {
  Tensor target, output;
  bool from_logits;
};

Compared compared(const OperationCall& call) {
  const Tensor output = floating(call.tensor(1, "output"));
  return {call.tensor(0, "target"), output, call.flag("from_logits", false)};
}

Tensors binary_differences(const OperationCall& call) {
  const auto [given, output, from_logits] = compared(call);
  const Tensor target = cast(given, output.dtype());
  if (from_logits) return {relu(output) - output * target + log1p(exp(-abs(output)))};
  const Tensor inside = clip(output, fuzz, 1 - fuzz);
  return {-(target * log(inside) + (1.0 - target) * log(1.0 - inside))};
}

Tensors differences_of_classes(const OperationCall& call) {
  const auto [target, output, from_logits] = compared(call);
  const int64_t axis = call.counted(call.whole("axis", -1), output.rank());
  const ReduceOptions options{.axes = {axis}}, kept{.axes = {axis}, .keepdims = true};
  const Tensor logarithms =
      from_logits ? log_softmax(output, axis) : log(clip(output / sum(output, kept), fuzz, 1 - fuzz));
  return {-sum(cast(target, output.dtype()) * logarithms, options)};
}

Tensors differences_from_class(const OperationCall& call) {
  const auto [given, output, from_logits] = compared(call);
  if (call.counted(call.whole("axis", -1), output.rank()) != output.rank() - 1)
    call.refuse("hebb has it, as Keras, with the classes in the last axis.");
  const Tensor target = given.rank() == output.rank() && given.shape().back() == 1 ? squeeze(given, -1) : given;
  if (target.rank() != output.rank() - 1)
    call.refuse(message("expected a target for each output, got ", given.spec(), " for ", output.spec(), "."));
  const Tensor logits = from_logits ? output : log(clip(output, fuzz, 1 - fuzz));
  const Tensor own = one_hot(target, output.shape().back(), output.dtype());
  return {-sum(own * log_softmax(logits, -1), {.axes = {-1}})};
}

/// In decibels, of all images together.
Tensors signal_to_noise(const OperationCall& call) {
  const Tensor difference = floating(call.tensor(0, "x1")) - floating(call.tensor(1, "x2"));
  return {(2 * std::log(call.real("max_val", 1)) - log(mean(square(difference)))) * (10 / std::log(10.0))};
}

/// Of sequences with their lengths. Steps behind a sequence's end are certain to be blank, which changes no sum of
/// probabilities; labels behind it are blank, too.
Tensors differences_of_sequences(const OperationCall& call) {
  const Tensor target = cast(call.tensor(0, "target"), DType::int32), output = floating(call.tensor(1, "output"));
  const Tensor target_length = call.tensor(2, "target_length"), output_length = call.tensor(3, "output_length");
  const int64_t blank = call.whole("mask_index", 0);
  if (target.rank() != 2 || output.rank() != 3 || target_length.rank() != 1 || output_length.rank() != 1)
    call.refuse(
        message("expected labels (batch, length), logits (batch, steps, classes) and two lengths (batch,), got ",
                target.spec(), ", ", output.spec(), ", ", target_length.spec(), " and ", output_length.spec(), "."));
  const auto is_within = [](int64_t size, const Tensor& length) {
    return less(expand_dims(arange(size, DType::int32), 0), expand_dims(cast(length, DType::int32), 1));
  };
  const int64_t classes = output.shape().back();
  constexpr double never = -1e9;  // as a logit
  const Tensor certain =
      reshape((one_hot(full({1}, static_cast<double>(blank), DType::int32), classes) - 1.0) * -never, {1, 1, classes});
  const Tensor logits =
      select(expand_dims(is_within(output.shape()[1], output_length), 2), output, cast(certain, output.dtype()));
  const Tensor labels = select(is_within(target.shape()[1], target_length), target,
                               full({1, 1}, static_cast<double>(blank), DType::int32));
  return {ctc_loss(logits, labels, blank)};
}

// ------------------------------------------------------------------------------------------------------ convolutions

/// x under a kernel (spatial..., channels of a group, filters), by the options of the operation.
Tensor convolved(const OperationCall& call, Tensor x, const Tensor& kernel, bool as_is = false) {
  const int spatial = x.rank() - 2;
  if (spatial < 1 || spatial > 3 || kernel.rank() != x.rank())
    call.refuse(message("expected a tensor of 3 to 5 axes and a kernel of as many, got ", x.spec(), " and ",
                        kernel.spec(), "."));
  const auto option = [&](const char* name) {
    const Json* value = as_is ? nullptr : call.config.find(name);
    std::vector<int64_t> given = value && !value->is_null() ? numbers(*value) : std::vector<int64_t>{1};
    if (given.size() == 1) given.resize(static_cast<size_t>(spatial), given.front());
    return given;
  };
  const bool is_first = call.config.get("data_format", "") == "channels_first";
  if (is_first) x = with_order(x, {1}, {-1});
  ConvOptions options{.strides = option("strides"), .dilations = option("dilation_rate")};
  const int64_t each = kernel.shape()[spatial];
  if (each < 1 || x.shape().back() % each != 0)
    call.refuse(message("expected channels that groups of ", each, " divide, got ", x.spec(), "."));
  options.groups = x.shape().back() / each;
  options = complete(options, spatial, "operation");
  if (!as_is && lower_case(call.config.get("padding", "valid")) == "same") {
    for (int i = 0; i < spatial; ++i) {
      const auto at = static_cast<size_t>(i);
      const auto [low, high] =
          same_padding(x.shape()[1 + i], kernel.shape()[i], options.strides[at], options.dilations[at]);
      options.low[at] = low;
      options.high[at] = high;
    }
  }
  const Tensor y = conv(x, cast(kernel, x.dtype()), options);
  return is_first ? with_order(y, {-1}, {1}) : y;
}

/// (spatial..., channels, multiplier) as a kernel of groups of one channel.
Tensor for_each_channel(const Tensor& kernel) {
  Shape shape = kernel.shape();
  const int rank = kernel.rank();
  shape[rank - 1] = kernel.shape()[rank - 2] * kernel.shape()[rank - 1];
  shape[rank - 2] = 1;
  return reshape(kernel, shape);
}

Tensors under_kernel(const OperationCall& call) {
  return {convolved(call, call.tensor(0, "inputs"), call.tensor(1, "kernel"))};
}

Tensors under_kernel_of_each_channel(const OperationCall& call) {
  const Tensor kernel = call.tensor(1, "kernel");
  if (kernel.rank() < 3)
    call.refuse(message("expected a kernel (size, channels, multiplier), got ", kernel.spec(), "."));
  return {convolved(call, call.tensor(0, "inputs"), for_each_channel(kernel))};
}

Tensors under_separate_kernels(const OperationCall& call) {
  const Tensor kernel = call.tensor(1, "depthwise_kernel");
  if (kernel.rank() < 3)
    call.refuse(message("expected a kernel (size, channels, multiplier), got ", kernel.spec(), "."));
  const Tensor each = convolved(call, call.tensor(0, "inputs"), for_each_channel(kernel));
  return {convolved(call, each, call.tensor(2, "pointwise_kernel"), true)};
}

// -------------------------------------------------------------------------------------------------------- attention

Tensors attended(const OperationCall& call) {
  const Tensor query = call.tensor(0, "query"), key = call.tensor(1, "key"), value = call.tensor(2, "value");
  const auto is_given = [&](size_t position, const char* name) {
    const Json* given = call.arguments.find(position, name);
    return given && !given->is_null();
  };
  if (const Json* cap = call.config.find("attn_logits_soft_cap"); cap && !cap->is_null())
    call.refuse("hebb has it without attn_logits_soft_cap, which Keras itself takes on TPUs alone.");
  Tensor mask;
  if (is_given(4, "mask")) mask = call.tensor(4, "mask");
  const Json* scale = call.option(5, "scale");
  const AttentionOptions options{
      .scale = scale ? scale->as_double() : 1 / std::sqrt(static_cast<double>(query.shape().back())),
      .causal = call.flag("is_causal", false)};
  if (mask.defined() && mask.dtype() != DType::boolean) mask = not_equal(mask, 0.0);
  if (is_given(3, "bias")) {
    for (const Tensor& each : {query, key, value}) {
      if (each.rank() != 4)
        call.refuse(message("expected tensors (batch, steps, heads, depth), got ", each.spec(), "."));
    }
    const int64_t heads = query.shape()[2], groups = key.shape()[2];
    if (groups == 0 || heads % groups != 0 || value.shape()[2] != groups)
      call.refuse(
          message("expected a number of heads that divides ", heads, ", got ", key.spec(), " and ", value.spec(), "."));
    const Tensor bias = cast(call.tensor(3, "bias"), query.dtype());
    return {composed_attention(query, key, value, options.scale, options.causal, mask, bias)};
  }
  return {attention(query, key, value, options, mask)};
}

}  // namespace

const std::vector<OperationRecord>& network_operations() {
  static const std::vector<OperationRecord> rows = {
      {"Glu", "nn", gated},
      {"HardShrink", "nn", hard_shrunk},
      {"SoftShrink", "nn", soft_shrunk},
      {"SparsePlus", "nn", sparse_sum},
      {"SparseSigmoid", "nn", sparse_gate},
      {"Threshold", "nn", above_threshold},
      {"MaxPool", "nn", pooled<true>},
      {"AveragePool", "nn", pooled<false>},
      {"AdaptiveMaxPool", "nn", adaptively_pooled<true>},
      {"AdaptiveAveragePool", "nn", adaptively_pooled<false>},
      {"Resize", "image", resized},
      {"LayerNorm", "nn", normalized},
      {"RMSNorm", "nn", of_mean_square_one},
      {"Moments", "nn", mean_and_variance},
      {"BatchNorm", "nn", normalized_by},
      {"BinaryCrossentropy", "nn", binary_differences},
      {"CategoricalCrossentropy", "nn", differences_of_classes},
      {"SparseCategoricalCrossentropy", "nn", differences_from_class},
      {"CTCLoss", "nn", differences_of_sequences},
      {"PSNR", "nn", signal_to_noise},
      {"Conv", "nn", under_kernel},
      {"DepthwiseConv", "nn", under_kernel_of_each_channel},
      {"SeparableConv", "nn", under_separate_kernels},
      {"DotProductAttention", "nn", attended},
  };
  return rows;
}

}  // namespace hebb::detail
