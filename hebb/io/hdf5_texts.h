/// Texts of variable length in attributes, read from the bytes of the file. libhdf5 is not asked for them: it believes
/// what a file says of their sizes and places, and crashes, writes behind its memory or never comes to an end where
/// that is a lie. Internal to the reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/io/hdf5_bytes.h"

namespace hebb::io::detail {

/// IoError unless the attributes of the object whose header has this address hold what they say: libhdf5 looks at all
/// of them to find one.
void check_attributes(const Hdf5Bytes& file, uint64_t header);

/// The `count` texts of an attribute of the object whose header has this address, each up to its first zero byte.
/// IoError that says what is wrong, also where they, or the heaps that they lie in, take more than `most_bytes`
/// together.
std::vector<std::string> read_long_texts(const Hdf5Bytes& file, uint64_t header, std::string_view attribute,
                                         size_t count, size_t most_bytes);

}  // namespace hebb::io::detail
