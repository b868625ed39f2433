// Optimizers against what real Keras computes (tests/goldens/make_optimizers.py): five updates of two variables.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

using goldens::near_each;

class OptimizerGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("optimizers")[GetParam()]; }
  Optimizer optimizer() const {
    return Optimizer::from_config(golden().at("class_name").as_string(), golden().at("arguments"));
  }

  /// Each value to one unit in float32's seventh digit, that of numbers below 1 to 1e-6: updates are differences of
  /// larger numbers.
  static constexpr double tolerance = 1e-6, floor = 1.0;

  template <class Step>
  void follow(const Optimizer& optimizer, const Tensors& variables, Step step) const {
    const Json& source = golden().contains("gradients") ? golden() : goldens::file("optimizers");
    const auto& gradients = source.at("gradients").items();
    const Json& rates = golden().at("learning_rates");
    for (size_t i = 0; i < gradients.size(); ++i) {
      if (rates.size() > 0) {
        const double rate = rates.at(i).as_double();
        EXPECT_NEAR(optimizer.learning_rate(), rate, 1e-6 * rate) << "step " << i;
      }
      step(goldens::tensors(gradients[i]));
      const Tensors expected = goldens::tensors(golden().at("variables_after").at(i));
      for (size_t k = 0; k < variables.size(); ++k) {
        EXPECT_TRUE(near_each(variables[k], expected[k], tolerance, floor))
            << variables[k].name() << " after step " << i;
      }
    }
    const auto& state = golden().at("optimizer_variables").items();
    const Tensors variables_now = optimizer->variables();
    ASSERT_EQ(variables_now.size(), state.size());
    for (size_t i = 0; i < state.size(); ++i) {
      const Tensor& actual = variables_now[i];
      // Keras gives Nadam's product no name.
      const std::string name = state[i].at("name").as_string();
      EXPECT_EQ(actual.name(), name == "variable" ? "u_product" : name);
      EXPECT_EQ(actual.dtype(), dtype_from_name(state[i].at("dtype").as_string()));
      // Ftrl's linear term sums differences of roots that are divided by the learning rate.
      const double state_tolerance = actual.name().ends_with("_linear") ? 5 * tolerance : tolerance;
      EXPECT_TRUE(near_each(actual, goldens::tensor(state[i]), state_tolerance, floor)) << actual.name();
    }
    if (!golden().contains("variables_finalized")) return;
    optimizer->finalize(variables);
    const Tensors expected = goldens::tensors(golden().at("variables_finalized"));
    for (size_t k = 0; k < variables.size(); ++k)
      EXPECT_TRUE(near_each(variables[k], expected[k], tolerance, floor)) << "at the end";
  }

  static Tensors start() {
    const Tensors values = goldens::tensors(goldens::file("optimizers").at("start"));
    return {variable(values[0], "kernel"), variable(values[1], "bias")};
  }
};

TEST_P(OptimizerGolden, Eager) {
  const Tensors variables = start();
  const Optimizer optimizer = this->optimizer();
  follow(optimizer, variables, [&](const Tensors& gradients) { optimizer.apply(gradients, variables); });
}

/// Built while it is traced, as in a user's first call of a compiled step.
TEST_P(OptimizerGolden, Planned) {
  const Tensors variables = start();
  const Optimizer optimizer = this->optimizer();
  auto step = compiled([&](const Tensor& kernel_gradient, const Tensor& bias_gradient) {
    optimizer.apply({kernel_gradient, bias_gradient}, variables);
    return Tensors{};
  });
  follow(optimizer, variables, [&](const Tensors& gradients) { step(gradients[0], gradients[1]); });
}

TEST_P(OptimizerGolden, Configuration) {
  EXPECT_TRUE(goldens::same_json(optimizer().to_json(), golden().at("serialized")));
  const Optimizer again = Optimizer::from_json(Json::parse(golden().at("serialized").dump()));
  EXPECT_TRUE(goldens::same_json(again.to_json(), golden().at("serialized")));
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param, goldens::cases("optimizers")[info.param].at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, OptimizerGolden, ::testing::Range(size_t{0}, goldens::cases("optimizers").size()),
                         case_name);

TEST(OptimizerTable, EveryOptimizerHasGoldens) {
  std::set<std::string> with_goldens, in_table;
  for (const Json& golden : goldens::cases("optimizers")) with_goldens.insert(golden.at("class_name").as_string());
  for (const OptimizerRecord& record : optimizer_records()) {
    in_table.insert(record.class_name);
    EXPECT_FALSE(record.doc.empty()) << record.class_name;
  }
  EXPECT_EQ(in_table, with_goldens);
}

TEST(OptimizerTable, DefaultsAreKeras) {
  const Json& defaults = goldens::file("optimizers").at("defaults");
  const auto holds_others = [](const OptimizerRecord& record) { return record.holds_others; };
  const auto holding = std::count_if(optimizer_records().begin(), optimizer_records().end(), holds_others);
  ASSERT_EQ(defaults.size() + static_cast<size_t>(holding), optimizer_records().size());
  for (const auto& [name, serialized] : defaults.members()) {
    EXPECT_TRUE(goldens::same_json(Optimizer::from_json(serialized).to_json(), serialized)) << name;
    // Keras numbers the optimizers of a program: "adam_2".
    Json config = serialized.at("config");
    config.set("name", snake_case(name));
    EXPECT_TRUE(goldens::same_json(Optimizer(name)->config(), config)) << name;
  }
}

}  // namespace
}  // namespace hebb
