/// Layers that prepare data inside the model: Rescaling.
///
///     Tensor y = Rescaling(1.0 / 255)(images);                    // uint8 to [0, 1]
///     Tensor z = Rescaling(1 / 127.5, {.offset = -1})(images);    // to [-1, 1]
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct RescalingOptions {
  Numbers offset = 0.0;  ///< one number, or one for each channel
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// x * scale + offset, in float32 whatever the type of x. `scale`: one number, or one for each channel.
Layer Rescaling(Numbers scale, const RescalingOptions& options = {});

}  // namespace hebb
