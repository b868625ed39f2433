/// Where the content of an entry of a zip archive lies in the file: entries that are stored as they are can be read
/// from their place, instead of being held in memory as a whole. Internal to ZipReader.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "hebb/base/file_range.h"

namespace hebb {

/// What the archive promises of an entry.
struct ZipPromise {
  uint64_t size = 0;
  uint32_t checksum = 0;
};

/// The content of a stored entry, read once and found to be what was promised. Nothing when it is not, when the entry
/// is compressed, or when the archive is of a kind that is read another way: larger than 4 GiB, with a comment at its
/// end.
std::optional<FileRange> find_stored_entry(const FileRange& archive, std::string_view name, const ZipPromise& promise);

}  // namespace hebb
