// Whole runs of fit, without shuffling, against what real Keras computes (tests/goldens/make_training.py).

#include <gtest/gtest.h>

#include <set>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/compile_config.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

const Json& training() { return goldens::file("training"); }

class TrainingGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("training")[GetParam()]; }
  const Json& network() const { return training().at("networks").at(golden().at("network").as_string()); }
  const Json& fit_record() const { return golden().at("fit"); }

  Model compiled_model() const {
    Model model = model_from_json(network().at("model"));
    model.set_weights(goldens::tensors(network().at("weights")));
    Json config = Json::object();
    for (const char* key : {"optimizer", "loss", "metrics", "loss_weights", "weighted_metrics"}) {
      config.set(key, golden().at(key));
    }
    model.compile(compile_options_from_json(config, model.base().output_names()));
    return model;
  }

  Tensor x() const { return goldens::tensor(training().at("data").at(network().at("data").as_string()).at("x")); }
  Tensors y() const { return goldens::tensors(golden().at("y")); }
  Tensor sample_weight() const {
    const Json* weight = fit_record().find("sample_weight");
    return weight ? goldens::tensor(*weight) : Tensor();
  }
  data::Dataset all() const { return data::Dataset(Tensors{x()}, y(), sample_weight()); }

  FitOptions fit_options() const {
    FitOptions options;
    options.verbose = 0;
    for (const auto& [key, value] : fit_record().members()) {
      if (key == "batch_size") {
        options.batch_size = value.as_int();
      } else if (key == "epochs") {
        options.epochs = value.as_int();
      } else if (key == "shuffle") {
        options.shuffle = value.as_bool();
      } else if (key == "validation_split") {
        options.validation_split = value.as_double();
      } else if (key == "class_weight") {
        for (const auto& [label, weight] : value.members())
          options.class_weight[std::stoll(label)] = weight.as_double();
      } else if (key == "validation_data") {
        const Tensors arrays = goldens::tensors(value);
        options.validation_data =
            arrays.size() > 2 ? data::Dataset(arrays[0], arrays[1], arrays[2]) : data::Dataset(arrays[0], arrays[1]);
      } else {
        EXPECT_EQ(key, "sample_weight");
      }
    }
    return options;
  }

  /// Of several outputs Keras on TensorFlow averages each one's own loss over the batches, whatever their sizes; hebb,
  /// and Keras on JAX, over the examples. Where the last batch is a smaller one these differ.
  bool is_averaged_otherwise(const std::string& name) const {
    return y().size() > 1 && name != "loss" && name != "val_loss" && name.ends_with("_loss");
  }

  static constexpr double tolerance = 1e-4;
};

TEST_P(TrainingGolden, Follows) {
  Model model = compiled_model();
  const History history = model.fit(all(), fit_options());

  std::set<std::string> names, expected_names;
  for (const auto& [name, values] : history) names.insert(name);
  for (const auto& [name, values] : golden().at("history").members()) expected_names.insert(name);
  EXPECT_EQ(names, expected_names);
  for (const auto& [name, expected] : golden().at("history").members()) {
    const std::vector<double>* values = history.find(name);
    if (!values || is_averaged_otherwise(name)) continue;
    ASSERT_EQ(values->size(), expected.size()) << name;
    for (size_t epoch = 0; epoch < values->size(); ++epoch) {
      const double wanted = expected.at(epoch).as_double();
      EXPECT_NEAR((*values)[epoch], wanted, tolerance * std::max(1.0, std::abs(wanted)))
          << name << " in epoch " << epoch;
    }
  }

  const Tensors weights = model.get_weights(), expected = goldens::tensors(golden().at("final_weights"));
  ASSERT_EQ(weights.size(), expected.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    EXPECT_TRUE(goldens::near_each(weights[i], expected[i], tolerance, 1.0))
        << network().at("weight_names").at(i).as_string();
  }

  const Logs logs = model.evaluate(all(), {.batch_size = fit_options().batch_size});
  EXPECT_EQ(logs.size(), golden().at("evaluate").size());
  for (const auto& [name, value] : golden().at("evaluate").members()) {
    if (is_averaged_otherwise(name)) continue;
    EXPECT_NEAR(logs[name], value.as_double(), tolerance * std::max(1.0, std::abs(value.as_double()))) << name;
  }
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param, goldens::cases("training")[info.param].at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, TrainingGolden, ::testing::Range(size_t{0}, goldens::cases("training").size()),
                         case_name);

/// What the goldens of each of several outputs cannot say: its loss is the mean over the examples, so that it is the
/// metric of the same name, and the weighted sum of all is the loss.
TEST(TrainingOfSeveralOutputs, LossIsTheSumOfItsParts) {
  const Json& network = training().at("networks").at("two_outputs");
  Model model = model_from_json(network.at("model"));
  model.set_weights(goldens::tensors(network.at("weights")));
  model.compile({.optimizer = "sgd",
                 .loss = std::vector<Loss>{"sparse_categorical_crossentropy", "mse"},
                 .loss_weights = std::vector<double>{0.5, 2.0},
                 .metrics = std::map<std::string, std::vector<Metric>>{{"value", {"mse"}}}});
  const Tensor x = goldens::tensor(training().at("data").at("dense").at("x"));
  const Tensor labels = goldens::tensor(training().at("data").at("dense").at("y"));
  const Tensor values = slice(x, {0, 0}, {x.shape()[0], 2});
  const History history =
      model.fit({x}, {labels, values}, {.batch_size = 16, .epochs = 2, .verbose = 0, .validation_split = 0.1});
  for (size_t epoch = 0; epoch < 2; ++epoch) {
    for (const char* prefix : {"", "val_"}) {
      auto number = [&](const char* name) { return history[std::string(prefix) + name][epoch]; };
      EXPECT_NEAR(number("loss"), 0.5 * number("label_loss") + 2 * number("value_loss"), 1e-5);
      EXPECT_NEAR(number("value_loss"), number("value_mse"), 1e-6);
    }
  }
}

TEST(TrainingGoldens, EveryOptimizerIsTrained) {
  std::set<std::string> trained;
  for (const Json& golden : goldens::cases("training"))
    trained.insert(golden.at("optimizer").at("class_name").as_string());
  // On TensorFlow Keras makes ScheduleFreeAdamW's state inside the step, and so puts the weights into it in every step:
  // its updates are in optimizers.json alone.
  trained.insert("ScheduleFreeAdamW");
  for (const OptimizerRecord& record : optimizer_records())
    EXPECT_TRUE(trained.contains(record.class_name)) << record.class_name;
}

}  // namespace
}  // namespace hebb
