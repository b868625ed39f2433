/// What layers over sequences, images and volumes share: the two orders of the axes, and windows that move along them.
/// They compute with the channels last. Internal.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/ops/conv.h"

namespace hebb {

/// Where the axes of a batch are.
struct SpatialAxes {
  int spatial;   ///< how many axes: 1 of a sequence, 2 of an image, 3 of a volume
  int first;     ///< of the spatial axes
  int channels;  ///< the axis of the channels
  const char* text;

  /// InvalidArgument, which names the layer, unless it is a data format.
  SpatialAxes(const LayerBase& layer, const std::string& data_format, int spatial);

  bool are_last() const { return first == 1; }
  Tensor to_last(const Tensor& x) const;
  Tensor from_last(const Tensor& x) const;
  /// Of a shape in the data format: its size along spatial axis `axis`, counted from 0.
  int64_t size(const Shape& shape, int axis) const { return shape[first + axis]; }

  const char* kind() const;    ///< "an image"
  const char* remedy() const;  ///< what to do about an input without channels
};

/// Hints for options with a number for each spatial axis.
const char* how_to_give_sizes(int spatial);

/// InvalidArgument unless all are at least `least`.
template <class Sizes>
void check_sizes(const LayerBase& layer, const char* option, const Sizes& sizes, int64_t least = 1) {
  const auto each = sizes.each();
  if (std::all_of(each.begin(), each.end(), [&](int64_t size) { return size >= least; })) return;
  throw InvalidArgument(message(layer.where(), "expected ", option, " of at least ", least, ", got ", sizes, ". ",
                                how_to_give_sizes(Sizes::axes)));
}

/// InvalidArgument unless one of the two is 1 everywhere.
template <class Sizes>
void check_strides_or_dilation(const LayerBase& layer, const Sizes& strides, const Sizes& dilation_rate) {
  if (strides == Sizes(1) || dilation_rate == Sizes(1)) return;
  throw InvalidArgument(message(layer.where(), "expected strides or a dilation_rate of 1, got strides ", strides,
                                " and a dilation_rate of ", dilation_rate, ". Leave one of them out."));
}

/// Windows of a convolution or a pooling, for each spatial axis a number.
struct SpatialWindows {
  std::vector<int64_t> window, strides, dilations;
  std::string padding;  ///< in lower case: "valid", "same", or "causal" for zeros in front alone

  template <class Sizes>
  SpatialWindows(const Sizes& window, const Sizes& strides, const Sizes& dilation_rate, std::string padding)
      : window(list(window)), strides(list(strides)), dilations(list(dilation_rate)), padding(std::move(padding)) {}
  SpatialWindows() = default;

  /// From the first place of a window to the last.
  int64_t reach(size_t axis) const { return (window[axis] - 1) * dilations[axis] + 1; }
  /// What is added in front and behind along an axis of an input.
  std::pair<int64_t, int64_t> added(size_t axis, int64_t size) const;
  /// x: (batch, spatial..., channels).
  ConvOptions conv_options(const Shape& x, int64_t groups = 1) const;
  /// InvalidArgument, which names the layer, when an input, in the data format, is too small. `what`: "kernel".
  void check_fits(const LayerBase& layer, const SpatialAxes& axes, const Shape& input, const char* what) const;

 private:
  template <class Sizes>
  static std::vector<int64_t> list(const Sizes& sizes) {
    const auto each = sizes.each();
    return {each.begin(), each.end()};
  }
};

/// y + bias and the activation, given back in the data format. y: channels last. An undefined bias adds nothing.
Tensor with_bias_and_activation(Tensor y, const Tensor& bias, const ActivationFunction& activation,
                                const SpatialAxes& axes);

}  // namespace hebb
