#include "hebb/base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path, const char* what, int error) {
  const char* advice = "";
  switch (error) {
    case ENOENT: advice = " Make the folder first."; break;
    case EACCES:
    case EPERM:
    case EROFS: advice = " Choose a folder that you may write to."; break;
    case ENOSPC:
    case EDQUOT: advice = " Make room on the disk, or write somewhere else."; break;
    default: break;
  }
  throw IoError(
      message("cannot write '", path, "': ", what, " failed: ", std::generic_category().message(error), ".", advice));
}

/// A file descriptor that is closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  explicit operator bool() const { return value_ >= 0; }
  int get() const { return value_; }
  /// Closes now, and tells whether that worked: a network disk may report a full disk only here.
  bool close() { return ::close(std::exchange(value_, -1)) == 0; }

 private:
  int value_;
};

/// A file that is removed at the end of its scope unless it was renamed.
struct Temporary {
  std::string path;
  mode_t mode = 0;
  bool renamed = false;
  ~Temporary() {
    if (!renamed && !path.empty()) ::unlink(path.c_str());
  }
};

/// The file that is to be replaced: `path`, or what it links to.
fs::path target_of(const std::string& path) {
  if (path.empty()) throw IoError("cannot write a file: its path is empty. Give it a name.");
  std::error_code error;
  fs::path target = path;
  for (int links = 0; fs::is_symlink(fs::symlink_status(target, error)); ++links) {
    if (links == 40) fail(path, "following its symbolic links", ELOOP);
    const fs::path link = fs::read_symlink(target, error);
    if (error) fail(path, "following its symbolic links", error.value());
    target = link.is_absolute() ? link : target.parent_path() / link;
  }
  const fs::file_status status = fs::status(target, error);
  if (fs::is_directory(status)) {
    throw IoError(message("cannot write '", path, "': it is a folder. Give the name of a file in it."));
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw IoError(message("cannot write '", path, "': it is a device or a pipe. Give the name of a plain file."));
  }
  if (!target.has_filename()) throw IoError(message("cannot write '", path, "': it has no file name. Add one."));
  return target;
}

/// Makes a new empty file beside `target`.
Descriptor make_temporary(const fs::path& target, const std::string& path, Temporary& temporary) {
  static std::atomic<unsigned> counter = 0;
  // A long name is cut so that the longer one of the temporary file is allowed too.
  const std::string name = target.filename().string().substr(0, 200);
  for (int attempt = 0;; ++attempt) {
    const std::string candidate =
        (target.parent_path() / message(".", name, ".", ::getpid(), "-", counter++, ".tmp")).string();
    Descriptor made(::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!made) {
      if (errno == EEXIST && attempt < 100) continue;
      fail(path, "making a temporary file beside it", errno);
    }
    temporary.path = candidate;
    struct stat model = {};
    if (::stat(target.c_str(), &model) != 0 && ::fstat(made.get(), &model) != 0) fail(path, "making a file", errno);
    temporary.mode = model.st_mode & 07777;
    (void)::fchmod(made.get(), temporary.mode);
    return made;
  }
}

void flush(const Descriptor& file, const std::string& path) {
  if (::fsync(file.get()) != 0 && errno != EINVAL && errno != EROFS) fail(path, "flushing to the disk", errno);
}

/// Puts the temporary file in the target's place and makes that last.
void replace(const fs::path& target, const std::string& path, Temporary& temporary) {
  if (std::rename(temporary.path.c_str(), target.c_str()) != 0) fail(path, "renaming the temporary file", errno);
  temporary.renamed = true;
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  // Some file systems cannot flush a folder; the file is complete all the same.
  if (const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); opened)
    ::fsync(opened.get());
}

}  // namespace

void write_atomically(const std::string& path, std::string_view bytes) {
  const fs::path target = target_of(path);
  Temporary temporary;
  Descriptor file = make_temporary(target, path, temporary);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, "writing", errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  flush(file, path);
  if (!file.close()) fail(path, "closing", errno);
  replace(target, path, temporary);
}

void write_atomically(const std::string& path, FunctionRef<void(const std::string& temporary)> produce) {
  const fs::path target = target_of(path);
  Temporary temporary;
  (void)make_temporary(target, path, temporary);
  produce(temporary.path);
  // Opened anew: the file may be another one than was made above.
  Descriptor file(::open(temporary.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) fail(path, "reopening the temporary file", errno);
  (void)::fchmod(file.get(), temporary.mode);
  flush(file, path);
  if (!file.close()) fail(path, "closing", errno);
  replace(target, path, temporary);
}

}  // namespace hebb
