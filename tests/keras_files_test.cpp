/// Files that real Keras wrote (tests/goldens/keras, made by make_keras_files.py): hebb reads them, computes and trains
/// on as Keras does, and what it writes holds the same.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/base/zip.h"
#include "hebb/data/npy.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"

namespace hebb {
namespace {

namespace fs = std::filesystem;

fs::path golden_folder() { return fs::path(HEBB_SOURCE_DIR) / "tests/goldens/keras"; }

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(golden_folder())) {
    if (entry.path().extension() == ".keras") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "hebb_keras_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

const Json& case_of(const std::string& name) { return goldens::cases("keras/" + name)[0]; }

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.spec() == b.spec() && std::memcmp(a.raw(), b.raw(), static_cast<size_t>(a.spec().bytes())) == 0;
}

/// Keras's [{"path", "shape", "dtype", "data"}] against tensors, each within `tolerance`.
void expect_near(const Tensors& actual, const Json& expected, double tolerance, double floor) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_TRUE(goldens::near(actual[i], goldens::tensor(expected.at(i)), tolerance, floor))
        << expected.at(i).at("path").as_string();
  }
}

class KerasFile : public ::testing::TestWithParam<std::string> {
 protected:
  std::string path() const { return (golden_folder() / (GetParam() + ".keras")).string(); }
  const Json& golden() const { return case_of(GetParam()); }
  Tensors inputs() const { return goldens::tensors(golden().at("inputs")); }
  Tensors targets() const { return goldens::tensors(golden().at("targets")); }
  bool is_compiled() const { return !golden().at("optimizer_variables").is_null(); }
};

