#include "hebb/nn/regularizers.h"

#include <gtest/gtest.h>

#include <limits>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"

namespace hebb {
namespace {

TEST(Regularizers, Penalties) {
  const Tensor w = variable(Tensor::from({1, -2, 3, 0}, {2, 2}));
  EXPECT_FLOAT_EQ(L1(0.5)->penalty(w).item(), 3);
  EXPECT_FLOAT_EQ(L2(0.5)->penalty(w).item(), 7);
  EXPECT_FLOAT_EQ(L1L2(0.1, 0.2)->penalty(w).item(), 0.6 + 2.8);
  EXPECT_EQ(L1L2()->penalty(w).item(), 0);
  EXPECT_EQ(gradient(L2(0.5)->penalty(w), w).to_vector<float>(), (std::vector<float>{1, -2, 3, 0}));
  EXPECT_EQ(gradient(L1(0.5)->penalty(w), w).to_vector<float>(), (std::vector<float>{0.5, -0.5, 0.5, 0}));
}

TEST(Regularizers, OrthogonalRowsAndColumns) {
  const Tensor w = variable(Tensor::from({3, 0, 0, 3, 4, 0}, {3, 2}));  // rows along (1, 0), (0, 1), (1, 0)
  EXPECT_NEAR(OrthogonalRegularizer({.factor = 0.3})->penalty(w).item(), 0.1, 1e-6);
  EXPECT_EQ(OrthogonalRegularizer({.mode = "columns"})->penalty(w).item(), 0);
  EXPECT_EQ(OrthogonalRegularizer()->penalty(variable(ones({1, 4}))).item(), 0);  // no pairs
  EXPECT_THROW(OrthogonalRegularizer()->penalty(variable(ones({4}))), InvalidArgument);
  EXPECT_THROW(OrthogonalRegularizer({.mode = "row"}), InvalidArgument);
  EXPECT_THROW(OrthogonalRegularizer({.factor = -1}), InvalidArgument);
}

TEST(Regularizers, NamesAndConfigurations) {
  EXPECT_EQ(Regularizer("l2").to_json().dump(),
            R"({"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.01}, "registered_name": null})");
  EXPECT_EQ(Regularizer("l1_l2").to_json().at("config").dump(), R"({"l1": 0.01, "l2": 0.01})");
  for (const Regularizer& regularizer :
       {L1(0.5), L2(0.25), L1L2(1, 2), OrthogonalRegularizer({.factor = 0.5, .mode = "columns"})}) {
    EXPECT_EQ(Regularizer::from_json(regularizer.to_json()).to_json(), regularizer.to_json());
  }
  EXPECT_TRUE(Regularizer().to_json().is_null());
  EXPECT_FALSE(Regularizer::from_json(nullptr));
  EXPECT_THROW(Regularizer("l3"), InvalidArgument);
  EXPECT_THROW(L2(std::numeric_limits<double>::infinity()), InvalidArgument);
}

}  // namespace
}  // namespace hebb
