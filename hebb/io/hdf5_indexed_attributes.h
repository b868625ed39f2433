/// Attributes that do not stand in the header of their object, being many: they lie in a heap, and an index says where
/// (h5py's libver="latest" writes so from nine on). Internal to the reader.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hebb/io/hdf5_bytes.h"

namespace hebb::io::detail {

/// The attributes, each as it would stand in a header; the addresses are those of the heap and of the index by names.
/// IoError where they are not in the file, or are kept as hebb does not read them.
std::vector<std::string> read_indexed_attributes(const Hdf5Bytes& file, uint64_t heap, uint64_t index);

}  // namespace hebb::io::detail
