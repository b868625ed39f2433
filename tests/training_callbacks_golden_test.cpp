// Callbacks that change a training or write of it, against trainings by real Keras
// (tests/goldens/make_training_callbacks.py).

#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "goldens.h"
#include "hebb/base/error.h"
#include "hebb/io/event.pb.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/random_seed.h"

namespace hebb {
namespace {

namespace fs = std::filesystem;

const Json& case_of(const std::string& callback, const std::string& name) {
  for (const Json& golden : goldens::cases("training_callbacks")) {
    if (golden.at("callback").as_string() == callback && golden.at("name").as_string() == name) return golden;
  }
  throw InternalError(message("no golden ", callback, " ", name));
}

Callback made(const std::string& row, const Json& golden, const char* path_name = nullptr,
              const std::string& path = "") {
  Json arguments = golden.at("arguments");
  if (path_name) arguments.set(path_name, path);
  for (const CallbackRecord& record : callback_records()) {
    if (record.name == row) return record.from_config(arguments);
  }
  throw InternalError(message("no callback ", row));
}

const Tensor x = Tensor::from(std::vector<float>{1, 2}, {2, 1}), y = Tensor::from(std::vector<float>{1, 3}, {2, 1});

Model line(const SGDOptions& options) {
  Sequential model({Input({1}), Dense(1, {.use_bias = false, .kernel_initializer = "zeros", .name = "line"})}, "tiny");
  model.compile({.optimizer = SGD(options), .loss = "mse"});
  return model;
}

FitOptions call(int64_t epochs, const std::vector<Callback>& callbacks, bool validates = false) {
  FitOptions options{.batch_size = 1, .epochs = epochs, .verbose = 0, .callbacks = callbacks, .shuffle = false};
  if (validates) {
    options.validation_data = data::Dataset(x, y);
    options.validation_batch_size = 1;
  }
  return options;
}

double weight(const Model& model) { return model.get_weights()[0].item(); }

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / message("hebb_training_callbacks_", getpid())) { fs::remove_all(path_); }
  ~Folder() { fs::remove_all(path_); }
  std::string path(const std::string& name = "") const { return (path_ / name).string(); }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_)) names.insert(entry.path().filename().string());
    return names;
  }

 private:
  fs::path path_;
};

TEST(SwapEMAWeightsGolden, SeesTheAveragesAsKeras) {
  for (const char* name : {"validation", "epoch", "without_validation"}) {
    const Json& golden = case_of("SwapEMAWeights", name);
    const auto& losses = golden.at("val_loss").items();
    std::vector<double> seen;
    Model model = line({.learning_rate = 0.1, .use_ema = true, .ema_momentum = 0.5});
    const Callback look = LambdaCallback({.on_epoch_end = [&](int64_t, Logs&) { seen.push_back(weight(model)); }});
    const History history = model.fit(x, y, call(3, {made("swap_ema_weights", golden), look}, !losses.empty()));
    for (size_t i = 0; i < losses.size(); ++i)
      EXPECT_NEAR(history["val_loss"][i], losses[i].as_double(), 1e-6) << name << ", epoch " << i;
    const auto& weights = golden.at("weights_at_epoch_end").items();
    ASSERT_EQ(seen.size(), weights.size());
    for (size_t i = 0; i < seen.size(); ++i) EXPECT_NEAR(seen[i], weights[i].as_double(), 1e-6) << name << i;
    EXPECT_NEAR(weight(model), golden.at("weight").as_double(), 1e-6) << name;
  }
}

TEST(SwapEMAWeights, KeepsTheAveragesWhenTrainingEndsEarly) {
  class Stop : public CallbackBase {
    void on_epoch_end(int64_t epoch, Logs&) override {
      if (epoch == 1) stop_training();
    }
  };
  const SGDOptions options{.learning_rate = 0.1, .use_ema = true, .ema_momentum = 0.5};
  Model model = line(options), whole = line(options);
  model.fit(x, y, call(9, {SwapEMAWeights({.swap_on_epoch = true}), make_callback<Stop>()}));
  whole.fit(x, y, call(2, {}));
  EXPECT_EQ(weight(model), weight(whole));
}

TEST(SwapEMAWeights, NeedsAverages) {
  Model model = line({.learning_rate = 0.1});
  EXPECT_THROW(model.fit(x, y, call(1, {SwapEMAWeights()})), InvalidArgument);
}

struct CutOff {};

Callback cut_in_epoch(int64_t which) {
  return LambdaCallback({.on_epoch_begin = [which](int64_t epoch) {
    if (epoch == which) throw CutOff{};
  }});
}

