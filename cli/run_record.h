/// What a training leaves behind besides its model: the history, pictures, the page, and the folder of a run.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/train.h"

namespace hebb::cli {

/// What is known of a training, for its page.
struct RunRecord {
  std::string title, state;
  viz::PageTable configuration, data, resources;
  std::vector<double> epoch_seconds;
  // Where what was held out is found again.
  std::string data_source, validation_source;
  double validation_split = 0;
  TableOptions table;

  Json to_json() const;
  /// From run.json; IoError, with the file's name, when it is no such record.
  static RunRecord read(const std::string& path);
};

/// Tells how it was asked for and with which data.
RunRecord record_of(const TrainRequest& request, const Trained& trained);
/// Adds how long it took and how much memory the process has used at most.
void add_resources(RunRecord& record, double seconds, int64_t examples);

/// What is held out of the data, and what the model says of it: for `--report` and pages. Empty tensors where the
/// model is no classifier.
struct Judged {
  std::string part;
  Tensor images, truth, outputs;
  Tensor rows;  ///< (n, features), where the examples are rows of few numbers
};
Judged judge_held_out(Model& model, const LoadedData& data, const data::Dataset& validation);

/// The page of a run so far. `judged` may be null.
viz::ReportPage page_of(const RunRecord& record, const History& history, const Judged* judged);

/// Writes the page when training begins and after each epoch, so that a browser shows how it goes. `before` are the
/// epochs that the training goes on from.
Callback refresh_page(const std::string& path, RunRecord record, History before, int64_t epochs, int64_t examples,
                      std::shared_ptr<std::vector<double>> epoch_seconds);

/// What lies behind a training that goes on from a model in its own folder: the epochs before `epoch`, and how long
/// each took. Empty where the checkpoint is from elsewhere, or the folder tells nothing.
struct EpochsBefore {
  History history;
  std::vector<double> seconds;
};
EpochsBefore epochs_before(const TrainRequest& request, int64_t epoch);

/// One history behind the other.
History joined(const History& first, const History& second);

/// --history's file, .json or .csv, read back. IoError when it is none.
History read_history(const std::string& path);

}  // namespace hebb::cli
