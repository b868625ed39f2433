// hebb search: the best of many trainings.
#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "cli/interrupt.h"
#include "cli/models.h"
#include "cli/options.h"
#include "cli/train.h"
#include "hebb/base/atomic_file.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/progress.h"
#include "hebb/nn/trainer.h"

namespace hebb::cli {

namespace {

struct SearchRequest {
  TrainRequest train;
  std::vector<std::string> sets;
  std::string strategy, monitor, results, table_file;
  int64_t trials = 0, factor = 3, workers = 0;
};

/// Ends a training that Ctrl-C interrupts.
class StopWhenInterrupted : public CallbackBase {
 public:
  void on_train_batch_end(int64_t, const BatchLogs&) override {
    if (interrupted()) interrupt_training();
  }
};

const std::vector<std::string>& optimizer_options() {
  static const std::vector<std::string> names = {"learning_rate", "momentum", "nesterov", "weight_decay", "beta_1",
                                                 "beta_2",        "rho",      "epsilon",  "history",      "damping"};
  return names;
}

bool is_one_of(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The options of the built-in architecture that MODEL names.
std::vector<std::string> model_options(const std::string& model) {
  const std::string name = model.substr(0, model.find(':'));
  for (const zoo::ArchitectureRecord& record : zoo::architecture_records()) {
    if (record.name == name) return record.option_names;
  }
  return {};
}

void append(std::string& text, const std::string& name, const std::string& value) {
  text += (text.find(':') == std::string::npos ? ":" : ",") + name + "=" + value;
}

/// What `train` would be asked for with this setting.
TrainRequest with_setting(const SearchRequest& request, const search::Setting& setting) {
  TrainRequest out = request.train;
  const std::vector<std::string> of_model = model_options(out.model);
  for (const auto& [name, value] : setting) {
    if (name == "optimizer") out.optimizer = value;
    if (name == "loss") out.loss = value;
    if (name == "batch_size") out.batch_size = search::Trial{.setting = setting}.integer(name);
  }
  for (const auto& [name, value] : setting) {
    if (is_one_of(of_model, name)) append(out.model, name, value);
    if (!is_one_of(optimizer_options(), name)) continue;
    if (out.optimizer.empty()) out.optimizer = "adam";
    append(out.optimizer, name, value);
  }
  return out;
}

std::vector<search::Parameter> parameters_of(const SearchRequest& request) {
  std::vector<std::string> known = {"optimizer", "loss", "batch_size"};
  known.insert(known.end(), optimizer_options().begin(), optimizer_options().end());
  const std::vector<std::string> of_model = model_options(request.train.model);
  known.insert(known.end(), of_model.begin(), of_model.end());
  std::vector<search::Parameter> out;
  for (const std::string& text : request.sets) {
    const size_t at = text.find('=');
    if (at == std::string::npos || at == 0 || at + 1 == text.size())
      throw UsageError(message("--set: expected NAME=VALUE,... or NAME=LOW..HIGH, got '", text, "'."));
    const std::string name = text.substr(0, at);
    if (!is_one_of(known, name)) throw UsageError(message("--set: ", unknown_name("parameter", name, known)));
    as_usage([&] { out.emplace_back(name, text.substr(at + 1)); }, "--set: ");
  }
  return out;
}

/// Model and data once, so that what is wrong with the command line is said before the first training.
struct Prepared {
  LoadedData data;
  data::Dataset validation;
  std::mutex file;  // models are read from files by one at a time
};

Model model_for(const TrainRequest& request, const Prepared& prepared) {
  Model model;
  if (is_file_name(request.model)) {
    model = load_any_model(request.model, nullptr);
  } else {
    const zoo::MakeOptions made = made_for(prepared.data, loss_of(request));
    model = load_any_model(request.model, &made);
  }
  connect(model, prepared.data.parts.train);
  keep_texts(model, prepared.data, is_file_name(request.model) && !is_architecture(request.model), true);
  compile(model, request, prepared.data.parts.train);
  return model;
}

/// The number that decides, and whether more of it is better.
struct Judge {
  std::string monitor;
  bool maximize = false;
};

Judge judge_of(const SearchRequest& request, Model& model, const Prepared& prepared) {
  // Metrics get their names when the first batch is seen.
  (void)model.test_on_batch({prepared.data.parts.train.take(1).x()}, {prepared.data.parts.train.take(1).y()});
  const Trainer& trainer = model.base().trainer();
  const std::vector<std::string> names = trainer.result_names();
  Judge judge{request.monitor};
  if (judge.monitor.empty()) judge.monitor = is_one_of(names, "accuracy") ? "val_accuracy" : "val_loss";
  const std::string plain = judge.monitor.starts_with("val_") ? judge.monitor.substr(4) : judge.monitor;
  if (!is_one_of(names, plain)) {
    std::vector<std::string> known;
    for (const std::string& name : names) known.insert(known.end(), {name, "val_" + name});
    throw UsageError(message("--monitor: ", unknown_name("number", judge.monitor, known)));
  }
  judge.maximize = trainer.direction_of(plain) == Direction::up;
  return judge;
}

search::Outcome train_one(const search::Trial& trial, const SearchRequest& request, Prepared& prepared,
                          const Judge& judge) {
  const TrainRequest settled = with_setting(request, trial.setting);
  Model model;
  try {
    const std::lock_guard lock(prepared.file);
    model = model_for(settled, prepared);
  } catch (const UsageError& error) {
    throw InvalidArgument(error.what());
  }
  FitOptions options{.batch_size = settled.batch_size, .epochs = trial.epochs, .verbose = 0};
  options.validation_split = settled.validation_split;
  options.validation_data = prepared.validation;
  options.shuffle = !settled.no_shuffle;
  options.seed = trial.seed;
  options.callbacks = callbacks_of(settled);
  options.callbacks.push_back(make_callback<StopWhenInterrupted>());
  const History history = model.fit(prepared.data.parts.train, options);
  if (interrupted()) throw search::Interrupted();
  search::Outcome outcome{history[judge.monitor].back(), model};
  for (const auto& [name, values] : history) {
    if (name != judge.monitor) outcome.more.set(name, json_number(values.back()));
  }
  return outcome;
}

void check_request(const SearchRequest& request) {
  check_ending(request.train.out, {".keras", ".h5", ".hdf5"}, "--out");
  check_ending(request.results, {".json"}, "--results");
  check_ending(request.table_file, {".csv", ".json"}, "--table");
  for (const std::string& path : {request.train.out, request.results, request.table_file}) check_writable(path);
  if (!request.train.validation.empty() && request.train.validation_split > 0)
    throw UsageError("--validation, --validation-split: expected one of them, got both.");
  if (request.sets.empty())
    throw UsageError("--set: expected at least one parameter to vary, such as --set learning_rate=0.1,0.01.");
}

std::string setting_text(const search::Setting& setting) {
  std::string out;
  for (const auto& [name, value] : setting) out += (out.empty() ? "" : " ") + name + "=" + value;
  return out;
}

int search_all(SearchRequest& request) {
  check_request(request);
  const std::vector<search::Parameter> parameters = parameters_of(request);
  Prepared prepared;
  prepared.data = load_data(request.train.data, request.train.table, nullptr);
  if (request.train.validation.empty() && request.train.validation_split == 0) request.train.validation_split = 0.2;
  if (!request.train.validation.empty())
    prepared.validation = load_data(request.train.validation, request.train.table, nullptr).judged();
  request.train.quiet = true;

  search::Setting first;
  for (const search::Parameter& parameter : parameters)
    first.emplace_back(parameter.name,
                       parameter.values.empty() ? number_text(parameter.low) : parameter.values.front());
  Model sample = model_for(with_setting(request, first), prepared);
  const Judge judge = judge_of(request, sample, prepared);

  search::Options options{.strategy = request.strategy,
                          .trials = request.trials,
                          .epochs = request.train.epochs,
                          .factor = request.factor,
                          .maximize = judge.maximize,
                          .seed = request.train.seed,
                          .workers = request.workers,
                          .results = request.results,
                          .best = request.train.out};
  options.about = message(request.train.model, " on ", request.train.data, " by ", judge.monitor);
  for (const std::string& more : {request.train.optimizer, request.train.loss, request.train.metrics,
                                  request.train.validation, join(request.train.callbacks)})
    options.about += "; " + more;
  options.about += message("; split ", request.train.validation_split, ", batches of ", request.train.batch_size,
                           request.train.no_shuffle ? ", not shuffled" : "");
  options.stop = [] { return interrupted(); };
  const NoteInterrupts until_written;
  int64_t done = 0;
  search::Result found;
  as_usage([&] {
    found = search::run(
        parameters, [&](const search::Trial& trial) { return train_one(trial, request, prepared, judge); }, options,
        [&](const search::Row& row) {
          ++done;
          if (request.train.json) return;
          warn(message("training ", done, ": ", judge.monitor, " ",
                       row.error.empty() ? log_number_text(row.score) : "-", "  ", setting_text(row.setting),
                       " epochs=", row.epochs, row.error.empty() ? "" : "  " + row.error, "\n"));
        });
  });
  if (!request.table_file.empty()) {
    const bool is_csv = request.table_file.ends_with(".csv");
    write_atomically(request.table_file, is_csv ? found.to_csv() : found.to_json().dump(1) + "\n");
  }
  if (request.train.json) {
    const Json rows = found.to_json();
    for (const Json& row : rows.items()) print_json(row);
  } else {
    print(found.table_text());
  }
  if (!found.complete) {
    warn(request.results.empty() ? "interrupted\n"
                                 : message("interrupted; the same command goes on with ", request.results, "\n"));
    return 130;
  }
  const bool has_score = !found.rows.empty() && std::isfinite(found.rows.front().score);
  if (!has_score) warn("hebb: no training had a score: see the table for reasons.\n");
  return has_score ? 0 : 1;
}

}  // namespace

void add_search(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("search", "trains many times and keeps the best");
  auto request = std::make_shared<SearchRequest>();
  request->strategy = "grid";
  TrainRequest& train = request->train;
  add_text(command, "MODEL", train.model, "a built-in architecture (hebb models), or a file to begin with")->required();
  add_text(command, "--data", train.data, "as of train")->required();
  command
      .add_option(
          "--set", request->sets,
          "NAME=V1,V2,... or NAME=LOW..HIGH, repeatable: optimizer, loss, batch_size, an option of the optimizer "
          "such as learning_rate, or of MODEL such as units (300-100 is two layers), layers and activation of mlp")
      ->allow_extra_args(false);
  add_text(
      command, "--strategy", request->strategy,
      "grid: every combination; random: as many as --trials says; halving: these for a few epochs, the best anew for "
      "more, and so on")
      ->capture_default_str();
  add_number(command, "--trials", request->trials, "combinations that random and halving draw", 0, int64_t{1} << 30);
  add_number(command, "--factor", request->factor, "halving keeps one of so many", 2, 1000);
  add_number(command, "--workers", request->workers, "trainings side by side; 0: as many as threads", 0, 1024);
  add_number(command, "--epochs", train.epochs, "times through the data", 1, int64_t{1} << 40);
  add_batch_size(command, train.batch_size);
  add_text(command, "--optimizer", train.optimizer, "NAME[:k=v,...]; default: the model's own, else adam");
  add_text(command, "--loss", train.loss, "NAME[:k=v,...]; default: the model's own, else chosen");
  add_text(command, "--metrics", train.metrics, "NAME,...; default: the model's own");
  add_text(command, "--monitor", request->monitor, "the number that decides; default: val_accuracy, else val_loss");
  add_text(command, "--validation", train.validation, "data to validate with");
  add_fraction(command, "--validation-split", train.validation_split,
               "validate with this part of the data, the last; default: 0.2 where there is no --validation");
  add_number(command, "--seed", train.seed, "rules every random choice", std::numeric_limits<int64_t>::min(),
             std::numeric_limits<int64_t>::max());
  command.add_flag("--no-shuffle", train.no_shuffle, "take the examples in their order")->disable_flag_override();
  add_target(command, train.table, "the column of a CSV file that is to be predicted; default: the last");
  add_reading(command, train.table);
  command.add_option("--callback", train.callbacks, "as of train, repeatable")->allow_extra_args(false);
  add_text(command, "--out", train.out, "where the best model goes (.keras, .h5)");
  add_text(command, "--results", request->results,
           "a file that is kept while searching (.json): the same command goes on with it after an interruption");
  add_text(command, "--table", request->table_file, "write the table (.csv, .json)");
  add_threads(command);
  command.add_flag("--json", train.json, "one JSON object a line on standard output, the best first")
      ->disable_flag_override();
  command.footer(
      "Example: hebb search mlp --data digits --set units=20,50,100 --set learning_rate=0.1,0.01 --epochs 5");
  command.callback([request, &status] { status = search_all(*request); });
}

}  // namespace hebb::cli
