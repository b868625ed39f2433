/// Streams of bytes to read from, front to back: a file, a gzipped file, an entry of a zip archive, memory. Readers of
/// file formats take a `ByteSource`, so that each format is read the same way wherever its bytes come from.
///
///     auto source = open_file("x.npy");
///     char magic[6];
///     source->read_exactly(magic, sizeof magic, "the magic number");
///     source->offset();     // 6
///     source->most_left();  // how many bytes can still come: to check a size before allocating for it
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hebb/base/memory.h"

namespace hebb {

class ByteSource {
 public:
  explicit ByteSource(std::string name) : name_(std::move(name)) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Reads the next bytes, at most `size`; fewer only when the stream ends. IoError when it is damaged.
  size_t read(void* out, size_t size);
  /// Reads just `size` bytes; IoError, telling the offset and naming `what` was to be read, when fewer are left.
  void read_exactly(void* out, size_t size, std::string_view what);
  /// All that follows, where this is just `size` bytes in memory of the source's own, which it gives away: as
  /// `read_exactly`, but the bytes are not there twice. Null, with nothing read, where it is not so.
  Memory take_rest(size_t size);
  /// The next bytes without taking them; fewer than `size` only when the stream ends.
  std::string peek(size_t size);
  /// IoError, telling the offset, unless the stream ends here.
  void expect_end();

  /// How many bytes were read.
  uint64_t offset() const { return offset_; }
  /// No more than this many bytes can follow: exact for files, an upper bound where the stream is compressed.
  virtual uint64_t most_left() const = 0;
  /// Names the stream in errors: `'data/x.npz', entry 'x.npy'`.
  const std::string& name() const { return name_; }

  /// Throws an IoError that names the stream and the offset: `'x.npy': byte 10: WHAT`.
  [[noreturn]] void fail(std::string_view what) const { fail_at(offset_, what); }
  [[noreturn]] void fail_at(uint64_t offset, std::string_view what) const;

 protected:
  /// As `read`, but may return fewer bytes than asked for; 0 only at the end.
  virtual size_t read_some(void* out, size_t size) = 0;
  /// As `take_rest`, for sources that have their bytes in memory.
  virtual Memory give_rest([[maybe_unused]] size_t size) { return nullptr; }

 private:
  std::string name_;
  std::string peeked_;
  uint64_t offset_ = 0;
};

/// A file on disk; `-` is standard input. A pipe is read to its end first, since its length must be known. IoError when
/// it is missing, a folder, or may not be read.
std::unique_ptr<ByteSource> open_file(const std::string& path);

/// Bytes in memory, which must outlive the source.
std::unique_ptr<ByteSource> open_bytes(std::string_view bytes, std::string name);

/// A whole file; `-` is standard input. IoError when it has more than `most` bytes.
std::string read_file(const std::string& path, uint64_t most = UINT64_MAX);

}  // namespace hebb
