// Files of real Keras whose weights are of another type than float32 (tests/goldens/make_policies.py): they are read,
// predict and train on to the accuracy of that type, and are written under the same policy.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "goldens.h"
#include "hebb/nn/model.h"
#include "hebb/ops/elementwise.h"

namespace hebb {
namespace {

class PolicyGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("policies")[GetParam()]; }
  std::string policy() const { return golden().at("name").as_string(); }
  std::string path() const {
    return (std::filesystem::path(HEBB_SOURCE_DIR) / "tests/goldens/policies" / (policy() + ".keras")).string();
  }
  Tensor x() const { return goldens::tensor(golden().at("x")); }
  Tensor y() const { return goldens::tensor(golden().at("y")); }
  /// A few units in the last place, of numbers about 1.
  double units(double count) const {
    return policy() == "float64" ? 1e-12 : count * (policy() == "bfloat16" ? 0x1p-8 : 0x1p-11);
  }
  static std::vector<std::string> policies_of(Model& model) {
    std::vector<std::string> names;
    for (const Layer& layer : model.layers()) names.push_back(layer->dtype_policy().name());
    return names;
  }
};

TEST_P(PolicyGolden, IsReadAndPredicts) {
  Model model = load_model(path());
  for (size_t i = 1; i < model.layers().size(); ++i) EXPECT_EQ(policies_of(model)[i], policy());
  const Tensors weights = model.get_weights(), expected = goldens::tensors(golden().at("weights"));
  ASSERT_EQ(weights.size(), expected.size());
  for (size_t i = 0; i < weights.size(); ++i) EXPECT_TRUE(goldens::near(weights[i], expected[i], 1e-7));  // as float32
  const Json::Array& predicted = golden().at("prediction").items();
  const std::vector<double> prediction = cast(model.predict(x()), DType::float64).to_vector<double>();
  ASSERT_EQ(prediction.size(), predicted.size());
  for (size_t i = 0; i < predicted.size(); ++i) EXPECT_NEAR(prediction[i], predicted[i].as_double(), units(8));
}

TEST_P(PolicyGolden, TrainsOn) {
  Model model = load_model(path());
  for (const Json& loss : golden().at("losses").items())
    EXPECT_NEAR(model.train_on_batch(x(), y())["loss"], loss.as_double(), policy() == "float64" ? 1e-6 : units(8));
}

TEST_P(PolicyGolden, IsWrittenAsItWas) {
  Model model = load_model(path());
  for (const char* ending : {".keras", ".h5"}) {
    const std::string file =
        (std::filesystem::temp_directory_path() / message("hebb_policy_", ::getpid(), "_", GetParam(), ending))
            .string();
    model.save(file);
    Model again = load_model(file);
    std::filesystem::remove(file);
    EXPECT_EQ(policies_of(again), policies_of(model)) << ending;
    EXPECT_TRUE(goldens::near(again.predict(x()), model.predict(x()), 0)) << ending;
  }
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::cases("policies")[info.param].at("name").as_string();
}
INSTANTIATE_TEST_SUITE_P(Keras, PolicyGolden, ::testing::Range(size_t{0}, goldens::cases("policies").size()),
                         case_name);

/// A map of policies in the place of one.
class PolicyMapGolden : public ::testing::Test {
 protected:
  const Json& golden() const { return goldens::file("policies").at("map"); }
  Model read() const {
    return load_model((std::filesystem::path(HEBB_SOURCE_DIR) / "tests/goldens/policies/map.keras").string());
  }
  /// The layers' policies by their names, of those inside, too.
  static void add_policies(const LayerBase& layer, std::map<std::string, std::string>& to) {
    to[layer.name()] = layer.dtype_policy().name();
    for (const auto& [attribute, inside] : layer.sublayers()) add_policies(*inside, to);
  }
  static void expect_policies(const Json& expected, Model& model, const char* when) {
    std::map<std::string, std::string> policies;
    for (const Layer& layer : model.layers()) add_policies(*layer.shared(), policies);
    for (const auto& [name, policy] : expected.members()) EXPECT_EQ(policies[name], policy.as_string()) << name << when;
    EXPECT_EQ(policies["gate"], "float32") << when;  // which Keras did not build, and so gives no path
  }
};

TEST_F(PolicyMapGolden, GivesEachLayerItsOwn) {
  Model model = read();
  expect_policies(golden().at("policies"), model, "");
  const Tensor x = goldens::tensor(golden().at("x")), y = goldens::tensor(golden().at("y"));
  const Json::Array& predicted = golden().at("prediction").items();
  const std::vector<float> prediction = model.predict(x).to_vector<float>();
  ASSERT_EQ(prediction.size(), predicted.size());
  for (size_t i = 0; i < predicted.size(); ++i) EXPECT_NEAR(prediction[i], predicted[i].as_double(), 0x1p-8) << i;
  for (const Json& loss : golden().at("losses").items())
    EXPECT_NEAR(model.train_on_batch(x, y)["loss"], loss.as_double(), 0x1p-6);
}

TEST_F(PolicyMapGolden, IsWritten) {
  Model model = read();
  const Tensor x = goldens::tensor(golden().at("x"));
  for (const char* ending : {".keras", ".h5"}) {
    const std::string file =
        (std::filesystem::temp_directory_path() / message("hebb_policy_map_", ::getpid(), ending)).string();
    model.save(file);
    Model again = load_model(file);
    std::filesystem::remove(file);
    expect_policies(golden().at("policies"), again, ending);
    EXPECT_TRUE(goldens::near(again.predict(x), model.predict(x), 0)) << ending;
  }
}

}  // namespace
}  // namespace hebb
