#include "hebb/data/mnist.h"

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "hebb/base/error.h"
#include "hebb/base/machine.h"
#include "hebb/base/text.h"
#include "hebb/data/idx.h"
#include "hebb/ops/shaping.h"

namespace hebb::data {

namespace {

struct MnistFile {
  const char* name;
  const char* md5;
};
constexpr MnistFile mnist_files[] = {
    {"train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"},
    {"train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"},
    {"t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"},
    {"t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"},
};
constexpr const char* mnist_url = "https://storage.googleapis.com/cvdf-datasets/mnist/";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Where the files are looked for without being named.
std::string mnist_folder() {
  const std::string folder = cache_folder();
  return folder.empty() ? "" : folder + "/mnist";
}

std::vector<std::string> places(const MnistOptions& options) {
  if (!options.path.empty()) return {options.path};
  std::vector<std::string> out;
  if (const std::string folder = environment("HEBB_DATA"); !folder.empty()) {
    out.push_back(folder);
    out.push_back((std::filesystem::path(folder) / "mnist").string());
  }
  if (const std::string folder = mnist_folder(); !folder.empty()) out.push_back(folder);
  return out;
}

std::string how_to_get(const MnistOptions& options, const std::vector<std::string>& looked_in) {
  const std::string cache = mnist_folder();
  const std::string target = !options.path.empty() ? options.path : !cache.empty() ? cache : "data/mnist";
  std::string out =
      message("mnist: the files are not in ", looked_in.empty() ? "any known folder" : join(looked_in, ", "),
              ". To get them:\n  mkdir -p '", target, "' && cd '", target, "'\n");
  out += message("  for f in");
  for (const MnistFile& file : mnist_files)
    out += message(" ", std::string_view(file.name).substr(0, std::string_view(file.name).find('.')));
  out += message("; do curl -fLO ", mnist_url, "$f.gz; done\nThe MD5 checksums (md5sum *.gz):\n");
  for (const MnistFile& file : mnist_files) out += message("  ", file.md5, "  ", file.name, "\n");
  out +=
      "Or name a folder that has them (path, or the variable HEBB_DATA), or take the embedded data set 'digits', which "
      "needs no files.";
  return out;
}

Dataset images_and_digits(const Tensor& images, const Tensor& labels, const std::string& folder) {
  if (images.rank() != 3) {
    throw IoError(message("mnist: expected images of (n, 28, 28) in '", folder, "', got ", images.spec(), "."));
  }
  return Dataset(reshape(images, images.shape().with_back(1)), labels);
}

}  // namespace

std::optional<std::string> find_mnist(const MnistOptions& options) {
  for (const std::string& place : places(options)) {
    if (is_idx_folder(place)) return place;
  }
  return std::nullopt;
}

TrainTest mnist(const MnistOptions& options) {
  const std::optional<std::string> folder = find_mnist(options);
  if (!folder) throw IoError(how_to_get(options, places(options)));
  const IdxFolder files = read_idx_folder(*folder);
  return {images_and_digits(files.x_train, files.y_train, *folder),
          images_and_digits(files.x_test, files.y_test, *folder)};
}

}  // namespace hebb::data
