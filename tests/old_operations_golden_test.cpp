// Operations of TensorFlow in functional models of Keras 2 (tests/goldens/make_old_operations.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"

namespace hebb {
namespace {

const Json& all() { return goldens::file("old_operations"); }

class OldOperationGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("old_operations")[GetParam()]; }
};

TEST_P(OldOperationGolden, IsComputedAndWrittenAsKeras3Has) {
  const Tensors inputs = goldens::tensors(all().at("inputs"));
  const Tensor expected = goldens::tensor(golden().at("output"));
  Model model = model_from_json(golden().at("model"));
  EXPECT_TRUE(goldens::near(model.predict(inputs), expected, 1e-5));
  const Json written = model_to_json(model.base());
  EXPECT_EQ(written.dump().find("OpLambda"), std::string::npos);
  EXPECT_TRUE(goldens::near(model_from_json(written).predict(inputs), expected, 1e-5));
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param, goldens::cases("old_operations")[info.param].at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, OldOperationGolden,
                         ::testing::Range(size_t{0}, goldens::cases("old_operations").size()), case_name);

TEST(OldOperations, OthersAreRefusedByName) {
  for (const Json& one : all().at("refused").items()) {
    try {
      model_from_json(one.at("model"));
      ADD_FAILURE() << one.at("name").as_string();
    } catch (const NotSupported& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find("operation 'tf."), std::string::npos) << text;
      EXPECT_NE(text.find("Make the model in Keras with layers"), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace hebb
