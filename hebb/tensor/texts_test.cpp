#include "hebb/tensor/texts.h"

#include <gtest/gtest.h>

#include "hebb/base/error.h"

namespace hebb {
namespace {

using Words = std::vector<std::string>;

TEST(Texts, AreKeptByTheirTensors) {
  Tensor copy;
  {
    const Tensor made = texts({"one", "", "three", "four"}, {2, 2});
    EXPECT_EQ(made.dtype(), DType::string);
    EXPECT_EQ(made.to_string(), R"(string(2, 2) [["one", ""], ["three", "four"]])");
    copy = reshaped_texts(made, {4, 1});
  }
  EXPECT_EQ(copy.shape(), (Shape{4, 1}));
  EXPECT_EQ(to_texts(copy), (Words{"one", "", "three", "four"}));
  EXPECT_EQ(to_texts(Tensor::empty({2}, DType::string)), (Words{"", ""}));
  EXPECT_EQ(texts({}).shape(), Shape{0});
}

TEST(Texts, AreNoNumbers) {
  const Tensor words = texts({"a", "b"});
  EXPECT_THROW(words.to_vector<float>(), NotSupported);
  EXPECT_THROW(variable(words), InvalidArgument);
  EXPECT_THROW(to_texts(zeros({2})), InvalidArgument);
  EXPECT_THROW(texts({"a", "b"}, {3}), InvalidArgument);
  EXPECT_THROW(reshaped_texts(words, {3}), InvalidArgument);
  EXPECT_THROW(zeros({2}, DType::string), NotSupported);
}

}  // namespace
}  // namespace hebb
