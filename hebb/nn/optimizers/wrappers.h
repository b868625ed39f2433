/// Optimizers that hold others, from Keras's configuration. Internal: users make them through optimizers.h.
#pragma once

#include "hebb/nn/optimizers/optimizer.h"

namespace hebb {

Optimizer loss_scale_optimizer_from_config(const Json& config);
Optimizer multi_optimizer_from_config(const Json& config);

}  // namespace hebb
