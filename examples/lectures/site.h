/// The pages of the lectures' site: one for each experiment, and an index.
#pragma once

#include <string>
#include <vector>

#include "examples/lectures/lectures.h"

namespace hebb::lectures {

/// Writes `NAME.html` into the folder: the page's text, numbers and figures, its source, and how to run it.
/// `linked` says which pages it may link: the index, and its neighbours in the table.
struct Links {
  bool index = true;
  const Experiment *before = nullptr, *after = nullptr;
};
void write_page(const std::string& folder, const Experiment& experiment, const Page& page, double seconds,
                const Links& linked);

/// What the index shows of an experiment.
struct IndexEntry {
  const Experiment* experiment;
  std::string figure;  ///< the first one's file, with its folder; empty: none
  std::vector<Number> numbers = {};
};

/// Writes `index.html`.
void write_index(const std::string& folder, const std::vector<IndexEntry>& entries);

/// What the index shows of a page.
IndexEntry entry_of(const Experiment& experiment, const Page& page);

}  // namespace hebb::lectures
