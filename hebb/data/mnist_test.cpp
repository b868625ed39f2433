#include "hebb/data/mnist.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "hebb/base/error.h"

namespace hebb::data {
namespace {

namespace fs = std::filesystem;

/// Sets a variable of the environment as long as it lives.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    setenv(name, value.c_str(), 1);
  }
  ~Environment() {
    if (old_) {
      setenv(name_, old_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

class Mnist : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(root_); }
  void TearDown() override { fs::remove_all(root_); }

  static void write(const fs::path& path, std::initializer_list<int> header, int elements) {
    std::ofstream file(path, std::ios::binary);
    file.put(0).put(0).put(8).put(static_cast<char>(header.size()));
    for (const int size : header) file.put(0).put(0).put(0).put(static_cast<char>(size));
    for (int i = 0; i < elements; ++i) file.put(static_cast<char>(i % 10));
  }
  /// Three training and two test images of 28 x 28.
  static void install(const fs::path& folder) {
    fs::create_directories(folder);
    write(folder / "train-images-idx3-ubyte", {3, 28, 28}, 3 * 784);
    write(folder / "train-labels-idx1-ubyte", {3}, 3);
    write(folder / "t10k-images-idx3-ubyte", {2, 28, 28}, 2 * 784);
    write(folder / "t10k-labels-idx1-ubyte", {2}, 2);
  }

  const fs::path root_ = fs::path(testing::TempDir()) / ("hebb_mnist_" + std::to_string(::getpid()));
  const Environment data_{"HEBB_DATA", (root_ / "data").string()};
  const Environment chosen_{"HEBB_CACHE_DIR", ""};
  const Environment cache_{"XDG_CACHE_HOME", (root_ / "cache").string()};
};

TEST_F(Mnist, ReadsAFolder) {
  install(root_ / "here");
  auto [train, test] = mnist({.path = (root_ / "here").string()});
  EXPECT_EQ(train.x().spec(), (Spec{{3, 28, 28, 1}, DType::uint8}));
  EXPECT_EQ(train.y().to_vector<int64_t>(), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(test.x().spec(), (Spec{{2, 28, 28, 1}, DType::uint8}));
  EXPECT_EQ(train.x().data<uint8_t>()[784], 4);
}

TEST_F(Mnist, LooksInTheKnownPlacesInOrder) {
  EXPECT_EQ(find_mnist(), std::nullopt);
  for (const char* place : {"cache/hebb/mnist", "data/mnist", "data"}) {  // each goes before the one before it
    install(root_ / place);
    EXPECT_EQ(find_mnist(), (root_ / place).string());
    EXPECT_EQ(mnist().train.size(), 3);
  }
  EXPECT_EQ(find_mnist({.path = "/nowhere"}), std::nullopt);
}

TEST_F(Mnist, SaysHowToGetIt) {
  try {
    mnist();
    FAIL();
  } catch (const IoError& error) {
    const std::string text = error.what();
    for (const char* part : {"data/mnist", "cache/hebb/mnist", "https://", "train-images-idx3-ubyte",
                             "t10k-labels-idx1-ubyte", "f68b3c2dcbeaaa9fbdd348bbdeb94873", "HEBB_DATA", "digits"}) {
      EXPECT_NE(text.find(part), std::string::npos) << part << " is not in: " << text;
    }
  }
  EXPECT_THROW(mnist({.path = "/nowhere"}), IoError);
}

}  // namespace
}  // namespace hebb::data
