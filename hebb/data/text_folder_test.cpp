#include "hebb/data/text_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "hebb/base/error.h"
#include "hebb/tensor/texts.h"

namespace hebb::data {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class TextFolder : public ::testing::Test {
 protected:
  TextFolder() {
    std::string name = (fs::temp_directory_path() / "hebb_texts_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~TextFolder() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  fs::path folder_;
};

TEST_F(TextFolder, ReadsTextsAndTheirClasses) {
  write("neg/1.txt", "bad\nfilm");
  write("pos/b.TXT", "good");
  write("pos/deep/a.txt", "");
  write("pos/other.md", "no text");
  const Dataset all = text_folder(folder_.string(), {.shuffle = false});
  EXPECT_EQ(to_texts(all.x()), (Words{"bad\nfilm", "good", ""}));
  EXPECT_EQ(all.y().to_vector<int64_t>(), (std::vector<int64_t>{0, 1, 1}));
  EXPECT_EQ(all.class_names(), (Words{"neg", "pos"}));
  const Dataset other =
      text_folder(folder_.string(), {.class_names = {"pos", "neg"}, .shuffle = false, .max_length = 2});
  EXPECT_EQ(to_texts(other.x()), (Words{"go", "", "ba"}));
  EXPECT_EQ(to_texts(text_folder(folder_.string(), {.seed = 3}).x()),
            to_texts(text_folder(folder_.string(), {.seed = 3}).x()));
}

TEST_F(TextFolder, RefusesWhatHoldsNone) {
  EXPECT_THROW(text_folder(folder_.string()), IoError);
  write("pos/a.png", "");
  EXPECT_THROW(text_folder(folder_.string()), IoError);
  write("pos/a.txt", "a");
  EXPECT_THROW(text_folder(folder_.string(), {.class_names = {"neg"}}), InvalidArgument);
  EXPECT_THROW(text_folder(folder_.string(), {.max_length = -1}), InvalidArgument);
}

}  // namespace
}  // namespace hebb::data
