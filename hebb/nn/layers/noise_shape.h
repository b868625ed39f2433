/// The `noise_shape` of the dropout layers: along which axes what is dropped is the same. Internal.
#pragma once

#include <cstdint>
#include <vector>

#include "hebb/base/text.h"
#include "hebb/tensor/shape.h"

namespace hebb {

/// Checks the option itself; `require` is the layer's.
template <class Require>
void check_noise_shape(const std::vector<int64_t>& noise_shape, Require require) {
  for (const int64_t size : noise_shape) {
    require(size > 0 || size == -1,
            message("expected a noise_shape of sizes above 0 (or -1), got ", size, ". Use -1 for the input's own."));
  }
}

/// Checks that it fits an input.
template <class Require>
void check_noise_shape_for(const std::vector<int64_t>& noise_shape, const Shape& input, Require require) {
  require(noise_shape.empty() || static_cast<int>(noise_shape.size()) == input.rank(),
          message("expected an input of rank ", noise_shape.size(), " for its noise_shape, got ", input,
                  ". Give noise_shape a size for each axis, the batch's too, or leave it out."));
}

/// The shape of what is drawn for an input: its own, where the option says nothing else.
inline Shape shape_of_noise(const std::vector<int64_t>& noise_shape, Shape input) {
  for (size_t i = 0; i < noise_shape.size(); ++i) {
    if (noise_shape[i] != -1) input[static_cast<int>(i)] = noise_shape[i];
  }
  return input;
}

}  // namespace hebb