TEST(BackupAndRestoreGolden, GoesOnAsKeras) {
  for (const char* name : {"epoch", "kept", "double"}) {
    const Json& golden = case_of("BackupAndRestore", name);
    const Folder folder;
    const auto backup = [&] { return made("backup_and_restore", golden, "backup_dir", folder.path()); };
    Model model = line({.learning_rate = 0.1, .momentum = 0.9});
    EXPECT_THROW(model.fit(x, y, call(5, {backup(), cut_in_epoch(2)})), CutOff);
    const std::set<std::string> files = folder.files();
    for (const Json& file : golden.at("files").items()) EXPECT_TRUE(files.contains(file.as_string())) << name;
    std::vector<int64_t> begun;
    Model again = line({.learning_rate = 0.1, .momentum = 0.9});
    again.fit(x, y,
              call(5, {backup(), LambdaCallback({.on_epoch_begin = [&](int64_t epoch) { begun.push_back(epoch); }})}));
    std::vector<int64_t> expected;
    for (const Json& epoch : golden.at("epochs_begun").items()) expected.push_back(epoch.as_int());
    EXPECT_EQ(begun, expected) << name;
    EXPECT_NEAR(weight(again), golden.at("weight").as_double(), 1e-6) << name;
    EXPECT_EQ(fs::exists(folder.path()), golden.at("folder_stays").as_bool()) << name;
  }
}

TEST(ModelCheckpointGolden, SavesAfterTheBatchesThatKerasSavesAfter) {
  for (const char* name : {"batches", "each_batch"}) {
    const Json& golden = case_of("ModelCheckpoint", name);
    const Folder folder;
    fs::create_directories(folder.path());
    Model model = line({.learning_rate = 0.1});
    model.fit(x, y,
              call(2, {made("model_checkpoint", golden, "filepath", folder.path("m-{epoch:02d}-{batch:02d}.keras"))}));
    std::set<std::string> expected;
    for (const auto& [file, value] : golden.at("files").members()) {
      expected.insert(file);
      ASSERT_TRUE(fs::exists(folder.path(file))) << name << ": " << file;
      EXPECT_NEAR(weight(load_model(folder.path(file))), value.as_double(), 1e-6) << name << ": " << file;
    }
    EXPECT_EQ(folder.files(), expected) << name;
  }
}

/// Shuffled, with dropout, cut off inside an epoch, and no seed given: the same bits as without interruption.
TEST(BackupAndRestore, GoesOnBitByBit) {
  const int64_t examples = 22;
  std::vector<float> numbers(static_cast<size_t>(examples * 3));
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i % 7) / 7;
  const Tensor inputs = Tensor::from(numbers, {examples, 3});
  const auto make = [] {
    set_random_seed(3);
    Sequential model({Input({3}), Dense(8, {.activation = "relu"}), Dropout(0.5), Dense(3)});
    model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae", "r2_score"}});
    return model;
  };
  Model whole = make();
  const History expected = whole.fit(inputs, inputs, {.batch_size = 5, .epochs = 3, .verbose = 0});
  const Folder folder;
  for (const int64_t cut_at : {2, 4, 8, 13}) {
    Model cut = make();
    int64_t batches = 0;
    const Callback cutting = LambdaCallback({.on_train_batch_end = [&](int64_t, const CallbackBase::BatchLogs&) {
      if (++batches == cut_at) throw CutOff{};
    }});
    const auto backup = [&] { return BackupAndRestore(folder.path(), {.save_freq = "2"}); };
    EXPECT_THROW(
        cut.fit(inputs, inputs, {.batch_size = 5, .epochs = 3, .verbose = 0, .callbacks = {backup(), cutting}}),
        CutOff);
    set_random_seed(77);  // another process draws other seeds
    Model again = make();
    set_random_seed(78);
    const History history =
        again.fit(inputs, inputs, {.batch_size = 5, .epochs = 3, .verbose = 0, .callbacks = {backup()}});
    for (const auto& [name, values] : history) {
      const std::vector<double> last(expected[name].end() - static_cast<std::ptrdiff_t>(values.size()),
                                     expected[name].end());
      EXPECT_EQ(values, last) << name << ", cut off at " << cut_at << ": of the whole epoch";
    }
    for (size_t i = 0; i < whole.get_weights().size(); ++i)
      EXPECT_EQ(again.get_weights()[i].to_vector<float>(), whole.get_weights()[i].to_vector<float>()) << cut_at;
  }
}

