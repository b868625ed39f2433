#include <gtest/gtest.h>

#include "hebb/ops/image.h"

namespace hebb {
namespace {

TEST(AffineTransform, FindsPixelsWhoseNumbersFloat32HasNot) {
  constexpr int64_t side = 4100;  // more than 2^24 pixels
  Tensor images = Tensor::empty({1, side, side, 1}, DType::float32);
  auto* pixels = static_cast<float*>(images.mutable_raw());
  for (int64_t i = 0; i < side * side; ++i) pixels[i] = static_cast<float>(i % 1009);
  constexpr int64_t row = side - 1, column = side - 4;
  const Tensor to_the_corner = Tensor::from({1, 0, float{column}, 0, 1, float{row}}, {1, 6});
  const Tensor seen = image::affine_transform(
      images, to_the_corner, {.interpolation = "nearest", .fill_mode = "constant", .height = 1, .width = 6});
  const std::vector<float> found = seen.to_vector<float>();
  for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(found[static_cast<size_t>(i)], (row * side + column + i) % 1009);
  EXPECT_EQ(found[4], 0);
  EXPECT_EQ(found[5], 0);
}

}  // namespace
}  // namespace hebb
