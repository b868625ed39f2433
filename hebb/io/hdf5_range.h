/// HDF5 files, or stretches of another file that are one, read in place by a driver of libhdf5's that refuses what
/// would let libhdf5 crash. Internal to the reader.
#pragma once

#include "hebb/base/file_range.h"
#include "hebb/io/hdf5_library.h"

namespace hebb::io::detail {

/// Lets H5Fopen, whatever the name, open this stretch for reading. `range` must outlive the file. Gives the driver,
/// which is to be held as long as the file is open.
Id read_from_range(const Id& access, const FileRange& range);

}  // namespace hebb::io::detail
