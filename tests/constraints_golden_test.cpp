// What constraints make of weights against what real Keras makes of them (tests/goldens/make_constraints.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/nn/constraints.h"

namespace hebb {
namespace {

TEST(ConstraintGolden, Weights) {
  for (const Json& golden : goldens::cases("constraints")) {
    SCOPED_TRACE(golden.at("name").as_string());
    const Constraint made = Constraint::from_json(golden.at("serialized"));
    for (const Json& value : golden.at("values").items()) {
      EXPECT_TRUE(goldens::near(made->constrained(goldens::tensor(value.at("w"))),
                                goldens::tensor(value.at("constrained")), 1e-6));
    }
  }
}

TEST(ConstraintGolden, Configurations) {
  for (const Json& golden : goldens::cases("constraints")) {
    const Json& serialized = golden.at("serialized");
    EXPECT_TRUE(goldens::same_json(Constraint::from_json(serialized).to_json(), serialized));
  }
}

}  // namespace
}  // namespace hebb
