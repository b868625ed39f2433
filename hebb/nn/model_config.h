/// Models as Keras's configuration, and back.
///
///     Json json = model_to_json(model.base());              // what Keras's model.to_json() gives
///     Model same = model_from_json(json);                   // with fresh weights
///
/// A configuration read from a file is material to judge: code in it is never run, and its size is bounded before
/// anything is made of it.
#pragma once

#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/model.h"

namespace hebb {

class ModelBase;

/// The "config" member of a model: layers, and for a functional model the calls that connect them.
Json model_config(const ModelBase& model);

/// Keras's serialized form {"module", "class_name", "config", "registered_name", "build_config"}.
Json model_to_json(const ModelBase& model);

/// A model from Keras's serialized form {"class_name": "Sequential" | "Functional", "config": ...}, built, with fresh
/// weights. Reads what Keras 2 and 3 write, nested models included. InvalidArgument when it is not a configuration or
/// contradicts itself, NotSupported for what hebb has not: classes that are not in its tables and not registered (with
/// the nearest name), operations without a layer, code (Lambda).
Model model_from_json(const Json& json);

/// The keys of the outputs of a functional model that was made with a dict of outputs, in the order of its outputs;
/// empty for any other. Losses and metrics may be named by them.
std::vector<std::string> output_keys(const Json& model_json);

/// The layers that give those outputs. Losses had to be named by them up to Keras 3.4, metrics up to Keras 3.11.
std::vector<std::string> layers_of_output_keys(const Json& model_json);

/// The names of the outputs of a functional model in Keras's form, whether it can be made or not: the keys of a dict,
/// or of the layers that give them.
std::vector<std::string> output_names(const Json& model_json);

}  // namespace hebb
