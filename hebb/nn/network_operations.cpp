// Keras's operations that layers have, too: pooling, resizing, normalisation, attention, activations with options
// (keras/src/ops/nn.py, image.py).

#include <cmath>

#include "hebb/base/text.h"
#include "hebb/nn/activations.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/attention.h"
#include "hebb/ops/elementwise.h"
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

Tensors resized(const OperationCall& call) {
  const Tensor x = call.tensor(0, "images");
  const Json& size = call.config.at("size");
  if (x.rank() != 4) call.refuse(message("hebb has it for a batch of images, got ", x.spec(), "."));
  return by_layer(call, "Resizing", x, Json::object({{"height", size.at(size_t{0})}, {"width", size.at(1)}}),
                  {"interpolation", "antialias", "data_format", "crop_to_aspect_ratio", "pad_to_aspect_ratio",
                   "fill_mode", "fill_value"});
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

// -------------------------------------------------------------------------------------------------------- attention

Tensors attended(const OperationCall& call) {
  const Tensor query = call.tensor(0, "query"), key = call.tensor(1, "key"), value = call.tensor(2, "value");
  const auto is_given = [&](size_t position, const char* name) {
    const Json* given = call.arguments.find(position, name);
    return given && !given->is_null();
  };
  if (is_given(3, "bias")) call.refuse("hebb has it without a bias.");
  if (const Json* cap = call.config.find("attn_logits_soft_cap"); cap && !cap->is_null())
    call.refuse("hebb has it without attn_logits_soft_cap.");
  Tensor mask;
  if (is_given(4, "mask")) mask = call.tensor(4, "mask");
  const Json* scale = call.option(5, "scale");
  const AttentionOptions options{
      .scale = scale ? scale->as_double() : 1 / std::sqrt(static_cast<double>(query.shape().back())),
      .causal = call.flag("is_causal", false)};
  if (mask.defined() && mask.dtype() != DType::boolean) mask = not_equal(mask, 0.0);
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
      {"Resize", "image", resized},
      {"LayerNorm", "nn", normalized},
      {"RMSNorm", "nn", of_mean_square_one},
      {"Moments", "nn", mean_and_variance},
      {"DotProductAttention", "nn", attended},
  };
  return rows;
}

}  // namespace hebb::detail
