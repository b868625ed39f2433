#include "hebb/nn/layers/configured_layer.h"

#include <algorithm>

#include "hebb/base/text.h"

namespace hebb {

std::string checked_padding(const LayerBase& layer, const std::string& padding, bool allow_causal) {
  std::string lower = lower_case(padding);
  std::vector<std::string> known = {"valid", "same"};
  if (allow_causal) known.emplace_back("causal");
  if (std::find(known.begin(), known.end(), lower) == known.end())
    throw InvalidArgument(layer.where() + unknown_name("padding", padding, known));
  return lower;
}

int check_axis(const LayerBase& layer, int64_t axis, const Shape& input) {
  const int rank = input.rank();
  if (axis >= -rank && axis < rank) return static_cast<int>(axis < 0 ? axis + rank : axis);
  throw InvalidArgument(
      message(layer.where(), "expected an input that has axis ", axis, ", got ", input,
              rank == 0 ? ". Add Reshape() before it."
                        : message(". Take an axis from ", -rank, " to ", rank - 1, "; -1 is the last one.")));
}

void check_pair(const LayerBase& layer, const char* option, Pair pair, int64_t least) {
  if (pair.height >= least && pair.width >= least) return;
  throw InvalidArgument(message(layer.where(), "expected ", option, " of at least ", least, ", got ", pair,
                                ". Give one number for both directions, or {vertical, horizontal}."));
}

}  // namespace hebb
