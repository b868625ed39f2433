/// The bytes of an HDF5 file, where hebb reads them without libhdf5. Internal to the reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hebb/base/file_range.h"

namespace hebb::io::detail {

/// Throws the IoError that the file is damaged.
[[noreturn]] void damaged(std::string_view expected);

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

/// Takes numbers and bytes from the front; IoError where there are fewer.
class Hdf5Cursor {
 public:
  explicit Hdf5Cursor(std::string_view bytes) : left_(bytes) {}
  uint64_t left() const { return left_.size(); }
  std::string_view bytes(uint64_t count);
  /// Of up to eight bytes, the lowest one first.
  uint64_t number(int size);

 private:
  std::string_view left_;
};

}  // namespace hebb::io::detail
