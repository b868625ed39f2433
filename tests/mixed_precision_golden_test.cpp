// Models under the policies of mixed precision against real Keras (tests/goldens/make_mixed_precision.py). Keras rounds
// after each operation to 16 bits, hebb where a layer begins and ends: numbers agree to a few units of the 16-bit type.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "goldens.h"
#include "hebb/autograd/gradient.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/ops/elementwise.h"

namespace hebb {
namespace {

class MixedPrecisionGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("mixed_precision")[GetParam()]; }
  Model model() const {
    Model model = model_from_json(golden().at("model"));
    model.set_weights(goldens::tensors(golden().at("weights")));
    return model;
  }
  Tensor x() const { return goldens::tensor(golden().at("x")); }
  Tensor y() const { return goldens::tensor(golden().at("y")); }
  bool is_bfloat16() const { return golden().at("policy").as_string() == "mixed_bfloat16"; }
  /// A few units in the last place of the 16-bit type, of numbers about 1.
  double units(double count) const { return count * (is_bfloat16() ? 0x1p-8 : 0x1p-11); }

  void compile(Model& model) const {
    model.compile({.optimizer = Optimizer::from_json(golden().at("optimizer")),
                   .loss = "sparse_categorical_crossentropy",
                   .metrics = {"accuracy"}});
  }
};

TEST_P(MixedPrecisionGolden, Predicts) {
  const Tensor expected = goldens::tensor(golden().at("prediction"));
  EXPECT_TRUE(goldens::near(model().predict(x()), expected, units(8)));
  const Model same = model();
  EXPECT_TRUE(goldens::near(same(x()), expected, units(8))) << "at once";
}

TEST_P(MixedPrecisionGolden, HasGradients) {
  const Model built = model();
  const double scale = goldens::file("mixed_precision").at("scale").as_double();
  const Tensor loss = SparseCategoricalCrossentropy()(y(), built(x(), {.training = true}));
  EXPECT_NEAR(loss.item(), golden().at("loss").as_double(), units(4));
  const Tensors gradients = gradient(loss * scale, built.trainable_weights());
  const Json::Array& expected = golden().at("weight_gradients").items();
  ASSERT_EQ(gradients.size(), expected.size());
  for (size_t i = 0; i < gradients.size(); ++i) {
    EXPECT_TRUE(goldens::near(gradients[i] / scale, goldens::tensor(expected[i]), units(12), 0.02))
        << expected[i].at("name").as_string();
  }
}

TEST_P(MixedPrecisionGolden, Trains) {
  Model trained = model();
  compile(trained);
  const Json::Array& expected = golden().at("losses").items();
  for (size_t step = 0; step < expected.size(); ++step) {
    const Logs logs = trained.train_on_batch(x(), y());
    EXPECT_NEAR(logs["loss"], expected[step].as_double(), units(8)) << "step " << step;
  }
  const Tensors weights = trained.get_weights(), wanted = goldens::tensors(golden().at("final_weights"));
  ASSERT_EQ(weights.size(), wanted.size());
  for (size_t i = 0; i < weights.size(); ++i)
    EXPECT_TRUE(goldens::near(weights[i], wanted[i], units(4), 1.0)) << golden().at("weight_names").at(i).as_string();
}

/// All types and policies in a model, in order.
void collect_types(const Json& json, std::vector<std::string>& out) {
  if (json.is_array()) {
    for (const Json& item : json.items()) collect_types(item, out);
  }
  if (!json.is_object()) return;
  for (const auto& [key, value] : json.members()) {
    if (key == "dtype")
      out.push_back(value.is_object() ? value.at("config").at("name").as_string() : value.as_string());
    collect_types(value, out);
  }
}

TEST_P(MixedPrecisionGolden, IsWrittenAsItWas) {
  std::vector<std::string> written, expected;
  collect_types(model_to_json(model().base()), written);
  collect_types(golden().at("model"), expected);
  EXPECT_GE(expected.size(), 4u);
  EXPECT_EQ(written, expected);
}

TEST_P(MixedPrecisionGolden, GoesOnFromFiles) {
  const auto trained = [&](int steps) {
    Model trained = model();
    compile(trained);
    for (int step = 0; step < steps; ++step) trained.train_on_batch(x(), y());
    return trained;
  };
  for (const auto& [ending, steps] : {std::pair(".keras", 1), {".keras", 0}, {".h5", 1}, {".h5", 0}}) {
    const std::string path =
        (std::filesystem::temp_directory_path() / message("hebb_mixed_", ::getpid(), "_", GetParam(), ending)).string();
    Model kept = trained(steps);
    kept.save(path);
    Model read = load_model(path);
    std::filesystem::remove(path);
    EXPECT_EQ(model_to_json(read.base()).dump(), model_to_json(kept.base()).dump()) << ending;
    EXPECT_EQ(read.predict(x()).to_vector<float>(), kept.predict(x()).to_vector<float>()) << ending;
    for (int step = 0; step < 2; ++step)
      EXPECT_EQ(read.train_on_batch(x(), y())["loss"], kept.train_on_batch(x(), y())["loss"]) << ending;
  }
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param, goldens::cases("mixed_precision")[info.param].at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, MixedPrecisionGolden,
                         ::testing::Range(size_t{0}, goldens::cases("mixed_precision").size()), case_name);

}  // namespace
}  // namespace hebb
