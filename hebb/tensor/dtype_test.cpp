#include "hebb/tensor/dtype.h"

#include <gtest/gtest.h>

#include "hebb/base/error.h"

namespace hebb {
namespace {

constexpr DType all[] = {DType::boolean, DType::uint8, DType::int32, DType::int64, DType::float32, DType::float64};

TEST(DType, NamesGoThereAndBack) {
  for (DType dtype : all) EXPECT_EQ(dtype_from_name(name_of(dtype)), dtype);
  EXPECT_EQ(name_of(DType::boolean), "bool");
  EXPECT_EQ(name_of(DType::float32), "float32");
}

TEST(DType, UnknownNamesGetAHint) {
  try {
    dtype_from_name("flaot32");
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(), "unknown dtype 'flaot32'. Did you mean 'float32'?");
  }
}

TEST(DType, PromotionIsTheLargerInTheOrder) {
  for (size_t i = 0; i < std::size(all); ++i) {
    for (size_t j = 0; j < std::size(all); ++j) EXPECT_EQ(promote(all[i], all[j]), all[std::max(i, j)]);
  }
}

TEST(DType, WithTypeGivesTheTypeBehindTheName) {
  for (DType dtype : all) {
    with_type(dtype, [&](auto zero) {
      EXPECT_EQ(dtype_of<decltype(zero)>, dtype);
      EXPECT_EQ(static_cast<int64_t>(sizeof zero), size_of(dtype));
      EXPECT_EQ(std::is_floating_point_v<decltype(zero)>, is_floating(dtype));
    });
  }
}

}  // namespace
}  // namespace hebb
