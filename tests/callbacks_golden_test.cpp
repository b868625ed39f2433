// Callbacks against what real Keras's do, and print, on made-up histories (tests/goldens/make_callbacks.py).

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>

#include "goldens.h"
#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/metrics/metrics.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"

namespace hebb {
namespace {

/// Everything that goes to the console while it lives.
class Printed {
 public:
  Printed() {
    set_console([this](std::string_view text) { text_ += text; });
  }
  ~Printed() { set_console({}); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// A folder of its own to work in.
class InFolder {
 public:
  InFolder() : old_(std::filesystem::current_path()) {
    folder_ = std::filesystem::temp_directory_path() / message("hebb_callbacks_", getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    std::filesystem::current_path(folder_);
  }
  ~InFolder() {
    std::filesystem::current_path(old_);
    std::filesystem::remove_all(folder_);
  }

 private:
  std::filesystem::path old_, folder_;
};

/// A metric by the name that a history is to have.
class Named : public MetricBase {
 public:
  Named(const std::string& name, Direction direction) : MetricBase(name), direction_(direction) {}
  std::string class_name() const override { return "Named"; }
  Direction direction() const override { return direction_; }

 protected:
  Tensor values(const Tensor& y_true, const Tensor&) const override { return y_true; }

 private:
  Direction direction_;
};

/// Plays a made-up history to a callback: in place of the numbers that were measured it sees those of the script, and
/// the model's one weight is the number of the epoch.
class Scripted : public CallbackBase {
 public:
  Scripted(Callback callback, std::vector<Logs> epochs) : callback_(std::move(callback)), epochs_(std::move(epochs)) {}

  void on_train_begin() override {
    callback_->attach(&model());
    callback_->on_train_begin();
  }
  void on_epoch_begin(int64_t epoch) override { callback_->on_epoch_begin(epoch); }
  void on_epoch_end(int64_t epoch, Logs& logs) override {
    model().set_weights({full({1, 1}, static_cast<double>(epoch + 1))});
    logs = epochs_.at(static_cast<size_t>(epoch));
    callback_->on_epoch_end(epoch, logs);
    learning_rates.push_back(model().optimizer().learning_rate());
    last_logs = logs;
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(".")) files.insert(entry.path().filename().string());
    if (files != files_) saved_at.push_back(epoch + 1);
    for (const std::string& file : files) {
      all_files.insert(file);
      if (file.ends_with(".keras") || file.ends_with(".h5")) std::filesystem::remove(file);
    }
    ++epochs_run;
  }
  void on_train_batch_end(int64_t batch, const BatchLogs& logs) override { callback_->on_train_batch_end(batch, logs); }
  void on_train_end() override { callback_->on_train_end(); }

  int64_t epochs_run = 0;
  std::vector<double> learning_rates;
  std::vector<int64_t> saved_at;
  std::set<std::string> all_files;
  Logs last_logs;

 private:
  Callback callback_;
  std::vector<Logs> epochs_;
  std::set<std::string> files_;
};

Model tiny_model() {
  Sequential model({Input({1}), Dense(1, {.use_bias = false, .kernel_initializer = "zeros"})});
  model.compile({.optimizer = SGD({.learning_rate = 0.01}),
                 .loss = "mse",
                 .metrics = {std::make_shared<Named>("accuracy", Direction::up),
                             std::make_shared<Named>("score", Direction::unknown)}});
  return model;
}

std::shared_ptr<Scripted> play(Model& model, const Callback& callback, const std::vector<Logs>& epochs,
                               bool with_validation = true) {
  auto scripted = std::make_shared<Scripted>(callback, epochs);
  const Tensor one = ones({1, 1});
  FitOptions options{.epochs = static_cast<int64_t>(epochs.size()), .verbose = 0, .callbacks = {scripted}};
  if (with_validation) options.validation_data = data::Dataset(one, one);
  model.fit(one, one, options);
  return scripted;
}

/// The golden's arguments as the command line's options, whose names are Keras's.
Callback callback_of(const Json& golden) {
  const std::string name = golden.at("callback").as_string();
  Json arguments = golden.at("arguments");
  if (name != "CSVLogger") arguments.set("verbose", 1);
  const std::map<std::string, std::string> rows = {{"EarlyStopping", "early_stopping"},
                                                   {"ReduceLROnPlateau", "reduce_lr_on_plateau"},
                                                   {"ModelCheckpoint", "model_checkpoint"},
                                                   {"CSVLogger", "csv_logger"}};
  if (name == "CSVLogger") arguments.set("filename", "log.csv");
  for (const CallbackRecord& record : callback_records()) {
    if (record.name == rows.at(name)) return record.from_config(arguments);
  }
  throw InternalError(message("no callback ", name));
}

std::vector<Logs> script_of(const Json& golden) {
  std::vector<Logs> epochs;
  for (const Json& value : golden.at("values").items()) {
    epochs.emplace_back();
    epochs.back().set(golden.at("metric").as_string(), value.as_double());
    epochs.back().stop_sorting();
  }
  return epochs;
}

/// Keras's warning of a number that is not there: hebb gives it, too.
std::string missing_number(const Json& golden) {
  const Json* warnings = golden.find("warnings");
  if (!warnings || warnings->size() != 1) return "";
  const std::string text = warnings->at(size_t{0}).as_string();
  return text.find("available") == std::string::npos ? "" : "\nWarning: " + text + "\n";
}
bool has_validation(const Json& golden) { return golden.at("metric").as_string().starts_with("val_"); }

/// Where Keras warns of anything else and goes on, or fails later, hebb says what is wrong.
bool is_refused(const Json& golden) {
  if (golden.contains("error")) return true;
  if (!missing_number(golden).empty()) return false;
  const Json* warnings = golden.find("warnings");
  return warnings && warnings->size() > 0;
}

class CallbackGolden : public ::testing::TestWithParam<size_t> {
 protected:
  const Json& golden() const { return goldens::cases("callbacks")[GetParam()]; }
  InFolder folder_;
};

void early_stopping(const Json& golden) {
  Model model = tiny_model();
  const Printed printed;
  const auto played = play(model, callback_of(golden), script_of(golden), missing_number(golden).empty());
  EXPECT_EQ(played->epochs_run, golden.at("epochs_run").as_int());
  EXPECT_EQ(model.get_weights()[0].item(), golden.at("weights_of_epoch").as_double());
  EXPECT_EQ(printed.text(), missing_number(golden) + golden.at("printed").as_string());
}

void expect_rates(const std::vector<double>& rates, const Json& expected) {
  ASSERT_EQ(rates.size(), expected.size());
  for (size_t i = 0; i < rates.size(); ++i) {
    EXPECT_EQ(static_cast<float>(rates[i]), static_cast<float>(expected.at(i).as_double())) << "epoch " << i;
  }
}

void reduce_on_plateau(const Json& golden) {
  Model model = tiny_model();
  const Printed printed;
  const auto played = play(model, callback_of(golden), script_of(golden), missing_number(golden).empty());
  expect_rates(played->learning_rates, golden.at("learning_rates"));
  for (const auto& [name, value] : golden.at("last_logs").members()) {
    EXPECT_EQ(played->last_logs[name], value.as_double()) << name;
  }
  EXPECT_EQ(printed.text(), missing_number(golden) + golden.at("printed").as_string());
}

void learning_rate_scheduler(const Json& golden) {
  const std::string name = golden.at("name").as_string();
  const std::map<std::string, std::function<double(int64_t, double)>> schedules = {
      {"halving", [](int64_t, double rate) { return rate * 0.5; }},
      {"by_epoch", [](int64_t epoch, double) { return 0.1 / static_cast<double>(epoch + 1); }},
      {"constant", [](int64_t, double) { return 0.003; }}};
  Model model = tiny_model();
  const Printed printed;
  const auto played = play(model, LearningRateScheduler(schedules.at(name), 1), std::vector<Logs>(4));
  expect_rates(played->learning_rates, golden.at("learning_rates"));
  EXPECT_EQ(played->last_logs["learning_rate"], golden.at("logged").items().back().as_double());
  EXPECT_EQ(printed.text(), golden.at("printed").as_string());
}

void model_checkpoint(const Json& golden) {
  Model model = tiny_model();
  const Printed printed;
  const auto played = play(model, callback_of(golden), script_of(golden));
  std::vector<int64_t> saved_at;
  for (const Json& epoch : golden.at("saved_at_epochs").items()) saved_at.push_back(epoch.as_int());
  EXPECT_EQ(played->saved_at, saved_at);
  std::set<std::string> files;
  for (const Json& file : golden.at("files").items()) files.insert(file.as_string());
  EXPECT_EQ(played->all_files, files);
  EXPECT_EQ(printed.text(), missing_number(golden) + golden.at("printed").as_string());
}

void csv_logger(const Json& golden) {
  for (const Json& run : golden.at("runs").items()) {
    std::vector<Logs> epochs;
    for (const Json& row : run.items()) {
      epochs.emplace_back();
      for (const auto& [name, value] : row.members()) epochs.back().set(name, value.as_double());
    }
    Model model = tiny_model();
    play(model, callback_of(golden), epochs);
  }
  std::ifstream file("log.csv", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // One number was NumPy's, which Python writes in another way than the floats of a history.
  std::string expected = golden.at("file").as_string();
  const std::string of_numpy = "0.3333333333333333,0.1,0.1", as_float = "0.3333333333333333,0.10000000149011612,0.1";
  if (const size_t at = expected.find(of_numpy); at != std::string::npos)
    expected.replace(at, of_numpy.size(), as_float);
  EXPECT_EQ(text, expected);
}

/// A step for each loss of the script.
class ScriptedLosses : public CallbackBase {
 public:
  explicit ScriptedLosses(const Json& golden)
      : callback_(TerminateOnNaN({.raise_error = golden.at("arguments").get("raise_error", false)})),
        losses_(golden.at("values")) {}
  void on_train_begin() override { callback_->attach(&model()); }
  void on_train_batch_end(int64_t batch, const BatchLogs&) override {
    callback_->on_train_batch_end(batch, [&] {
      Logs logs;
      logs.set("loss", losses_.at(static_cast<size_t>(batch)).as_double());
      return logs;
    });
    ++batches_run;
  }
  int64_t batches_run = 0;

 private:
  Callback callback_;
  const Json& losses_;
};

void terminate_on_nan(const Json& golden) {
  Model model = tiny_model();
  const Printed printed;
  const auto losses = std::make_shared<ScriptedLosses>(golden);
  const Tensor x = ones({static_cast<int64_t>(golden.at("values").size()), 1});
  const FitOptions options{.batch_size = 1, .epochs = 2, .verbose = 0, .callbacks = {losses}};
  if (const std::string raised = golden.at("raised").as_string(); !raised.empty()) {
    try {
      model.fit(x, x, options);
      ADD_FAILURE() << "expected: " << raised;
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with(raised)) << error.what();
    }
    EXPECT_EQ(losses->batches_run, golden.at("batches_run").as_int());
    EXPECT_EQ(printed.text(), "");
    return;
  }
  const History history = model.fit(x, x, options);
  const bool stopped = golden.at("stopped").as_bool();
  EXPECT_EQ(losses->batches_run, golden.at("batches_run").as_int() * (stopped ? 1 : 2));
  EXPECT_EQ(history.epochs().size(), stopped ? 1u : 2u);
  EXPECT_EQ(printed.text(), golden.at("printed").as_string());
}

TEST_P(CallbackGolden, DoesAsKeras) {
  const std::string name = golden().at("callback").as_string();
  const std::map<std::string, void (*)(const Json&)> checks = {{"EarlyStopping", early_stopping},
                                                               {"ReduceLROnPlateau", reduce_on_plateau},
                                                               {"LearningRateScheduler", learning_rate_scheduler},
                                                               {"ModelCheckpoint", model_checkpoint},
                                                               {"CSVLogger", csv_logger},
                                                               {"TerminateOnNaN", terminate_on_nan}};
  ASSERT_TRUE(checks.contains(name)) << name;
  if (is_refused(golden())) {
    Model model = tiny_model();
    EXPECT_THROW(play(model, callback_of(golden()), script_of(golden()), has_validation(golden())), InvalidArgument);
  } else {
    checks.at(name)(golden());
  }
}

std::string case_name(const ::testing::TestParamInfo<size_t>& info) {
  const Json& golden = goldens::cases("callbacks")[info.param];
  const Json* name = golden.find("name");
  return goldens::test_name(info.param, golden.at("callback").as_string() + (name ? "_" + name->as_string() : ""));
}
INSTANTIATE_TEST_SUITE_P(Keras, CallbackGolden, ::testing::Range(size_t{0}, goldens::cases("callbacks").size()),
                         case_name);

TEST(ModelCheckpoint, TakesTheEndingsOfAllFormats) {
  for (const io::ModelFormat& format : io::model_formats()) EXPECT_NO_THROW(ModelCheckpoint("m" + format.ending));
}

TEST(CallbackTable, EveryCallbackHasGoldens) {
  auto letters = [](const std::string& name) {
    std::string out;
    for (const char c : name) {
      if (c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return out;
  };
  std::set<std::string> with_goldens;
  for (const char* group : {"callbacks", "training_callbacks"}) {
    for (const Json& golden : goldens::cases(group)) with_goldens.insert(letters(golden.at("callback").as_string()));
  }
  for (const CallbackRecord& record : callback_records()) {
    EXPECT_EQ(with_goldens.contains(letters(record.name)), record.in_keras) << record.name;
    EXPECT_FALSE(record.doc.empty()) << record.name;
    EXPECT_THROW(record.from_config(Json::object({{"patiense", 1}})), InvalidArgument) << record.name;
  }
}

}  // namespace
}  // namespace hebb
