#include "hebb/base/file_mutex.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

[[noreturn]] void fail(const char* what, const std::string& path, int error) {
  throw IoError(message("cannot ", what, " '", path, "': ", std::generic_category().message(error),
                        ". Choose a folder that you may write to, on a disk that knows locks."));
}

}  // namespace

FileMutex::FileMutex(const std::string& path)
    : path_(path), descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) fail("open", path_, errno);
}

FileMutex::~FileMutex() { ::close(descriptor_); }

void FileMutex::lock() {
  while (::flock(descriptor_, LOCK_EX) != 0) {
    if (errno != EINTR) fail("lock", path_, errno);
  }
}

void FileMutex::unlock() { ::flock(descriptor_, LOCK_UN); }

}  // namespace hebb
