#include "hebb/base/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

[[noreturn]] void fail_to_read(const std::string& path, int error) {
  const char* advice = "";
  switch (error) {
    case ENOENT:
    case ENOTDIR: advice = " Check the path."; break;
    case EACCES:
    case EPERM: advice = " Check its permissions."; break;
    default: break;
  }
  throw IoError(message("cannot read '", path, "': ", std::generic_category().message(error), ".", advice));
}

/// An open file descriptor.
class ReadableFile {
 public:
  explicit ReadableFile(const std::string& path)
      : path_(path), descriptor_(path == "-" ? STDIN_FILENO : open_path(path)) {
    struct stat status = {};
    if (::fstat(descriptor_, &status) != 0) {
      const int error = errno;
      close();
      fail_to_read(path, error);
    }
    if (S_ISDIR(status.st_mode)) {
      close();
      throw IoError(message("cannot read '", path, "': it is a folder. Give the name of a file in it."));
    }
    has_size_ = S_ISREG(status.st_mode) && path != "-";
    size_ = has_size_ ? static_cast<uint64_t>(status.st_size) : 0;
  }
  ~ReadableFile() { close(); }
  ReadableFile(const ReadableFile&) = delete;
  ReadableFile& operator=(const ReadableFile&) = delete;

  bool has_size() const { return has_size_; }
  uint64_t size() const { return size_; }

  size_t read_some(void* out, size_t size) {
    for (;;) {
      // Linux reads at most 2 GiB at once.
      const ssize_t got = ::read(descriptor_, out, std::min(size, size_t{1} << 30));
      if (got >= 0) return static_cast<size_t>(got);
      if (errno != EINTR) fail_to_read(path_, errno);
    }
  }

 private:
  static int open_path(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) fail_to_read(path, errno);
    return descriptor;
  }
  void close() {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }

  std::string path_;
  int descriptor_;
  bool has_size_ = false;
  uint64_t size_ = 0;
};

std::string read_all(ReadableFile& file, const std::string& path, uint64_t most) {
  auto refuse = [&] {
    throw IoError(message("cannot read '", path, "': expected at most ", most, " bytes, but it has more."));
  };
  if (file.has_size() && file.size() > most) refuse();
  constexpr size_t step = size_t{1} << 16;
  // One byte more than a file has, so that its end is seen without growing.
  std::string out(file.has_size() ? static_cast<size_t>(file.size()) + 1 : step, '\0');
  for (size_t filled = 0;;) {
    if (filled == out.size()) out.resize(filled * 2);
    const size_t got = file.read_some(out.data() + filled, out.size() - filled);
    filled += got;
    if (filled > most) refuse();
    if (got == 0) {
      out.resize(filled);
      return out;
    }
  }
}

class FileSource : public ByteSource {
 public:
  FileSource(std::string name, std::unique_ptr<ReadableFile> file)
      : ByteSource(std::move(name)), file_(std::move(file)) {}
  uint64_t most_left() const override { return file_->size() - std::min(offset(), file_->size()); }

 protected:
  size_t read_some(void* out, size_t size) override { return file_->read_some(out, size); }

 private:
  std::unique_ptr<ReadableFile> file_;
};

class MemorySource : public ByteSource {
 public:
  MemorySource(std::string name, std::string_view bytes) : ByteSource(std::move(name)), bytes_(bytes) {}
  MemorySource(std::string name, std::string owned)
      : ByteSource(std::move(name)), owned_(std::move(owned)), bytes_(owned_) {}
  uint64_t most_left() const override { return bytes_.size() - offset(); }

 protected:
  size_t read_some(void* out, size_t size) override {
    const std::string_view piece = bytes_.substr(taken_, size);
    if (!piece.empty()) std::memcpy(out, piece.data(), piece.size());
    taken_ += piece.size();
    return piece.size();
  }

 private:
  std::string owned_;
  std::string_view bytes_;
  size_t taken_ = 0;
};

}  // namespace

size_t ByteSource::read(void* out, size_t size) {
  const size_t before = std::min(size, peeked_.size());
  std::copy_n(peeked_.data(), before, static_cast<char*>(out));
  peeked_.erase(0, before);
  offset_ += before;
  size_t filled = before;
  while (filled < size) {
    const size_t got = read_some(static_cast<char*>(out) + filled, size - filled);
    if (got == 0) break;
    filled += got;
    offset_ += got;
  }
  return filled;
}

Memory ByteSource::take_rest(size_t size) {
  if (!peeked_.empty()) return nullptr;
  Memory rest = give_rest(size);
  if (rest) offset_ += size;
  return rest;
}

std::string ByteSource::peek(size_t size) {
  while (peeked_.size() < size) {
    const size_t known = peeked_.size();
    peeked_.resize(size);
    const size_t got = read_some(peeked_.data() + known, size - known);
    peeked_.resize(known + got);
    if (got == 0) break;
  }
  return peeked_.substr(0, size);
}

void ByteSource::read_exactly(void* out, size_t size, std::string_view what) {
  const uint64_t start = offset_;
  const size_t got = read(out, size);
  if (got == size) return;
  fail_at(start, message("expected ", size, " bytes of ", what, ", but only ", got,
                         " follow: the file is cut off. Fetch or write it again."));
}

void ByteSource::expect_end() {
  char extra;
  const uint64_t end = offset_;
  if (read(&extra, 1) == 0) return;
  fail_at(end, "expected the end, but more bytes follow. The file is damaged, or it is another kind of file.");
}

void ByteSource::fail_at(uint64_t offset, std::string_view what) const {
  throw IoError(message(name_, ": byte ", offset, ": ", what));
}

std::unique_ptr<ByteSource> open_file(const std::string& path) {
  auto file = std::make_unique<ReadableFile>(path);
  std::string name = message("'", path, "'");
  if (file->has_size()) return std::make_unique<FileSource>(std::move(name), std::move(file));
  return std::make_unique<MemorySource>(std::move(name), read_all(*file, path, UINT64_MAX));
}

std::unique_ptr<ByteSource> open_bytes(std::string_view bytes, std::string name) {
  return std::make_unique<MemorySource>(std::move(name), bytes);
}

std::string read_file(const std::string& path, uint64_t most) {
  ReadableFile file(path);
  return read_all(file, path, most);
}

}  // namespace hebb
