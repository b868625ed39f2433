// Learning-rate schedules against what real Keras computes (tests/goldens/make_schedules.py).

#include <gtest/gtest.h>

#include <set>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/optimizers/learning_rate.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

class ScheduleGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("schedules")[GetParam()]; }
  LearningRate rate() const { return LearningRate::from_json(golden().at("serialized")); }

  template <class At>
  void check(At at) const {
    std::vector<float> rates, expected;
    for (size_t i = 0; i < golden().at("steps").size(); ++i) {
      rates.push_back(static_cast<float>(at(golden().at("steps").at(i).as_int())));
      expected.push_back(static_cast<float>(golden().at("learning_rates").at(i).as_double()));
    }
    // Half a cosine ends in 1 + cos(pi): what is left of its last digits is as large there as at the start.
    const bool cosine = golden().at("class_name").as_string().starts_with("Cosine");
    const double floor = cosine ? *std::max_element(expected.begin(), expected.end()) / 10 : 1e-6;
    EXPECT_TRUE(goldens::near_each(Tensor::from(rates), Tensor::from(expected), 2e-6, floor));
  }
};

TEST_P(ScheduleGolden, AtOnce) {
  check([rate = rate()](int64_t step) { return rate.at(step); });
}

TEST_P(ScheduleGolden, Planned) {
  const LearningRate rate = this->rate();
  auto at = compiled([&](const Tensor& step) { return rate.schedule()->at(step); });
  check([&](int64_t step) { return at(Tensor::scalar(static_cast<double>(step))).item(); });
}

TEST_P(ScheduleGolden, Configuration) { EXPECT_TRUE(goldens::same_json(rate().to_json(), golden().at("serialized"))); }

/// The factories, with the case's arguments.
TEST_P(ScheduleGolden, Factory) {
  const Json& a = golden().at("arguments");
  const std::string kind = golden().at("class_name").as_string();
  const double initial = a.get("initial_learning_rate", 0.0);
  const double steps = a.get("decay_steps", 0.0);
  const auto made = [&]() -> LearningRate {
    if (kind == "ExponentialDecay")
      return ExponentialDecay(initial, steps, a.at("decay_rate").as_double(), a.get("staircase", false));
    if (kind == "InverseTimeDecay")
      return InverseTimeDecay(initial, steps, a.at("decay_rate").as_double(), a.get("staircase", false));
    if (kind == "PolynomialDecay") {
      return PolynomialDecay(initial, steps,
                             {.end_learning_rate = a.at("end_learning_rate").as_double(),
                              .power = a.get("power", 1.0),
                              .cycle = a.get("cycle", false)});
    }
    if (kind == "CosineDecayRestarts") {
      return CosineDecayRestarts(
          initial, a.at("first_decay_steps").as_double(),
          {.t_mul = a.get("t_mul", 2.0), .m_mul = a.get("m_mul", 1.0), .alpha = a.get("alpha", 0.0)});
    }
    if (kind == "CosineDecay") {
      CosineDecayOptions options{.alpha = a.get("alpha", 0.0), .warmup_steps = a.get("warmup_steps", 0)};
      if (a.contains("warmup_target")) options.warmup_target = a.at("warmup_target").as_double();
      return CosineDecay(initial, steps, options);
    }
    std::vector<double> boundaries, values;
    for (const Json& item : a.at("boundaries").items()) boundaries.push_back(item.as_double());
    for (const Json& item : a.at("values").items()) values.push_back(item.as_double());
    return PiecewiseConstantDecay(boundaries, values);
  }();
  Json expected = golden().at("serialized").at("config");
  if (a.contains("name")) expected.set("name", made.schedule()->config().at("name"));  // the factories take no name
  EXPECT_TRUE(goldens::same_json(made.schedule()->config(), expected));
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param, goldens::cases("schedules")[info.param].at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, ScheduleGolden, ::testing::Range(size_t{0}, goldens::cases("schedules").size()),
                         case_name);

TEST(ScheduleTable, EveryScheduleHasGoldens) {
  std::set<std::string> with_goldens, in_table;
  for (const Json& golden : goldens::cases("schedules")) with_goldens.insert(golden.at("class_name").as_string());
  for (const ScheduleRecord& record : schedule_records()) {
    in_table.insert(record.class_name);
    EXPECT_FALSE(record.doc.empty()) << record.class_name;
  }
  EXPECT_EQ(in_table, with_goldens);
}

}  // namespace
}  // namespace hebb
