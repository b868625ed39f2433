// Images that are flipped with their masks and boxes, on the same draws as by real Keras
// (tests/goldens/make_augmentation.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/layers/geometric_augmentation.h"
#include "hebb/ops/elementwise.h"

namespace hebb {
namespace {

const std::vector<std::string> parts = {"bounding_boxes/boxes", "bounding_boxes/labels", "images", "labels",
                                        "segmentation_masks"};

Layer layer_of(const Json& golden) {
  return layer_from_json(Json::object({{"class_name", golden.at("layer")}, {"config", golden.at("config")}}));
}

TEST(FlippedBoxes, MoveWithTheImages) {
  for (const Json& golden : goldens::file("augmentation").at("flipped").items()) {
    const std::string name = golden.at("name").as_string();
    const Tensors before = goldens::tensors(golden.at("parts")), after = goldens::tensors(golden.at("flipped"));
    const Tensors flipped = layer_of(golden).call_many(before, {.training = true, .inputs = parts});
    ASSERT_EQ(flipped.size(), after.size()) << name;
    for (size_t i = 0; i < after.size(); ++i)
      EXPECT_TRUE(goldens::near(flipped[i], after[i], 1e-5)) << name << ": " << parts[i];
    const Tensors same = layer_of(golden).call_many(before, {.inputs = parts});
    for (size_t i = 0; i < after.size(); ++i)
      EXPECT_TRUE(goldens::near(same[i], before[i], 0)) << name << ", predicting: " << parts[i];
  }
}

TEST(FlippedBoxes, NeedAFormat) {
  const Json& golden = goldens::file("augmentation").at("flipped").at(size_t{0});
  const Tensors before = goldens::tensors(golden.at("parts"));
  EXPECT_THROW(RandomFlip().call_many(before, {.training = true, .inputs = parts}), InvalidArgument);
  Json config = golden.at("config");
  config.set("bounding_box_format", "xxyy");
  const Layer unknown = layer_from_json(Json::object({{"class_name", "RandomFlip"}, {"config", config}}));
  EXPECT_THROW(unknown.call_many(before, {.training = true, .inputs = parts}), InvalidArgument);
}

}  // namespace
}  // namespace hebb
