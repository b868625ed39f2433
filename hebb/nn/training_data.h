/// Data sets as training wants them: with a weight for each example, and without targets for predictions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hebb/data/dataset.h"
#include "hebb/nn/model.h"

namespace hebb {

/// Weights by class as weights by example; classes that are not named weigh 1. Both need data in memory. `where` is for
/// messages: "fit", "evaluate".
data::Dataset with_class_weights(const data::Dataset& data, const std::map<int64_t, double>& weights,
                                 const char* where);
/// One for all outputs, one for each in order, or by the outputs' names, those that are not named weighing 1. Where no
/// weights are given, or an undefined tensor, the data as it is.
data::Dataset with_sample_weights(const data::Dataset& data, const PerOutput<Tensor>& weights,
                                  const std::vector<std::string>& outputs, const char* where);

/// Data that is not in memory cannot be looked through beforehand: `check` sees the i-th target of all examples that
/// are loaded, on the thread that loads them.
data::Dataset with_checked_targets(const data::Dataset& data, std::function<void(size_t i, const Tensor&)> check);

/// The inputs alone: predictions need no targets.
std::shared_ptr<const data::Source> without_targets(std::shared_ptr<const data::Source> base);

}  // namespace hebb
