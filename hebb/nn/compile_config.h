/// How a model was compiled, as Keras's configuration, and back.
#pragma once

#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/model.h"

namespace hebb {

/// Keras's compile_config: optimizer, loss, loss_weights, metrics, weighted_metrics, each as it was given, by name or
/// as an object. What is a class or function of one's own cannot be written: such a loss is null, such a metric is left
/// out, and with such an optimizer the whole is null.
Json compile_config(const CompileOptions& options, size_t outputs);

/// Back, for a model with these outputs; `keys` are other names of theirs (`output_keys`), or empty. InvalidArgument,
/// with the nearest name, for what hebb does not know.
CompileOptions compile_options_from_json(const Json& json, const std::vector<std::string>& outputs,
                                         const std::vector<std::string>& keys = {});

}  // namespace hebb
