// Images that are moved with their masks and boxes, on the same draws as by real Keras
// (tests/goldens/make_augmentation.py).

#include <gtest/gtest.h>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/nn/layer.h"
#include "hebb/nn/layers/drawn_augmentation.h"
#include "hebb/nn/layers/geometric_augmentation.h"
#include "hebb/nn/layers/resizing.h"
#include "hebb/nn/layers/warping_augmentation.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {
namespace {

const std::vector<std::string> parts = {"bounding_boxes/boxes", "bounding_boxes/labels", "images", "labels",
                                        "segmentation_masks"};

Layer layer_of(const Json& golden) {
  return layer_from_json(Json::object({{"class_name", golden.at("layer")}, {"config", golden.at("config")}}));
}

class MovedParts : public ::testing::TestWithParam<size_t> {
 protected:
  static const std::vector<Json>& all() { return goldens::file("augmentation").at("moved").items(); }
  const Json& golden() const { return all()[GetParam()]; }
};

TEST_P(MovedParts, AreThoseOfKeras) {
  std::vector<std::string> names;
  for (const Json& name : golden().at("names").items()) names.push_back(name.as_string());
  const Tensors before = goldens::tensors(golden().at("parts")), after = goldens::tensors(golden().at("moved"));
  const bool training = golden().at("training").as_bool();
  const Tensors moved = layer_of(golden()).call_many(before, {.training = training, .inputs = names});
  ASSERT_EQ(moved.size(), after.size());
  for (size_t i = 0; i < after.size(); ++i) EXPECT_TRUE(goldens::near(moved[i], after[i], 2e-5)) << names[i];
}

std::string moved_name(const ::testing::TestParamInfo<size_t>& info) {
  return goldens::test_name(info.param,
                            goldens::file("augmentation").at("moved").at(info.param).at("name").as_string());
}
INSTANTIATE_TEST_SUITE_P(Keras, MovedParts,
                         ::testing::Range(size_t{0}, goldens::file("augmentation").at("moved").size()), moved_name);

TEST(MovedBoxes, StayWhenNotTraining) {
  for (const Json& golden : goldens::file("augmentation").at("moved").items()) {
    const std::string name = golden.at("name").as_string();
    if (name.find("crop") != std::string::npos || name.find("resizing") != std::string::npos) continue;
    const Tensors before = goldens::tensors(golden.at("parts"));
    std::vector<std::string> names;
    for (const Json& part : golden.at("names").items()) names.push_back(part.as_string());
    const Tensors same = layer_of(golden).call_many(before, {.inputs = names});
    for (size_t i = 0; i < before.size(); ++i)
      EXPECT_TRUE(goldens::near(same[i], before[i], 0)) << name << ": " << names[i];
  }
}

TEST(MovedBoxes, HaveTheirFormatInTheLayer) {
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

// Keras, which leaves images as they are there, moves the masks alone.
TEST(MovedBoxes, AreCroppedWithTheImagesWhenNotTraining) {
  const Layer crop = RandomCrop(2, 4, {.bounding_box_format = "xyxy"});
  // The middle rows of 4 x 4 pixels are shown: rows 1 and 2.
  const Tensor images = broadcast_to(reshape(arange(4), {1, 4, 1, 1}), {1, 4, 4, 1});
  const Tensor boxes = Tensor::from({1, 0, 3, 2, 0, 0, 4, 1}, {1, 2, 4}), labels = ones({1, 2});
  const Tensors out =
      crop.call_many({boxes, labels, images, images}, {.inputs = {parts[0], parts[1], parts[2], parts[4]}});
  EXPECT_EQ(out[0].to_vector<float>(), (std::vector<float>{1, 0, 3, 1, 0, 0, 4, 0}));
  EXPECT_EQ(out[1].to_vector<float>(), (std::vector<float>{1, -1}));
  for (const size_t i : {2u, 3u}) EXPECT_EQ(out[i].to_vector<float>(), (std::vector<float>{1, 1, 1, 1, 2, 2, 2, 2}));
}

TEST(MovedMasks, GetNoValuesBetweenTheirs) {
  const Tensor images = zeros({4, 8, 8, 1}), masks = reshape(arange(256), {4, 8, 8, 1});
  for (const Layer& layer : {RandomRotation(0.3), RandomZoom(0.4), RandomShear(0.5, 0.5), RandomTranslation(0.3, 0.3),
                             RandomPerspective({1.0, 1.0}), RandAugment({.factor = {0.9, 1.0}}), Resizing(5, 13)}) {
    const Tensor moved = layer.call_many({images, masks}, {.training = true, .inputs = {parts[2], parts[4]}})[1];
    EXPECT_TRUE(goldens::near(moved, floor(moved), 0)) << layer->class_name();
    const bool may_stay = layer->class_name() == "RandAugment";
    EXPECT_TRUE(may_stay || !goldens::near(moved, masks, 0)) << layer->class_name();
  }
}

TEST(MovedBoxes, NeedAFormat) {
  const Json& golden = goldens::file("augmentation").at("moved").at(size_t{0});
  const Tensors before = goldens::tensors(golden.at("parts"));
  EXPECT_THROW(RandomFlip().call_many(before, {.training = true, .inputs = parts}), InvalidArgument);
  Json config = golden.at("config");
  config.set("bounding_box_format", "xxyy");
  const Layer unknown = layer_from_json(Json::object({{"class_name", "RandomFlip"}, {"config", config}}));
  EXPECT_THROW(unknown.call_many(before, {.training = true, .inputs = parts}), InvalidArgument);
}

}  // namespace
}  // namespace hebb
