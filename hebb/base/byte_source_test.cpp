#include "hebb/base/byte_source.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"

namespace hebb {
namespace {

std::string temporary_path(const char* name) {
  return testing::TempDir() + "hebb_source_" + std::to_string(::getpid()) + "_" + name;
}

template <class Body>
std::string failure(Body&& body) {
  try {
    body();
  } catch (const IoError& error) {
    return error.what();
  }
  return "no error";
}

void read_to_the_end(ByteSource& source) {
  char bytes[4];
  EXPECT_EQ(source.most_left(), 6u);
  EXPECT_EQ(source.peek(3), "abc");
  EXPECT_EQ(source.peek(2), "ab");
  EXPECT_EQ(source.offset(), 0u);
  EXPECT_EQ(source.most_left(), 6u);
  source.read_exactly(bytes, 2, "the first bytes");
  EXPECT_EQ(std::string(bytes, 2), "ab");
  EXPECT_EQ(source.offset(), 2u);
  EXPECT_EQ(source.most_left(), 4u);
  EXPECT_NE(failure([&] { source.expect_end(); }).find("byte 2: expected the end"), std::string::npos);
  EXPECT_EQ(source.read(bytes, 2), 2u);
  EXPECT_EQ(std::string(bytes, 2), "de");
  EXPECT_EQ(source.peek(4), "f");
  EXPECT_EQ(source.read(bytes, 4), 1u);
  EXPECT_EQ(source.read(bytes, 4), 0u);
  EXPECT_EQ(source.peek(1), "");
  EXPECT_EQ(source.most_left(), 0u);
  source.expect_end();
}

TEST(ByteSource, ReadsMemoryAndFiles) {
  read_to_the_end(*open_bytes("abcdef", "memory"));
  const std::string path = temporary_path("plain");
  write_atomically(path, "abcdef");
  read_to_the_end(*open_file(path));
  EXPECT_EQ(read_file(path), "abcdef");
  EXPECT_EQ(read_file(path, 6), "abcdef");
  EXPECT_NE(failure([&] { read_file(path, 5); }).find("at most 5 bytes"), std::string::npos);
  std::filesystem::remove(path);
}

TEST(ByteSource, ReadsWhatHasNoLength) {
  EXPECT_EQ(open_file("/dev/null")->most_left(), 0u);
  EXPECT_NE(read_file("/proc/self/status").find("Pid:"), std::string::npos);  // says that it has 0 bytes
  EXPECT_THROW(read_file("/dev/zero", 100'000), IoError);
}

TEST(ByteSource, ErrorsTellWhatIsMissing) {
  auto source = open_bytes("abc", "'x.bin'");
  char bytes[8];
  source->read_exactly(bytes, 1, "the tag");
  EXPECT_EQ(failure([&] { source->read_exactly(bytes, 8, "the header"); }),
            "'x.bin': byte 1: expected 8 bytes of the header, but only 2 follow: the file is cut off. Fetch or write "
            "it again.");
  EXPECT_NE(failure([] { open_file("/no/such/file"); }).find("No such file"), std::string::npos);
  EXPECT_NE(failure([] { read_file(testing::TempDir()); }).find("is a folder"), std::string::npos);
}

}  // namespace
}  // namespace hebb
