/// The initializer of short-time Fourier transforms, from its configuration. Internal: the table's row.
#pragma once

#include "hebb/nn/initializers.h"

namespace hebb {

Initializer stft_from_config(const Json& config);

}  // namespace hebb
