#include "hebb/tensor/shape.h"

#include <gtest/gtest.h>

#include <limits>

#include "hebb/base/error.h"

namespace hebb {
namespace {

TEST(Shape, AScalarHasOneElement) {
  const Shape scalar;
  EXPECT_EQ(scalar.rank(), 0);
  EXPECT_EQ(scalar.elements(), 1);
  EXPECT_EQ(scalar.to_string(), "()");
  EXPECT_TRUE(scalar.empty());
}

TEST(Shape, AxesCountFromBothEnds) {
  const Shape shape = {2, 3, 5};
  EXPECT_EQ(shape[0], 2);
  EXPECT_EQ(shape[-1], 5);
  EXPECT_EQ(shape.front(), 2);
  EXPECT_EQ(shape.back(), 5);
  EXPECT_EQ(shape.elements(), 30);
  EXPECT_THROW(shape[3], InvalidArgument);
  EXPECT_THROW(shape[-4], InvalidArgument);
  EXPECT_THROW(Shape{}.back(), InvalidArgument);
}

TEST(Shape, Text) {
  EXPECT_EQ((Shape{10}.to_string()), "(10,)");
  EXPECT_EQ((Shape{32, 28, 28}.to_string()), "(32, 28, 28)");
  EXPECT_EQ((Shape{Shape::unknown, 10}.to_string()), "(None, 10)");
  EXPECT_EQ((Spec{{2, 3}, DType::uint8}.to_string()), "uint8(2, 3)");
}

TEST(Shape, UnknownAxes) {
  const Shape shape = {Shape::unknown, 10};
  EXPECT_FALSE(shape.is_known());
  EXPECT_THROW(shape.elements(), InvalidArgument);
  EXPECT_TRUE((Shape{0, 10}.is_known()));
}

TEST(Shape, RefusesTooManyAndNegativeAxes) {
  EXPECT_NO_THROW(Shape(std::vector<int64_t>(8, 1)));
  EXPECT_THROW(Shape(std::vector<int64_t>(9, 1)), InvalidArgument);
  EXPECT_THROW((Shape{3, -2}), InvalidArgument);
}

TEST(Shape, ElementsThatDoNotFitIntoAnInteger) {
  const int64_t large = int64_t{1} << 32;
  EXPECT_THROW((Shape{large, large}.elements()), InvalidArgument);
  EXPECT_EQ((Shape{large, 0, large}.elements()), 0);
  EXPECT_EQ((Shape{large, large / 4}.elements()), int64_t{1} << 62);
}

TEST(Shape, AxesComeAndGo) {
  const Shape shape = {2, 3};
  EXPECT_EQ(shape.with_back(5), (Shape{2, 3, 5}));
  EXPECT_EQ(shape.with(0, 5), (Shape{5, 2, 3}));
  EXPECT_EQ(shape.with(-1, 5), (Shape{2, 3, 5}));
  EXPECT_EQ(shape.without(0), (Shape{3}));
  EXPECT_EQ(shape.without(-1), (Shape{2}));
  EXPECT_EQ((Shape{2, 3, 4, 5}.sub(1, 3)), (Shape{3, 4}));
  EXPECT_EQ(shape.sub(1, 1), Shape{});
  EXPECT_NE(shape, (Shape{3, 2}));
  EXPECT_NE(shape, (Shape{2, 3, 1}));
}

TEST(NormalizeAxis, CountsFromTheFront) {
  EXPECT_EQ(normalize_axis(-1, 3, "sum"), 2);
  EXPECT_EQ(normalize_axis(0, 3, "sum"), 0);
  try {
    normalize_axis(3, 3, "sum");
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(), "sum: axis 3 is out of range for 3 axes.");
  }
  EXPECT_THROW(normalize_axis(-4, 3, "sum"), InvalidArgument);
  EXPECT_THROW(normalize_axis(std::numeric_limits<int64_t>::max(), 3, "sum"), InvalidArgument);
  EXPECT_THROW(normalize_axis(0, 0, "sum"), InvalidArgument);
}

TEST(BroadcastShapes, AsInNumPy) {
  EXPECT_EQ(broadcast_shapes({3, 5}, {5}), (Shape{3, 5}));
  EXPECT_EQ(broadcast_shapes({3, 1}, {1, 5}), (Shape{3, 5}));
  EXPECT_EQ(broadcast_shapes({2, 1, 3}, {4, 1}), (Shape{2, 4, 3}));
  EXPECT_EQ(broadcast_shapes({}, {7}), (Shape{7}));
  EXPECT_EQ(broadcast_shapes({0}, {1}), (Shape{0}));
  EXPECT_EQ(broadcast_shapes({3, 0}, {1, 1}), (Shape{3, 0}));
}

TEST(BroadcastShapes, SaysWhichAxisDoesNotFit) {
  try {
    broadcast_shapes({2, 3}, {4, 3});
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_STREQ(error.what(), "shapes (2, 3) and (4, 3) do not broadcast: axis -2 is 2 in one and 4 in the other.");
  }
  EXPECT_THROW(broadcast_shapes({0}, {2}), InvalidArgument);
}

}  // namespace
}  // namespace hebb
