/// Files that real Keras wrote (tests/goldens/keras, made by make_keras_files.py): hebb reads them, computes and trains
/// on as Keras does, and what it writes holds the same.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "configurations.h"
#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/base/zip.h"
#include "hebb/data/npy.h"
#include "hebb/io/hdf5.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/metrics/metrics.h"
#include "hebb/nn/model.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/vocabulary.h"
#include "hebb/ops/random.h"

namespace hebb {
namespace {

namespace fs = std::filesystem;

fs::path golden_folder() { return fs::path(HEBB_SOURCE_DIR) / "tests/goldens/keras"; }
/// Whole models with what they predict and how they train on: networks of the well-known kinds
/// (make_composed_models.py), models that have every class (make_class_models.py), models drawn at random
/// (make_random_models.py).
constexpr const char* whole_models[] = {"composed", "classes", "random"};

std::vector<std::string> golden_names(const fs::path& folder = golden_folder()) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
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

bool learned_vocabulary(const Model& model) {
  for (const io::LayerWeights& layer : io::take_apart(model).tree) {
    const auto* keeper = dynamic_cast<const KeepsVocabulary*>(layer.object);
    if (keeper && !keeper->is_in_config()) return true;
  }
  return false;
}

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
    // The older format keeps vocabularies in the configuration.
    if (std::string(ending) == ".h5" && learned_vocabulary(model)) continue;
    EXPECT_EQ(io::take_apart(again).model, io::take_apart(model).model) << ending;
  }
}

/// The configuration in a file of Keras's, when hebb has read it and written it again. `means_the_same` tells of a
/// difference whether it is none.
template <class MeansTheSame>
void expect_configuration_of_keras(const std::string& path, MeansTheSame means_the_same) {
  const Folder folder;
  load_model(path).save(folder.file("copy.keras"));
  const auto config = [](const std::string& file) { return Json::parse(ZipReader(file).read("config.json", 1 << 20)); };
  std::vector<std::string> found;
  // Keras marks what occurs twice by its address in memory.
  const auto lasting = [&](const std::string& file) { return without_key(config(file), "shared_object_id"); };
  configurations::differences(lasting(path), lasting(folder.file("copy.keras")), "", found);
  // Keras notes how some layers without weights were built, and arguments of calls that nobody gave.
  std::erase_if(found, [&](const std::string& difference) {
    return difference.ends_with("/build_config is missing") || difference.ends_with("/kwargs/mask is missing") ||
           means_the_same(difference);
  });
  EXPECT_TRUE(found.empty()) << join(found, "\n");
}

TEST_P(KerasFile, HasTheConfigurationThatKerasWrites) {
  expect_configuration_of_keras(path(), [](const std::string&) { return false; });
}

/// "FOLDER/NAME" of each of the whole models.
std::vector<std::string> names_of_whole_models() {
  std::vector<std::string> names;
  for (const char* folder : whole_models) {
    for (const std::string& name : golden_names(fs::path(HEBB_SOURCE_DIR) / "tests/goldens" / folder))
      names.push_back(message(folder, "/", name));
  }
  return names;
}

std::string path_of_whole_model(const std::string& name, const std::string& ending = ".keras") {
  return (fs::path(HEBB_SOURCE_DIR) / "tests/goldens" / (name + ending)).string();
}

class WholeModel : public ::testing::TestWithParam<std::string> {
 protected:
  const Json& golden() const { return goldens::cases(GetParam())[0]; }
  std::string path(const std::string& ending = ".keras") const { return path_of_whole_model(GetParam(), ending); }
  Tensors inputs() const { return goldens::tensors(golden().at("inputs")); }

