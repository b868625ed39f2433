/// Models as Keras's configuration, and back.
#pragma once

#include "hebb/base/json.h"
#include "hebb/nn/model.h"

namespace hebb {

class ModelBase;

/// The "config" member of a model: layers, and for a functional model the calls that connect them.
Json model_config(const ModelBase& model);

/// A model from Keras's serialized form {"class_name": "Sequential" | "Functional", "config": ...}, built, with fresh weights.
Model model_from_json(const Json& json);

}  // namespace hebb
