/// The two orders of an image's axes, for layers that take both. They compute with the channels last. Internal.
#pragma once

#include <string>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layer.h"
#include "hebb/ops/shaping.h"

namespace hebb {

/// Where the axes of a batch of images are.
struct ImageAxes {
  int height = 1, width = 2, channels = 3;
  const char* text = "(batch, height, width, channels)";

  /// InvalidArgument, which names the layer, unless it is a data format.
  ImageAxes(const LayerBase& layer, const std::string& data_format) {
    if (data_format == "channels_last") return;
    if (data_format != "channels_first") {
      const std::vector<std::string> known = {"channels_last", "channels_first"};
      throw InvalidArgument(layer.where() + unknown_name("data_format", data_format, known));
    }
    *this = {2, 3, 1, "(batch, channels, height, width)"};
  }
  bool are_last() const { return channels == 3; }
  Tensor to_last(const Tensor& x) const { return are_last() ? x : transpose(x, {0, 2, 3, 1}); }
  Tensor from_last(const Tensor& x) const { return are_last() ? x : transpose(x, {0, 3, 1, 2}); }

 private:
  ImageAxes(int height, int width, int channels, const char* text)
      : height(height), width(width), channels(channels), text(text) {}
};

}  // namespace hebb
