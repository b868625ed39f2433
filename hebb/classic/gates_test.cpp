#include "hebb/classic/gates.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hebb/base/error.h"

namespace hebb::classic {
namespace {

using Inputs = std::vector<double>;

TEST(Gates, AreTheirTruthTables) {
  for (const double a : {0., 1.}) {
    for (const double b : {0., 1.}) {
      const bool x = a > 0, y = b > 0;
      EXPECT_NEAR(and_gate()({a, b}), x && y, 1e-4);
      EXPECT_NEAR(or_gate()({a, b}), x || y, 1e-4);
      EXPECT_NEAR(nand_gate()({a, b}), !(x && y), 1e-4);
      EXPECT_NEAR(nor_gate()({a, b}), !x && !y, 1e-4);
      EXPECT_NEAR(xnor({a, b}), x == y, 1e-4);
    }
    EXPECT_NEAR(not_gate()({a}), 1 - a, 1e-4);
  }
  EXPECT_DOUBLE_EQ(and_gate()({1, 1}), 1 / (1 + std::exp(-10.0)));
  EXPECT_EQ(Gate({-1.5, 1, 1}, Gate::Activation::step)({1, 1}), 1);
  EXPECT_EQ(Gate({-1.5, 1, 1}, Gate::Activation::step)({0, 1}), 0);
}

TEST(Gates, PrintTruthTables) {
  EXPECT_EQ(truth_table({{"AND", and_gate()}, {"XNOR", xnor}}),
            "x1  x2    AND         XNOR\n"
            "0   0     0.0000 = 0  1.0000 = 1\n"
            "0   1     0.0000 = 0  0.0000 = 0\n"
            "1   0     0.0000 = 0  0.0000 = 0\n"
            "1   1     1.0000 = 1  1.0000 = 1\n");
  EXPECT_EQ(truth_table({{"NOT", not_gate()}}, 1), "x1    NOT\n0     1.0000 = 1\n1     0.0000 = 0\n");
}

TEST(Gates, Refuse) {
  EXPECT_THROW(Gate({1}), InvalidArgument);
  EXPECT_THROW(and_gate()({1}), InvalidArgument);
  EXPECT_THROW(truth_table({}, 0), InvalidArgument);
}

}  // namespace
}  // namespace hebb::classic
