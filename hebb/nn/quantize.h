/// What `Model::quantize` does, and what files keep of it. Internal to nn and io.
#pragma once

#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/model.h"

namespace hebb {

class Quantizable;

void quantize_model(Model& model, const std::string& mode, const QuantizeOptions& options);

/// Whether a kernel in it is kept in fewer bits.
bool is_quantized(const ModelBase& model);

/// How a layer was quantised, for `quantization_from_json`; null where it was not.
Json quantization_to_json(const LayerBase& layer);
/// Quantises a layer, which has its weights' values by now, as it was. InvalidArgument for what no layer wrote.
void quantization_from_json(LayerBase& layer, const Json& json);

}  // namespace hebb
