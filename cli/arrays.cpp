#include "cli/arrays.h"

#include <algorithm>

#include "hebb/data/array_names.h"

namespace hebb::cli {

NamedArrays arrays_for(const std::vector<data::NamedTensor>& file, const std::string& where, const std::string& letter,
                       const std::vector<std::string>& layers) {
  std::vector<std::string> found;
  for (const auto& [name, array] : file) found.push_back(name);
  NamedArrays out{{}, data::array_names(found, where, letter, layers)};
  for (const std::string& name : out.names) {
    const auto is_it = [&](const data::NamedTensor& entry) { return entry.first == name; };
    out.arrays.push_back(std::find_if(file.begin(), file.end(), is_it)->second);
  }
  return out;
}

}  // namespace hebb::cli
