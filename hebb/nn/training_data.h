/// Data sets as training wants them: with a weight for each example, and without targets for predictions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "hebb/data/dataset.h"

namespace hebb {

/// Weights by class as weights by example; classes that are not named weigh 1. Both need data in memory.
data::Dataset with_class_weights(const data::Dataset& data, const std::map<int64_t, double>& weights);
data::Dataset with_sample_weights(const data::Dataset& data, const Tensor& weight);

/// Data that is not in memory cannot be looked through beforehand: `check` sees the i-th target of all examples that
/// are loaded, on the thread that loads them.
data::Dataset with_checked_targets(const data::Dataset& data, std::function<void(size_t i, const Tensor&)> check);

/// The inputs alone: predictions need no targets.
std::shared_ptr<const data::Source> without_targets(std::shared_ptr<const data::Source> base);

}  // namespace hebb
