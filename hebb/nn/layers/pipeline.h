/// A list of layers as one: what prepares data, in one piece.
///
///     Layer prepare = Pipeline({RandomFlip("horizontal"), RandomRotation(0.05), Rescaling(1.0 / 255)});
///     data::Dataset more = augment(train, {prepare});
///     Sequential model({Input({32, 32, 3}), prepare, Conv2D(32, 3), ...});
#pragma once

#include <vector>

#include "hebb/nn/layers/options.h"

namespace hebb {

struct PipelineOptions {
  std::string name = {};
};
/// The layers one behind the other, each with the mode of the call: outside of a model layers that change images only
/// while training need {.training = true}. (Keras's Pipeline takes that for granted there.) Files hold its name and its
/// layers alone, as Keras's do. InvalidArgument for an empty list.
Layer Pipeline(const std::vector<Layer>& layers, const PipelineOptions& options = {});

}  // namespace hebb
