/// Objects in configurations that read their options by themselves, initializers and regularizers, refuse others.
///
///     Initializer made = record.from_config(config);
///     refuse_other_options("HeNormal", config, made->config());     // "HeNormal: unknown option 'bogus'."
#pragma once

#include <string>

#include "hebb/base/json.h"

namespace hebb {

/// InvalidArgument, with the nearest name, for an option that is not among those that the object writes itself. A
/// "dtype", which Keras 2 wrote, may be there.
void refuse_other_options(const std::string& class_name, const Json& config, const Json& written);

}  // namespace hebb
