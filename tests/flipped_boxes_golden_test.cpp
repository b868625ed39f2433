// Images that are flipped with their masks and boxes, on the same draws as by real Keras
// (tests/goldens/make_augmentation.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/layers/geometric_augmentation.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

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

TEST(FlippedBoxes, HaveTheirFormatInTheLayer) {
  const Layer layer = RandomFlip("vertical", {.seed = 1, .bounding_box_format = "yxyx"});
  EXPECT_EQ(layer->config().at("bounding_box_format").as_string(), "yxyx");
  const Tensor images = zeros({8, 2, 4, 1}), labels = zeros({8, 1});
  const Tensor boxes = broadcast_to(Tensor::from({0, 1, 0.5, 3}, {1, 1, 4}), {8, 1, 4});
  const Tensors out =
      layer.call_many({boxes, labels, images}, {.training = true, .inputs = {parts[0], parts[1], parts[2]}});
  const std::vector<float> rows = out[0].to_vector<float>();
  int flipped = 0;
  for (size_t i = 0; i < rows.size(); i += 4) {
    const std::vector<float> box(rows.begin() + static_cast<int64_t>(i), rows.begin() + static_cast<int64_t>(i) + 4);
    const bool moved = box == std::vector<float>{1.5, 1, 2, 3};
    EXPECT_TRUE(moved || box == (std::vector<float>{0, 1, 0.5, 3})) << i;
    flipped += moved;
  }
  EXPECT_GT(flipped, 0);
  EXPECT_LT(flipped, 8);
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
