/// How a model was compiled, as Keras's configuration, and back.
#pragma once

#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/model.h"

namespace hebb {

/// Keras's compile_config: optimizer, loss, loss_weights, metrics, weighted_metrics, each as it was given, by name or
/// as an object. A loss or metric of one's own is written by its name alone, as Keras does; with an optimizer of one's
/// own the whole is null. `outputs`: the names of the model's; `structure`: how they are nested, as in
/// compile_options_from_json, since Keras wants metrics nested in the same way.
Json compile_config(const CompileOptions& options, const std::vector<std::string>& outputs, const Json& structure = {});

/// What of it a file could name but not hold: "the loss 'custom_loss'", "the metric 'Mine'". Empty: nothing.
std::vector<std::string> missing_parts(const CompileOptions& options);

/// Back, for a model with these outputs; `others` are other names of theirs (`layers_of_output_keys`), or empty;
/// `structure` is how they are nested (a configuration's "output_layers", or null), as losses, their weights and
/// metrics may be. InvalidArgument, with the nearest name, for what hebb does not know.
CompileOptions compile_options_from_json(const Json& json, const std::vector<std::string>& outputs,
                                         const std::vector<std::string>& others = {}, const Json& structure = {});

}  // namespace hebb
