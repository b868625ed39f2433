/// Options that have no default in Keras (tests/goldens/keras_names.json has what its signatures say): a configuration
/// without one is refused, with the class and the option.

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/config_problems.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/metrics/metrics.h"
#include "hebb/nn/optimizers/learning_rate.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "keras_shown.h"

namespace hebb {
namespace {

/// A configuration of each class of a kind that hebb has, by name.
std::map<std::string, Json> configs_of(const keras_shown::Kind& kind) {
  std::map<std::string, Json> found;
  const auto add = [&](const keras_shown::Class& each, const Json& config) {
    if (each.first == kind.key) found.emplace(each.second, config);
  };
  for (const char* group : kind.groups) {
    for (const Json& golden : goldens::cases(group)) {
      const std::string name = keras_shown::name_in_files(golden.at(kind.class_key).as_string());
      if (const Json* serialized = golden.find("serialized")) {
        add({kind.key, name}, serialized->at("config"));
      } else if (golden.contains("config")) {
        add({kind.key, name}, golden.contains("arguments") ? goldens::whole_config(golden) : golden.at("config"));
      }
      keras_shown::visit_objects(golden, add);
    }
  }
  for (const auto& [name, file] : keras_shown::model_files()) keras_shown::visit_objects(file, add);
  return found;
}

bool is_known(const std::string& kind, const std::string& name) {
  const auto holds = [&](const auto& records) {
    return std::any_of(records.begin(), records.end(), [&](const auto& row) { return row.class_name == name; });
  };
  if (kind == "layers") return holds(layer_records());
  if (kind == "metrics") return holds(metric_records());
  return kind == "optimizers" ? holds(optimizer_records()) : holds(schedule_records());
}

void read(const std::string& kind, const std::string& name, const Json& config) {
  const Json json = Json::object({{"class_name", name}, {"config", config}});
  if (kind == "layers") layer_from_json(json);
  if (kind == "optimizers") Optimizer::from_json(json);
  if (kind == "schedules") LearningRate::from_json(json);
  if (kind != "metrics") return;
  for (const MetricRecord& record : metric_records()) {
    if (record.class_name == name) record.from_config(config);
  }
}

Json without(const Json& config, const std::string& option) {
  Json out = Json::object();
  for (const auto& [key, value] : config.members()) {
    if (key != option) out.set(key, value);
  }
  return out;
}

TEST(RequiredOptions, AreRefusedWhereTheyAreMissing) {
  int64_t checked = 0;
  for (const keras_shown::Kind& kind : keras_shown::kinds()) {
    if (std::string(kind.key) == "callbacks") continue;  // no file holds one
    const std::map<std::string, Json> configs = configs_of(kind);
    for (const Json& row : goldens::file("keras_names").at(kind.key).items()) {
      const std::string name = row.at("name").as_string();
      if (!row.contains("required") || !is_known(kind.key, name)) continue;
      ASSERT_TRUE(configs.contains(name)) << "no golden of " << name;
      const Json& config = configs.at(name);
      EXPECT_NO_THROW(read(kind.key, name, config)) << name;
      for (const std::string& option : goldens::strings(row.at("required"))) {
        SCOPED_TRACE(message(name, ".", option));
        ASSERT_TRUE(config.contains(option)) << config.dump();
        std::string error = "(none)";
        try {
          read(kind.key, name, without(config, option));
        } catch (const InvalidArgument& thrown) {
          error = thrown.what();
        }
        EXPECT_NE(error.find(message("expected the option '", option, "', for which there is no default")),
                  std::string::npos)
            << error;
        EXPECT_NE(error.find(name), std::string::npos) << error;
        ++checked;
      }
    }
  }
  EXPECT_GE(checked, 100);
}

TEST(RequiredOptions, AreToldTogether) {
  const Json json =
      Json::parse(R"({"class_name": "Conv2D", "config": {"name": "co", "strides": "x", "padding": "some"}})", "a test");
  Problems problems;
  EXPECT_FALSE(run_thoroughly(
      json, [](const Json& one) { layer_from_json(one); }, problems));
  const std::string all = message(problems.texts().size(), " ", join(problems.texts(), "\n"));
  EXPECT_NE(all.find("layer 'co' (Conv2D): option 'strides'"), std::string::npos) << all;
  EXPECT_NE(all.find("layer 'co' (Conv2D): expected the options 'filters', 'kernel_size', for which there are no "
                     "defaults; they are missing."),
            std::string::npos)
      << all;
}

}  // namespace
}  // namespace hebb
