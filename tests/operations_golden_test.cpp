// Operations of keras.ops in functional models, each in a model of its own (tests/goldens/make_operations.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/operation_layer.h"
#include "hebb/nn/operations.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

const Json& all() { return goldens::file("operations"); }

/// Without what `.h5` files leave out.
Json without_modules(const Json& json) {
  if (json.is_array()) {
    Json out = Json::array();
    for (const Json& item : json.items()) out.push_back(without_modules(item));
    return out;
  }
  if (!json.is_object()) return json;
  Json out = Json::object();
  for (const auto& [key, value] : json.members()) {
    if (key != "module" && key != "registered_name") out.set(key, without_modules(value));
  }
  return out;
}

class OperationGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("operations")[GetParam()]; }
};

TEST_P(OperationGolden, IsComputedAndWrittenAsByKeras) {
  const Tensors inputs = goldens::tensors(all().at("inputs"));
  const Tensor expected = goldens::tensor(golden().at("output"));
  Model model = model_from_json(golden().at("model"));
  const Json old = detail::with_modules_of_operations(without_modules(golden().at("model")));
  for (const Model& same : {model, model_from_json(model_to_json(model.base())), model_from_json(old)})
    EXPECT_TRUE(goldens::near(same.call_many(inputs, {}).front(), expected, 1e-5));
  const bool has_batch = expected.rank() > 0 && expected.shape().front() == inputs.front().shape().front();
  if (has_batch) {
    EXPECT_TRUE(goldens::near(model.predict(inputs), expected, 1e-5)) << "in a plan";
  }
}

TEST_P(OperationGolden, HasTheGradientsOfKeras) {
  Tensors inputs;
  for (const Tensor& input : goldens::tensors(all().at("inputs"))) inputs.push_back(variable(input));
  Model model = model_from_json(golden().at("model"));
  const Tensor y = model.call_many(inputs, {}).front();
  std::vector<float> weights;
  for (int64_t i = 0; i < y.size(); ++i) weights.push_back(static_cast<float>(i % 7) - 2.5f);
  const Tensors gradients = gradient(sum(y * Tensor::from(weights, y.shape())), inputs);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Json& expected = golden().at("gradients").at(i);
    if (expected.is_null()) {
      EXPECT_EQ(max(abs(gradients[i])).item(), 0);
    } else {
      EXPECT_TRUE(goldens::near(gradients[i], goldens::tensor(expected), 1e-5, 1)) << i;
    }
  }
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param, goldens::cases("operations")[info.param].at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, OperationGolden, ::testing::Range(size_t{0}, goldens::cases("operations").size()),
                         case_name);

TEST(Operations, OthersAreRefusedByName) {
  for (const Json& one : all().at("refused").items()) {
    for (const Json& model : {one.at("model"), detail::with_modules_of_operations(without_modules(one.at("model")))}) {
      try {
        model_from_json(model);
        ADD_FAILURE() << one.at("name").as_string();
      } catch (const NotSupported& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("operation '"), std::string::npos) << text;
        EXPECT_NE(text.find("hebb has none of this name. Make the model in Keras with layers"), std::string::npos)
            << text;
      }
    }
  }
}

Tensors computed(const char* operation, const char* config, const Tensors& of) {
  const Json options = Json::parse(config);
  const detail::OperationArguments arguments(
      Json::parse(R"({"args": [{"class_name": "__keras_tensor__", "config": {}}], "kwargs": {}})"));
  return detail::find_operation(operation)->compute({operation, options, arguments, of});
}

TEST(Operations, RefuseAxesThatATensorHasNot) {
  const Tensors x = {Tensor::from(std::vector<float>{1, 2, 3, 4}, {2, 2})};
  EXPECT_TRUE(goldens::near(computed("Roll", R"({"shift": 1, "axis": 1})", x).front(),
                            Tensor::from(std::vector<float>{2, 1, 4, 3}, {2, 2}), 0, 0));
  EXPECT_EQ(computed("Roll", R"({"shift": 1, "axis": 0})", {zeros({0, 3})}).front().shape(), Shape({0, 3}));
  for (const char* operation : {"Roll", "Diff", "Split", "Repeat", "Flip"}) {
    for (const char* axis : {"7", "-9", "9000000000000000000", "-9000000000000000000"}) {
      const std::string config = message(R"({"shift": 1, "repeats": 2, "indices_or_sections": 2, "axis": )", axis, "}");
      EXPECT_THROW(computed(operation, config.c_str(), x), NotSupported) << operation << config;
    }
  }
}

TEST(Operations, RefuseNumbersOfRepeatsThatAreNone) {
  const Tensors x = {ones({2, 3})};
  EXPECT_EQ(computed("Tile", R"({"repeats": [2, 0]})", x).front().shape(), Shape({4, 0}));
  EXPECT_EQ(computed("Repeat", R"({"repeats": 0, "axis": 1})", x).front().shape(), Shape({2, 0}));
  for (const char* config : {R"({"repeats": -1, "axis": 0})", R"({"repeats": 9000000000000000000, "axis": 0})"}) {
    for (const char* operation : {"Tile", "Repeat"})
      EXPECT_THROW(computed(operation, config, x), NotSupported) << operation << config;
  }
}

}  // namespace
}  // namespace hebb
