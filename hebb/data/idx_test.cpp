#include "hebb/data/idx.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"

namespace hebb::data {
namespace {

namespace fs = std::filesystem;

std::string idx(int type, const std::vector<uint32_t>& shape, const std::string& elements) {
  std::string out = {'\0', '\0', static_cast<char>(type), static_cast<char>(shape.size())};
  for (const uint32_t size : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
  }
  return out + elements;
}

Tensor parse(const std::string& bytes) { return read_idx(*open_bytes(bytes, "'x.idx'")); }

template <class Body>
std::string failure_of(Body&& body) {
  try {
    body();
  } catch (const IoError& error) {
    return error.what();
  }
  return "no error";
}
std::string failure(const std::string& bytes) {
  return failure_of([&] { parse(bytes); });
}

void write_gzip(const fs::path& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())), static_cast<int>(bytes.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
}
void write_plain(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

class IdxFiles : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  const fs::path folder_ = fs::path(testing::TempDir()) / ("hebb_idx_" + std::to_string(::getpid()));
  const std::string images_ = idx(8, {2, 2, 3}, "abcdefghijkl");
  const std::string labels_ = idx(8, {2}, "\1\2");
};

TEST(Idx, ReadsEveryType) {
  EXPECT_EQ(parse(idx(0x08, {2}, "\x01\xff")).to_vector<int>(), (std::vector<int>{1, 255}));
  EXPECT_EQ(parse(idx(0x08, {2}, "\x01\xff")).dtype(), DType::uint8);
  EXPECT_EQ(parse(idx(0x09, {2}, "\x01\xff")).to_vector<int>(), (std::vector<int>{1, -1}));
  EXPECT_EQ(parse(idx(0x0B, {2}, std::string("\x01\x02\xff\x00", 4))).to_vector<int>(), (std::vector<int>{258, -256}));
  EXPECT_EQ(parse(idx(0x0C, {1}, std::string("\x00\x01\x00\x00", 4))).to_vector<int>(), (std::vector<int>{65536}));
  EXPECT_EQ(parse(idx(0x0D, {1}, std::string("\x3f\xc0\x00\x00", 4))).to_vector<float>(), (std::vector<float>{1.5}));
  EXPECT_EQ(parse(idx(0x0E, {1}, std::string("\x3f\xf8\0\0\0\0\0\0", 8))).to_vector<double>(),
            (std::vector<double>{1.5}));
  EXPECT_EQ(parse(idx(0x08, {}, "a")).shape(), Shape());
  EXPECT_EQ(parse(idx(0x08, {0, 28}, "")).shape(), (Shape{0, 28}));
}

TEST(Idx, RefusesWhatIsDamaged) {
  const std::string good = idx(8, {2, 3}, "abcdef");
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_NE(failure(good.substr(0, length)), "no error") << length;
  EXPECT_EQ(failure(good + "x").find("'x.idx': byte 18: expected the end"), 0u) << failure(good + "x");
  EXPECT_EQ(failure(good.substr(0, 17)).find("'x.idx': byte 12: an array uint8(2, 3) needs 6 bytes"), 0u)
      << failure(good.substr(0, 17));
  EXPECT_NE(failure(idx(0x0A, {1}, "a")).find("another kind of file"), std::string::npos);
  EXPECT_NE(failure("\1" + good.substr(1)).find("another kind of file"), std::string::npos);
  EXPECT_NE(failure(idx(8, {1, 1, 1, 1, 1, 1, 1, 1, 1}, "a")).find("at most 8"), std::string::npos);
  const uint32_t most = UINT32_MAX;
  EXPECT_NE(failure(idx(8, {most, most, most}, "a")).find("too many"), std::string::npos);
  EXPECT_NE(failure(idx(0x0E, {1u << 31, 1u << 30}, "a")).find("too many"), std::string::npos);
  EXPECT_NE(failure(idx(8, {most}, "a")).find("needs 4294967295 bytes"), std::string::npos);
}

TEST_F(IdxFiles, ReadsPlainAndGzippedFiles) {
  write_plain(folder_ / "a", images_);
  write_gzip(folder_ / "b.anything", images_);
  const Tensor plain = read_idx((folder_ / "a").string()), gzipped = read_idx((folder_ / "b.anything").string());
  EXPECT_EQ(plain.spec(), (Spec{{2, 2, 3}, DType::uint8}));
  EXPECT_EQ(gzipped.spec(), plain.spec());
  EXPECT_EQ(gzipped.to_vector<int>(), plain.to_vector<int>());

  write_gzip(folder_ / "c", images_ + "x");
  EXPECT_NE(failure_of([&] { read_idx((folder_ / "c").string()); }).find("byte 28: expected the end"),
            std::string::npos);
  std::string cut = read_file((folder_ / "b.anything").string());
  for (size_t length = 0; length < cut.size(); ++length) {
    write_plain(folder_ / "c", cut.substr(0, length));
    EXPECT_NE(failure_of([&] { read_idx((folder_ / "c").string()); }), "no error") << length;
  }
  write_plain(folder_ / "c", cut + "x");
  EXPECT_NE(failure_of([&] { read_idx((folder_ / "c").string()); }).find("more bytes follow"), std::string::npos);
}

TEST_F(IdxFiles, ASmallGzipCannotPromiseMuch) {
  write_gzip(folder_ / "bomb", idx(8, {UINT32_MAX, 28, 28}, "a"));
  EXPECT_NE(failure_of([&] { read_idx((folder_ / "bomb").string()); }).find("but at most"), std::string::npos);
}

TEST_F(IdxFiles, ReadsMnistsFolder) {
  EXPECT_FALSE(is_idx_folder(folder_.string()));
  write_gzip(folder_ / "train-images-idx3-ubyte.gz", images_);
  EXPECT_TRUE(is_idx_folder(folder_.string()));
  write_plain(folder_ / "train-labels-idx1-ubyte", labels_);
  write_plain(folder_ / "t10k-images.idx3-ubyte", images_);
  const std::string missing = failure_of([&] { read_idx_folder(folder_.string()); });
  EXPECT_NE(missing.find("expected the file 't10k-labels-idx1-ubyte'"), std::string::npos) << missing;
  write_gzip(folder_ / "t10k-labels.idx1-ubyte.gz", labels_);
  const IdxFolder data = read_idx_folder(folder_.string());
  EXPECT_EQ(data.x_train.shape(), (Shape{2, 2, 3}));
  EXPECT_EQ(data.y_test.to_vector<int>(), (std::vector<int>{1, 2}));

  write_plain(folder_ / "train-labels-idx1-ubyte", idx(8, {3}, "\1\2\3"));
  EXPECT_NE(failure_of([&] { read_idx_folder(folder_.string()); }).find("2 images but 3 labels"), std::string::npos);
  write_plain(folder_ / "train-labels-idx1-ubyte", images_);
  EXPECT_NE(failure_of([&] { read_idx_folder(folder_.string()); }).find("with 1 axis"), std::string::npos);
  EXPECT_THROW(read_idx_folder("/no/such/folder"), IoError);
}

}  // namespace
}  // namespace hebb::data
