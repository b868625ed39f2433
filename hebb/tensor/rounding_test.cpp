#include "hebb/tensor/rounding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hebb {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

TEST(RoundedToBfloat16, IsTheNearestHalvesToEven) {
  EXPECT_EQ(rounded_to_bfloat16(3.14159265f), 3.140625f);
  EXPECT_EQ(rounded_to_bfloat16(1 + 0x1p-8f), 1.f);
  EXPECT_EQ(rounded_to_bfloat16(1 + 0x3p-8f), 1 + 0x1p-6f);
  EXPECT_EQ(rounded_to_bfloat16(-1 - 0x1.2p-8f), -1 - 0x1p-7f);
  EXPECT_EQ(rounded_to_bfloat16(std::numeric_limits<float>::max()), infinity);
  EXPECT_TRUE(std::isnan(rounded_to_bfloat16(std::nanf(""))));
}

TEST(RoundedToFloat16, IsTheNearestHalvesToEven) {
  EXPECT_EQ(rounded_to_float16(3.14159265f), 3.140625f);
  EXPECT_EQ(rounded_to_float16(1 + 0x1p-11f), 1.f);
  EXPECT_EQ(rounded_to_float16(1 + 0x3p-11f), 1 + 0x1p-9f);
  EXPECT_EQ(rounded_to_float16(-0.1f), -0.0999755859375f);
}

TEST(RoundedToFloat16, EndsAt65504) {
  EXPECT_EQ(rounded_to_float16(65519.9f), 65504.f);
  EXPECT_EQ(rounded_to_float16(65520.f), infinity);
  EXPECT_EQ(rounded_to_float16(-1e30f), -infinity);
  EXPECT_EQ(rounded_to_float16(-infinity), -infinity);
  EXPECT_TRUE(std::isnan(rounded_to_float16(std::nanf(""))));
}

TEST(RoundedToFloat16, HasMultiplesOfTheSmallestNumberBelowTheNormalOnes) {
  EXPECT_EQ(rounded_to_float16(0x1.8p-24f), 0x1p-23f);
  EXPECT_EQ(rounded_to_float16(0x1.2p-24f), 0x1p-24f);
  EXPECT_EQ(rounded_to_float16(0x1p-25f), 0.f);
  EXPECT_EQ(rounded_to_float16(0x1.fffffep-15f), 0x1p-14f);
  EXPECT_TRUE(std::signbit(rounded_to_float16(-1e-30f)));
}

}  // namespace
}  // namespace hebb
