#include "hebb/base/file_range.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace hebb {

std::optional<FileRange> FileRange::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  std::shared_ptr<const int> file(new int(descriptor), [](const int* held) {
    ::close(*held);
    delete held;
  });
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return FileRange(std::move(file), 0, static_cast<uint64_t>(status.st_size));
}

FileRange FileRange::part(uint64_t offset, uint64_t size) const { return {file_, begin_ + offset, size}; }

bool FileRange::read(uint64_t offset, void* out, size_t count) const {
  if (offset > size_ || count > size_ - offset) return false;
  auto* to = static_cast<char*>(out);
  for (auto at = static_cast<off_t>(begin_ + offset); count > 0;) {
    const ssize_t got = ::pread(*file_, to, count, at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    at += got;
    count -= static_cast<size_t>(got);
  }
  return true;
}

}  // namespace hebb
