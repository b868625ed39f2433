/// A sample in a model's file: what the model computed for one made-up example when it was saved, so that whoever loads
/// the file can see whether it still computes that. Keras does not look at it.
#pragma once

#include <optional>

#include "hebb/base/json.h"
#include "hebb/nn/model.h"

namespace hebb::io {

/// {"seed", "inputs": [shape, ...], "outputs": [{"shape", "values"}, ...]}: inputs follow from seed and shape (numbers
/// from 0 to 1; 0 or 1 where an input takes whole numbers), axes of open size get 8, and of each output the first 256
/// values are kept. Null for a model without shapes, for one that is quantised or remembers states, and where the
/// computation fails. The model stays as it is.
Json make_sample(const Model& model);

/// The largest difference between what the sample has and what the model computes, as a share of the output's largest
/// magnitude (at least 1). IoError when the sample is damaged or does not fit the model.
double replay_sample(const Model& model, const Json& sample);

}  // namespace hebb::io
