#include "hebb/base/zip.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "hebb/base/error.h"

namespace hebb {
namespace {

/// One entry of an archive that is put together byte by byte, where every field may lie.
struct RawEntry {
  std::string name;
  std::string stored;
  uint16_t method = 0;
  uint16_t flags = 0;
  uint32_t crc = 0;
  uint32_t size = 0;
  uint32_t stored_size = 0;
};

RawEntry stored(const std::string& name, const std::string& bytes) {
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
  const auto size = static_cast<uint32_t>(bytes.size());
  return {name, bytes, 0, 0, static_cast<uint32_t>(crc), size, size};
}

RawEntry deflated(const std::string& name, const std::string& bytes) {
  RawEntry entry = stored(name, bytes);
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  entry.stored.resize(deflateBound(&stream, bytes.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(entry.stored.data());
  stream.avail_out = static_cast<uInt>(entry.stored.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  entry.stored.resize(stream.total_out);
  deflateEnd(&stream);
  entry.stored_size = static_cast<uint32_t>(entry.stored.size());
  entry.method = 8;
  return entry;
}

template <class T>
void put(std::string& out, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(value >> (8 * i));
}

std::string raw_archive(const std::vector<RawEntry>& entries) {
  std::string out, directory;
  auto common = [](std::string& to, const RawEntry& entry) {
    put<uint16_t>(to, 20);
    put<uint16_t>(to, entry.flags);
    put<uint16_t>(to, entry.method);
    put<uint32_t>(to, 0x00210000);
    put<uint32_t>(to, entry.crc);
    put<uint32_t>(to, entry.stored_size);
    put<uint32_t>(to, entry.size);
    put<uint16_t>(to, static_cast<uint16_t>(entry.name.size()));
    put<uint16_t>(to, 0);
  };
  for (const RawEntry& entry : entries) {
    directory += "PK\1\2";
    put<uint16_t>(directory, 20);
    common(directory, entry);
    put<uint16_t>(directory, 0);
    put<uint32_t>(directory, 0);
    put<uint32_t>(directory, 0);
    put<uint32_t>(directory, static_cast<uint32_t>(out.size()));
    directory += entry.name;
    out += "PK\3\4";
    common(out, entry);
    out += entry.name + entry.stored;
  }
  const auto start = static_cast<uint32_t>(out.size());
  out += directory + "PK\5\6";
  put<uint32_t>(out, 0);
  put<uint16_t>(out, static_cast<uint16_t>(entries.size()));
  put<uint16_t>(out, static_cast<uint16_t>(entries.size()));
  put<uint32_t>(out, static_cast<uint32_t>(directory.size()));
  put<uint32_t>(out, start);
  put<uint16_t>(out, 0);
  return out;
}

class Zip : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  ZipReader reader(const std::string& archive) const {
    std::ofstream(path_, std::ios::binary) << archive;
    return ZipReader(path_);
  }
  /// The message of the error that opening the archive or reading its entry "a" throws.
  std::string failure(const std::string& archive, uint64_t most = 1 << 20) const {
    try {
      reader(archive).read("a", most);
    } catch (const IoError& error) {
      return error.what();
    }
    return "no error";
  }

  const std::string path_ = testing::TempDir() + "hebb_zip_" + std::to_string(::getpid()) + ".zip";
};

TEST_F(Zip, ReadsBackWhatItWrote) {
  const std::string large(300'000, 'l');
  write_zip(path_, {{"metadata.json", "{}"}, {"config.json", ""}, {"folder/\u00e9.h5", large}});
  EXPECT_TRUE(is_zip(path_));
  const ZipReader archive(path_);
  ASSERT_EQ(archive.entries().size(), 3u);
  EXPECT_EQ(archive.entries()[0].name, "metadata.json");
  EXPECT_EQ(archive.entries()[1].name, "config.json");
  EXPECT_EQ(archive.entries()[2].name, "folder/\u00e9.h5");
  EXPECT_EQ(archive.entries()[2].size, large.size());
  EXPECT_EQ(archive.entries()[2].stored_size, large.size());
  EXPECT_EQ(archive.read("metadata.json", 2), "{}");
  EXPECT_EQ(archive.read("config.json", 0), "");
  EXPECT_EQ(archive.read("folder/\u00e9.h5", large.size()), large);
  EXPECT_EQ(archive.read("metadata.json", 2), "{}");
  EXPECT_TRUE(archive.contains("config.json"));
  EXPECT_FALSE(archive.contains("config"));
}

TEST_F(Zip, TheSameItemsGiveTheSameBytes) {
  const std::vector<ZipItem> items = {{"b", "two"}, {"a", "one"}};
  write_zip(path_, items);
  const std::string first = read_file(path_);
  write_zip(path_, items);
  EXPECT_EQ(read_file(path_), first);
  EXPECT_EQ(zip_bytes(items), first);
  const std::vector<ZipItem> dated = {{"b", "two", 1'700'000'000}, {"a", "one", 1'700'000'000}};
  EXPECT_EQ(zip_bytes(dated).size(), first.size());
  EXPECT_NE(zip_bytes(dated), first);
  EXPECT_EQ(first.substr(10, 4), std::string("\0\0\x21\0", 4));   // 1980-01-01 00:00
  EXPECT_EQ(zip_bytes(dated).substr(10, 4), "\xaa\xb1\x6e\x57");  // 2023-11-14 22:13:20 UTC
}

TEST_F(Zip, ReadsDeflatedEntries) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + " ";
  const ZipReader archive = reader(raw_archive({deflated("t", text), stored("s", "plain"), deflated("e", "")}));
  EXPECT_EQ(archive.read("t", 1 << 20), text);
  EXPECT_EQ(archive.read("s", 5), "plain");
  EXPECT_EQ(archive.read("e", 0), "");
}

TEST_F(Zip, StreamsAnEntry) {
  const ZipReader archive = reader(raw_archive({deflated("t", "0123456789"), stored("s", "abc")}));
  const auto source = archive.open("t");
  const auto other = archive.open("s");
  char bytes[16];
  EXPECT_EQ(source->most_left(), 10u);
  source->read_exactly(bytes, 4, "the start");
  other->read_exactly(bytes + 4, 3, "the other");
  EXPECT_EQ(std::string(bytes, 7), "0123abc");
  EXPECT_EQ(source->most_left(), 6u);
  EXPECT_EQ(source->read(bytes, 16), 6u);
  source->expect_end();
  EXPECT_EQ(source->name(), "'" + path_ + "', entry 't'");
}

TEST_F(Zip, MissingEntriesAreNamed) {
  try {
    reader(raw_archive({stored("a", ""), stored("b", "")})).read("config.json", 10);
    FAIL();
  } catch (const IoError& error) {
    EXPECT_EQ(std::string(error.what()),
              "'" + path_ + "': the archive has no entry 'config.json'; it has 'a', 'b'. Is it the right file?");
  }
}

TEST_F(Zip, RefusesMoreThanTheLimit) {
  EXPECT_EQ(reader(raw_archive({stored("a", "12345")})).read("a", 5), "12345");
  EXPECT_NE(failure(raw_archive({stored("a", "12345")}), 4).find("expected at most 4"), std::string::npos);
  // A zip bomb: 20 MB of zeros in 20 kB.
  EXPECT_NE(failure(raw_archive({deflated("a", std::string(20'000'000, '\0'))})).find("expected at most"),
            std::string::npos);
}

TEST_F(Zip, RefusesSizesThatLie) {
  RawEntry entry = deflated("a", std::string(100'000, 'x'));
  entry.size = 1000;  // inflates to more than it says
  EXPECT_NE(failure(raw_archive({entry})).find("damaged"), std::string::npos) << failure(raw_archive({entry}));
  entry.size = 200'000;  // to less
  EXPECT_NE(failure(raw_archive({entry})).find("a"), std::string::npos);
  EXPECT_THROW(reader(raw_archive({entry})).read("a", 1 << 20), IoError);
  entry.size = 0xF0000000;  // to what its stored bytes cannot hold; nothing is allocated for it
  EXPECT_NE(failure(raw_archive({entry}), UINT64_MAX).find("cannot hold"), std::string::npos);
  entry = stored("a", "12345");
  entry.size = 6;
  EXPECT_NE(failure(raw_archive({entry})).find("cannot hold"), std::string::npos);
}

TEST_F(Zip, RefusesWrongChecksums) {
  RawEntry entry = stored("a", "12345");
  entry.crc ^= 1;
  EXPECT_NE(failure(raw_archive({entry})).find("damaged"), std::string::npos);
  entry = deflated("a", "12345");
  entry.crc ^= 1;
  EXPECT_NE(failure(raw_archive({entry})).find("damaged"), std::string::npos);
}

TEST_F(Zip, TellsWhereStoredContentLies) {
  const RawEntry entry = stored("a", "12345");
  const auto place = reader(raw_archive({stored("b", "67"), entry})).place("a");
  ASSERT_TRUE(place);
  std::string content(5, ' ');
  EXPECT_EQ(place->size(), 5u);
  EXPECT_TRUE(place->read(0, content.data(), 5));
  EXPECT_EQ(content, "12345");
  EXPECT_TRUE(place->part(1, 3).read(1, content.data(), 2));
  EXPECT_EQ(content.substr(0, 2), "34");
  EXPECT_FALSE(place->read(1, content.data(), 5)) << "behind its end";
  EXPECT_FALSE(place->read(UINT64_MAX, content.data(), 2));
}

TEST_F(Zip, TellsNoPlaceOfWhatHasToBeReadOtherwise) {
  EXPECT_FALSE(reader(raw_archive({deflated("a", "12345")})).place("a"));
  RawEntry wrong = stored("a", "12345"), encrypted = wrong, longer = wrong;
  wrong.crc ^= 1;
  encrypted.flags = 1;
  longer.size = longer.stored_size = 6000;
  for (const RawEntry& entry : {wrong, encrypted, longer}) EXPECT_FALSE(reader(raw_archive({entry})).place("a"));
  EXPECT_THROW(reader(raw_archive({wrong})).place("b"), IoError);
}

TEST_F(Zip, RefusesEncryptionOtherCompressionsAndRepeatedNames) {
  RawEntry entry = stored("a", "12345");
  entry.flags = 1;
  EXPECT_NE(failure(raw_archive({entry})).find("encrypted"), std::string::npos) << failure(raw_archive({entry}));
  for (const uint16_t method : {1, 9, 12, 14, 93, 95}) {
    entry = stored("a", "12345");
    entry.method = method;
    EXPECT_NE(failure(raw_archive({entry})).find("compressed by method"), std::string::npos) << method;
  }
  entry.method = 99;  // AES, by another way of saying so
  EXPECT_NE(failure(raw_archive({entry})), "no error");
  EXPECT_NE(failure(raw_archive({stored("a", "1"), stored("a", "2")})).find("two entries 'a'"), std::string::npos);
}

TEST_F(Zip, NamesNeverReachTheDisk) {
  // Path traversal: such names are as good as any, since nothing is extracted.
  const ZipReader archive = reader(raw_archive({stored("../../etc/x", "1"), stored("/abs", "2")}));
  EXPECT_EQ(archive.read("../../etc/x", 1), "1");
  EXPECT_EQ(archive.read("/abs", 1), "2");
}

TEST_F(Zip, RefusesEveryCut) {
  const std::string archive = raw_archive({deflated("a", "some text, some text"), stored("b", "12345")});
  EXPECT_EQ(failure(archive), "no error");
  for (size_t length = 0; length < archive.size(); ++length) {
    EXPECT_NE(failure(archive.substr(0, length)), "no error") << length;
  }
}

TEST_F(Zip, NoDamagedByteIsACrash) {
  const std::string archive = raw_archive({deflated("a", "some text, some text"), stored("b", "12345")});
  for (size_t at = 0; at < archive.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xff}) {
      std::string damaged = archive;
      damaged[at] = static_cast<char>(damaged[at] ^ change);
      try {
        const ZipReader opened = reader(damaged);
        for (const auto& entry : opened.entries()) {
          const std::string content = opened.read(entry.name, 1000);
          EXPECT_TRUE(content == "some text, some text" || content == "12345" || content.empty()) << at;
        }
      } catch (const IoError&) {
      }
    }
  }
}

TEST_F(Zip, RefusesADirectoryThatPromisesBillions) {
  std::string archive = raw_archive({stored("a", "1")});
  const size_t end = archive.size() - 22;
  std::string directory64 = "PK\6\6";
  put<uint64_t>(directory64, 44);
  put<uint32_t>(directory64, 0x002d002d);
  put<uint64_t>(directory64, 0);
  put<uint64_t>(directory64, uint64_t{1} << 32);  // entries
  put<uint64_t>(directory64, uint64_t{1} << 32);
  put<uint64_t>(directory64, end - 32);
  put<uint64_t>(directory64, 32);
  std::string locator = "PK\6\7";
  put<uint32_t>(locator, 0);
  put<uint64_t>(locator, end);
  put<uint32_t>(locator, 1);
  std::string last = archive.substr(end);
  last.replace(8, 4, "\xff\xff\xff\xff");
  EXPECT_NE(failure(archive.substr(0, end) + directory64 + locator + last), "no error");
}

TEST_F(Zip, ErrorsTellWhatIsWrong) {
  EXPECT_NE(failure("not a zip").find("not a zip archive"), std::string::npos) << failure("not a zip");
  EXPECT_NE(failure("").find("not a zip archive"), std::string::npos) << failure("");
  EXPECT_FALSE(is_zip(path_));
  EXPECT_THROW(ZipReader("/no/such/file.zip"), IoError);
  EXPECT_THROW(ZipReader(testing::TempDir()), IoError);
  EXPECT_THROW(is_zip("/no/such/file.zip"), IoError);
}

TEST_F(Zip, WritingChecksNamesAndKeepsTheOldFile) {
  write_zip(path_, {{"a", "old"}});
  EXPECT_THROW(write_zip(path_, {{"a", "1"}, {"a", "2"}}), InvalidArgument);
  EXPECT_THROW(write_zip(path_, {{"", "1"}}), InvalidArgument);
  EXPECT_THROW(write_zip(path_, std::span<const ZipItem>()), InvalidArgument);
  EXPECT_THROW(write_zip("/no/such/folder/a.zip", {{"a", "1"}}), IoError);
  EXPECT_EQ(ZipReader(path_).read("a", 3), "old");
}

}  // namespace
}  // namespace hebb
