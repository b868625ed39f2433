/// Which array of a .npz file belongs to which input or output of a model.
#pragma once

#include <string>
#include <vector>

#include "cli/common.h"

namespace hebb::cli {

struct NamedArrays {
  Tensors arrays;
  std::vector<std::string> names;
};

/// The arrays of inputs (`letter` "x") or targets ("y"). For a model, whose layers have these names, one for each,
/// called after its layer or x0, x1, ...; x where there is one alone. Without names: x, or x0, x1, ... IoError when
/// they are not there. `where` is the file.
NamedArrays arrays_for(const std::vector<data::NamedTensor>& file, const std::string& where, const std::string& letter,
                       const std::vector<std::string>& layers);

}  // namespace hebb::cli
