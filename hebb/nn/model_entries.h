/// The entries in a model's configuration: what kind of thing each is, what is in it, and the layer that it becomes.
#pragma once

#include <cstdint>
#include <string>

#include "hebb/base/json.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/model.h"

namespace hebb::detail {

/// The class that an entry names, without its package.
std::string class_of(const Json& json);

bool is_sequential(const Json& json);
bool is_functional(const Json& json);
/// Whether it is a model, which layers_of takes apart.
bool is_model(const Json& json);

/// A model's list of layers; up to Keras 2.2.2 it was a Sequential's whole configuration.
const Json::Array& layers_of(const Json& json);

/// The entry's own name, or that in its configuration; empty where it has none.
std::string name_of_entry(const Json& entry);

/// The name in an entry's configuration, which the layer gets; empty where it has none.
std::string name_in_config(const Json& entry);

/// Whether a layer's configuration holds those of layers that it was given, as a wrapper's does: these say for
/// themselves what they are.
bool has_given_layers(const Json& config);

/// How often a model's layers are called when the calls of its nested models are counted each time, those inside of
/// wrappers too. InvalidArgument beyond what a model can mean: a file of a kilobyte can ask for 2^30.
int64_t count_calls(const Json& model);

/// Whether it is of a class of layers: hebb's, one that was registered, or code.
bool is_known_layer(const Json& entry);

/// The layer, operation or nested model of an entry. NotSupported for code (Lambda).
Layer layer_or_model(const Json& entry);

/// A functional model of a serialized form that is one.
Model functional_from_json(const Json& json);

}  // namespace hebb::detail
