/// Search: the best of many trainings over layers, units, activations, optimizers, learning rates, or whatever a
/// program names.
///
///     const auto found = search::run({{"units", {"20", "50"}}, {"learning_rate", "1e-4..1e-1"}},
///                                    [&](const search::Trial& trial) {
///                                      Sequential model({Dense(trial.integer("units"), {.activation = "relu"}), Dense(1)});
///                                      model.compile({.optimizer = Adam({.learning_rate = trial.real("learning_rate")}),
///                                                     .loss = "mse"});
///                                      const History history = model.fit(train, {.epochs = trial.epochs, .verbose = 0,
///                                                                                .validation_split = 0.2});
///                                      return search::Outcome{history["val_loss"].back(), model};
///                                    },
///                                    {.strategy = "random", .trials = 20, .epochs = 10, .results = "search.json"});
///     std::cout << found.table_text();
///
/// Trainings run side by side, each on one thread, with the same result whatever their number: every one has a sequence
/// of seeds of its own that begins with the search's. With a file of results a search that was interrupted goes on
/// where it was.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/model.h"

namespace hebb::search {

/// What is varied: a list of values, or a range from which random searches draw.
struct Parameter {
  std::string name;
  std::vector<std::string> values;  ///< empty: a range
  double low = 0, high = 0;         ///< of the range, both within
  bool whole = false, logarithmic = false;

  Parameter(std::string name, std::vector<std::string> values) : name(std::move(name)), values(std::move(values)) {}
  /// "1,2,3": values. "16..128": whole numbers; "0.1..0.9": numbers; where the end is ten times the start or more,
  /// their logarithm is drawn evenly. InvalidArgument where it is neither.
  Parameter(std::string name, const std::string& text);
  Parameter(std::string name, const char* text) : Parameter(std::move(name), std::string(text)) {}
};

/// One choice for each parameter.
using Setting = std::vector<std::pair<std::string, std::string>>;

/// A training to be done.
struct Trial {
  int64_t number = 0;  ///< from 0, in the order of the search
  Setting setting = {};
  int64_t epochs = 1;
  int64_t seed = 0;

  /// The value of a parameter; the numbers are InvalidArgument where it is none.
  const std::string& text(const std::string& name) const;
  double real(const std::string& name) const;
  int64_t integer(const std::string& name) const;
};

/// What a training gave.
struct Outcome {
  double score = 0;            ///< the smaller the better, unless the options say otherwise
  Model model = {};            ///< for `Options::best`; may be left out
  Json more = Json::object();  ///< further columns of the table
};

struct Options {
  /// "grid": every combination, the last parameter changing fastest. "random": `trials` combinations drawn from the
  /// lists and ranges (Bergstra and Bengio 2012). "halving": `trials` drawn combinations are trained for a few epochs,
  /// the best 1 / `factor` of them anew for `factor` times as many, and so on up to `epochs` (successive halving,
  /// Jamieson and Talwalkar 2016).
  std::string strategy = "grid";
  int64_t trials = 0;  ///< of "random" and "halving"
  int64_t epochs = 1;
  int64_t factor = 3;
  bool maximize = false;  ///< larger scores are better
  int64_t seed = 0;
  int64_t workers = 0;       ///< trainings side by side; 0: as many as threads compute
  std::string results = {};  ///< a JSON file that is written after every training; trainings that it holds are not done
                             ///< again. Empty: none
  std::string best = {};   ///< where the model with the best score of all with `epochs` epochs is saved; empty: nowhere
  std::string about = {};  ///< what else decides over scores, such as the data; a file of another search is refused
  std::function<bool()> stop =
      {};  ///< asked before each training: true ends the search. Trainings that are at work end
};

/// A row of the table.
struct Row {
  int64_t number = 0;
  Setting setting = {};
  int64_t epochs = 0;
  double score = 0, seconds = 0;
  std::string error = {};  ///< why the training failed; then the score is not a number
  Json more = Json::object();
};

struct Result {
  std::vector<Row> rows;  ///< best first; trainings with more epochs before those with fewer
  bool complete = true;   ///< false: it was stopped

  /// Aligned columns; as CSV; as a list of objects.
  std::string table_text() const;
  std::string to_csv() const;
  Json to_json() const;
};

/// Thrown by a training that was interrupted: it is not counted.
struct Interrupted {};

/// Searches. `train` is called on several threads at once. `on_row`, called for one at a time, sees each row as it
/// comes. InvalidArgument for options that make no sense, IoError for a file that is not this search's.
Result run(const std::vector<Parameter>& parameters, const std::function<Outcome(const Trial&)>& train,
           const Options& options = {}, const std::function<void(const Row&)>& on_row = {});

}  // namespace hebb::search
