/// Zip archives: what `.keras` and `.npz` files are.
///
///     ZipReader archive("model.keras");
///     std::string config = archive.read("config.json", 64 << 20);    // IoError when it has more bytes than that
///     write_zip("out.zip", {{.name = "a.txt", .bytes = text}});
///
/// Archives are read entry by entry into memory; nothing is ever extracted to disk, so names in an archive cannot point
/// anywhere. Encrypted entries, other compressions than deflate, and entries of the same name are refused.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hebb/base/byte_source.h"
#include "hebb/base/file_range.h"

namespace hebb {

/// An archive on disk, open for reading. To be used by one thread at a time.
class ZipReader {
 public:
  struct Entry {
    std::string name;
    uint64_t size = 0;         ///< bytes of its content, as the archive says; reading checks it
    uint64_t stored_size = 0;  ///< bytes that it takes in the archive
  };

  /// IoError when the file is missing, or is not a zip archive that can be read.
  explicit ZipReader(const std::string& path);
  ~ZipReader();
  ZipReader(ZipReader&&) noexcept;

  /// All entries, in the archive's order.
  const std::vector<Entry>& entries() const;
  bool contains(std::string_view name) const;

  /// The content of an entry; IoError when there is none of that name, when it has more than `most` bytes (told before
  /// anything is allocated), or when it is damaged.
  std::string read(std::string_view name, uint64_t most) const;

  /// The place of an entry's content in the file where that can be read without the archive: the entry is neither
  /// compressed nor encrypted, and its checksum, which this verifies, is right. Nothing otherwise: `read` it.
  std::optional<FileRange> place(std::string_view name) const;

  /// The content of an entry as a stream, valid while the reader lives. Its checksum is verified at its end: call
  /// `expect_end()` when the last byte was read.
  std::unique_ptr<ByteSource> open(std::string_view name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether a file starts as zip archives do. IoError when it cannot be read.
bool is_zip(const std::string& path);

/// An entry to be written.
struct ZipItem {
  std::string name;
  std::string_view bytes;        ///< must outlive the writing
  int64_t modified = 315532800;  ///< seconds since 1970, UTC; by default 1980, the first year that zip knows
};

/// Writes an archive with these entries, uncompressed, in this order; atomically (base/atomic_file.h). The same items
/// give the same bytes. IoError when it cannot be written, InvalidArgument for a repeated or empty name.
void write_zip(const std::string& path, std::span<const ZipItem> items);
inline void write_zip(const std::string& path, std::initializer_list<ZipItem> items) {
  write_zip(path, std::span<const ZipItem>(items.begin(), items.size()));
}

/// The same archive in memory.
std::string zip_bytes(std::span<const ZipItem> items);

}  // namespace hebb
