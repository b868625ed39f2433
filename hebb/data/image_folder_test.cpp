#include "hebb/data/image_folder.h"

#include <gtest/gtest.h>
#include <png.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "hebb/base/error.h"
#include "hebb/data/cifar10.h"

namespace hebb::data {
namespace {

namespace fs = std::filesystem;

template <class ErrorType>
std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const ErrorType& error) {
    return error.what();
  }
  return "(none)";
}

class InFolder : public ::testing::Test {
 protected:
  InFolder() {
    std::string name = (fs::temp_directory_path() / "hebb_images_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~InFolder() override { fs::remove_all(folder_); }

  /// A picture of one colour.
  void write_png(const std::string& name, int height, int width, uint8_t red, uint8_t green, uint8_t blue) const {
    fs::create_directories((folder_ / name).parent_path());
    std::vector<uint8_t> pixels;
    for (int i = 0; i < height * width; ++i) pixels.insert(pixels.end(), {red, green, blue});
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width);
    image.height = static_cast<png_uint_32>(height);
    image.format = PNG_FORMAT_RGB;
    ASSERT_TRUE(png_image_write_to_file(&image, (folder_ / name).c_str(), 0, pixels.data(), 0, nullptr));
  }
  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  std::string path() const { return folder_.string(); }

  fs::path folder_;
};

using ImageFolder = InFolder;
using Cifar10 = InFolder;
using Texts = std::vector<std::string>;

TEST_F(ImageFolder, ReadsClassesByTheAlphabet) {
  write_png("dog/1.png", 4, 6, 200, 0, 0);
  write_png("cat/b.PNG", 8, 8, 0, 100, 0);
  write_png("cat/a/deep.png", 2, 2, 0, 0, 50);
  write("cat/notes.txt", "no image");
  write_png(".hidden/1.png", 2, 2, 1, 1, 1);
  const Dataset data = image_folder(path(), {.image_size = {4, 6}, .shuffle = false});
  EXPECT_EQ(data.class_names(), (Texts{"cat", "dog"}));
  EXPECT_EQ(data.y().to_vector<int32_t>(), (std::vector<int32_t>{0, 0, 1}));
  const Tensor x = data.x();
  EXPECT_EQ(x.spec(), (Spec{{3, 4, 6, 3}, DType::float32}));
  const std::vector<float> values = x.to_vector<float>();
  EXPECT_EQ(std::vector<float>(values.begin(), values.begin() + 3), (std::vector<float>{0, 0, 50}));
  EXPECT_EQ(std::vector<float>(values.begin() + 72, values.begin() + 75), (std::vector<float>{0, 100, 0}));
  EXPECT_EQ(values[144], 200);
  EXPECT_EQ(data.skip(1).class_names(), data.class_names());

  const Dataset gray = image_folder(path(), {.image_size = {3, 3},
                                             .color_mode = "grayscale",
                                             .class_names = {"dog", "cat"},
                                             .dtype = DType::uint8,
                                             .shuffle = false});
  EXPECT_EQ(gray.y().to_vector<int32_t>(), (std::vector<int32_t>{0, 1, 1}));
  EXPECT_EQ(gray.x().spec(), (Spec{{3, 3, 3, 1}, DType::uint8}));
}

TEST_F(ImageFolder, MixesTheClassesUnlessTold) {
  for (int i = 0; i < 12; ++i) {
    write_png("a/" + std::to_string(i) + ".png", 1, 1, 10, 10, 10);
    write_png("b/" + std::to_string(i) + ".png", 1, 1, 20, 20, 20);
  }
  const ImageFolderOptions options{.image_size = {1, 1}, .dtype = DType::uint8, .seed = 1};
  const Dataset data = image_folder(path(), options);
  const std::vector<int32_t> labels = data.y().to_vector<int32_t>();
  EXPECT_EQ(labels, image_folder(path(), options).y().to_vector<int32_t>());
  EXPECT_NE(std::count(labels.begin(), labels.begin() + 12, 0), 12);
  EXPECT_EQ(std::count(labels.begin(), labels.end(), 0), 12);
  const std::vector<uint8_t> pixels = data.x().to_vector<uint8_t>();
  for (size_t i = 0; i < labels.size(); ++i) EXPECT_EQ(pixels[3 * i], 10 * (labels[i] + 1));
}

TEST_F(ImageFolder, SaysWhatIsWrong) {
  EXPECT_NE(error_of<IoError>([&] { image_folder(path()); }).find("expected a sub-folder of images for each class"),
            std::string::npos);
  fs::create_directory(folder_ / "cat");
  EXPECT_NE(error_of<IoError>([&] { image_folder(path()); }).find("in its sub-folders (cat), found none"),
            std::string::npos);
  EXPECT_THROW(image_folder(path() + "/missing"), IoError);
  write("cat/broken.png", "\x89PNG but no more");
  write_png("cat/good.png", 2, 2, 1, 2, 3);
  const Dataset data = image_folder(path(), {.image_size = {2, 2}});
  EXPECT_NE(error_of<IoError>([&] { (void)data.x(); }).find("broken.png"), std::string::npos);
  EXPECT_EQ(data.y().size(), 2);  // no image is read for it
  EXPECT_NE(
      error_of<InvalidArgument>([&] { image_folder(path(), {.color_mode = "rgba"}); }).find("Did you mean 'rgb'?"),
      std::string::npos);
  EXPECT_THROW(image_folder(path(), {.class_names = {"dog"}}), InvalidArgument);
  EXPECT_THROW(image_folder(path(), {.image_size = {0, 2}}), InvalidArgument);
  EXPECT_THROW(image_folder(path(), {.dtype = DType::int64}), InvalidArgument);
}

TEST(ResizeImage, InterpolatesBetweenCentresOfPixels) {
  const Tensor ramp = Tensor::from(std::vector<float>{0, 4, 8, 12}, {1, 1, 4, 1});
  // Twice as wide: the centres of the halves lie a quarter off, and the edges repeat.
  EXPECT_EQ(resize_image(ramp, {1, 8}).to_vector<float>(), (std::vector<float>{0, 1, 3, 5, 7, 9, 11, 12}));
  EXPECT_EQ(resize_image(ramp, {2, 2}).to_vector<float>(), (std::vector<float>{2, 10, 2, 10}));
  EXPECT_EQ(resize_image(ramp, {1, 4}).to_vector<float>(), ramp.to_vector<float>());
  EXPECT_THROW(resize_image(Tensor::empty({2, 2}), {1, 1}), InvalidArgument);
  EXPECT_THROW(resize_image(ramp, {0, 1}), InvalidArgument);
}

std::string cifar_image(char label, char red, char green, char blue) {
  return std::string(1, label) + std::string(1024, red) + std::string(1024, green) + std::string(1024, blue);
}

TEST_F(Cifar10, ReadsBinaryBatches) {
  EXPECT_FALSE(is_cifar10_folder(path()));
  for (char i = 1; i <= 5; ++i) {
    write("data_batch_" + std::to_string(i) + ".bin", cifar_image(i, i, 10, 20) + cifar_image(0, 0, 0, 0));
  }
  EXPECT_NE(error_of<IoError>([&] { cifar10({.path = path()}); }).find("test_batch.bin: no such file"),
            std::string::npos);
  write("test_batch.bin", cifar_image(9, 1, 2, 3));
  EXPECT_TRUE(is_cifar10_folder(path()));
  const TrainTest data = cifar10({.path = path()});
  EXPECT_EQ(data.train.x().spec(), (Spec{{10, 32, 32, 3}, DType::uint8}));
  EXPECT_EQ(data.train.y().to_vector<uint8_t>(), (std::vector<uint8_t>{1, 0, 2, 0, 3, 0, 4, 0, 5, 0}));
  const std::vector<uint8_t> pixels = data.test.x().to_vector<uint8_t>();
  EXPECT_EQ(std::vector<uint8_t>(pixels.begin(), pixels.begin() + 4), (std::vector<uint8_t>{1, 2, 3, 1}));
  EXPECT_EQ(cifar10_class_names()[9], "truck");

  write("test_batch.bin", cifar_image(10, 1, 2, 3));
  EXPECT_NE(error_of<IoError>([&] { cifar10({.path = path()}); }).find("a class from 0 to 9, found 10"),
            std::string::npos);
  write("test_batch.bin", "short");
  EXPECT_NE(error_of<IoError>([&] { cifar10({.path = path()}); }).find("found 5 bytes"), std::string::npos);
}

}  // namespace
}  // namespace hebb::data
