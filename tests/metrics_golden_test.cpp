// Metrics against what real Keras computes (tests/goldens/make_metrics.py).

#include <gtest/gtest.h>

#include <set>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/masking.h"
#include "hebb/nn/metrics/metrics.h"
#include "hebb/plan/compiled.h"

namespace hebb {
namespace {

using goldens::near;

/// Whether it takes values and weights, no targets and predictions.
bool takes_values(const Json& golden) {
  return golden.at("class_name").as_string() == "Mean" || golden.at("class_name").as_string() == "Sum";
}

/// What a metric has to say against a golden: a number, a list of them, or null for none yet.
void expect_numbers(const std::vector<double>& actual, const Json& golden, double tolerance) {
  std::vector<double> expected;
  if (golden.is_array()) {
    for (const Json& number : golden.items()) expected.push_back(number.as_double());
  } else if (!golden.is_null()) {
    expected.push_back(golden.as_double());
  }
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(actual[i]));
    } else {
      EXPECT_NEAR(actual[i], expected[i], tolerance * std::max(1.0, std::abs(expected[i])));
    }
  }
}

class MetricGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("metrics")[GetParam()]; }

  /// Runs the case's updates through `update`, which takes what a golden's update holds, in the order of `keys`.
  template <class Update, class Results, class State, class Reset>
  void follow(const std::vector<const char*>& keys, Update update, Results results, State state, Reset reset) const {
    expect_numbers(results(), golden().at("result_before"), 0);
    for (const Json& step : golden().at("updates").items()) {
      Tensors inputs;
      for (const char* key : keys) inputs.push_back(goldens::tensor(step.at(key)));
      if (!step.at("sample_weight").is_null()) inputs.push_back(goldens::tensor(step.at("sample_weight")));
      update(inputs);
      const Json::Array& expected = step.at("variables").items();
      const Tensors sums = state();
      ASSERT_EQ(sums.size(), expected.size());
      for (size_t i = 0; i < sums.size(); ++i) {
        EXPECT_EQ(sums[i].name(), expected[i].at("name").as_string());
        EXPECT_TRUE(near(sums[i], goldens::tensor(expected[i]), 1e-6));
      }
      expect_numbers(results(), step.at("result"), 1e-6);
    }
    reset();
    expect_numbers(results(), golden().at("result_after_reset"), 0);
  }

  template <class Tracker>
  void follow_tracker(bool planned) const {
    Tracker tracker("mean");
    const auto update = [&](const Tensors& in) {
      tracker.update(in[0], in.size() > 1 ? in[1] : Tensor());
      return Tensors{};
    };
    PlanCache plans(update);
    follow(
        {"values"}, [&](const Tensors& in) { planned ? plans.run(in) : update(in); },
        [&] { return std::vector<double>{tracker.result()}; }, [&] { return tracker.state(); },
        [&] { tracker.reset(); });
  }

  void follow(bool planned) const {
    if (golden().at("class_name").as_string() == "Mean") follow_tracker<MeanTracker>(planned);
    if (golden().at("class_name").as_string() == "Sum") follow_tracker<SumTracker>(planned);
    const bool values_alone = takes_values(golden());
    const Metric metric = Metric::from_config(golden().at("class_name").as_string(), golden().at("arguments"));
    const auto update = [&](const Tensors& in) {
      if (const Json* mask = golden().find("mask")) set_mask(in[1], goldens::tensor(*mask));
      if (values_alone) {
        metric->update(in[0], in.size() > 1 ? in[1] : Tensor());
      } else {
        metric->update(in[0], in[1], in.size() > 2 ? in[2] : Tensor());
      }
      return Tensors{};
    };
    PlanCache plans(update);
    const std::vector<const char*> keys =
        values_alone ? std::vector<const char*>{"values"} : std::vector<const char*>{"y_true", "y_pred"};
    follow(
        keys, [&](const Tensors& in) { planned ? plans.run(in) : update(in); }, [&] { return metric->results(); },
        [&] { return metric->state(); }, [&] { metric->reset(); });
  }
};

TEST_P(MetricGolden, Eager) { follow(false); }