TEST_P(KerasFile, PredictsAsKerasDoes) {
  Model model = load_model(path());
  EXPECT_EQ(model.count_params(), golden().at("count_params").as_int());
  expect_near(model.weights(), golden().at("weights"), 0, 0);
  const Tensors predictions = model.predict_all(inputs());
  const Tensors expected = goldens::tensors(golden().at("predictions"));
  ASSERT_EQ(predictions.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(goldens::near(predictions[i], expected[i], 1e-5, 1));
}

TEST_P(KerasFile, TrainsOnAsKerasDoes) {
  Model model = load_model(path());
  ASSERT_EQ(model.is_compiled(), is_compiled());
  if (!is_compiled()) return;
  expect_near(model.optimizer()->variables(), golden().at("optimizer_variables"), 0, 0);
  if (!golden().contains("targets")) return;

  const Logs evaluated = model.evaluate(inputs(), targets());
  for (const auto& [name, value] : golden().at("evaluate").members()) {
    EXPECT_NEAR(evaluated[name], value.as_double(), 1e-4 * std::max(1.0, std::abs(value.as_double()))) << name;
  }
  const Logs trained = model.train_on_batch(inputs(), targets());
  for (const auto& [name, value] : golden().at("train_on_batch").members()) {
    EXPECT_NEAR(trained[name], value.as_double(), 1e-4 * std::max(1.0, std::abs(value.as_double()))) << name;
  }
  expect_near(model.weights(), golden().at("weights_after"), 1e-5, 1);
  expect_near(model.optimizer()->variables(), golden().at("optimizer_variables_after"), 1e-5, 1e-2);
}

TEST_P(KerasFile, IsTheSameWhenWrittenAgain) {
  const Folder folder;
  Model model = load_model(path());
  for (const char* ending : {".keras", ".h5"}) {
    const std::string copy = folder.file("copy" + std::string(ending));
    model.save(copy);
    Model again = load_model(copy);
    EXPECT_EQ(again.name(), model.name());
    const Tensors weights = model.weights(), same_weights = again.weights();
    ASSERT_EQ(weights.size(), same_weights.size());
    for (size_t i = 0; i < weights.size(); ++i) EXPECT_TRUE(same_bits(weights[i], same_weights[i])) << ending << i;
    const Tensors one = model.predict_all(inputs()), other = again.predict_all(inputs());
    for (size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(same_bits(one[i], other[i])) << ending;
    ASSERT_EQ(again.is_compiled(), model.is_compiled());
    if (!model.is_compiled()) continue;
    const Tensors state = model.optimizer()->variables(), same_state = again.optimizer()->variables();
    ASSERT_EQ(state.size(), same_state.size());
    for (size_t i = 0; i < state.size(); ++i) EXPECT_TRUE(same_bits(state[i], same_state[i])) << ending << i;
    EXPECT_EQ(io::take_apart(again).training, io::take_apart(model).training) << ending;
    EXPECT_EQ(io::take_apart(again).model, io::take_apart(model).model) << ending;
  }
}

/// Without the memory addresses by which Keras marks what occurs twice.
Json without_addresses(const Json& json) {
  if (json.is_array()) {
    Json out = Json::array();
    for (const Json& item : json.items()) out.push_back(without_addresses(item));
    return out;
  }
  if (!json.is_object()) return json;
  Json out = Json::object();
  for (const auto& [key, value] : json.members()) {
    if (key != "shared_object_id") out.set(key, without_addresses(value));
  }
  return out;
}

/// The paths at which two values differ.
void differences(const Json& a, const Json& b, const std::string& at, std::vector<std::string>& out) {
  if (a.is_object() && b.is_object()) {
    for (const auto& [key, value] : a.members()) {
      const Json* other = b.find(key);
      if (other) {
        differences(value, *other, at + "/" + key, out);
      } else if (!(value.is_object() && value.size() == 0)) {
        out.push_back(at + "/" + key + " is missing");
      }
    }
    for (const auto& [key, value] : b.members()) {
      if (!a.contains(key)) out.push_back(at + "/" + key + " is new");
    }
  } else if (a.is_array() && b.is_array() && a.size() == b.size()) {
    for (size_t i = 0; i < a.size(); ++i) differences(a.at(i), b.at(i), message(at, "/", i), out);
  } else if (a.is_number() && b.is_number() ? a.as_double() != b.as_double() : a != b) {
    out.push_back(at + ": " + a.dump() + " instead of " + b.dump());
  }
}

TEST_P(KerasFile, HasTheConfigurationThatKerasWrites) {
  const Folder folder;
  load_model(path()).save(folder.file("copy.keras"));
  const auto config = [](const std::string& file) { return Json::parse(ZipReader(file).read("config.json", 1 << 20)); };
  std::vector<std::string> found;
  differences(without_addresses(config(path())), without_addresses(config(folder.file("copy.keras"))), "", found);
  // Keras notes how some layers without weights were built, and arguments of calls that nobody gave.
  std::erase_if(found, [](const std::string& difference) {
    return difference.ends_with("/build_config is missing") || difference.ends_with("/kwargs/mask is missing") ||
           difference.ends_with("/kwargs/training is missing");
  });
  EXPECT_TRUE(found.empty()) << join(found, "\n");
}

/// Real Keras on files that hebb wrote: runs where HEBB_KERAS_PYTHON names a Python that has Keras.
class FileForKeras : public KerasFile {};

TEST_P(FileForKeras, LoadsAndTrainsOn) {
  const char* python = std::getenv("HEBB_KERAS_PYTHON");
  if (!python) GTEST_SKIP() << "HEBB_KERAS_PYTHON names no Python with Keras";
  const Folder folder;
  Model model = load_model(path());
  if (is_compiled() && golden().contains("targets")) model.train_on_batch(inputs(), targets());
  model.save(folder.file("model.keras"));
  std::string command = message(python, " '", HEBB_SOURCE_DIR, "/tests/goldens/check_with_keras.py' '",
                                folder.file("model.keras"), "' --inputs");
  const Tensors given = inputs(), computed = model.predict_all(given);
  for (size_t i = 0; i < given.size(); ++i) {
    data::write_npy(folder.file(message("x", i, ".npy")), given[i]);
    command += message(" '", folder.file(message("x", i, ".npy")), "'");
  }
  command += " --outputs";
  for (size_t i = 0; i < computed.size(); ++i) {
    data::write_npy(folder.file(message("y", i, ".npy")), computed[i]);
    command += message(" '", folder.file(message("y", i, ".npy")), "'");
  }
  if (is_compiled()) {
    command += message(" --expect-iteration ", static_cast<int64_t>(model.optimizer()->iterations().item()));
  }
  EXPECT_EQ(std::system((command + " > '" + folder.file("log") + "' 2>&1").c_str()), 0);
  std::ifstream log(folder.file("log"));
  const std::string said{std::istreambuf_iterator<char>(log), std::istreambuf_iterator<char>()};
  EXPECT_NE(said.find("OK"), std::string::npos) << said;
}

std::string name_of_case(const ::testing::TestParamInfo<std::string>& info) { return info.param; }
INSTANTIATE_TEST_SUITE_P(Goldens, KerasFile, ::testing::ValuesIn(golden_names()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Goldens, FileForKeras, ::testing::ValuesIn(golden_names()), name_of_case);

}  // namespace
}  // namespace hebb
