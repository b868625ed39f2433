/// What the calls of a functional model say beside their inputs, by Keras's names: files hold it under "kwargs".
///
///     for (const auto& [name, flag] : call_flags) if ((options.*flag).is_set()) ...
#pragma once

#include <utility>

#include "hebb/nn/layer.h"

namespace hebb {

inline constexpr std::pair<const char*, OpenFlag CallOptions::*> call_flags[] = {
    {"training", &CallOptions::training},
    {"return_attention_scores", &CallOptions::return_attention_scores},
    {"use_causal_mask", &CallOptions::use_causal_mask},
    {"reverse", &CallOptions::reverse},
};

}  // namespace hebb