TEST_P(MetricGolden, Planned) { follow(true); }

TEST_P(MetricGolden, Configuration) {
  Json expected = goldens::whole_config(golden());
  // Keras's "int" is int64 on TensorFlow and int32 on JAX.
  if (expected.at("dtype").as_string() == "int64") expected.set("dtype", "int32");
  const Metric metric = Metric::from_config(golden().at("class_name").as_string(), golden().at("arguments"));
  EXPECT_TRUE(goldens::same_json(metric->config(), expected));
  const Metric again = Metric::from_json(Json::parse(metric.to_json().dump()));
  EXPECT_EQ(again.to_json().dump(), metric.to_json().dump());
  EXPECT_EQ(again.to_json().at("module").as_string(), "keras.metrics");
  const Metric copy = metric.clone();
  EXPECT_EQ(copy.to_json().dump(), metric.to_json().dump());
  for (const Metric& each : {metric, copy}) {
    if (takes_values(golden())) continue;  // has its sums at once
    const Json& step = golden().at("updates").at(size_t{0});
    each->build(goldens::tensor(step.at("y_true")).shape(), goldens::tensor(step.at("y_pred")).shape());
  }
  EXPECT_NE(copy->state()[0].body(), metric->state()[0].body());
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param, goldens::cases("metrics")[info.param].at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, MetricGolden, ::testing::Range(size_t{0}, goldens::cases("metrics").size()), case_name);

TEST(MetricTable, EveryMetricHasGoldens) {
  std::set<std::string> with_goldens, in_table;
  for (const Json& golden : goldens::cases("metrics")) {
    with_goldens.insert(golden.at("class_name").as_string());
  }
  for (const MetricRecord& record : metric_records()) {
    in_table.insert(record.class_name);
    EXPECT_FALSE(record.doc.empty()) << record.class_name;
  }
  EXPECT_EQ(in_table, with_goldens);
}

TEST(MetricTable, NamesAreKeras) {
  std::set<std::string> keras, known;
  for (const Json& name : goldens::file("metrics").at("metric_names").items()) keras.insert(name.as_string());
  for (const MetricRecord& record : metric_records()) {
    known.insert(record.class_name);
    known.insert(record.names.begin(), record.names.end());
  }
  for (const std::string& name : known) EXPECT_TRUE(keras.contains(name)) << name;
  known.insert("accuracy");
  for (const std::string& name : keras) {
    if (known.contains(name)) continue;
    EXPECT_THROW(Metric{name}, InvalidArgument) << name;
  }
}

/// Keras fails in the first step of a model that was compiled with one.
TEST(MetricTable, ModelsCannotMeasureValuesAlone) {
  for (const char* name : {"Mean", "Sum"})
    EXPECT_THROW(Metric(name).resolved({Shape::unknown, 2}, {Shape::unknown, 2}), InvalidArgument) << name;
}

/// What "accuracy" stands for depends on the shapes alone; a name is kept as it was spelt.
TEST(MetricTable, NamesAreResolvedAsKerasDoes) {
  for (const Json& found : goldens::file("metrics").at("resolved").items()) {
    if (!found.contains("class_name")) continue;
    const auto shape = [&](const char* key) {
      std::vector<int64_t> sizes;
      for (const Json& size : found.at(key).items()) sizes.push_back(size.as_int());
      sizes.front() = Shape::unknown;
      return Shape(sizes);
    };
    for (const char* loss : {"mse", "binary_crossentropy", "sparse_categorical_crossentropy"}) {
      const Metric metric =
          Metric(found.at("identifier").as_string()).resolved(shape("y_true"), shape("y_pred"), Loss(loss));
      EXPECT_EQ(metric->class_name(), found.at("class_name").as_string()) << found.dump();
      EXPECT_EQ(metric->name(), found.at("name").as_string()) << found.dump();
      EXPECT_EQ(metric.to_json(), found.at("identifier"));
      EXPECT_EQ(Metric::from_json(metric.to_json()).to_json(), found.at("identifier"));
    }
  }
}

}  // namespace
}  // namespace hebb
