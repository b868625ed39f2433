#include "hebb/nn/activations.h"

#include <gtest/gtest.h>

#include "hebb/base/error.h"
#include "hebb/nn/layers.h"
#include "hebb/ops/elementwise.h"

namespace hebb {
namespace {

TEST(Activations, HandlesOfEveryKind) {
  const Tensor x = Tensor::from({-1, 2}, {1, 2});
  EXPECT_TRUE(ActivationFunction().is_linear());
  EXPECT_TRUE(ActivationFunction("linear").is_linear());
  EXPECT_EQ(ActivationFunction("relu")(x).to_vector<float>(), (std::vector<float>{0, 2}));
  const ActivationFunction own([](const Tensor& t) { return t * 3.0; }, "triple");
  EXPECT_EQ(own(x).to_vector<float>(), (std::vector<float>{-3, 6}));
  EXPECT_EQ(own.to_json().as_string(), "triple");
  const ActivationFunction layer = ReLU({.max_value = 1});
  EXPECT_EQ(layer(x).to_vector<float>(), (std::vector<float>{0, 1}));
  EXPECT_EQ(layer.to_json().at("class_name").as_string(), "ReLU");
  EXPECT_EQ(ActivationFunction::from_json(layer.to_json())(x).to_vector<float>(), (std::vector<float>{0, 1}));
  EXPECT_EQ(ActivationFunction("swish").to_json().as_string(), "silu");
}

TEST(Activations, OnesOwnLoadWhenRegistered) {
  EXPECT_THROW(ActivationFunction("quadruple"), InvalidArgument);
  // Those with weights are layers, and the error says which.
  for (const char* name : {"prelu", "soft_exponential", "Maxout"}) {
    try {
      ActivationFunction{name};
      ADD_FAILURE() << name;
    } catch (const InvalidArgument& error) {
      EXPECT_NE(std::string(error.what()).find("it is a layer"), std::string::npos) << error.what();
    }
  }
  register_activation("quadruple", [](const Tensor& x) { return x * 4.0; });
  EXPECT_EQ(ActivationFunction::from_json("quadruple")(ones({1})).item(), 4);
}

TEST(Activations, Errors) {
  EXPECT_THROW(glu(ones({2, 3})), InvalidArgument);
  EXPECT_THROW(sparsemax(ones({2, 3}), 2), InvalidArgument);
  const Layer dense = Dense(3);
  dense(ones({1, 3}));
  EXPECT_THROW(ActivationFunction{dense}(ones({1, 3})), InvalidArgument) << "no layer has taken its weights";
}

}  // namespace
}  // namespace hebb
