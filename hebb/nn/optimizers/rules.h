/// The optimizers' rules as classes. Internal: users make them through optimizers.h.
#pragma once

#include "hebb/nn/optimizers/optimizers.h"

namespace hebb {

/// The settings that stand in every optimizer's options.
template <class Options>
OptimizerSettings settings_of(const Options& options, const char* name) {
  return {.learning_rate = options.learning_rate,
          .weight_decay = options.weight_decay,
          .clipnorm = options.clipnorm,
          .clipvalue = options.clipvalue,
          .global_clipnorm = options.global_clipnorm,
          .use_ema = options.use_ema,
          .ema_momentum = options.ema_momentum,
          .ema_overwrite_frequency = options.ema_overwrite_frequency,
          .loss_scale_factor = options.loss_scale_factor,
          .gradient_accumulation_steps = options.gradient_accumulation_steps,
          .name = options.name.empty() ? name : options.name};
}

}  // namespace hebb
