/// Data sets as training wants them: with a weight for each example, and without targets for predictions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "hebb/data/dataset.h"

namespace hebb {

/// Weights by class as weights by example; classes that are not named weigh 1. Both need data in memory.
data::Dataset with_class_weights(const data::Dataset& data, const std::map<int64_t, double>& weights);
data::Dataset with_sample_weights(const data::Dataset& data, const Tensor& weight);

/// The inputs alone: predictions need no targets.
std::shared_ptr<const data::Source> without_targets(std::shared_ptr<const data::Source> base);

}  // namespace hebb