  void expect_predictions(Model& model) const {
    const Tensors predictions = model.predict_all(inputs()), expected = goldens::tensors(golden().at("predictions"));
    ASSERT_EQ(predictions.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(goldens::near(predictions[i], expected[i], 1e-5, 1));
  }

  /// Three more epochs give Keras's losses and metrics.
  void expect_training(Model& model, const std::string& from) const {
    ASSERT_EQ(model.is_compiled(), golden().at("history").size() > 0);
    if (!model.is_compiled()) return;
    const Json* weight = golden().find("sample_weight");
    const Tensors targets = goldens::tensors(golden().at("targets"));
    const History history =
        model.fit(data::Dataset(inputs(), targets, weight ? goldens::tensor(*weight) : Tensor()),
                  {.batch_size = golden().get("batch_size", int64_t{2}), .epochs = 3, .verbose = 0, .shuffle = false});
    for (const auto& [name, values] : golden().at("history").members()) {
      for (size_t epoch = 0; epoch < values.size(); ++epoch) {
        const double expected = values.at(epoch).as_double();
        EXPECT_NEAR(history[name].at(epoch), expected, 1e-4 * std::max(1.0, std::abs(expected)))
            << name << " of epoch " << epoch << ", " << from;
      }
    }
  }
};

TEST_P(WholeModel, PredictsAndTrainsOnAsKerasDoes) {
  for (const char* ending : {".keras", ".h5"}) {
    if (!fs::exists(path(ending))) continue;
    Model model = load_model(path(ending));
    EXPECT_EQ(model.count_params(), golden().at("count_params").as_int());
    expect_predictions(model);
    expect_training(model, ending);
  }
}

/// What hebb writes is Keras's model still: it predicts and trains as that one.
TEST_P(WholeModel, IsTheSameWhenWrittenAgain) {
  const Folder folder;
  for (const char* ending : {".keras", ".h5"}) {
    load_model(path()).save(folder.file("copy" + std::string(ending)));
    Model again = load_model(folder.file("copy" + std::string(ending)));
    expect_predictions(again);
    expect_training(again, message("written as ", ending));
  }
}

TEST_P(WholeModel, HasTheConfigurationThatKerasWrites) {
  expect_configuration_of_keras(path(), [](const std::string& difference) {
    const auto says = [&](const char* text) { return difference.find(text) != std::string::npos; };
    // A layer that was trained before it was ever called on a symbol was built for the size of the batch; what a call
    // was given stands in order or under its name; metrics stand in lists or under the outputs' names.
    return says("/build_config/input_shape/0: ") || says("/build_config/shapes_dict/") ||
           says("/inbound_nodes/0/args: ") || says("/inbound_nodes/0/kwargs/") || says("/compile_config/metrics: ");
  });
}

INSTANTIATE_TEST_SUITE_P(Goldens, WholeModel, ::testing::ValuesIn(names_of_whole_models()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
});

TEST(KerasCallOptions, HoldWhereTheModelsCallLeavesThemOpen) {
  Model model = load_model((golden_folder() / "call_options.keras").string());
  const Json& golden = case_of("call_options");
  const Tensor called = model(goldens::tensors(golden.at("inputs")).front());
  EXPECT_TRUE(goldens::near(called, goldens::tensors(golden.at("called")).front(), 1e-5, 1));
  EXPECT_FALSE(goldens::near(called, goldens::tensors(golden.at("predictions")).front(), 1e-2, 1));
}

/// Keras finds no short names of losses in `.h5`, and trains no step after it found a state of the optimizer there.
TEST(KerasH5, IsWrittenSoThatKerasTrainsOn) {
  const Folder folder;
  const auto written = [&](const Model& model) {
    model.save(folder.file("m.h5"));
    return io::Hdf5Reader(folder.file("m.h5"));
  };
  {
    const io::Hdf5Reader file = written(load_model((golden_folder() / "two_outputs.keras").string()));
    EXPECT_FALSE(file.has_group("/optimizer_weights"));
    EXPECT_TRUE(file.has_group("/hebb_optimizer_weights"));
    const Json training = Json::parse(*file.string_attribute("/", "training_config"));
    EXPECT_EQ(training.at("loss").at("value").as_string(), "mean_squared_error");
  }
  Sequential model({Input({2}), Dense(1)});
  model.compile({.optimizer = Lamb(), .loss = "mse"});
  EXPECT_FALSE(written(model).string_attribute("/", "training_config"));  // Keras has no Lamb there
  EXPECT_EQ(load_model(folder.file("m.h5")).optimizer()->class_name(), "Lamb");
  model.compile({.optimizer = "sgd", .loss = CategoricalGeneralizedCrossEntropy()});
  EXPECT_FALSE(written(model).string_attribute("/", "training_config"));  // nor this loss
  EXPECT_TRUE(load_model(folder.file("m.h5")).is_compiled());
}

class KerasWeightsFile : public KerasFile {};

TEST_P(KerasWeightsFile, IsReadAndWrittenAsKerasDoes) {
  clear_session();  // the layers inside of others are named by counting
  const Folder folder;
  Model model = load_model(path());
  model.train_on_batch(inputs(), targets());
  const std::string file = (golden_folder() / (GetParam() + ".weights.h5")).string();
  model.load_weights(file);
  expect_near(model.weights(), golden().at("weights"), 0, 0);
  expect_near(model.optimizer()->variables(), golden().at("optimizer_variables"), 0, 0);

  model.save_weights(folder.file("copy.weights.h5"));
  const io::Hdf5Reader ours(folder.file("copy.weights.h5")), theirs(file);
  const std::function<void(const std::string&)> compare = [&](const std::string& group) {
    EXPECT_EQ(ours.children(group), theirs.children(group)) << group;
    for (const std::string& name : theirs.children(group)) {
      const std::string at = (group == "/" ? "" : group) + "/" + name;
      ASSERT_EQ(ours.kind(at), theirs.kind(at)) << at;
      if (theirs.has_group(at)) {
        EXPECT_EQ(ours.string_attribute(at, "name"), theirs.string_attribute(at, "name")) << at;
        compare(at);
      } else {
        ASSERT_EQ(ours.spec(at), theirs.spec(at)) << at;
        EXPECT_TRUE(same_bits(ours.read(at, ours.spec(at)), theirs.read(at, ours.spec(at)))) << at;
      }
    }
  };
  compare("/");
}

/// Beside the weights stand those of vocabularies.
TEST(KerasWeights, HoldWhatTokensCount) {
  const std::string path = (golden_folder() / "texts").string();
  Model model = load_model(path + ".keras");
  for (const io::LayerWeights& layer : io::take_apart(model).tree) {
    auto* keeper = dynamic_cast<KeepsVocabulary*>(layer.object);
    if (keeper && keeper->vocabulary().idf_weights().defined())
      keeper->vocabulary().set_idf_weights(zeros(keeper->vocabulary().idf_weights().shape()));
  }
  model.load_weights(path + ".weights.h5");
  const Json& golden = case_of("texts");
  const Tensor predictions = model.predict_all(goldens::tensors(golden.at("inputs"))).front();
  EXPECT_TRUE(goldens::near(predictions, goldens::tensors(golden.at("predictions")).front(), 1e-5, 1));
}

INSTANTIATE_TEST_SUITE_P(Goldens, KerasWeightsFile, ::testing::Values("conv_adam", "nested", "texts"),
                         [](const auto& info) { return info.param; });

std::string name_of_case(const ::testing::TestParamInfo<std::string>& info) { return info.param; }
INSTANTIATE_TEST_SUITE_P(Goldens, KerasFile, ::testing::ValuesIn(golden_names()), name_of_case);

/// Files that hebb wrote, and what tests/goldens/check_with_keras.py is to find in them.
class FilesForKeras {
 public:
  /// `golden`: "FOLDER/NAME" of the file that the model was read from; `targets`: to train on with.
  void add(const std::string& name, Model& model, const Tensors& inputs, const Tensors& targets = {},
           const std::string& golden = "") {
    const std::string path = folder_.file(name);
    std::string held = "\t--inputs" + arrays(name + "_x", inputs);
    held += "\t--outputs" + arrays(name + "_y", model.predict_all(inputs));
    if (!targets.empty()) held += "\t--targets" + arrays(name + "_t", targets);
    if (!golden.empty()) held += "\t--name\t" + golden;
    model.save(path + ".keras");
    model.save(path + ".h5");
    model.save_weights(path + ".weights.h5");
    list_ += path + ".keras\t--weights\t" + path + ".weights.h5" + held;
    if (model.is_compiled())  // Keras reads no optimizer's state from .h5
      list_ += message("\t--expect-iteration\t", static_cast<int64_t>(model.optimizer()->iterations().item()));
    list_ += "\n" + path + ".h5" + held + "\n";
  }

