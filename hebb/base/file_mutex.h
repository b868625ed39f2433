/// A lock between processes.
///
///     FileMutex mutex("cache/choices.json.lock");
///     const std::lock_guard lock(mutex);
///     ... read the file beside it, change it, write it ...
///
/// It is advisory: it holds off those who ask for it alone. The system takes it back when a process ends, however it
/// ends. The file is empty, stays, and may be deleted while nobody uses it.
#pragma once

#include <string>

namespace hebb {

class FileMutex {
 public:
  /// Opens the file, made if missing. IoError where that cannot be done.
  explicit FileMutex(const std::string& path);
  ~FileMutex();
  FileMutex(const FileMutex&) = delete;
  FileMutex& operator=(const FileMutex&) = delete;

  /// Waits until nobody else has it: no other process and no other FileMutex of this one. IoError on file systems
  /// without locks.
  void lock();
  void unlock();

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace hebb
