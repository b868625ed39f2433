/// Texts of variable length in attributes, read from the bytes of the file. libhdf5 is not asked for them: it believes
/// what a file says of their sizes and places, and crashes, writes behind its memory or never comes to an end where
/// that is a lie. Internal to the reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/base/file_range.h"

namespace hebb::io::detail {

/// The bytes of an HDF5 file, on disk or in memory.
class Hdf5Bytes {
 public:
  /// Addresses count from `base` on.
  Hdf5Bytes(const std::optional<FileRange>& range, std::string_view memory, uint64_t base);

  /// `count` bytes from an address on; IoError unless they are in the file.
  std::string read(uint64_t address, uint64_t count) const;

 private:
  const std::optional<FileRange>& range_;
  std::string_view memory_;
  uint64_t base_, size_;
};

/// IoError unless the attributes in the header of the object at this address, as far as they stand in it, hold what
/// they say: libhdf5 looks at all of them to find one.
void check_attributes(const Hdf5Bytes& file, uint64_t header);

/// The `count` texts of an attribute of the object whose header has this address, each up to its first zero byte.
/// IoError that says what is wrong, also where they, or the heaps that they lie in, take more than `most_bytes`
/// together.
std::vector<std::string> read_long_texts(const Hdf5Bytes& file, uint64_t header, std::string_view attribute,
                                         size_t count, size_t most_bytes);

}  // namespace hebb::io::detail
