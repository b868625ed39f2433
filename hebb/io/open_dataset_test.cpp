#include "hebb/io/open_dataset.h"

#include <algorithm>
#include <numeric>
#include <thread>

#include "hebb/base/error.h"
#include "hebb/data/feed.h"
#include "hebb/io/hdf5_rows.h"
#include "hebb/io/model_file_testing.h"

namespace hebb::io {
namespace {

using Numbers = std::vector<double>;

// Written by h5py: tests/goldens/make_files.py.
const std::string folder = std::string(HEBB_SOURCE_DIR) + "/tests/goldens/files/";

/// The rows of a dataset with these numbers.
Tensor rows_of(const std::string& path, const std::string& dataset, const std::vector<int64_t>& rows,
               std::optional<DType> as = {}, int64_t cache = 1 << 20) {
  const Hdf5Rows stored(std::make_shared<const Hdf5Reader>(path), path, dataset, std::make_shared<ChunkCache>(cache),
                        as);
  Tensor out =
      Tensor::empty(stored.spec().shape.without(0).with(0, static_cast<int64_t>(rows.size())), stored.spec().dtype);
  stored.read(rows, out.mutable_raw());
  return out;
}

/// The same rows of the whole dataset.
Numbers expected_of(const std::string& path, const std::string& dataset, const std::vector<int64_t>& rows) {
  const Hdf5Reader file(path);
  const Spec spec = file.spec(dataset);
  const Numbers all = file.read(dataset, spec).to_vector<double>();
  const auto width = static_cast<std::ptrdiff_t>(spec.shape.without(0).elements());
  Numbers out;
  for (const int64_t row : rows) out.insert(out.end(), all.begin() + row * width, all.begin() + (row + 1) * width);
  return out;
}

TEST(Hdf5Rows, ReadsRowsOfEveryTypeAndLayout) {
  const std::string path = folder + "types.h5";
  const Hdf5Reader file(path);
  std::vector<std::string> datasets = {"/compact"};
  for (const char* group : {"/types/", "/chunks/"}) {
    for (const std::string& name : file.children(group)) datasets.push_back(group + name);
  }
  for (const std::string& dataset : datasets) {
    const Spec spec = file.spec(dataset);
    if (spec.shape.rank() < 1 || spec.shape.front() < 2 || dataset == "/types/uint64_large") continue;
    const int64_t last = spec.shape.front() - 1;
    for (const std::vector<int64_t>& rows :
         {std::vector<int64_t>{0, 1}, {last, 0, last, 1}, {1}, std::vector<int64_t>{}}) {
      EXPECT_EQ(rows_of(path, dataset, rows).to_vector<double>(), expected_of(path, dataset, rows)) << dataset;
      EXPECT_EQ(rows_of(path, dataset, rows, {}, /*cache=*/0).to_vector<double>(), expected_of(path, dataset, rows))
          << dataset;
    }
  }
  EXPECT_EQ(rows_of(path, "/types/u1", {1}).dtype(), DType::uint8);
  EXPECT_EQ(rows_of(path, "/types/i2_big", {1}).dtype(), DType::int32);
  EXPECT_EQ(rows_of(path, "/types/u1", {1}, DType::float32).dtype(), DType::float32);
}

TEST(Hdf5Rows, RefusesWhatLeadsOutOfTheFileOrLies) {
  const std::string path = folder + "hostile.h5";
  auto error = [&](const std::string& dataset) {
    return error_of<IoError>([&] { (void)rows_of(path, dataset, {0}); });
  };
  const auto has = [](const std::string& text, const std::string& part) { return text.find(part) != text.npos; };
  for (const char* name : {"soft",           "dangling",       "external",    "external_storage",
                           "virtual",        "never_written",  "shape_bomb",  "chunked_shape_bomb",
                           "missing_chunks", "wrap",           "huge_chunk",  "bomb",
                           "larger_bomb",    "stacked_bomb",   "short_chunk", "cut_chunk",
                           "noise_chunk",    "wrong_checksum", "no_checksum", "lzf",
                           "scaleoffset",    "compound",       "complex",     "text",
                           "enumeration",    "nothing",        "many_axes",   "odd_float",
                           "group"}) {
    const std::string text = error(name);
    EXPECT_TRUE(has(text, "hostile.h5") && has(text, name)) << name << ": " << text;
  }
  EXPECT_TRUE(has(error("soft"), "a soft link"));
  // Without filters only the wanted part of a chunk is read, wherever the index says that it ends.
  EXPECT_EQ(rows_of(path, "large_chunk", {0}).to_vector<double>(), Numbers{0});
  EXPECT_EQ(rows_of(path, "good_chunk", {0}).to_vector<double>(), Numbers{0});
}

class OpenDataset : public ModelFileTest {
 protected:
  /// n examples: x uint8(n, 3, 2) with 6 i, 6 i + 1, ... modulo 251; y int64(n) with i.
  std::string write(const std::string& name, int64_t n, const Hdf5Layout& layout, bool weighted = false) const {
    const std::string path = file(name);
    Hdf5Writer out(path);
    out.make_dataset("x", {{n, 3, 2}, DType::uint8}, layout);
    for (int64_t at = 0; at < n; at += 10) {
      const int64_t count = std::min<int64_t>(10, n - at);
      std::vector<uint8_t> pixels(static_cast<size_t>(count * 6));
      for (size_t i = 0; i < pixels.size(); ++i)
        pixels[i] = static_cast<uint8_t>((at * 6 + static_cast<int64_t>(i)) % 251);
      out.write_rows("x", at, Tensor::from(pixels, {count, 3, 2}));
    }
    std::vector<int64_t> labels(static_cast<size_t>(n));
    std::iota(labels.begin(), labels.end(), 0);
    out.write("y", Tensor::from(labels));
    if (weighted) out.write("sample_weight", Tensor::from(std::vector<double>(static_cast<size_t>(n), 0.5)));
    (void)out.finish();
    return path;
  }

