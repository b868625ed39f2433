/// The callbacks that come with hebb, with Keras's options, defaults and messages.
///
///     model.fit(train, {.callbacks = {EarlyStopping({.monitor = "val_accuracy", .patience = 5, .restore_best_weights = true}),
///                                     ModelCheckpoint("best.keras", {.save_best_only = true})}});
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/callbacks/callback.h"

namespace hebb {

struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0;                 ///< a smaller change is no improvement
  int64_t patience = 0;                 ///< epochs without improvement before training stops
  int64_t verbose = 0;                  ///< 1: say "Epoch 9: early stopping"
  std::string mode = "auto";            ///< "min", "max", or by the monitored name
  std::optional<double> baseline = {};  ///< an improvement must also be better than this
  bool restore_best_weights = false;    ///< end with the weights of the best epoch
  int64_t start_from_epoch = 0;         ///< do not watch before
};
/// Ends training when a number has stopped improving.
Callback EarlyStopping(const EarlyStoppingOptions& options = {});

struct ModelCheckpointOptions {
  std::string monitor = "val_loss";
  int64_t verbose = 0;
  bool save_best_only = false;
  bool save_weights_only = false;  ///< to a file that ends in .weights.h5
  std::string mode = "auto";
  std::string save_freq = "epoch";  ///< "epoch", or after every so many batches
  std::optional<double> initial_value_threshold = {};
};
/// Saves the model. `filepath` may hold `{epoch}`, `{epoch:02d}`, `{val_loss:.2f}` and other names, as in Keras.
Callback ModelCheckpoint(const std::string& filepath, const ModelCheckpointOptions& options = {});

struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;
  int64_t patience = 10;
  int64_t verbose = 0;
  std::string mode = "auto";
  double min_delta = 1e-4;
  int64_t cooldown = 0;
  double min_lr = 0;
};
/// Multiplies the learning rate with `factor` when a number has stopped improving.
Callback ReduceLROnPlateau(const ReduceLROnPlateauOptions& options = {});

/// Sets the learning rate of each epoch to `schedule(epoch, current)`.
Callback LearningRateScheduler(std::function<double(int64_t epoch, double learning_rate)> schedule, int verbose = 0);

struct CSVLoggerOptions {
  std::string separator = ",";
  bool append = false;
};
/// Writes each epoch's numbers as a line of a CSV file.
Callback CSVLogger(const std::string& filename, const CSVLoggerOptions& options = {});

/// Ends training when the loss is not a number or infinite.
Callback TerminateOnNaN();

/// One row of the table of callbacks: by its snake_case name for the command line.
struct CallbackRecord {
  std::string name;
  Callback (*from_config)(const Json& options);  ///< InvalidArgument for an unknown option
  std::string doc;
  bool in_keras = true;  ///< else it is hebb's own, and no golden holds it
};
const std::vector<CallbackRecord>& callback_records();

}  // namespace hebb
