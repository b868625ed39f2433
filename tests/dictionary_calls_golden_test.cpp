// Models called within models with dictionaries and nested lists (tests/goldens/make_dictionary_calls.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"

namespace hebb {
namespace {

class DictionaryCallGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("dictionary_calls")[GetParam()]; }

  void expect_outputs(Model model) const {
    const Tensors inputs = goldens::tensors(goldens::file("dictionary_calls").at("inputs"));
    const Tensors expected = goldens::tensors(golden().at("outputs")), actual = model.predict_all(inputs);
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(goldens::near(actual[i], expected[i], 1e-6)) << i;
  }
};

TEST_P(DictionaryCallGolden, IsReadAndWrittenAgain) {
  const Model model = model_from_json(golden().at("model"));
  expect_outputs(model);
  const Json written = model_to_json(model.base());
  expect_outputs(model_from_json(written));
  EXPECT_EQ(model_to_json(model_from_json(written).base()).dump(), written.dump());
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param, goldens::cases("dictionary_calls")[info.param].at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, DictionaryCallGolden,
                         ::testing::Range(size_t{0}, goldens::cases("dictionary_calls").size()), case_name);

// Keras gives a dictionary there, whose order hebb's layer has not.
TEST(DictionaryCalls, OfOtherLayersAreRefused) {
  try {
    model_from_json(goldens::file("dictionary_calls").at("refused"));
    ADD_FAILURE();
  } catch (const NotSupported& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("(MaxNumBoundingBoxes): it is called with a dictionary of 3 tensors"), std::string::npos)
        << text;
    EXPECT_NE(text.find("Leave it out"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace hebb