/// A user's Ctrl-C: the backup stays, and tells where.
TEST(BackupAndRestore, KeepsAnInterruptedTraining) {
  class Interrupt : public CallbackBase {
   public:
    explicit Interrupt(int64_t batch) : batch_(batch) {}
    void on_train_batch_end(int64_t batch, const BatchLogs&) override {
      if (batch == batch_) interrupt_training();
    }

   private:
    int64_t batch_;
  };
  Model whole = line({.learning_rate = 0.1, .momentum = 0.9});
  whole.fit(x, y, call(3, {}));
  for (const int64_t batch : {0, 1}) {
    const Folder folder;
    Model model = line({.learning_rate = 0.1, .momentum = 0.9});
    model.fit(x, y, call(3, {BackupAndRestore(folder.path()), make_callback<Interrupt>(batch)}));
    Model again = line({.learning_rate = 0.1, .momentum = 0.9});
    again.fit(x, y, call(3, {BackupAndRestore(folder.path())}));
    EXPECT_EQ(weight(again), weight(whole)) << batch;
    EXPECT_FALSE(fs::exists(folder.path()));
  }
}

TEST(BackupAndRestore, TakesTheBackupBeforeADamagedOne) {
  const Folder folder;
  const auto backup = [&] { return BackupAndRestore(folder.path(), {.double_checkpoint = true}); };
  Model model = line({.learning_rate = 0.1});
  EXPECT_THROW(model.fit(x, y, call(5, {backup(), cut_in_epoch(3)})), CutOff);
  std::ofstream(folder.path("latest.weights.h5"), std::ios::trunc) << "damaged";
  std::vector<int64_t> begun;
  Model again = line({.learning_rate = 0.1});
  again.fit(x, y,
            call(4, {backup(), LambdaCallback({.on_epoch_begin = [&](int64_t epoch) { begun.push_back(epoch); }})}));
  EXPECT_EQ(begun, (std::vector<int64_t>{2, 3}));
}

TEST(BackupAndRestore, RefusesWhatDoesNotFit) {
  EXPECT_THROW(BackupAndRestore(""), InvalidArgument);
  EXPECT_THROW(BackupAndRestore("b", {.save_freq = "0"}), InvalidArgument);
  const Folder folder;
  Model model = line({.learning_rate = 0.1});
  EXPECT_THROW(model.fit(x, y, call(5, {BackupAndRestore(folder.path()), cut_in_epoch(1)})), CutOff);
  Sequential other({Input({1}), Dense(2), Dense(1)});
  other.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_THROW(other.fit(x, y, call(5, {BackupAndRestore(folder.path())})), IoError);
  std::ofstream(folder.path("training_metadata.json"), std::ios::trunc) << "{\"epoch\": -1}";
  EXPECT_THROW(model.fit(x, y, call(5, {BackupAndRestore(folder.path())})), IoError);
}

struct Written {
  std::string tag, plugin;
  int64_t step;
  std::vector<double> values;
};

