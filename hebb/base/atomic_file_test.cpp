#include "hebb/base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "hebb/base/error.h"

namespace hebb {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("hebb_atomic_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  size_t files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder_;
};

TEST_F(AtomicFile, WritesAndReplaces) {
  const std::string first("one\0two", 7);
  write_atomically(path("a"), first);
  EXPECT_EQ(content(path("a")), first);
  write_atomically(path("a"), "");
  EXPECT_EQ(content(path("a")), "");
  const std::string large(3'000'000, 'x');
  write_atomically(path("a"), large);
  EXPECT_EQ(content(path("a")), large);
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFile, CallbackWritesToAFileBeside) {
  write_atomically(path("a"), "old");
  write_atomically(path("a"), [&](const std::string& temporary) {
    EXPECT_EQ(fs::path(temporary).parent_path(), folder_);
    EXPECT_TRUE(fs::exists(temporary));
    EXPECT_EQ(content(path("a")), "old");
    std::ofstream(temporary) << "new";
    EXPECT_EQ(content(path("a")), "old");
  });
  EXPECT_EQ(content(path("a")), "new");
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFile, CallbackMayReplaceTheTemporaryFile) {
  write_atomically(path("a"), "old");
  ASSERT_EQ(::chmod(path("a").c_str(), 0640), 0);
  write_atomically(path("a"), [&](const std::string& temporary) {
    std::ofstream(path("other")) << "new";
    fs::rename(path("other"), temporary);
  });
  EXPECT_EQ(content(path("a")), "new");
  EXPECT_EQ(static_cast<unsigned>(fs::status(path("a")).permissions()), 0640u);
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFile, FailureLeavesTheOldFileAndNothingElse) {
  write_atomically(path("a"), "old");
  EXPECT_THROW(write_atomically(path("a"),
                                [&](const std::string& temporary) {
                                  std::ofstream(temporary) << "half";
                                  throw InvalidArgument("no");
                                }),
               InvalidArgument);
  EXPECT_EQ(content(path("a")), "old");
  EXPECT_EQ(files(), 1u);
  EXPECT_THROW(write_atomically(path("b"), [&](const std::string&) { throw InvalidArgument("no"); }), InvalidArgument);
  EXPECT_THROW(write_atomically(path("b"), [&](const std::string& temporary) { fs::remove(temporary); }), IoError);
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFile, KeepsPermissions) {
  write_atomically(path("a"), "old");
  const mode_t mask = ::umask(0);
  ::umask(mask);
  EXPECT_EQ(static_cast<unsigned>(fs::status(path("a")).permissions()), 0666u & ~mask);
  ASSERT_EQ(::chmod(path("a").c_str(), 0604), 0);
  write_atomically(path("a"), "new");
  EXPECT_EQ(static_cast<unsigned>(fs::status(path("a")).permissions()), 0604u);
}

TEST_F(AtomicFile, FollowsSymbolicLinks) {
  fs::create_directory(folder_ / "deep");
  write_atomically(path("deep/a"), "old");
  fs::create_symlink("deep/a", folder_ / "link");
  write_atomically(path("link"), "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(content(path("deep/a")), "new");

  fs::create_symlink("deep/b", folder_ / "dangling");
  write_atomically(path("dangling"), "made");
  EXPECT_EQ(content(path("deep/b")), "made");

  fs::create_symlink("loop", folder_ / "loop");
  EXPECT_THROW(write_atomically(path("loop"), "x"), IoError);
}

TEST_F(AtomicFile, RelativePathsAndLongNames) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  write_atomically("plain", "x");
  fs::current_path(before);
  EXPECT_EQ(content(path("plain")), "x");
  const std::string longest(255, 'n');
  write_atomically(path(longest.c_str()), "x");
  EXPECT_EQ(content(path(longest.c_str())), "x");
}

TEST_F(AtomicFile, ErrorsSayWhatToDo) {
  auto failure = [](const std::string& path) -> std::string {
    try {
      write_atomically(path, "x");
    } catch (const IoError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(failure(path("missing/a")).find("Make the folder first"), std::string::npos) << failure(path("missing/a"));
  EXPECT_NE(failure(folder_.string()).find("is a folder"), std::string::npos);
  EXPECT_NE(failure(folder_.string() + "/").find("is a folder"), std::string::npos);
  EXPECT_NE(failure("/dev/null").find("device"), std::string::npos);
  EXPECT_NE(failure("").find("empty"), std::string::npos);
  EXPECT_NE(failure(path("missing/")).find("no file name"), std::string::npos);
  EXPECT_EQ(files(), 0u);
}

}  // namespace
}  // namespace hebb
