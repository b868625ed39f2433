#include "hebb/base/gzip.h"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/memory.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

/// Deflate makes at most 1032 bytes of one.
constexpr uint64_t most_expansion = 1032;

class GzipSource : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<ByteSource> compressed)
      : ByteSource(compressed->name()), compressed_(std::move(compressed)), input_(size_t{1} << 16) {
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_only) != Z_OK) throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  uint64_t most_left() const override {
    const uint64_t left = compressed_->most_left() + stream_.avail_in + 1;
    // What zlib has taken in but not yet given out is covered by its window.
    constexpr uint64_t window = uint64_t{1} << MAX_WBITS;
    constexpr uint64_t limit = std::numeric_limits<uint64_t>::max() / most_expansion - window;
    return left < limit ? left * most_expansion + window : std::numeric_limits<uint64_t>::max();
  }

 protected:
  size_t read_some(void* out, size_t size) override {
    const auto room = static_cast<uInt>(std::min<size_t>(size, std::numeric_limits<uInt>::max()));
    stream_.next_out = static_cast<Bytef*>(out);
    stream_.avail_out = room;
    while (stream_.avail_out == room) {
      if (stream_.avail_in == 0) refill();
      if (member_ended_) {
        if (stream_.avail_in == 0) break;
        if (stream_.next_in[0] != 0x1f) {
          fail_here("the gzip stream ends, but more bytes follow. The file is damaged; fetch or write it again.");
        }
        if (inflateReset(&stream_) != Z_OK) fail_here("the gzip stream cannot be read on");
        member_ended_ = false;
      }
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        member_ended_ = true;
      } else if (status == Z_MEM_ERROR) {
        throw std::bad_alloc();
      } else if (status == Z_BUF_ERROR ||
                 (status == Z_OK && stream_.avail_in == 0 && compressed_ended_ && stream_.avail_out == room)) {
        fail_here("the gzip stream is cut off. Fetch or write the file again.");
      } else if (status != Z_OK) {
        fail_here(message("the gzip stream is damaged (", stream_.msg ? stream_.msg : "unknown",
                          "). Fetch or write the file again."));
      }
    }
    return room - stream_.avail_out;
  }

 private:
  void refill() {
    if (compressed_ended_) return;
    const size_t got = compressed_->read(input_.data(), input_.size());
    compressed_ended_ = got < input_.size();
    stream_.next_in = input_.data();
    stream_.avail_in = static_cast<uInt>(got);
  }

  /// Offsets in errors of the compression itself are those of the compressed file.
  [[noreturn]] void fail_here(std::string_view what) const {
    fail_at(compressed_->offset() - stream_.avail_in, message("(compressed) ", what));
  }

  std::unique_ptr<ByteSource> compressed_;
  std::vector<Bytef> input_;
  z_stream stream_ = {};
  bool compressed_ended_ = false;
  bool member_ended_ = false;
};

/// Bytes that belong to the source.
class OwnedBytes : public ByteSource {
 public:
  OwnedBytes(Memory bytes, size_t size, std::string name)
      : ByteSource(std::move(name)), bytes_(std::move(bytes)), size_(size) {}
  uint64_t most_left() const override { return size_ - taken_; }

 protected:
  size_t read_some(void* out, size_t size) override {
    const size_t count = std::min(size, size_ - taken_);
    // Once the memory was given away there is none to count from.
    if (count > 0) std::memcpy(out, bytes_.get() + taken_, count);
    taken_ += count;
    return count;
  }
  Memory give_rest(size_t size) override {
    if (size == 0 || size != size_ - taken_) return nullptr;
    std::memmove(bytes_.get(), bytes_.get() + taken_, size);
    taken_ = size_;
    return std::move(bytes_);
  }

 private:
  Memory bytes_;
  size_t size_, taken_ = 0;
};

/// Streams that are this small when compressed, and when not, are unpacked at once, which is three times as fast.
constexpr uint64_t most_compressed_at_once = uint64_t{64} << 20, most_content_at_once = uint64_t{512} << 20;

/// The content of a single gzip member; null when it is something else, damaged, or too large.
std::unique_ptr<ByteSource> unpacked_at_once(const char* compressed, size_t size, const std::string& name) {
  constexpr size_t trailer = 8;
  if (size < trailer) return nullptr;
  uint32_t content = 0;  // the last four bytes, little-endian
  for (size_t i = 4; i-- > 0;) content = content << 8 | static_cast<unsigned char>(compressed[size - 4 + i]);
  if (content > most_content_at_once || content > size * most_expansion) return nullptr;
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!decompressor) throw std::bad_alloc();
  Memory out = allocate_memory(content);
  size_t read = 0, written = 0;
  const libdeflate_result result =
      libdeflate_gzip_decompress_ex(decompressor.get(), compressed, size, out.get(), content, &read, &written);
  if (result != LIBDEFLATE_SUCCESS || read != size || written != content) return nullptr;
  return std::make_unique<OwnedBytes>(std::move(out), content, name);
}

}  // namespace

std::unique_ptr<ByteSource> open_gzip(std::unique_ptr<ByteSource> compressed) {
  const uint64_t most = compressed->most_left();
  if (compressed->offset() != 0 || most > most_compressed_at_once)
    return std::make_unique<GzipSource>(std::move(compressed));
  Memory bytes = allocate_memory(static_cast<int64_t>(most));
  const size_t size = compressed->read(bytes.get(), most);
  if (auto content = unpacked_at_once(reinterpret_cast<const char*>(bytes.get()), size, compressed->name()))
    return content;
  // Several members, or damaged: zlib reads the one and tells where the other is wrong.
  return std::make_unique<GzipSource>(std::make_unique<OwnedBytes>(std::move(bytes), size, compressed->name()));
}

std::unique_ptr<ByteSource> open_maybe_gzip(const std::string& path) {
  auto source = open_file(path);
  if (source->peek(2) == "\x1f\x8b") return open_gzip(std::move(source));
  return source;
}

}  // namespace hebb
