/// Policies of a layer and of the layers that it makes, by their paths: Keras's DTypePolicyMap, as it stands in files
/// in the place of one policy. Internal.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hebb/nn/dtype_policy.h"

namespace hebb {

class LayerBase;

bool is_policy_map(const Json& dtype);

/// The policy that a map gives to all. NotSupported where it gives several.
DTypePolicy policy_of_all(const Json& map);

/// The policy of a layer with this path, such as "mha/query"; the map's default for an empty path and for those that no
/// key stands for. A key is a path, or a pattern, of which hebb has `.` and `.*`: NotSupported for others, and for
/// policies that quantise; InvalidArgument where several patterns fit.
DTypePolicy policy_at(const Json& map, const std::string& path);

/// Gives the layers that a layer made, which was itself made under the map's policy for it, theirs. NotSupported where
/// hebb computes all of them in one.
void give_policies(LayerBase& layer, const Json& map);

/// The policy of a layer of this name, or a map where layers that it made have others.
Json policies_to_json(const LayerBase& layer);

}  // namespace hebb
