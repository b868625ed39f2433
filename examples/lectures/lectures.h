/// The experiments of the lectures, in the lectures' order.
///
/// An experiment is a function in a file of its own in this folder and a row of the table in `table.cpp`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "examples/lectures/page.h"

namespace hebb::lectures {

struct Experiment {
  std::string_view name;  ///< on the command line; its file's, with underscores
  std::string_view title;
  std::string_view doc;  ///< one line
  void (*run)(Page& page);
};

std::span<const Experiment> experiments();

/// The source of an experiment, as it was compiled; empty for an unknown name.
std::string source_of(std::string_view name);

}  // namespace hebb::lectures
