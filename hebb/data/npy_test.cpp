#include "hebb/data/npy.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>

#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"
#include "hebb/base/zip.h"
#include "hebb/tensor/texts.h"

namespace hebb::data {
namespace {

const std::string goldens = std::string(HEBB_SOURCE_DIR) + "/tests/goldens/files/";

/// A version 1 file with this header and these elements.
std::string npy(const std::string& header, const std::string& elements) {
  std::string out = "\x93NUMPY";
  out += {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  return out + header + elements;
}

std::string header(const std::string& descr, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

Tensor parse(const std::string& bytes) { return read_npy(*open_bytes(bytes, "'x.npy'")); }

std::string failure(const std::string& bytes) {
  try {
    parse(bytes);
  } catch (const IoError& error) {
    return error.what();
  }
  return "no error";
}

template <class T>
std::string bytes_of(std::initializer_list<T> values) {
  std::string out(values.size() * sizeof(T), '\0');
  std::memcpy(out.data(), values.begin(), out.size());
  return out;
}

class NpyFile : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  const std::string path_ = testing::TempDir() + "hebb_npy_" + std::to_string(::getpid());
};

/// A whole file of another type is no damaged one, and one that is damaged is not of another type.
TEST(Npy, SaysWhichTypesItDoesNotRead) {
  const std::map<std::string, std::string> types = {{"<c8", "'<c8' (complex numbers) is not read"},
                                                    {"<M8[s]", "(dates) is not read"},
                                                    {"<f16", "(floats of 128 bits) is not read"},
                                                    {"|V4", "(raw bytes) is not read"},
                                                    {"<x4", "'<x4' is not read"},
                                                    {"|O", "never loads"}};
  for (const auto& [descr, says] : types) {
    const std::string text = failure(npy(header(descr, "(1,)"), "0123456789abcdef"));
    EXPECT_NE(text.find(says), std::string::npos) << text;
    EXPECT_EQ(text.find("damaged"), std::string::npos) << text;
  }
  EXPECT_NE(failure(npy("{'descr'; '<f4'}\n", "")).find("damaged"), std::string::npos);
}

TEST(Npy, ReadsEveryTypeThatNumpyWrites) {
  std::map<std::string, Tensor> arrays;
  for (const auto& [name, array] : read_npz(goldens + "numpy.npz")) arrays[name] = array;
  const std::map<std::string, DType> types = {{"b1", DType::boolean}, {"u1", DType::uint8},   {"i1", DType::int32},
                                              {"u2", DType::int32},   {"i2", DType::int32},   {"u4", DType::int64},
                                              {"i4", DType::int32},   {"u8", DType::int64},   {"i8", DType::int64},
                                              {"f2", DType::float32}, {"f4", DType::float32}, {"f8", DType::float64}};
  for (const auto& [name, dtype] : types) {
    std::vector<double> expected = {0, 1, 2, 3, 4, 5};
    for (double& value : expected) {
      if (name[0] == 'i' || name[0] == 'f') value -= 2;
      if (name[0] == 'f') value /= 4;
      if (name[0] == 'b') value = std::fmod(value, 2);
    }
    for (const char* order : {"", "_big"}) {
      const Tensor& array = arrays.at(name + order);
      EXPECT_EQ(array.spec(), (Spec{{2, 3}, dtype})) << name;
      EXPECT_EQ(array.to_vector<double>(), expected) << name << order;
    }
  }
  EXPECT_EQ(arrays.at("scalar").shape(), Shape());
  EXPECT_EQ(arrays.at("scalar").item(), 2.5);
  EXPECT_EQ(arrays.at("empty").shape(), (Shape{0, 3}));
  for (const char* name : {"fortran", "fortran_big"}) {
    const Tensor& array = arrays.at(name);
    ASSERT_EQ(array.shape(), (Shape{2, 3, 4})) << name;
    const std::vector<double> values = array.to_vector<double>();
    for (size_t i = 0; i < 24; ++i) EXPECT_EQ(values[i], (static_cast<double>(i) - 2) / (name[7] ? 1 : 4)) << name;
  }
  const std::vector<float> halves = arrays.at("halves").to_vector<float>();
  EXPECT_EQ(halves[0], 0);
  EXPECT_TRUE(std::signbit(halves[1]));
  EXPECT_EQ(halves[2], 1);
  EXPECT_EQ(halves[3], -2);
  EXPECT_EQ(halves[4], 65504);
  EXPECT_EQ(halves[5], 0x1p-24f);         // the smallest subnormal
  EXPECT_EQ(halves[6], 1023 * 0x1p-24f);  // the largest subnormal
  EXPECT_EQ(halves[7], HUGE_VALF);
  EXPECT_EQ(halves[8], -HUGE_VALF);
  EXPECT_TRUE(std::isnan(halves[9]));
  EXPECT_EQ(halves[10], 0.0999755859375f);
}

TEST(Npy, ReadsCompressedArchives) {
  const auto arrays = read_npz(goldens + "numpy_compressed.npz");
  ASSERT_EQ(arrays.size(), 2u);
  EXPECT_EQ(arrays[0].first, "x");
  EXPECT_EQ(arrays[0].second.spec(), (Spec{{100, 100}, DType::float64}));
  EXPECT_EQ(arrays[1].second.to_vector<int>(), (std::vector<int>{-2, -1, 0, 1, 2, 3}));
  EXPECT_THROW(read_npz(goldens + "numpy_compressed.npz", 10'000), IoError);
}

TEST_F(NpyFile, WritesWhatNumpyWrites) {
  write_npy(path_, Tensor::from({-0.5f, -0.25f, 0.f, 0.25f, 0.5f, 0.75f}, {2, 3}));
  EXPECT_EQ(read_file(path_), read_file(goldens + "plain.npy"));
}

TEST_F(NpyFile, ReadsBackWhatItWrote) {
  const std::vector<NamedTensor> arrays = {{"x", Tensor::from({1.5f, -2.f}, {2, 1})},
                                           {"y", Tensor::from(std::vector<int64_t>{1, 1LL << 40})},
                                           {"z", Tensor::from(std::vector<bool>{true, false}, {1, 2})},
                                           {"w", Tensor::from(std::vector<uint8_t>{})},
                                           {"s", Tensor::scalar(7, DType::int32)},
                                           {"d", Tensor::scalar(0.1, DType::float64)}};
  write_npz(path_, arrays);
  const auto back = read_npz(path_);
  ASSERT_EQ(back.size(), arrays.size());
  for (size_t i = 0; i < back.size(); ++i) {
    EXPECT_EQ(back[i].first, arrays[i].first);
    EXPECT_EQ(back[i].second.spec(), arrays[i].second.spec());
    EXPECT_EQ(back[i].second.to_vector<double>(), arrays[i].second.to_vector<double>());
    write_npy(path_ + ".one", arrays[i].second);
    EXPECT_EQ(read_npy(path_ + ".one").to_vector<double>(), arrays[i].second.to_vector<double>());
  }
  std::filesystem::remove(path_ + ".one");
}

TEST(Npy, ReadsHeadersOfAnyStyle) {
  const std::string two = bytes_of<int32_t>({1, 2});
  for (const std::string& text :
       {std::string("{'descr': '<i4', 'fortran_order': False, 'shape': (2,)}"),
        std::string("{\"shape\":(2L,),\"fortran_order\":False,\"descr\":\"=i4\"}   \n"),
        std::string(" { 'shape' : ( 2 , ) , 'descr' : '<i4' , 'fortran_order' : True , } ")}) {
    EXPECT_EQ(parse(npy(text, two)).to_vector<int>(), (std::vector<int>{1, 2})) << text;
  }
  std::string version2 = npy(header("<i4", "(2,)"), two);
  version2[6] = 2;
  version2.insert(10, 2, '\0');
  EXPECT_EQ(parse(version2).size(), 2);
}

TEST(Npy, RefusesDamagedHeaders) {
  const std::string four = bytes_of<float>({1});
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("{}"), std::string("[]"), std::string("{'descr': '<f4'}"),
        header("<f4", "(1,"), header("<f4", "1"), header("<f4", "(-1,)"), header("<f4", "(1.0,)"),
        header("<f4", "(1 1)"), header("<f4", "(99999999999999999999,)"), header("<f4", "(1,)", "0"),
        header("<f4", "(1,)") + "x",
        std::string("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}"),
        std::string("{'descr': '<f4', 'other': 1, 'fortran_order': False, 'shape': (1,)}"),
        std::string("{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}")}) {
    EXPECT_NE(failure(npy(text, four)).find("in the .npy header"), std::string::npos)
        << text << failure(npy(text, four));
  }
}

TEST(Npy, RefusesTypesThatAreNotNumbers) {
  for (const char* type : {"<c8", "<M8[ns]", "<m8", "|V8", "<f16", "<i3", "f4", "|f4", "<b2", "<f1", "", "<", "x"}) {
    EXPECT_NE(failure(npy(header(type, "(1,)"), std::string(16, '\0'))).find("is not read by hebb"), std::string::npos)
        << type;
  }
  EXPECT_NE(failure(npy(header("|O", "(1,)"), "....")).find("never loads"), std::string::npos);
  EXPECT_NE(failure(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "....")).find("structured"),
            std::string::npos);
}

TEST(Npy, ReadsTexts) {
  const std::string wide("G\0\0\0r\0\0\0\xFC\0\0\0n\0\0\0\0\xF6\x01\0\0\0\0\0a\0\0\0\0\0\0\0", 32);
  const std::vector<std::string> expected = {"Gr\xC3\xBCn", std::string("\xF0\x9F\x98\x80\0a", 6)};
  EXPECT_EQ(to_texts(parse(npy(header("<U4", "(2,)"), wide))), expected);
  std::string turned;
  for (size_t i = 0; i < wide.size(); i += 4) turned.append({wide[i + 3], wide[i + 2], wide[i + 1], wide[i]});
  EXPECT_EQ(to_texts(parse(npy(header(">U4", "(2,)"), turned))), expected);
  const Tensor bytes = parse(npy(header("|S2", "(2, 1)"), std::string("ab\xFF\0", 4)));
  EXPECT_EQ(bytes.shape(), (Shape{2, 1}));
  EXPECT_EQ(to_texts(bytes), (std::vector<std::string>{"ab", "\xFF"}));
  EXPECT_NE(failure(npy(header("<U4", "(3,)"), wide)).find("cut off"), std::string::npos);
  EXPECT_NE(failure(npy(header("<U", "(1,)"), wide)).find("length of texts"), std::string::npos);
  EXPECT_NE(failure(npy(header("<U999999999999", "(1,)"), wide)).find("length of texts"), std::string::npos);
}

TEST_F(NpyFile, HoldsTexts) {
  const Tensor words = texts({"one", "", "three", "four"}, {2, 2});
  write_npy(path_, words);
  EXPECT_EQ(to_texts(read_npy(path_)), to_texts(words));
  write_npz(path_, {{"words", words}, {"none", texts({})}});
  const std::vector<NamedTensor> arrays = read_npz(path_);
  EXPECT_EQ(to_texts(arrays[0].second), to_texts(words));
  EXPECT_EQ(arrays[1].second.shape(), Shape{0});
}

TEST(Npy, RefusesShapesThatTheFileCannotHold) {
  const std::string four = bytes_of<float>({1});
  for (const char* shape : {"(2,)", "(1000000000000,)", "(4611686018427387905,)",       // x 4 wraps to 4
                            "(4294967296, 4294967296)", "(2147483649, 2147483648, 2)",  // wrap to 0 and more
                            "(0, 9223372036854775807, 9223372036854775807)", "(9223372036854775807,)"}) {
    EXPECT_NE(failure(npy(header("<f4", shape), four)).find("bytes, but at most"), std::string::npos)
        << shape << failure(npy(header("<f4", shape), four));
  }
  EXPECT_NE(failure(npy(header("<f4", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), four)).find("at most 8"), std::string::npos);
  EXPECT_EQ(parse(npy(header("<f4", "(1, 1, 1, 1, 1, 1, 1, 1)"), four)).rank(), 8);
}

TEST(Npy, RefusesEveryCutAndTrailingBytes) {
  const std::string good = npy(header(">i2", "(2, 2)"), "\1\2\3\4\5\6\7\10");
  EXPECT_EQ(parse(good).to_vector<int>(), (std::vector<int>{0x0102, 0x0304, 0x0506, 0x0708}));
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_NE(failure(good.substr(0, length)), "no error") << length;
  EXPECT_NE(failure(good + "x").find("expected the end"), std::string::npos);
  EXPECT_NE(failure("PK\3\4 something else").find("another kind of file"), std::string::npos);
}

TEST(Npy, NoDamagedByteIsACrash) {
  const std::string good = npy(header("<f4", "(2, 3)", "True"), std::string(24, '\1'));
  for (size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; value += 3) {
      std::string damaged = good;
      damaged[at] = static_cast<char>(value);
      try {
        EXPECT_LE(parse(damaged).size(), 24) << at;
      } catch (const IoError&) {
      }
    }
  }
}

TEST(Npy, RefusesNumbersThatDoNotFit) {
  EXPECT_EQ(parse(npy(header("<u8", "(1,)"), bytes_of<uint64_t>({INT64_MAX}))).item(), 9223372036854775807.0);
  EXPECT_NE(failure(npy(header("<u8", "(1,)"), bytes_of<uint64_t>({UINT64_MAX}))).find("cannot hold"),
            std::string::npos);
}

TEST_F(NpyFile, ArchiveErrorsNameTheEntry) {
  write_zip(path_, {{"x.npy", "not an array"}});
  try {
    read_npz(path_);
    FAIL();
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find(path_ + "', entry 'x.npy': byte 0: expected a .npy"), std::string::npos)
        << error.what();
  }
  write_zip(path_, {{"readme.txt", "hello"}});
  EXPECT_THROW(read_npz(path_), IoError);
  EXPECT_THROW(read_npy(path_), IoError);
  EXPECT_THROW(read_npz(goldens + "plain.npy"), IoError);
}

}  // namespace
}  // namespace hebb::data
