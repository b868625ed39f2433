// Models called within models with dictionaries and nested lists, and losses nested as outputs are
// (tests/goldens/make_dictionary_calls.py).

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/base/zip.h"
#include "hebb/io/hdf5.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb {
namespace {

class DictionaryCallGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("dictionary_calls")[GetParam()]; }

  void expect_outputs(Model model) const {
    const Json* own = golden().find("inputs");
    const Tensors inputs = goldens::tensors(own ? *own : goldens::file("dictionary_calls").at("inputs"));
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

class NestedLosses : public ::testing::Test {
 protected:
  NestedLosses() {
    std::string name = (std::filesystem::temp_directory_path() / "hebb_losses_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~NestedLosses() override { std::filesystem::remove_all(folder_); }

  /// The model, which has no weights, as Keras's file has it.
  Model loaded(const Json& golden) const {
    const std::string path = folder_ / "model.keras";
    write_zip(path, {{.name = "metadata.json", .bytes = R"({"keras_version": "3.15.1"})"},
                     {.name = "config.json", .bytes = golden.at("config").dump()},
                     {.name = "model.weights.h5", .bytes = io::Hdf5Writer().finish()}});
    return load_model(path);
  }

  std::filesystem::path folder_;
};

TEST_F(NestedLosses, AreThoseOfTheOutputsInTheirPlaces) {
  const Json& all = goldens::file("dictionary_calls");
  for (const Json& golden : all.at("losses").items()) {
    const std::string name = golden.at("name").as_string();
    const auto expect_loss = [&](Model model, const char* when) {
      ASSERT_TRUE(model.is_compiled()) << name;
      const Logs logs = model.evaluate(goldens::tensors(all.at("inputs")), goldens::tensors(golden.at("targets")));
      for (const auto& [key, value] : golden.at("logs").members()) {
        ASSERT_TRUE(logs.find(key)) << name << ", " << when << ": " << key;
        EXPECT_NEAR(logs[key], value.as_double(), 1e-5) << name << ", " << when << ": " << key;
      }
      EXPECT_EQ(static_cast<size_t>(std::distance(logs.begin(), logs.end())), golden.at("logs").size()) << name;
    };
    const Model model = loaded(golden);
    expect_loss(model, "read");
    for (const char* ending : {"again.keras", "again.h5"}) {
      model.save(folder_ / ending);
      expect_loss(load_model(folder_ / ending), ending);
    }
  }
}

TEST_F(NestedLosses, ThatAreNestedInAnotherWayAreRefused) {
  for (const Json& golden : goldens::file("dictionary_calls").at("refused_losses").items()) {
    try {
      loaded(golden);
      ADD_FAILURE() << golden.at("name").as_string();
    } catch (const NotSupported& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find("loss: expected one for each output"), std::string::npos) << text;
      EXPECT_NE(text.find("{.compile = false}"), std::string::npos) << text;
    }
  }
}

/// A model of a golden with another layer in it.
Json with_layer(const std::string& name, const std::string& from, const std::string& to) {
  for (const Json& golden : goldens::cases("dictionary_calls")) {
    if (golden.at("name").as_string() != name) continue;
    std::string text = golden.at("model").dump();
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
    return Json::parse(text);
  }
  throw InvalidArgument(name);
}

/// The model of a golden, trained for a step, of which no output has a weight: the loss is that of the parts as a call
/// with the same draws gives them.
void expect_training(const std::string& name, const Tensors& inputs, const Tensors& targets) {
  const Json& golden =
      *std::find_if(goldens::cases("dictionary_calls").begin(), goldens::cases("dictionary_calls").end(),
                    [&](const Json& one) { return one.at("name").as_string() == name; });
  const auto made = [&] {
    set_random_seed(1);
    return model_from_json(golden.at("model"));
  };
  Model model = made();
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const History history = model.fit(inputs, targets, {.batch_size = 2, .epochs = 1, .verbose = 0, .shuffle = false});
  const Tensors outputs = made().call_many(inputs, {.training = true});
  double expected = 0;
  for (size_t i = 0; i < outputs.size(); ++i)
    expected += mean(square(cast(outputs[i], DType::float32) - targets[i])).item();
  EXPECT_NEAR(history["loss"].front() / expected, 1, 1e-5) << name;
}

TEST(DictionaryCalls, MoveBoxesAndMasksInFit) {
  const Tensor boxes = random::uniform({2, 5, 4}, {.high = 6, .seed = 1}), of_boxes = ones({2, 5});
  const Tensor images = random::uniform({2, 6, 6, 3}, {.high = 255, .seed = 2});
  const Tensors all = {boxes, of_boxes, images, ones({2, 4}), ones({2, 6, 6, 1})};
  for (const char* name : {"zoom", "perspective", "rand_augment", "aug_mix", "flip"})
    expect_training(std::string("parts_") + name, all, all);
  expect_training("parts_rotation", {boxes, of_boxes, images}, {boxes, of_boxes, images});
  expect_training("parts_cut_mix_with_masks", {images, ones({2, 6, 6, 1})}, {images, ones({2, 6, 6, 1})});
}

// Keras gives a dictionary there, whose order hebb's layer has not.
TEST(DictionaryCalls, OfOtherLayersAreRefused) {
  try {
    model_from_json(with_layer("parts_identity", "\"Identity\"", "\"Flatten\""));
    ADD_FAILURE();
  } catch (const NotSupported& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("(Flatten): it is called with a dictionary of 5 tensors"), std::string::npos) << text;
    EXPECT_NE(text.find("Leave it out"), std::string::npos) << text;
  }
}

TEST(Models, KeepListsOfOneTensor) {
  const InputTensor x = Input({3}, {.name = "x"});
  const Json json = model_to_json(Model(x, Dense(2, {.name = "y"})(x)).base());
  Json listed = json.at("config");
  for (const char* ends : {"input_layers", "output_layers"})
    listed.set(ends, Json::array({json.at("config").at(ends)}));
  Json of_lists = json;
  of_lists.set("config", listed);
  for (const Json& model : {json, of_lists}) EXPECT_EQ(model_to_json(model_from_json(model).base()), model);
}

TEST(DictionaryCalls, ChangeImagesAndLeaveTheOtherPartsToTheirLayers) {
  const Tensor images = random::uniform({2, 4, 4, 3}, {.high = 255, .seed = 1}), boxes = ones({2, 5, 4});
  const Tensor of_boxes = ones({2, 5}), labels = ones({2, 3});
  const std::vector<std::string> parts = {"bounding_boxes/boxes", "bounding_boxes/labels", "images", "labels"};
  const Layer invert = RandomInvert({1.0, 1.0});
  const Tensors out = invert.call_many({boxes, of_boxes, images, labels}, {.training = true, .inputs = parts});
  EXPECT_TRUE(goldens::near(out[2], 255.0 - images, 1e-6));
  for (const size_t i : {0u, 1u, 3u}) EXPECT_TRUE(goldens::near(out[i], ones(out[i].shape()), 0)) << parts[i];
  const Layer pipeline = Pipeline({invert, MaxNumBoundingBoxes(2)});
  EXPECT_EQ(pipeline.call_many({boxes, of_boxes, images, labels}, {.inputs = parts})[1].shape(), Shape({2, 2}));
}

TEST(DictionaryCalls, SayWhatCannotBe) {
  const Tensor images = ones({2, 4, 4, 3}), boxes = ones({2, 5, 4}), labels = ones({2, 5});
  const auto error = [&](const Layer& layer, const Tensors& tensors, const CallOptions& options) {
    try {
      layer.call_many(tensors, options);
    } catch (const Error& thrown) {
      return std::string(thrown.what());
    }
    return std::string();
  };
  const std::vector<std::string> parts = {"bounding_boxes/boxes", "bounding_boxes/labels", "images"};
  const Layer flip = RandomFlip();
  EXPECT_EQ(error(flip, {boxes, labels, images}, {.inputs = parts}), "");
  const auto trained = [&](const Layer& layer, const Tensors& tensors, const std::vector<std::string>& names) {
    return error(layer, tensors, {.training = true, .inputs = names});
  };
  const std::string unbent = trained(RandomElasticTransform(), {boxes, labels, images}, parts);
  EXPECT_NE(unbent.find("while training: got bounding_boxes/boxes, which Keras does not bend"), std::string::npos)
      << unbent;
  const std::string uncut = trained(CutMix(), {boxes, labels, images}, parts);
  EXPECT_NE(uncut.find("while training: got bounding_boxes/boxes, which Keras does not mix"), std::string::npos)
      << uncut;
  const std::string unmixed = trained(MixUp(), {images, images}, {"images", "segmentation_masks"});
  EXPECT_NE(unmixed.find("while training: got segmentation_masks, which Keras mixes"), std::string::npos) << unmixed;
  const Tensor one_label = ones({2, 1}), of_one_image = ones({1, 5, 4});
  for (const Tensors& tensors :
       {Tensors{labels, labels, images}, Tensors{boxes, one_label, images}, Tensors{of_one_image, labels, images}}) {
    const std::string misshapen = trained(RandomRotation(0.1, {.bounding_box_format = "xyxy"}), tensors, parts);
    EXPECT_NE(misshapen.find("for 2 images, got " + tensors[0].shape().to_string()), std::string::npos) << misshapen;
  }
  const std::string unordered = error(flip, {labels, images}, {.inputs = {"labels", "images"}});
  EXPECT_NE(unordered.find("by the alphabet, a name for each of 2 inputs"), std::string::npos) << unordered;
  const std::string missing = error(flip, {labels}, {.inputs = {"labels"}});
  EXPECT_NE(missing.find("a dictionary with \"images\""), std::string::npos) << missing;
  const std::string half =
      error(MaxNumBoundingBoxes(2), {boxes, images}, {.inputs = {"bounding_boxes/boxes", "images"}});
  EXPECT_NE(half.find("got one of them"), std::string::npos) << half;
}

}  // namespace
}  // namespace hebb
