#include "hebb/io/hdf5.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <thread>

#include "hebb/base/atomic_file.h"
#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::io {
namespace {

// Written by h5py: tests/goldens/make_files.py.
const std::string folder = std::string(HEBB_SOURCE_DIR) + "/tests/goldens/files/";
const std::string types_file = folder + "types.h5";
const std::string hostile_file = folder + "hostile.h5";

template <class Body>
std::string failure_of(Body&& body) {
  try {
    body();
  } catch (const IoError& error) {
    return error.what();
  }
  return "no error";
}

using Texts = std::vector<std::string>;

TEST(Hdf5Reader, ReadsEveryType) {
  const Hdf5Reader file(types_file);
  const std::map<std::string, DType> types = {{"bool", DType::boolean}, {"u1", DType::uint8},   {"i1", DType::int32},
                                              {"u2", DType::int32},     {"i2", DType::int32},   {"u4", DType::int64},
                                              {"i4", DType::int32},     {"u8", DType::int64},   {"i8", DType::int64},
                                              {"f2", DType::float32},   {"f4", DType::float32}, {"f8", DType::float64}};
  for (const auto& [name, dtype] : types) {
    std::vector<double> expected = {0, 1, 2, 3, 4, 5};
    for (double& value : expected) {
      if (name[0] == 'i' || name[0] == 'f') value -= 2;
      if (name[0] == 'f') value /= 4;
      if (name[0] == 'b') value = std::fmod(value, 2);
    }
    for (const char* order : {"", "_big"}) {
      const std::string path = "/types/" + name + order;
      if (!file.has_dataset(path)) {
        EXPECT_EQ(path, "/types/bool_big");
        continue;
      }
      const Spec spec = file.spec(path);
      EXPECT_EQ(spec, (Spec{{2, 3}, dtype})) << path;
      EXPECT_EQ(file.read(path, spec).to_vector<double>(), expected) << path;
      for (const DType wanted : {DType::float32, DType::float64}) {
        EXPECT_EQ(file.read(path, {{2, 3}, wanted}).to_vector<double>(), expected) << path;
      }
    }
  }
  EXPECT_EQ(file.read("types/scalar", {{}, DType::int32}).item(), 7);
  EXPECT_EQ(file.read("types/empty", {{0, 3}}).size(), 0);
  EXPECT_EQ(file.read("compact", {{3}}).to_vector<float>(), (std::vector<float>{1, 2, 3}));
}

TEST(Hdf5Reader, ReadsAStretchOfAnotherFile) {
  const std::string bytes = read_file(types_file), path = testing::TempDir() + "stretch-" + std::to_string(::getpid());
  write_atomically(path, "before" + bytes + "behind");
  const auto whole = FileRange::open(path);
  ASSERT_TRUE(whole);
  std::filesystem::remove(path);  // what is open stays
  const Hdf5Reader file(types_file), stretch(whole->part(6, bytes.size()), "'stretch'");
  const Spec spec{{2, 3}, DType::float32};
  EXPECT_EQ(stretch.read("/types/f4", spec).to_vector<float>(), file.read("/types/f4", spec).to_vector<float>());
  EXPECT_EQ(stretch.children("/types"), file.children("/types"));

  EXPECT_NE(failure_of([&] { Hdf5Reader(whole->part(5, bytes.size()), "'shifted'"); }).find("'shifted'"),
            std::string::npos);
  EXPECT_NE(failure_of([&] { Hdf5Reader(whole->part(6, 100), "'cut'"); }).find("'cut'"), std::string::npos);
  EXPECT_NE(failure_of([&] { Hdf5Reader(whole->part(6, 0), "'nothing'"); }).find("empty"), std::string::npos);
}

TEST(Hdf5Reader, ReadsBfloat16AsKerasMarksIt) {
  const Hdf5Reader file(types_file);
  EXPECT_EQ(file.spec("/types/bfloat16"), (Spec{{3}, DType::float32}));
  const std::vector<float> values = file.read("/types/bfloat16", {{3}}).to_vector<float>();
  EXPECT_EQ(values[0], 1);
  EXPECT_EQ(values[1], -2.5);
  EXPECT_NEAR(values[2] / 3e38, 1, 1.0 / 128);
}

TEST(Hdf5Reader, RefusesConversionsThatLose) {
  const Hdf5Reader file(types_file);
  EXPECT_NE(failure_of([&] {
              file.read("types/f4", {{2, 3}, DType::int32});
            }).find("not converted"),
            std::string::npos);
  EXPECT_NE(failure_of([&] {
              file.read("types/i4", {{2, 3}, DType::boolean});
            }).find("not converted"),
            std::string::npos);
  EXPECT_NE(failure_of([&] {
              file.read("types/i4", {{2, 3}, DType::uint8});
            }).find("element 0 is -2"),
            std::string::npos);
  EXPECT_NE(failure_of([&] {
              file.read("types/int64_large", {{1}, DType::int32});
            }).find("cannot hold"),
            std::string::npos);
  EXPECT_NE(failure_of([&] {
              file.read("types/uint64_large", {{1}, DType::int64});
            }).find("cannot hold"),
            std::string::npos);
  EXPECT_EQ(file.read("types/i2", {{2, 3}, DType::int64}).to_vector<int>(), (std::vector<int>{-2, -1, 0, 1, 2, 3}));
}

TEST(Hdf5Reader, ReadsChunksAndFilters) {
  const Hdf5Reader file(types_file);
  std::vector<float> expected(35);
  for (size_t i = 0; i < expected.size(); ++i) expected[i] = static_cast<float>(i);
  for (const char* name : {"plain", "gzip", "shuffle", "all", "fletcher"}) {
    EXPECT_EQ(file.read(std::string("/chunks/") + name, {{7, 5}}).to_vector<float>(), expected) << name;
  }
  EXPECT_EQ(file.read("/chunks/growing", {{3}, DType::int32}).to_vector<int>(), (std::vector<int>{0, 1, 2}));
  const std::vector<int> deep = file.read("/chunks/deep", {{2, 3, 4, 5}, DType::int32}).to_vector<int>();
  for (int i = 0; i < 120; ++i) EXPECT_EQ(deep[static_cast<size_t>(i)], i);
}

TEST(Hdf5Reader, ReadsTextsOfEveryKind) {
  const Hdf5Reader file(types_file);
  auto text = [&](const char* name) { return file.string_attribute("/attributes", name).value(); };
  auto list = [&](const char* name) { return file.strings_attribute("/attributes", name).value(); };
  EXPECT_EQ(text("utf8"), "\u00e9t\u00e9");
  EXPECT_EQ(text("ascii"), "text");
  EXPECT_EQ(text("bytes"), "text");
  EXPECT_EQ(text("empty_text"), "");
  EXPECT_EQ(text("long"), std::string(100'000, 'x'));
  EXPECT_EQ(list("list_fixed"), (Texts{"a", "bcd", ""}));
  EXPECT_EQ(list("list_variable"), (Texts{"a", "bcd", ""}));
  EXPECT_EQ(list("list_empty"), Texts());
  EXPECT_EQ(list("nothing"), Texts());
  EXPECT_EQ(list("nullterm"), (Texts{"ab", "c"}));
  EXPECT_EQ(list("spacepad"), (Texts{"ab", "c"}));
  EXPECT_EQ(list("layer_names"), (Texts{"a", "b", "c"}));
  EXPECT_EQ(list("ascii"), Texts{"text"});
  EXPECT_FALSE(file.string_attribute("/attributes", "missing").has_value());
  EXPECT_FALSE(file.strings_attribute("/attributes", "missing").has_value());
  EXPECT_TRUE(file.has_attribute("/attributes", "number"));
  EXPECT_FALSE(file.has_attribute("/attributes", "missing"));
  EXPECT_THROW(file.string_attribute("/attributes", "number"), IoError);
  EXPECT_THROW(file.strings_attribute("/attributes", "numbers"), IoError);
  EXPECT_THROW(file.strings_attribute("/attributes", "grid"), IoError);
  EXPECT_THROW(file.string_attribute("/attributes", "list_fixed"), IoError);
  EXPECT_THROW(file.string_attribute("/missing", "x"), IoError);
}

TEST(Hdf5Reader, FindsItsWay) {
  const Hdf5Reader file(types_file);
  EXPECT_EQ(file.children("/"), (Texts{"attributes", "chunks", "compact", "types"}));
  EXPECT_EQ(file.children("").size(), 4u);
  EXPECT_EQ(file.children("attributes"), Texts());
  EXPECT_EQ(file.kind("/"), Hdf5Kind::group);
  EXPECT_EQ(file.kind("types"), Hdf5Kind::group);
  EXPECT_EQ(file.kind("/types/f4"), Hdf5Kind::dataset);
  EXPECT_EQ(file.kind("//types//f4/"), Hdf5Kind::dataset);
  EXPECT_EQ(file.kind("/types/f4/deeper"), Hdf5Kind::none);
  EXPECT_EQ(file.kind("/types/f5"), Hdf5Kind::none);
  EXPECT_NE(failure_of([&] { file.children("/types/f4"); }).find("expected a group, but it is a dataset"),
            std::string::npos);
  EXPECT_NE(failure_of([&] { file.read("/types", {{}}); }).find("expected a dataset, but it is a group"),
            std::string::npos);
  EXPECT_NE(failure_of([&] { file.read("/none", {{}}); }).find("no such object"), std::string::npos);
}

TEST(Hdf5Reader, ChecksTheShapeFirst) {
  const Hdf5Reader file(types_file);
  EXPECT_EQ(failure_of([&] {
              file.read("/types/f4", {{2, 4}});
            }),
            "'" + types_file +
                "', '/types/f4': expected the shape (2, 4), the file has (2, 3). Its weights belong to another "
                "architecture.");
  EXPECT_THROW(file.read("/types/f4", {{6}}), IoError);
  EXPECT_THROW(file.read("/types/scalar", {{1}}), IoError);
}

TEST(Hdf5Reader, NeverFollowsLinksOutOfTheFile) {
  const Hdf5Reader file(hostile_file);
  for (const char* path : {"/soft", "/dangling", "/external", "/group/inner", "/group/inner/f4"}) {
    EXPECT_NE(failure_of([&] { file.kind(path); }).find("does not follow"), std::string::npos) << path;
    EXPECT_NE(failure_of([&] { file.read(path, {{3}}); }).find("does not follow"), std::string::npos) << path;
    EXPECT_NE(failure_of([&] { file.children(path); }).find("does not follow"), std::string::npos) << path;
    EXPECT_NE(failure_of([&] { file.string_attribute(path, "x"); }).find("does not follow"), std::string::npos) << path;
  }
  EXPECT_NE(failure_of([&] {
              file.read("/external_storage", {{8}, DType::uint8});
            }).find("external file"),
            std::string::npos);
  EXPECT_NE(failure_of([&] { file.read("/virtual", {{2, 3}}); }).find("virtual dataset"), std::string::npos);
  // A group inside of itself is legal; a path through it ends.
  EXPECT_EQ(file.kind("/cycle/self/cycle/self/target"), Hdf5Kind::dataset);
}

TEST(Hdf5Reader, RefusesShapesThatTheFileCannotHold) {
  const Hdf5Reader file(hostile_file);
  const Shape huge = {1 << 20, 1 << 20};
  EXPECT_NE(failure_of([&] { file.read("/never_written", {{4, 4}}); }).find("never written"), std::string::npos);
  EXPECT_NE(failure_of([&] { file.read("/shape_bomb", {huge}); }).find("but the file holds 0"), std::string::npos);
  EXPECT_NE(failure_of([&] { file.read("/chunked_shape_bomb", {huge}); }).find("but the file holds 0"),
            std::string::npos);
  EXPECT_NE(failure_of([&] { file.read("/missing_chunks", {{8, 8}, DType::uint8}); }), "no error");
  EXPECT_NE(failure_of([&] { file.spec("/wrap"); }).find("impossibly large"), std::string::npos);
  EXPECT_NE(failure_of([&] { file.read("/many_axes", {{}}); }).find("at most 8"), std::string::npos);
}

TEST(Hdf5Reader, RefusesFilterBombs) {
  const Hdf5Reader file(hostile_file);
  auto failure = [&](const char* path) { return failure_of([&] { file.read(path, {{32}}); }); };
  EXPECT_EQ(failure("/good_chunk"), "no error");
  EXPECT_NE(failure_of([&] { file.read("/huge_chunk", {{4, 8}}); }).find("exhaust memory"), std::string::npos);
  EXPECT_NE(failure("/bomb").find("more than the 128 bytes"), std::string::npos) << failure("/bomb");
  EXPECT_NE(failure("/larger_bomb").find("instead of 128"), std::string::npos) << failure("/larger_bomb");
  EXPECT_NE(failure("/stacked_bomb").find("filter twice"), std::string::npos) << failure("/stacked_bomb");
}

TEST(Hdf5Reader, RefusesDamagedChunks) {
  const Hdf5Reader file(hostile_file);
  auto failure = [&](const char* path) { return failure_of([&] { file.read(path, {{32}}); }); };
  EXPECT_NE(failure("/short_chunk").find("100 bytes instead of 128"), std::string::npos) << failure("/short_chunk");
  EXPECT_NE(failure("/cut_chunk").find("damaged compressed chunk"), std::string::npos) << failure("/cut_chunk");
  EXPECT_NE(failure("/noise_chunk").find("damaged compressed chunk"), std::string::npos) << failure("/noise_chunk");
  EXPECT_NE(failure("/wrong_checksum").find("wrong checksum"), std::string::npos) << failure("/wrong_checksum");
  EXPECT_NE(failure("/no_checksum"), "no error");
  EXPECT_NE(failure("/large_chunk"), "no error");
  EXPECT_NE(failure("/small_chunk"), "no error");
  EXPECT_NE(failure("/lzf").find("filter 32000"), std::string::npos) << failure("/lzf");
  EXPECT_NE(failure_of([&] { file.read("/scaleoffset", {{32}, DType::int32}); }).find("filter 6"), std::string::npos);
}

TEST(Hdf5Reader, RefusesWhatIsNotNumbers) {
  const Hdf5Reader file(hostile_file);
  for (const char* path : {"/compound", "/complex", "/text", "/references", "/enumeration", "/odd_float"}) {
    EXPECT_NE(failure_of([&] { file.spec(path); }).find("expected a dataset of numbers"), std::string::npos) << path;
    EXPECT_THROW(file.read(path, {{3}}), IoError) << path;
  }
  EXPECT_THROW(file.read("/nothing", {{}}), IoError);
  EXPECT_EQ(file.kind("/named_type"), Hdf5Kind::none);
}

TEST(Hdf5Reader, ReadsMemoryAsFiles) {
  const Hdf5Reader first(read_file(types_file), "'first'"), second(read_file(hostile_file), "'second'");
  Hdf5Reader third(read_file(types_file), "'third'");
  const Hdf5Reader moved(std::move(third));
  EXPECT_EQ(first.read("/types/i4", {{2, 3}, DType::int32}).to_vector<int>(), (std::vector<int>{-2, -1, 0, 1, 2, 3}));
  EXPECT_EQ(moved.strings_attribute("/attributes", "list_variable").value().size(), 3u);
  EXPECT_EQ(second.read("/target", {{3}}).size(), 3);
  EXPECT_EQ(failure_of([&] { second.read("/types", {{}}); }).find("'second', '/types': "), 0u);
}

TEST(Hdf5Reader, RefusesWhatIsNoHdf5File) {
  EXPECT_NE(failure_of([] { Hdf5Reader("", "'x'"); }).find("empty"), std::string::npos);
  EXPECT_NE(failure_of([] { Hdf5Reader(std::string(5000, 'x'), "'x'"); }).find("another kind of file"),
            std::string::npos);
  EXPECT_NE(failure_of([] { Hdf5Reader(folder + "plain.npy"); }).find("another kind of file"), std::string::npos);
  EXPECT_NE(failure_of([] { Hdf5Reader("/no/such/file.h5"); }).find("No such file"), std::string::npos);
  EXPECT_NE(failure_of([] { Hdf5Reader{folder}; }).find("is a folder"), std::string::npos);
}

/// Reads all that a file holds.
void read_everything(const Hdf5Reader& file, const std::string& group, int depth) {
  for (const std::string& name : file.children(group)) {
    const std::string path = group + "/" + name;
    try {
      if (file.has_group(path) && depth < 4) read_everything(file, path, depth + 1);
      if (file.has_dataset(path)) file.read(path, file.spec(path));
    } catch (const IoError&) {
    }
  }
}

TEST(Hdf5Reader, FindsTextsInHeadersOfEitherForm) {
  const Hdf5Reader latest(folder + "latest.h5"), behind(folder + "user_block.h5");
  EXPECT_EQ(latest.string_attribute("/", "text"), "in the header");
  for (int number = 0; number < 6; ++number) {
    EXPECT_EQ(latest.strings_attribute("/few", message("list", number)),
              (Texts{message(number), "", std::string(1000, 'x')}));
  }
  EXPECT_EQ(behind.string_attribute("/", "text"), "behind the user's block");
}

TEST(Hdf5Reader, FindsTextsInAnIndexOfAttributes) {
  const Hdf5Reader latest(folder + "latest.h5");
  EXPECT_EQ(latest.string_attribute("/many", "text3"), "in an index");
  EXPECT_EQ(latest.string_attribute("/many", "text19"), "in an index");
  EXPECT_FALSE(latest.has_attribute("/many", "text20"));
  EXPECT_EQ(latest.strings_attribute("/large", "list3"), Texts(300, "z"));
  EXPECT_EQ(latest.strings_attribute("/large", "list4"), Texts{"z"});
  for (int number = 0; number < 150; ++number) {
    EXPECT_EQ(latest.strings_attribute("/hundreds", message("list", number)),
              (Texts{message(number), std::string(static_cast<size_t>(number % 7), 'y')}));
  }
}

TEST(Hdf5Reader, SurvivesADamagedIndexOfAttributes) {
  const std::string bytes = read_file(folder + "latest.h5");
  int refused = 0, looked_at = 0;
  for (const char* signature : {"FRHP", "BTHD", "BTLF", "BTIN", "FHDB", "FHIB"}) {
    size_t at = bytes.find(signature);
    ASSERT_NE(at, std::string::npos) << signature;
    for (; at != std::string::npos; at = bytes.find(signature, at + 1)) {
      for (size_t i = 0; i < 150 && at + i < bytes.size(); ++i) {
        for (const char with : {'\0', '\x7f', '\xff'}) {
          std::string changed = bytes;
          changed[at + i] = with;
          ++looked_at;
          try {
            const Hdf5Reader file(changed, "'changed'");
            file.strings_attribute("/hundreds", "list77");
            file.strings_attribute("/many", "text3");
            file.strings_attribute("/large", "list3");
          } catch (const IoError&) {
            ++refused;
          }
        }
      }
    }
  }
  EXPECT_GT(refused, looked_at / 20);
}

/// libhdf5 writes behind its memory, reads elsewhere or goes on for ever where a text's place, number or length lies.
TEST(Hdf5Reader, RefusesTextsThatAreNotWhereTheyAreSaidToBe) {
  const std::string text(20'000, 'x'), name = "description";
  Hdf5Writer writer;
  writer.make_group("/a");
  writer.write_attribute("/a", name, text);
  const std::string bytes = writer.finish();
  const size_t heap = bytes.find("GCOL"), attribute = bytes.find(name + '\0');
  ASSERT_TRUE(heap != std::string::npos && attribute != std::string::npos);
  const auto little_endian = [](uint64_t value, size_t width) {
    std::string out;
    for (size_t i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
  };
  const size_t reference = bytes.find(little_endian(text.size(), 4) + little_endian(heap, 8), attribute);
  ASSERT_NE(reference, std::string::npos);
  const auto read = [&](size_t at, const std::string& with) {
    std::string changed = bytes;
    changed.replace(at, with.size(), with);
    return Hdf5Reader(changed, "'changed'").string_attribute("/a", name);
  };
  EXPECT_EQ(read(reference, little_endian(text.size(), 4)), text);
  EXPECT_EQ(read(reference, little_endian(3, 4)), "xxx");
  for (const auto& [at, with] : {std::pair(reference, little_endian(0x7fffffff, 4)),
                                 {reference + 4, little_endian(8, 8)},
                                 {reference + 4, little_endian(bytes.size() - 8, 8)},
                                 {reference + 4, std::string(8, '\xff')},
                                 {reference + 12, little_endian(200, 4)},
                                 {reference + 12, little_endian(0x7fffffff, 4)},
                                 {attribute - 12, little_endian(2, 1)},  // shared with other objects
                                 {attribute - 6, little_endian(0xffff, 2)},
                                 {attribute - 4, little_endian(0xffff, 2)},
                                 {attribute + 40, little_endian(0xff01, 2)},  // a shape of 255 axes
                                 {heap + 8, little_endian(0, 8)},
                                 {heap + 8, little_endian(uint64_t{1} << 60, 8)},
                                 {heap + 16, std::string(16, '\0')},
                                 {heap + 24, little_endian(uint64_t{1} << 60, 8)}}) {
    EXPECT_NE(failure_of([&, at = at, with = with] { read(at, with); }).find("damaged"), std::string::npos)
        << at - reference;
  }
}

TEST(Hdf5Reader, RefusesEveryCut) {
  Hdf5Writer writer;
  writer.write("/a/b", Tensor::from({1.f, 2.f}, {2}));
  writer.write_attribute("/a", "name", "layer");
  const std::string bytes = writer.finish();
  read_everything(Hdf5Reader(bytes, "'whole'"), "", 0);
  for (size_t length = 0; length < bytes.size(); length += length < 200 ? 1 : 13) {
    EXPECT_THROW(Hdf5Reader(bytes.substr(0, length), "'cut'"), IoError) << length;
  }
}

TEST(Hdf5Writer, ReadsBackWhatItWrote) {
  Hdf5Writer writer;
  writer.make_group("/layers/dropout/vars");
  writer.write("/layers/dense/vars/0", Tensor::from({1.f, -2.f, 3.f, 4.f, 5.f, 6.f}, {2, 3}));
  writer.write("/layers/dense/vars/1", Tensor::from(std::vector<double>{0.1}));
  writer.write("optimizer/vars/0", Tensor::scalar(12, DType::int64));
  writer.write("types/int32", Tensor::from(std::vector<int32_t>{-1, 2}));
  writer.write("types/uint8", Tensor::from(std::vector<uint8_t>{1, 255}));
  writer.write("types/bool", Tensor::from(std::vector<bool>{true, false}, {2}));
  writer.write("types/empty", Tensor::empty({0, 4}));
  writer.write_attribute("/layers/dense/vars", "name", "d\u00e9nse");
  writer.write_attribute("/", "model_config", std::string(200'000, 'c'));
  writer.write_attribute("/layers/dense/vars/0", "dtype", "first");
  writer.write_attribute("/layers/dense/vars/0", "dtype", "second");
  writer.write_attribute("/", "layer_names", Texts{"dense", "", "d\u00e9nse_1"});
  writer.write_attribute("/", "none", Texts{});
  const Hdf5Reader file(writer.finish(), "'memory'");

  EXPECT_EQ(file.read("/layers/dense/vars/0", {{2, 3}}).to_vector<float>(), (std::vector<float>{1, -2, 3, 4, 5, 6}));
  EXPECT_EQ(file.read("/layers/dense/vars/1", {{1}, DType::float64}).item(), 0.1);
  EXPECT_EQ(file.spec("/optimizer/vars/0"), (Spec{{}, DType::int64}));
  EXPECT_EQ(file.read("/optimizer/vars/0", {{}, DType::int64}).item(), 12);
  EXPECT_EQ(file.read("/types/int32", {{2}, DType::int32}).to_vector<int>(), (std::vector<int>{-1, 2}));
  EXPECT_EQ(file.read("/types/uint8", {{2}, DType::uint8}).to_vector<int>(), (std::vector<int>{1, 255}));
  EXPECT_EQ(file.spec("/types/bool"), (Spec{{2}, DType::boolean}));
  EXPECT_EQ(file.read("/types/bool", {{2}, DType::boolean}).to_vector<int>(), (std::vector<int>{1, 0}));
  EXPECT_EQ(file.read("/types/empty", {{0, 4}}).size(), 0);
  EXPECT_EQ(file.children("/layers"), (Texts{"dense", "dropout"}));
  EXPECT_EQ(file.children("/layers/dropout/vars"), Texts());
  EXPECT_EQ(file.string_attribute("/layers/dense/vars", "name"), "d\u00e9nse");
  EXPECT_EQ(file.string_attribute("/", "model_config")->size(), 200'000u);
  EXPECT_EQ(file.string_attribute("/layers/dense/vars/0", "dtype"), "second");
  EXPECT_EQ(file.strings_attribute("/", "layer_names"), (Texts{"dense", "", "d\u00e9nse_1"}));
  EXPECT_EQ(file.strings_attribute("/", "none"), Texts());
}

TEST(Hdf5Writer, SplitsLongLists) {
  Texts names;
  for (int i = 0; i < 10'000; ++i) names.push_back("layer_" + std::to_string(i));
  Hdf5Writer writer;
  writer.write_attribute("/", "layer_names", names);
  const Hdf5Reader file(writer.finish(), "'memory'");
  EXPECT_FALSE(file.has_attribute("/", "layer_names"));
  EXPECT_TRUE(file.has_attribute("/", "layer_names1"));
  EXPECT_FALSE(file.has_attribute("/", "layer_names2"));
  EXPECT_EQ(file.strings_attribute("/", "layer_names"), names);
  EXPECT_THROW(Hdf5Writer().write_attribute("/", "names", Texts{std::string(64'513, 'x')}), NotSupported);
  EXPECT_NO_THROW(Hdf5Writer().write_attribute("/", "names", Texts{std::string(64'512, 'x')}));
}

TEST(Hdf5Writer, TheSameCallsGiveTheSameBytes) {
  auto bytes = [] {
    Hdf5Writer writer;
    writer.write("/a/b", Tensor::from({1.f, 2.f}, {2}));
    writer.write_attribute("/a", "name", "layer");
    return writer.finish();
  };
  const std::string first = bytes();
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // past a second, the step of HDF5's clock
  EXPECT_EQ(bytes(), first);
}

TEST(Hdf5Writer, WritesToDisk) {
  const std::string path = testing::TempDir() + "hebb_hdf5_" + std::to_string(::getpid()) + ".h5";
  write_atomically(path, [](const std::string& temporary) {
    Hdf5Writer writer(temporary);
    writer.write("/a", Tensor::from({1.f, 2.f}, {2}));
    EXPECT_EQ(writer.finish(), "");
  });
  EXPECT_EQ(Hdf5Reader(path).read("/a", {{2}}).to_vector<float>(), (std::vector<float>{1, 2}));
  std::filesystem::remove(path);
  EXPECT_THROW(Hdf5Writer("/no/such/folder/x.h5"), IoError);
}

TEST(Hdf5Writer, RefusesWrongUse) {
  Hdf5Writer writer;
  writer.write("/a", Tensor({1.f}));
  EXPECT_THROW(writer.write("/a", Tensor({1.f})), IoError);
  EXPECT_THROW(writer.write("/a/b", Tensor({1.f})), IoError);
  EXPECT_THROW(writer.make_group("/a"), IoError);
  EXPECT_THROW(writer.write("/", Tensor({1.f})), InvalidArgument);
  EXPECT_THROW(writer.write_attribute("/missing", "x", "y"), IoError);
  EXPECT_THROW(writer.write_attribute("/a", "x", std::string_view("a\0b", 3)), InvalidArgument);
  writer.finish();
  EXPECT_THROW(writer.make_group("/late"), InvalidArgument);
  EXPECT_THROW(writer.finish(), InvalidArgument);
}

TEST(Hdf5, ThreadsMayUseItAtTheSameTime) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 10; ++i) {
        Hdf5Writer writer;
        writer.write("/x", Tensor::scalar(t));
        const Hdf5Reader file(writer.finish(), "'memory'");
        EXPECT_EQ(file.read("/x", {{}}).item(), t);
        EXPECT_THROW(file.read("/y", {{}}), IoError);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace hebb::io
