#include "hebb/base/file_mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <mutex>

#include "hebb/base/error.h"

namespace hebb {
namespace {

TEST(FileMutex, OneAtATime) {
  const std::string path = testing::TempDir() + "hebb_file_mutex.lock";
  FileMutex mine(path);
  std::unique_lock lock(mine);
  std::future<void> other = std::async(std::launch::async, [&] {
    FileMutex theirs(path);
    const std::lock_guard taken(theirs);
  });
  EXPECT_EQ(other.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  lock.unlock();
  other.get();
  lock.lock();
  lock.unlock();
  std::filesystem::remove(path);
}

TEST(FileMutex, NamesTheFileThatCannotBeOpened) {
  const std::string folder = testing::TempDir();
  try {
    FileMutex mutex(folder);
    FAIL() << "a folder is no file";
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find(folder), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace hebb
