/// HDF5 files that are a stretch of another file, read in place by a driver of libhdf5's. Internal to the reader.
#pragma once

#include "hebb/base/file_range.h"
#include "hebb/io/hdf5_library.h"

namespace hebb::io::detail {

/// Lets H5Fopen, whatever the name, open this stretch for reading. `range` must outlive the file. Gives the driver,
/// which is to be held as long as the file is open.
Id read_from_range(const Id& access, const FileRange& range);

}  // namespace hebb::io::detail
