#include "hebb/viz/canvas.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "hebb/base/error.h"

namespace hebb::viz {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

uint32_t big_endian(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

TEST(Picture, SavesEachFormatByItsEnding) {
  const fs::path folder = fs::path(testing::TempDir()) / ("hebb_picture_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  Picture picture(100, 50);
  picture.fill({10, 10, 30, 20}, palette(0), 4);
  picture.save((folder / "a.png").string());
  picture.save((folder / "a.SVG").string());
  picture.save((folder / "a.pdf").string());
  const std::string png = content(folder / "a.png");
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(big_endian(png, 16), 200u);  // two pixels for each point
  EXPECT_EQ(big_endian(png, 20), 100u);
  EXPECT_NE(content(folder / "a.SVG").find("<svg"), std::string::npos);
  EXPECT_EQ(content(folder / "a.pdf").substr(0, 5), "%PDF-");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 3);  // no temporary file is left
  fs::remove_all(folder);
}

TEST(Picture, RefusesOtherEndings) {
  const Picture picture(10, 10);
  for (const char* path : {"a.jpg", "a", "png", "folder.png/a", "a.png.", ""})
    EXPECT_THROW(picture.save(path), IoError) << path;
  EXPECT_THROW(picture.encode("gif"), IoError);
  EXPECT_THROW(picture.save("/nowhere/at/all.png"), IoError);
  try {
    picture.save("curves.jpg");
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find(".svg, .png or .pdf"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("curves.jpg"), std::string::npos) << error.what();
  }
}

TEST(Picture, ChecksItsSize) {
  EXPECT_THROW(Picture(0, 10), InvalidArgument);
  EXPECT_THROW(Picture(10, 1e6), InvalidArgument);
  EXPECT_THROW(Picture(std::nan(""), 10), InvalidArgument);
  EXPECT_EQ(Picture(10.2, 20).width(), 11);
}

TEST(Picture, TheSameDrawingGivesTheSameBytes) {
  auto draw = [] {
    Picture picture(60, 40);
    picture.text("text", 5, 20);
    picture.line({0, 0}, {60, 40}, {.dashed = true});
    return picture.encode("png");
  };
  EXPECT_EQ(draw(), draw());
}

TEST(Picture, TextIsMeasured) {
  const Picture picture(10, 10);
  EXPECT_EQ(picture.text_width(""), 0);
  EXPECT_GT(picture.text_width("wide"), picture.text_width("i"));
  EXPECT_NEAR(picture.text_width("text", {.size = 26}), 2 * picture.text_width("text", {.size = 13}), 0.1);
  EXPECT_EQ(picture.fit_text("short", 1000), "short");
  const std::string cut = picture.fit_text("a long, long text → it is", 60);
  EXPECT_TRUE(cut.ends_with("…")) << cut;
  EXPECT_LE(picture.text_width(cut), 60);
}

// The drawing library refuses all further drawing after text that is not UTF-8.
TEST(Picture, AnyBytesAreText) {
  Picture picture(100, 30);
  for (const char* text :
       {"\xff\xfe", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "line\nbreak\t\x01"}) {
    picture.text(text, 5, 20);
    EXPECT_GT(picture.text_width(text), 0);
  }
  picture.text(std::string_view("a\0b", 3), 5, 20);
  EXPECT_NO_THROW(picture.encode("png"));
  EXPECT_EQ(picture.fit_text("a\xff"
                             "b",
                             100),
            "a?b");
}

TEST(Picture, PointsThatAreNotFiniteLeaveGaps) {
  Picture picture(30, 30);
  const double nan = std::nan("");
  const Point points[] = {{1, 1}, {nan, 2}, {3, INFINITY}, {4, 4}, {9, 9}};
  picture.line(points, {});
  picture.line({}, {});
  picture.polygon({}, black);
  EXPECT_NO_THROW(picture.encode("svg"));
}

TEST(Picture, ImagesAndPicturesCanBePlaced) {
  Picture picture(40, 40);
  const std::vector<uint8_t> rgba(4 * 6, 200);
  picture.image(rgba, 2, 3, {0, 0, 20, 30});
  picture.image(rgba, 2, 3, {20, 0, 20, 30}, true);
  EXPECT_THROW(picture.image(rgba, 3, 3, {0, 0, 20, 30}), InvalidArgument);
  EXPECT_THROW(picture.image({}, 0, 0, {0, 0, 20, 30}), InvalidArgument);
  Picture other(10, 10, black);
  picture.place(other, {0, 30, 40, 10});
  Picture moved = std::move(picture);
  EXPECT_FALSE(moved.encode("png").empty());
}

TEST(Colors, AreDistinctAndInRange) {
  for (int64_t i = 0; i < 24; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      const Color a = palette(i), b = palette(j);
      EXPECT_GT(std::abs(a.red - b.red) + std::abs(a.green - b.green) + std::abs(a.blue - b.blue), 0.05)
          << i << ' ' << j;
    }
  }
  for (const double value : {-1., 0., 0.3, 1., 7., std::nan("")}) {
    const Color color = intensity(value);
    EXPECT_TRUE(color.red >= 0 && color.red <= 1 && color.blue >= 0 && color.blue <= 1);
  }
  EXPECT_GT(intensity(0.1).red, intensity(0.9).red);
}

}  // namespace
}  // namespace hebb::viz
