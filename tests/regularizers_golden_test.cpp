// Regularizers' penalties and their gradients against what real Keras computes (tests/goldens/make_regularizers.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/autograd/gradient.h"
#include "hebb/nn/regularizers.h"

namespace hebb {
namespace {

TEST(RegularizerGolden, PenaltiesAndGradients) {
  for (const Json& golden : goldens::cases("regularizers")) {
    SCOPED_TRACE(golden.at("name").as_string());
    const Regularizer made = Regularizer::from_json(golden.at("serialized"));
    for (const Json& value : golden.at("values").items()) {
      const Tensor x = variable(goldens::tensor(value.at("x")));
      const Tensor penalty = made->penalty(x), expected = goldens::tensor(value.at("penalty"));
      EXPECT_NEAR(penalty.item(), expected.item(), 1e-5 * std::max(1.0, std::abs(expected.item())));
      EXPECT_TRUE(goldens::near(gradient(penalty, x), goldens::tensor(value.at("gradient")), 1e-5, 1e-2));
    }
  }
}

TEST(RegularizerGolden, Configurations) {
  for (const Json& golden : goldens::cases("regularizers")) {
    const Json& serialized = golden.at("serialized");
    EXPECT_TRUE(goldens::same_json(Regularizer::from_json(serialized).to_json(), serialized));
  }
}

}  // namespace
}  // namespace hebb