/// The events of the one file in a folder, read as TFRecords.
std::vector<Written> events_in(const std::string& folder) {
  std::vector<Written> out;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  EXPECT_EQ(files.size(), 1u) << folder;
  std::ifstream file(files.at(0), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  for (size_t at = 0; at < bytes.size();) {
    uint64_t length = 0;
    std::memcpy(&length, bytes.data() + at, sizeof length);
    io::events::Event event;
    EXPECT_TRUE(event.ParseFromString(bytes.substr(at + 12, length)));
    at += 12 + length + 4;
    for (const auto& value : event.summary().value()) {
      Written one{value.tag(), value.metadata().plugin_data().plugin_name(), event.step(), {}};
      for (const float number : value.tensor().float_val()) one.values.push_back(number);
      const std::string& content = value.tensor().tensor_content();
      one.values.resize(one.values.size() + content.size() / sizeof(double));
      if (!content.empty()) std::memcpy(one.values.data(), content.data(), content.size());
      out.push_back(one);
    }
  }
  return out;
}

TEST(TensorBoardGolden, WritesWhatKerasWrites) {
  for (const char* name : {"default", "all", "every_third"}) {
    const Json& golden = case_of("TensorBoard", name);
    const Folder folder;
    Model model = line({.learning_rate = 0.1});
    model.fit(x, y, call(3, {made("tensorboard", golden, "log_dir", folder.path())}, true));
    // Keras leaves numbers of epochs out, too, whose index is no multiple of update_freq.
    const bool batches_alone = std::string(name) == "every_third";
    for (const char* part : {"train", "validation"}) {
      std::vector<Written> actual = events_in(folder.path(part));
      std::vector<const Json*> expected;
      for (const Json& event : golden.at("events").items()) {
        const bool is_of_batch = event.at("tag").as_string().starts_with("batch_");
        if (event.at("file").as_string() == part && (!batches_alone || is_of_batch)) expected.push_back(&event);
      }
      if (batches_alone) std::erase_if(actual, [](const Written& one) { return !one.tag.starts_with("batch_"); });
      ASSERT_EQ(actual.size(), expected.size()) << name << ", " << part;
      for (size_t i = 0; i < actual.size(); ++i) {
        EXPECT_EQ(actual[i].tag, expected[i]->at("tag").as_string()) << name;
        EXPECT_EQ(actual[i].plugin, expected[i]->at("plugin").as_string()) << actual[i].tag;
        EXPECT_EQ(actual[i].step, expected[i]->at("step").as_int()) << actual[i].tag;
        const Json* values = expected[i]->find("values");
        if (!values) continue;
        ASSERT_EQ(actual[i].values.size(), values->size()) << actual[i].tag;
        for (size_t k = 0; k < values->size(); ++k)
          EXPECT_NEAR(actual[i].values[k], values->at(k).as_double(), 1e-6) << actual[i].tag;
      }
    }
  }
}

std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// A model of two embeddings, and what it trains on.
Model with_embeddings() {
  const InputTensor words = Input({2}, {.dtype = DType::int32});
  const Tensors both = {Embedding(4, 3, {.name = "words"})(words), Embedding(4, 3, {.name = "others"})(words)};
  Model model(words, Dense(1)(Flatten()(Concatenate()(both))));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  return model;
}

TEST(TensorBoardGolden, WritesEmbeddingsAsKeras) {
  const Tensor words = Tensor::from(std::vector<int32_t>{0, 1, 2, 3}, {2, 2});
  for (const char* name : {"embeddings", "embeddings_of_all"}) {
    const Json& golden = case_of("TensorBoard", name);
    const Folder folder;
    Model model = with_embeddings();
    model.fit(words, y,
              {.epochs = 3, .verbose = 0, .callbacks = {made("tensorboard", golden, "log_dir", folder.path())}});
    for (const Json& file : golden.at("files").items())
      EXPECT_TRUE(fs::exists(folder.path("train/" + file.as_string()))) << name << ": " << file.dump();
    // Beside Keras's: for each layer a table, which TensorBoard reads.
    std::string expected;
    const Json& metadata = golden.at("metadata");
    for (size_t i = 0; i < metadata.size(); ++i) {
      const std::string layer = i == 0 ? "words" : "others", path = metadata.at(i).as_string();
      expected += "embeddings {\n  tensor_name: \"" + layer + "/embeddings\"\n";
      if (!path.empty()) expected += "  metadata_path: \"" + path + "\"\n";
      expected += "  tensor_path: \"train/" + layer + ".tsv\"\n}\n";
    }
    EXPECT_EQ(content(folder.path("projector_config.pbtxt")), expected) << name;
    std::istringstream table(content(folder.path("train/words.tsv")));
    model.load_weights(folder.path("train/keras_embedding.ckpt-2.weights.h5"));
    for (const float value : model.get_weights()[0].to_vector<float>()) {
      float read = 0;
      ASSERT_TRUE(table >> read);
      EXPECT_EQ(read, value);
    }
  }
}

TEST(TensorBoard, RefusesWhatCannotBe) {
  EXPECT_THROW(TensorBoard(""), InvalidArgument);
  EXPECT_THROW(TensorBoard("logs", {.histogram_freq = -1}), InvalidArgument);
  EXPECT_THROW(TensorBoard("logs", {.update_freq = "often"}), InvalidArgument);
  EXPECT_THROW(TensorBoard("logs", {.embeddings_freq = -1}), InvalidArgument);
  const Folder folder;
  Model embeddings = with_embeddings();
  const TensorBoardOptions wrong{.embeddings_freq = 1, .embeddings_metadata = {{"wrods", "words.txt"}}};
  EXPECT_THROW(embeddings.fit(zeros({2, 2}, DType::int32), y, call(1, {TensorBoard(folder.path(), wrong)})),
               InvalidArgument);
  Model model = line({.learning_rate = 0.1});
  EXPECT_THROW(model.fit(x, y, call(1, {TensorBoard("/proc/nothing/here")})), IoError);
}

}  // namespace
}  // namespace hebb