  /// Prints what Keras says of each file as it goes.
  void check(const std::string& python) const {
    std::ofstream(folder_.file("list")) << list_;
    const std::string goldens = message(HEBB_SOURCE_DIR, "/tests/goldens");
    const std::string opened =
        std::getenv("HEBB_WRITE_DOCS") ? message(" --opened '", goldens, "/opened_by_keras.json'") : "";
    // None of Keras's backends computes all models, and texts are TensorFlow's alone.
    const std::string command = message(python, " '", goldens, "/check_with_keras.py' --each '", folder_.file("list"),
                                        "' --second torch,jax,tensorflow", opened);
    EXPECT_EQ(std::system(command.c_str()), 0) << "Keras does not take all files.";
  }

 private:
  std::string arrays(const std::string& name, const Tensors& tensors) {
    std::string out;
    for (size_t i = 0; i < tensors.size(); ++i) {
      const std::string path = folder_.file(message(name, i, ".npy"));
      data::write_npy(path, tensors[i]);
      out += "\t" + path;
    }
    return out;
  }

  Folder folder_;
  std::string list_;
};

/// Models that no golden has: shared and nested ones, inputs that nothing needs, parts of models, frozen layers.
void add_models_made_here(FilesForKeras& files) {
  auto numbers = [](const Shape& shape, int64_t seed) { return random::normal(shape, {.seed = seed}); };
  {
    const InputTensor left = Input({4}, {.name = "left"}), right = Input({4}, {.name = "right"});
    const InputTensor unused = Input({2}, {.name = "unused"}), z = Input({4});
    const Layer shared = Dense(4, {.activation = "tanh"});
    Sequential inner({Input({4}), Dense(6), BatchNormalization(), Dense(4)});
    const Model function(z, Tensors{Dense(4)(z), Dense(2)(z)});
    const Tensors two = function.call_many({shared(inner(right))});
    const Tensor sum = Add()({shared(left), inner(two[0])});
    const Tensors again = function.call_many({sum});
    Model model(Tensors{left, right, unused}, Tensors{again[0], Concatenate()({two[1], again[1], again[1]}), sum},
                "whole");
    model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                   .loss = {"mse", MeanSquaredError(), "mse"},
                   .loss_weights = {1.0, 0.5, 2.0},
                   .weighted_metrics = {"mse", "mse", "mse"}});
    const Tensors x = {numbers({6, 4}, 1), numbers({6, 4}, 2), numbers({6, 2}, 3)};
    model.train_on_batch(x, {numbers({6, 4}, 4), numbers({6, 6}, 5), numbers({6, 4}, 6)});
    files.add("whole", model, x);
  }
  {
    const InputTensor a = Input({4}, {.name = "a"}), b = Input({3}, {.name = "b"});
    const Model inner(Tensors{a, b}, Concatenate()({Dense(2)(a), b}), "inner");
    const InputTensor c = Input({4}, {.name = "c"}), d = Input({3}, {.name = "d"});
    Model model(Tensors{c, d}, Dense(2)(inner(Tensors{c, d})));
    files.add("two_in_one", model, {numbers({3, 4}, 9), numbers({3, 3}, 10)});
  }
  {
    const InputTensor x = Input({4});
    const Tensor hidden = Dense(5)(x);
    Model head(hidden, Dense(2)(hidden));
    files.add("head", head, {numbers({3, 5}, 7)});
  }
  {
    Sequential model({Dense(5, {.activation = "relu"}), Dense(3, {.activation = "softmax"})});
    model.compile({.optimizer = SGD({.learning_rate = CosineDecay(0.1, 100), .momentum = 0.9, .clipvalue = 0.5}),
                   .loss = SparseCategoricalCrossentropy(),
                   .metrics = {"accuracy", SparseTopKCategoricalAccuracy({.k = 2})}});
    const Tensor x = numbers({6, 4}, 8), y = Tensor::from(std::vector<int32_t>{0, 1, 2, 0, 1, 2});
    model.train_on_batch(x, y);
    model.get_layer(0).set_trainable(false);
    model.compile({.optimizer = "nadam", .loss = "sparse_categorical_crossentropy", .metrics = {"acc"}});
    model.train_on_batch(x, y);
    files.add("frozen", model, {x});
  }
}

