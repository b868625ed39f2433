#include "hebb/base/gzip.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"

namespace hebb {
namespace {

std::string gzipped(std::string_view bytes) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string unzipped(const std::string& compressed, size_t piece = 1000) {
  auto source = open_gzip(open_bytes(compressed, "'x.gz'"));
  std::string out, buffer(piece, '\0');
  while (const size_t got = source->read(buffer.data(), piece)) {
    out.append(buffer, 0, got);
    EXPECT_EQ(source->offset(), out.size());
  }
  return out;
}

std::string noise(size_t size) {
  std::string out(size, '\0');
  uint32_t state = 1;
  for (char& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

TEST(Gzip, ReadsWhatWasCompressed) {
  for (const std::string& content : {std::string(), std::string("a"), std::string(300'000, 'z'), noise(200'000)}) {
    const std::string compressed = gzipped(content);
    EXPECT_EQ(unzipped(compressed), content);
    EXPECT_EQ(unzipped(compressed, 1), content);
    EXPECT_EQ(unzipped(compressed, 1 << 20), content);
    EXPECT_EQ(unzipped(compressed + gzipped("more") + gzipped("")), content + "more");
  }
}

TEST(Gzip, GivesItsMemoryAwayWhereThatIsAllThatFollows) {
  const std::string content = noise(100'000), compressed = gzipped(content);
  auto source = open_gzip(open_bytes(compressed, "'x.gz'"));
  std::string start(16, '\0');
  source->read_exactly(start.data(), start.size(), "the start");
  EXPECT_EQ(source->take_rest(content.size() - 17), nullptr) << "one byte more follows";
  const Memory rest = source->take_rest(content.size() - 16);
  ASSERT_NE(rest, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(rest.get()) % memory_alignment, 0u);
  EXPECT_EQ(start + std::string(reinterpret_cast<const char*>(rest.get()), content.size() - 16), content);
  EXPECT_EQ(source->offset(), content.size());
  EXPECT_NO_THROW(source->expect_end());
  EXPECT_EQ(source->take_rest(0), nullptr);

  auto peeked = open_gzip(open_bytes(compressed, "'x.gz'"));
  EXPECT_EQ(peeked->peek(2), content.substr(0, 2));
  EXPECT_EQ(peeked->take_rest(content.size()), nullptr);
  EXPECT_EQ(open_bytes(content, "'x'")->take_rest(content.size()), nullptr);
}

TEST(Gzip, NeverGivesMoreThanItPromises) {
  const std::string compressed = gzipped(std::string(5'000'000, '\0'));
  auto source = open_gzip(open_bytes(compressed, "'x.gz'"));
  std::string buffer(100'000, '\0');
  EXPECT_GE(source->most_left(), 5'000'000u);
  EXPECT_LE(source->most_left(), compressed.size() * 1032 + 100'000);
  uint64_t left = source->most_left();
  while (const size_t got = source->read(buffer.data(), buffer.size())) {
    EXPECT_LE(got, left);
    left = source->most_left();
  }
}

TEST(Gzip, RefusesEveryCut) {
  const std::string compressed = gzipped(noise(500));
  for (size_t length = 0; length < compressed.size(); ++length) {
    EXPECT_THROW(unzipped(compressed.substr(0, length)), IoError) << length;
  }
}

TEST(Gzip, RefusesDamageAndTrailingBytes) {
  const std::string compressed = gzipped(noise(500));
  EXPECT_THROW(unzipped(compressed + "x"), IoError);
  EXPECT_THROW(unzipped(compressed + '\0'), IoError);
  EXPECT_THROW(unzipped(compressed + "\x1f"), IoError);
  EXPECT_THROW(unzipped(compressed + compressed.substr(0, 30)), IoError);
  for (size_t from_end = 1; from_end <= 8; ++from_end) {  // checksum and length
    std::string damaged = compressed;
    damaged[damaged.size() - from_end] ^= 1;
    EXPECT_THROW(unzipped(damaged), IoError) << from_end;
  }
  try {
    unzipped(compressed + "garbage");
    FAIL();
  } catch (const IoError& error) {
    const std::string start = "'x.gz': byte " + std::to_string(compressed.size()) + ": ";
    EXPECT_EQ(std::string(error.what()).substr(0, start.size()), start);
  }
}

TEST(Gzip, TellsPlainFilesFromCompressedOnes) {
  const std::string path = testing::TempDir() + "hebb_gzip_" + std::to_string(::getpid());
  for (const std::string& content : {std::string("plain"), std::string("\x1f"), std::string()}) {
    char bytes[16];
    write_atomically(path, content);
    EXPECT_EQ(std::string(bytes, open_maybe_gzip(path)->read(bytes, 16)), content);
    write_atomically(path, gzipped(content));
    EXPECT_EQ(std::string(bytes, open_maybe_gzip(path)->read(bytes, 16)), content);
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace hebb
