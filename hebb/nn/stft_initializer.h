/// The initializer of short-time Fourier transforms, from its configuration, and windows. Internal.
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/initializers.h"

namespace hebb {

Initializer stft_from_config(const Json& config);

/// SciPy's get_window: the weights of a window by its name; zeros for a name that is not known. Periodic: it goes on
/// behind its end.
std::vector<double> named_window(const std::string& name, int64_t length, bool periodic);

}  // namespace hebb
