// Layers of Keras 2 that Keras 3 has not: what cuDNN's hold becomes LSTM and GRU (tests/goldens/make_cudnn_layers.py),
// others are refused by name.

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/absent_layers.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"

namespace hebb {
namespace {

TEST(LayersOfKeras2, ThoseOfCudnnAreReadAsLstmAndGru) {
  Model model = load_model(std::string(HEBB_SOURCE_DIR) + "/tests/goldens/cudnn_layers.h5");
  EXPECT_EQ(model.get_layer(0).class_name(), "LSTM");
  const Json& golden = goldens::cases("cudnn_layers")[0];
  const Tensor predicted = model.predict_all({goldens::tensor(golden.at("input"))}).front();
  EXPECT_TRUE(goldens::near(predicted, goldens::tensor(golden.at("predictions")), 1e-5, 1));
}

TEST(AbsentLayers, AreRefusedByNameWithWhatToDo) {
  for (const AbsentLayer& layer : absent_layers()) {
    const Json json =
        Json::object({{"class_name", layer.class_name}, {"config", Json::object({{"name", "the_layer"}})}});
    try {
      layer_from_json(json);
      FAIL() << layer.class_name;
    } catch (const NotSupported& error) {
      const std::string text = error.what();
      for (const char* part : {"the_layer", layer.class_name, layer.reason, layer.remedy})
        EXPECT_NE(text.find(part), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace hebb