  std::string written(const std::vector<std::pair<std::string, Tensor>>& arrays) const {
    const std::string path = file("written.h5");
    Hdf5Writer out(path);
    for (const auto& [name, array] : arrays) out.write(name, array);
    (void)out.finish();
    return path;
  }
};

TEST_F(OpenDataset, GivesTheSameAsArraysInMemory) {
  for (const Hdf5Layout& layout : {Hdf5Layout{}, Hdf5Layout{.chunk_rows = 7}, {.chunk_rows = 7, .compression = 4}}) {
    const std::string path = write("data.h5", 95, layout, true);
    const Hdf5Reader whole(path);
    const Tensor x = whole.read("x", whole.spec("x")), y = whole.read("y", whole.spec("y"));
    const data::Dataset memory(x, y, full({95}, 0.5));
    const data::Dataset streamed = open_dataset(path, {.cache_bytes = 100});  // two chunks
    EXPECT_EQ(streamed.size(), 95);
    EXPECT_EQ(streamed.x().spec(), x.spec());
    EXPECT_EQ(streamed.source().names(), (std::vector<std::string>{"x", "y", "sample_weight"}));
    EXPECT_TRUE(streamed.source().arrays().empty());
    EXPECT_EQ(streamed.weight().dtype(), DType::float32);
    for (const bool shuffle : {false, true}) {
      const data::BatchOptions options{.batch_size = 16, .shuffle = shuffle, .seed = 3};
      auto streamed_batches = streamed.skip(5).batches(options), memory_batches = memory.skip(5).batches(options);
      auto theirs = memory_batches.begin();
      int64_t batches = 0;
      for (const data::Batch& ours : streamed_batches) {
        EXPECT_EQ(ours.inputs[0].to_vector<uint8_t>(), (*theirs).inputs[0].to_vector<uint8_t>());
        EXPECT_EQ(ours.targets[0].to_vector<int64_t>(), (*theirs).targets[0].to_vector<int64_t>());
        EXPECT_EQ(ours.weight.to_vector<float>(), (*theirs).weight.to_vector<float>());
        ++theirs;
        ++batches;
      }
      EXPECT_EQ(batches, 6);
    }
  }
}

TEST_F(OpenDataset, IsReadByThreadsTogether) {
  for (const int compression : {0, 1}) {
    const data::Dataset data =
        open_dataset(write("data.h5", 200, {.chunk_rows = 4, .compression = compression}), {.cache_bytes = 200});
    const std::vector<uint8_t> expected = data.x().to_vector<uint8_t>();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int again = 0; again < 10; ++again) EXPECT_EQ(data.x().to_vector<uint8_t>(), expected);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

TEST_F(OpenDataset, FindsArraysByName) {
  const Tensor x = ones({4, 3}), y = zeros({4}, DType::int64);
  {
    const data::Dataset numbered =
        open_dataset(written({{"x0", x}, {"x1", ones({4, 2})}, {"y0", y}, {"y1", y}, {"other", ones({9})}}));
    EXPECT_EQ(numbered.source().inputs(), 2);
    EXPECT_EQ(numbered.source().targets(), 2);
  }
  {
    const data::Dataset named = open_dataset(written({{"right", ones({4, 2})}, {"left", x}, {"y", y}}),
                                             {.input_names = {"left", "right"}, .output_names = {"out"}});
    EXPECT_EQ(named.source().names(), (std::vector<std::string>{"left", "right", "y"}));
  }
  const std::string error = error_of<IoError>([&] { open_dataset(written({{"a", x}, {"y", y}})); });
  EXPECT_EQ(error.substr(file("").size()),
            "written.h5: expected an array 'x' (or 'x0', 'x1', ...), found a, y. Save the arrays under these names.");
}

TEST_F(OpenDataset, RefusesSizesThatDoNotAgree) {
  const Tensor x = ones({4, 3}), y = zeros({4}, DType::int64);
  auto error = [&](const std::vector<std::pair<std::string, Tensor>>& arrays) {
    return error_of<IoError>([&] { open_dataset(written(arrays)); }).substr(file("").size());
  };
  EXPECT_EQ(error({{"x", x}, {"y", zeros({5})}}),
            "written.h5: expected as many examples in every array, got float32(4, 3) in 'x' and float32(5,) in 'y'.");
  EXPECT_EQ(error({{"x", zeros({0, 3})}, {"y", zeros({0})}}),
            "written.h5: array 'x': expected at least one example, got none: float32(0, 3).");
  EXPECT_EQ(error({{"x", zeros({4, 0})}, {"y", y}}),
            "written.h5: array 'x': expected at least one number for each example, got float32(4, 0).");
  EXPECT_EQ(error({{"x", x}, {"y", y}, {"sample_weight", ones({4, 2})}}),
            "written.h5: sample_weight: expected one number for each example, (n,), or for each step of it, (n, "
            "steps), got float32(4, 2) for targets int64(4,).");
  EXPECT_EQ(error({{"x", x}, {"y", zeros({4, 2})}, {"sample_weight", ones({3, 2})}}),
            "written.h5: expected as many examples in every array, got float32(4, 3) in 'x' and float32(3, 2) in "
            "'sample_weight'.");
  EXPECT_EQ(
      open_dataset(written({{"x", x}, {"y", zeros({4, 2, 5})}, {"sample_weight", ones({4, 2})}})).weight().shape(),
      Shape({4, 2}));
  EXPECT_EQ(error({{"x", Tensor::scalar(1)}, {"y", y}}).substr(14),
            "'x': expected one entry for each example, the file has a single number.");
  EXPECT_THROW(open_dataset(file("missing.h5")), IoError);
  EXPECT_THROW(open_dataset(written({{"x", x}, {"y", y}}), {.cache_bytes = -1}), InvalidArgument);
}

TEST_F(OpenDataset, SaysThatTheFileWasCutOff) {
  const std::string path = write("data.h5", 5000, {});
  const data::Dataset data = open_dataset(path);
  fs::resize_file(path, 20'000);
  const std::string error = error_of<IoError>([&] { (void)data.x(); });
  EXPECT_NE(error.find("data.h5', 'x': row"), error.npos) << error;
  EXPECT_NE(error.find("the file ends there"), error.npos) << error;
  EXPECT_THROW(open_dataset(path), IoError);
}

TEST_F(OpenDataset, TrainsToTheSameBitsAsMemory) {
  const std::string path = write("data.h5", 95, {.chunk_rows = 8, .compression = 1});
  const Hdf5Reader whole(path);
  const data::Dataset memory(whole.read("x", whole.spec("x")), whole.read("y", whole.spec("y")));
  std::vector<std::vector<float>> kernels;
  for (const data::Dataset& data : {memory, open_dataset(path)}) {
    Sequential model({Input({3, 2}), Flatten(), Dense(95, {.activation = "softmax", .kernel_initializer = "zeros"})});
    model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
    model.fit(data, {.batch_size = 16, .epochs = 2, .verbose = 0, .validation_split = 0.2, .seed = 1});
    kernels.push_back(model.weights()[0].to_vector<float>());
    EXPECT_EQ(model.predict(data).shape(), (Shape{95, 95}));
  }
  EXPECT_EQ(kernels[0], kernels[1]);
}

TEST_F(OpenDataset, RefusesLabelsThatTheModelHasNot) {
  const data::Dataset data = open_dataset(write("data.h5", 95, {}));
  Sequential model({Input({3, 2}), Flatten(), Dense(90, {.activation = "softmax"})});
  model.compile({.optimizer = "sgd", .loss = "sparse_categorical_crossentropy"});
  const std::string error = error_of<InvalidArgument>([&] { model.fit(data, {.verbose = 0}); });
  EXPECT_NE(error.find("but the predictions have the 90 classes"), error.npos) << error;
}

TEST_F(OpenDataset, WritesOnlyRowsThatFit) {
  Hdf5Writer out;
  EXPECT_THROW(out.make_dataset("x", {{4}}, {.compression = 1}), InvalidArgument);
  EXPECT_THROW(out.make_dataset("x", {Shape{}}), InvalidArgument);
  out.make_dataset("x", {{4, 2}});
  EXPECT_THROW(out.write_rows("x", 3, ones({2, 2})), InvalidArgument);
  EXPECT_THROW(out.write_rows("x", -1, ones({2, 2})), InvalidArgument);
  EXPECT_THROW(out.write_rows("x", 0, ones({2, 3})), InvalidArgument);
  EXPECT_THROW(out.write_rows("y", 0, ones({2, 2})), IoError);
  EXPECT_NO_THROW(out.write_rows("x", 2, ones({2, 2})));
}

}  // namespace
}  // namespace hebb::io
