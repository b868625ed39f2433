/// What older versions of Keras meant by names that mean something else today.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hebb/base/json.h"

namespace hebb {

/// What "hard_sigmoid" was up to Keras 2: 0.2 x + 0.5, cut off at 0 and 1. Keras has it no longer.
inline constexpr const char* hard_sigmoid_of_keras_2 = "hebb>hard_sigmoid_of_keras_2";

/// An option of TimeDistributed in files of Keras 2, which calls the layer inside once for all steps.
inline constexpr const char* all_steps_at_once = "hebb>all_steps_at_once";

/// A configuration that this version of Keras ("2.3.1") wrote, in the names of today; as it is where nothing differs.
Json with_names_of_today(const Json& config, const std::string& keras_version);

/// Losses by their names in Keras 2, where those of today are others.
const std::map<std::string, const char*>& losses_of_keras_2();

/// The same for how a model was compiled: losses and metrics that were renamed.
Json training_with_names_of_today(const Json& training, const std::string& keras_version);

/// The same with a list of metrics for each of several outputs: Keras 2 gives all metrics of a plain list to all of
/// them.
Json metrics_per_output(const Json& training, const std::string& keras_version,
                        const std::vector<std::string>& outputs);

/// The same for `.h5` files, where metrics of several outputs begin with the output's name, "p_mse", which logs show
/// before it anyway.
Json with_own_names_of_metrics(const Json& training, const std::string& keras_version,
                               const std::vector<std::string>& outputs);

}  // namespace hebb
