#include "hebb/data/cifar10.h"

#include <filesystem>

#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::data {

namespace {

constexpr int64_t side = 32, pixels = side * side, channels = 3;
constexpr int64_t record_bytes = 1 + channels * pixels;  // the class, then all of red, all of green, all of blue
constexpr int64_t most_records = 1'000'000;              // of a file; the real ones have 10,000

std::string file_in(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

Dataset read_batches(const std::vector<std::string>& paths) {
  std::vector<std::string> batches;
  int64_t count = 0;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
      throw IoError(message(path,
                            ": no such file. CIFAR-10's binary version has data_batch_1.bin to data_batch_5.bin and "
                            "test_batch.bin; put all of them into one folder."));
    }
    batches.push_back(read_file(path, static_cast<uint64_t>(most_records * record_bytes)));
    const auto bytes = static_cast<int64_t>(batches.back().size());
    if (bytes == 0 || bytes % record_bytes != 0) {
      throw IoError(message(path, ": expected images of ", record_bytes, " bytes each, found ", bytes,
                            " bytes. It is cut off, or not of CIFAR-10's binary version."));
    }
    count += bytes / record_bytes;
  }
  Tensor images = Tensor::empty({count, side, side, channels}, DType::uint8);
  Tensor labels = Tensor::empty({count}, DType::uint8);
  auto* image = static_cast<uint8_t*>(images.mutable_raw());
  auto* label = static_cast<uint8_t*>(labels.mutable_raw());
  for (size_t file = 0; file < batches.size(); ++file) {
    const auto* record = reinterpret_cast<const uint8_t*>(batches[file].data());
    const int64_t records = static_cast<int64_t>(batches[file].size()) / record_bytes;
    for (int64_t i = 0; i < records; ++i, record += record_bytes, image += channels * pixels) {
      if (record[0] >= cifar10_class_names().size()) {
        throw IoError(message(paths[file], ": image ", i, " (counted from 0): expected a class from 0 to 9, found ",
                              static_cast<int>(record[0]), ". The file is damaged, or not of CIFAR-10."));
      }
      *label++ = record[0];
      for (int64_t channel = 0; channel < channels; ++channel) {
        const uint8_t* plane = record + 1 + channel * pixels;
        for (int64_t pixel = 0; pixel < pixels; ++pixel) image[pixel * channels + channel] = plane[pixel];
      }
    }
    std::string().swap(batches[file]);
  }
  return Dataset(images, labels);
}

}  // namespace

TrainTest cifar10(const Cifar10Options& options) {
  std::vector<std::string> train;
  for (int i = 1; i <= 5; ++i) train.push_back(file_in(options.path, message("data_batch_", i, ".bin")));
  return {read_batches(train), read_batches({file_in(options.path, "test_batch.bin")})};
}

const std::vector<std::string>& cifar10_class_names() {
  static const std::vector<std::string> names = {"airplane", "automobile", "bird",  "cat",  "deer",
                                                 "dog",      "frog",       "horse", "ship", "truck"};
  return names;
}

bool is_cifar10_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(file_in(path, "data_batch_1.bin"), error);
}

}  // namespace hebb::data
