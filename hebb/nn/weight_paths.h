/// What weights are called in a whole model.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hebb/nn/model_base.h"

namespace hebb {

/// Each weight of the model with Keras's path of it: the names of the layers it lies in, of a Sequential around them
/// and its own, "encoder/dense/kernel".
std::vector<std::pair<Tensor, std::string>> weight_paths(const ModelBase& model);

}  // namespace hebb