/// Runs where HEBB_KERAS_PYTHON names a Python that has Keras. HEBB_WRITE_DOCS=1 keeps which files of goldens passed.
TEST(RealKeras, TakesFilesOfHebbAndTrainsOn) {
  const char* python = std::getenv("HEBB_KERAS_PYTHON");
  if (!python) GTEST_SKIP() << "HEBB_KERAS_PYTHON names no Python with Keras";
  FilesForKeras files;
  for (const std::string& name : golden_names()) {
    Model model = load_model((golden_folder() / (name + ".keras")).string());
    const Json& golden = case_of(name);
    const Tensors inputs = goldens::tensors(golden.at("inputs"));
    const Json* given = golden.find("targets");
    const Tensors targets = given && model.is_compiled() ? goldens::tensors(*given) : Tensors();
    if (!targets.empty()) model.train_on_batch(inputs, targets);
    files.add(name, model, inputs, targets, "keras/" + name);
  }
  for (const std::string& name : names_of_whole_models()) {
    Model model = load_model(path_of_whole_model(name));
    const Json& golden = goldens::cases(name)[0];
    const Tensors inputs = goldens::tensors(golden.at("inputs"));
    const Tensors targets = model.is_compiled() ? goldens::tensors(golden.at("targets")) : Tensors();
    if (model.is_compiled()) model.train_on_batch(inputs, targets);
    files.add(fs::path(name).filename().string(), model, inputs, targets, name);
  }
  add_models_made_here(files);
  files.check(python);
}

}  // namespace
}  // namespace hebb
