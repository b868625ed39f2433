#include "hebb/nn/layers/configured_layer.h"

#include <algorithm>
#include <cctype>

namespace hebb {

std::string checked_padding(const LayerBase& layer, const std::string& padding) {
  std::string lower = padding;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::vector<std::string> known = {"valid", "same"};
  if (lower != "valid" && lower != "same")
    throw InvalidArgument(layer.where() + unknown_name("padding", padding, known));
  return lower;
}

void check_data_format(const LayerBase& layer, const std::string& data_format) {
  if (data_format == "channels_last") return;
  const std::vector<std::string> known = {"channels_last", "channels_first"};
  if (data_format != "channels_first") {
    throw InvalidArgument(layer.where() + unknown_name("data_format", data_format, known));
  }
  throw NotSupported(
      layer.where() +
      "data_format \"channels_first\". Use \"channels_last\" and give images as (batch, height, width, channels).");
}

void check_pair(const LayerBase& layer, const char* option, Pair pair, int64_t least) {
  if (pair.height >= least && pair.width >= least) return;
  throw InvalidArgument(message(layer.where(), "expected ", option, " of at least ", least, ", got ", pair, "."));
}

}  // namespace hebb
