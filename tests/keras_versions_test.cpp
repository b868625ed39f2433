/// A model as several versions of Keras 3 saved it (tests/goldens/versions, made by make_version_files.py): hebb
/// predicts as that version does, and trains on where it stopped.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "goldens.h"
#include "hebb/nn/model.h"

namespace hebb {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(HEBB_SOURCE_DIR) / "tests/goldens/versions";

/// "keras_3_0.keras", "keras_3_3.h5"
std::vector<std::string> file_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class FileOfAVersion : public ::testing::TestWithParam<std::string> {};

TEST_P(FileOfAVersion, PredictsAndTrainsOnAsThere) {
  const Json& golden = goldens::cases("versions/" + fs::path(GetParam()).stem().string())[0];
  const Tensors inputs = goldens::tensors(golden.at("inputs")), targets = goldens::tensors(golden.at("targets"));
  Model model = load_model((folder / GetParam()).string());
  EXPECT_EQ(model.count_params(), golden.at("count_params").as_int());
  const auto expect_predictions = [&](const char* key, double tolerance) {
    const Tensors predictions = model.predict_all(inputs), expected = goldens::tensors(golden.at(key));
    ASSERT_EQ(predictions.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i)
      EXPECT_TRUE(goldens::near(predictions[i], expected[i], tolerance, 1)) << key << i;
  };
  expect_predictions("predictions", 1e-5);
  for (const Json& loss : golden.at("losses").items())
    EXPECT_NEAR(model.train_on_batch(inputs, targets)["loss"], loss.as_double(), 1e-4);
  expect_predictions("predictions_after", 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Goldens, FileOfAVersion, ::testing::ValuesIn(file_names()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

}  // namespace
}  // namespace hebb
