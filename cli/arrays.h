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

/// The arrays of inputs (`letter` "x") or targets ("y") of a model whose layers have these names, as
/// `data::array_names` tells them apart. `where` is the file.
NamedArrays arrays_for(const std::vector<data::NamedTensor>& file, const std::string& where, const std::string& letter,
                       const std::vector<std::string>& layers);

}  // namespace hebb::cli
