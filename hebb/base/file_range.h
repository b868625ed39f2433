/// A stretch of bytes in a file on disk, read from any place of it without holding the rest.
///
///     const FileRange file = FileRange::open("model.keras");
///     const FileRange entry = file.part(123, 4567);        // the same open file
///     entry.read(0, header, sizeof header);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace hebb {

class FileRange {
 public:
  /// A whole file; nothing when it cannot be opened, or is none that has places (a pipe).
  static std::optional<FileRange> open(const std::string& path);

  /// A stretch of this one, which must lie within it.
  FileRange part(uint64_t offset, uint64_t size) const;
  uint64_t size() const { return size_; }

  /// Just `count` bytes from `offset` on; false when they do not lie within the range, or cannot be read.
  bool read(uint64_t offset, void* out, size_t count) const;

 private:
  FileRange(std::shared_ptr<const int> file, uint64_t begin, uint64_t size)
      : file_(std::move(file)), begin_(begin), size_(size) {}

  std::shared_ptr<const int> file_;  // closed with the last range of it
  uint64_t begin_, size_;
};

}  // namespace hebb
