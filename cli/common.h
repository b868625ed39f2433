/// What the subcommands share: finding models and data, reading options, errors of the command line.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "hebb/base/text.h"
#include "hebb/hebb.h"

namespace hebb::cli {

/// The command line was wrong: exit status 2.
class UsageError : public InvalidArgument {
 public:
  using InvalidArgument::InvalidArgument;
};

/// "adam", "sgd:learning_rate=0.1,nesterov=true": a name and options as JSON values.
struct NamedOptions {
  std::string name;
  Json options;
};
NamedOptions parse_named(const std::string& text, const std::string& what);

/// A split of DATA: what to learn from and, where the data has one, the part to be judged by.
struct LoadedData {
  data::TrainTest parts;
  std::string name;
  std::vector<std::string> class_names;
  bool has_test() const { return !parts.test.empty(); }
};
/// DATA as the promise says; `target` names the CSV's column, `model` (may be null) gives the names of inputs and
/// outputs.
LoadedData load_data(const std::string& what, const std::string& target, const Model* model);

/// The rows of the table of data sets.
struct DatasetRecord {
  std::string name, doc;
  data::TrainTest (*load)(int64_t seed);
};
const std::vector<DatasetRecord>& dataset_records();

/// MODEL: a file, an architecture in JSON, or the name of a built-in one, made for `data` (may be null).
Model load_any_model(const std::string& what, const data::Dataset* data);
bool is_file_name(const std::string& what);

/// Number of classes that labels or one-hot targets have.
int64_t class_count(const Tensor& targets);

/// One line of JSON on standard output.
void print_json(const Json& json);
void print(std::string_view text);
/// To standard error.
void warn(std::string_view text);

/// A number; null where it is none: JSON knows neither NaN nor infinity.
Json json_number(double value);
Json logs_json(const Logs& logs);

/// Turns what `body` throws because of a wrong name or option into a UsageError.
void as_usage(const std::function<void()>& body);

// Each subcommand adds itself; running it sets the exit status.
void add_train(CLI::App& app, int& status);
void add_evaluate(CLI::App& app, int& status);
void add_predict(CLI::App& app, int& status);
void add_summary(CLI::App& app, int& status);
void add_convert(CLI::App& app, int& status);
void add_lists(CLI::App& app, int& status);
void add_demo(CLI::App& app, int& status);

/// What `train` was asked for; `demo` is a train with other defaults.
struct TrainRequest {
  std::string model, data, optimizer, loss, metrics, validation, target, out, resume, history, report, device = "cpu";
  std::vector<std::string> callbacks;
  int64_t epochs = 1, batch_size = 32, seed = 0;
  double validation_split = 0;
  bool no_shuffle = false, json = false, quiet = false, profile = false;
  bool is_demo = false;
};
int train(const TrainRequest& request);

}  // namespace hebb::cli
