#include "hebb/nn/layers/spatial_axes.h"

#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

constexpr const char* last_texts[] = {"(batch, steps, channels)", "(batch, height, width, channels)",
                                      "(batch, depth, height, width, channels)"};
constexpr const char* first_texts[] = {"(batch, channels, steps)", "(batch, channels, height, width)",
                                       "(batch, channels, depth, height, width)"};
constexpr const char* kinds[] = {"a sequence", "an image", "a volume"};
constexpr const char* remedies[] = {"Sequences without a channel axis get one with Reshape({steps, 1}).", image_remedy,
                                    "Volumes without a channel axis get one with Reshape({depth, height, width, 1})."};

}  // namespace

SpatialAxes::SpatialAxes(const LayerBase& layer, const std::string& data_format, int spatial)
    : spatial(spatial), first(1), channels(spatial + 1), text(last_texts[spatial - 1]) {
  if (data_format == "channels_last") return;
  if (data_format != "channels_first") {
    const std::vector<std::string> known = {"channels_last", "channels_first"};
    throw InvalidArgument(layer.where() + unknown_name("data_format", data_format, known));
  }
  first = 2;
  channels = 1;
  text = first_texts[spatial - 1];
}

Tensor SpatialAxes::to_last(const Tensor& x) const {
  if (are_last()) return x;
  std::vector<int64_t> order = {0};
  for (int i = 0; i < spatial; ++i) order.push_back(2 + i);
  order.push_back(1);
  return transpose(x, order);
}

Tensor SpatialAxes::from_last(const Tensor& x) const {
  if (are_last()) return x;
  std::vector<int64_t> order = {0, spatial + 1};
  for (int i = 0; i < spatial; ++i) order.push_back(1 + i);
  return transpose(x, order);
}

const char* SpatialAxes::kind() const { return kinds[spatial - 1]; }
const char* SpatialAxes::remedy() const { return remedies[spatial - 1]; }

const char* how_to_give_sizes(int spatial) {
  constexpr const char* hints[] = {"Give a larger number.",
                                   "Give one number for both directions, or {vertical, horizontal}.",
                                   "Give one number for all directions, or {depth, height, width}."};
  return hints[spatial - 1];
}

std::pair<int64_t, int64_t> SpatialWindows::added(size_t axis, int64_t size) const {
  if (padding == "same") return same_padding(size, window[axis], strides[axis], dilations[axis]);
  if (padding == "causal") return {reach(axis) - 1, 0};
  return {0, 0};
}

ConvOptions SpatialWindows::conv_options(const Shape& x, int64_t groups) const {
  ConvOptions options{.strides = strides, .dilations = dilations, .groups = groups};
  for (size_t i = 0; i < window.size(); ++i) {
    const auto [low, high] = added(i, x[static_cast<int>(i) + 1]);
    options.low.push_back(low);
    options.high.push_back(high);
  }
  return options;
}

void SpatialWindows::check_fits(const LayerBase& layer, const SpatialAxes& axes, const Shape& input,
                                const char* what) const {
  if (padding != "valid") return;
  bool fits = true;
  std::string least;
  for (size_t i = 0; i < window.size(); ++i) {
    const int64_t size = axes.size(input, static_cast<int>(i));
    fits &= size == Shape::unknown || size >= reach(i);
    least += message(i == 0 ? "" : ", ", reach(i));
  }
  if (fits) return;
  if (window.size() > 1) least = "(" + least + ")";
  throw InvalidArgument(message(layer.where(), "expected ", axes.kind(), " of at least ", least, " for its ", what,
                                ", got ", input, ". Use padding = \"same\"."));
}

Tensor with_bias_and_activation(Tensor y, const Tensor& bias, const ActivationFunction& activation,
                                const SpatialAxes& axes) {
  if (bias.defined()) y = y + bias;
  // Before the activation: one such as the softmax works along an axis.
  return activation(axes.from_last(y));
}

}  // namespace hebb
