/// The text of this folder's sources, for the pages that show them. The build writes `sources()`.
#pragma once

#include <span>
#include <string_view>

namespace hebb::lectures {

struct Source {
  std::string_view name, text;  ///< the file's name without its ending
};

std::span<const Source> sources();

}  // namespace hebb::lectures
