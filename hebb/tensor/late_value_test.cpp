#include "hebb/tensor/late_value.h"

#include <gtest/gtest.h>

#include "hebb/base/error.h"

namespace hebb {
namespace {

using Floats = std::vector<float>;

TEST(LateValue, BecomesTheVariablesMemory) {
  const Tensor w = variable_without_value({{3}, DType::float32}, "kernel", false);
  EXPECT_TRUE(w.is_variable());
  EXPECT_FALSE(w.body()->trainable);
  EXPECT_EQ(w.name(), "kernel");
  Tensor value{1, 2, 3};
  const void* memory = value.raw();
  move_into_variable(w, std::move(value));
  EXPECT_EQ(w.raw(), memory);
  EXPECT_EQ(w.to_vector<float>(), (Floats{1, 2, 3}));
}

TEST(LateValue, IsCopiedWhereSomebodyElseHoldsIt) {
  const Tensor w = variable_without_value({{2}, DType::float32}, "bias", true), value{4, 5};
  move_into_variable(w, Tensor(value));
  EXPECT_NE(w.raw(), value.raw());
  EXPECT_EQ(w.to_vector<float>(), (Floats{4, 5}));
}

TEST(LateValue, HasToFit) {
  const Tensor w = variable_without_value({{2}, DType::float32}, "bias", true);
  EXPECT_THROW(move_into_variable(w, Tensor{1}), InvalidArgument);
  EXPECT_THROW(move_into_variable(Tensor{1, 2}, Tensor{1, 2}), InvalidArgument);
}

}  // namespace
}  // namespace hebb
