/// The rows of a search as a file. Internal.
#pragma once

#include <vector>

#include "hebb/nn/search.h"

namespace hebb::search {

/// IoError when the file is none of this search: seed, `about` or format differ, or it cannot be read.
std::vector<Row> read_rows(const Options& options);
/// Atomic.
void write_rows(const Options& options, const std::vector<Row>& rows);

}  // namespace hebb::search
