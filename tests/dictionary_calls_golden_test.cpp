// Models called within models with dictionaries and nested lists, and losses nested as outputs are
// (tests/goldens/make_dictionary_calls.py).

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/base/zip.h"
#include "hebb/io/hdf5.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/layers.h"
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
      EXPECT_NEAR(logs["loss"], golden.at("loss").as_double(), 1e-5) << name << ", " << when;
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

}  // namespace
}  // namespace hebb
