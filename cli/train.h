/// Training, for the subcommands that train.
#pragma once

#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/data.h"

namespace hebb::cli {

/// What `train` was asked for; `demo` is a train with other defaults.
struct TrainRequest {
  std::string model, data, optimizer, loss, metrics, validation, out, resume, history, log_dir, report, run,
      device = "cpu";
  TableOptions table;
  std::vector<std::string> callbacks, augment;
  int64_t epochs = 1, batch_size = 32, seed = 0;
  double validation_split = 0;
  bool no_shuffle = false, json = false, quiet = false, profile = false, remat = false;
  bool is_demo = false;
};

struct Trained {
  int status = 0;  ///< the program's exit status
  Model model;
  LoadedData data;
  data::Dataset validation = {};  ///< what it was validated with, where that is known
  History history;
};
Trained train(const TrainRequest& request);

/// --callback.
std::vector<Callback> callbacks_of(const TrainRequest& request);
/// --loss; empty where it is not given.
Loss loss_of(const TrainRequest& request);
/// Applies --optimizer, --loss and --metrics on top of what the model was compiled with.
void compile(Model& model, const TrainRequest& request, const data::Dataset& data);

/// --history: .json or .csv.
void write_history(const History& history, const std::string& path, bool with_epochs = false);
/// --report: a picture.
void save_report(Trained& trained, const TrainRequest& request);
/// Whether --report asks for a page.
bool is_page(const std::string& path);

}  // namespace hebb::cli
