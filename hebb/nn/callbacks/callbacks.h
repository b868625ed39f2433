/// The callbacks that come with hebb, with Keras's options, defaults and messages.
///
///     model.fit(train, {.callbacks = {EarlyStopping({.monitor = "val_accuracy", .patience = 5, .restore_best_weights = true}),
///                                     ModelCheckpoint("best.keras", {.save_best_only = true})}});
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
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
/// Ends training when a number has stopped improving (Prechelt 1998).
Callback EarlyStopping(const EarlyStoppingOptions& options = {});

struct ModelCheckpointOptions {
  std::string monitor = "val_loss";
  int64_t verbose = 0;
  /// Only where `monitor` is better than ever. A model for which there is no such number is saved with a warning, as by
  /// Keras; after an epoch that `validation_freq` leaves out the best one stays.
  bool save_best_only = false;
  bool save_weights_only = false;  ///< to a file that ends in .weights.h5
  std::string mode = "auto";
  std::string save_freq = "epoch";  ///< "epoch", or after every so many batches
  std::optional<double> initial_value_threshold = {};
};
/// Saves the model. `filepath` may hold `{epoch}`, `{epoch:02d}`, `{val_loss:.2f}` and other names, as in Keras, with
/// Python's formats of numbers (base/format_fields.h); InvalidArgument for others.
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

struct TerminateOnNaNOptions {
  bool raise_error = false;  ///< `fit` throws an Error, and callbacks do not hear of an end: backups stay
};
/// Ends training when the loss is not a number or infinite.
Callback TerminateOnNaN(const TerminateOnNaNOptions& options = {});

struct BackupAndRestoreOptions {
  std::string save_freq = "epoch";  ///< "epoch", or after every so many batches
  bool double_checkpoint = false;   ///< keep the backup before the last, in case the last is damaged
  bool delete_checkpoint = true;    ///< remove the folder when training ends
};
/// Keeps what a training that is cut off (a crash, a machine that goes away) needs to go on: `fit`, called again with
/// the same data and options, goes on where the backup was made, with the examples in the order that they would have
/// come in. The folder holds Keras's files, weights with the optimizer's state and where the training stood.
/// InvalidArgument without a folder; IoError, by `fit`, for a folder that cannot be written and a backup that does not
/// fit the model.
Callback BackupAndRestore(const std::string& backup_dir, const BackupAndRestoreOptions& options = {});

struct SwapEMAWeightsOptions {
  bool swap_on_epoch = false;  ///< the averages stand in the model from each epoch's end to the next one's begin
};
/// Validates with the moving averages of the weights, which the optimizer keeps with `use_ema`. With `swap_on_epoch`
/// callbacks behind this one, such as ModelCheckpoint, see them too. InvalidArgument, by `fit`, when no optimizer keeps
/// averages.
Callback SwapEMAWeights(const SwapEMAWeightsOptions& options = {});

/// Functions of one's own, each at its point of the training; those left out do nothing.
struct LambdaCallbackOptions {
  std::function<void(int64_t epoch)> on_epoch_begin = {};
  std::function<void(int64_t epoch, Logs& logs)> on_epoch_end = {};
  std::function<void()> on_train_begin = {};
  std::function<void()> on_train_end = {};
  std::function<void(int64_t batch)> on_train_batch_begin = {};
  std::function<void(int64_t batch, const CallbackBase::BatchLogs& logs)> on_train_batch_end = {};
};
Callback LambdaCallback(const LambdaCallbackOptions& options);

struct TensorBoardOptions {
  int64_t histogram_freq = 0;           ///< epochs between histograms of the weights; 0: none
  bool write_graph = true;              ///< the model, as TensorBoard's conceptual graph
  bool write_images = false;            ///< the weights as images, with the histograms
  bool write_steps_per_second = false;  ///< of each epoch, and with a `update_freq` of each batch
  std::string update_freq = "epoch";    ///< "epoch", "batch", or after every so many batches too
  int64_t embeddings_freq = 0;          ///< epochs between what the projector shows of Embedding layers; 0: nothing
  /// Files with a line for each row of an Embedding, in log_dir or with a whole path, by the layers' names; one under
  /// the name "" is of all.
  std::map<std::string, std::string> embeddings_metadata = {};
};
/// Writes event files that TensorBoard shows: `tensorboard --logdir DIR`. Training goes to DIR/train, validation to
/// DIR/validation, with `embeddings_freq` the weights of each such epoch as well, and the vectors as tables for
/// TensorBoard's projector, which Keras's own weights are none for. Keras's `profile_batch` is `hebb train --profile`.
/// IoError for a folder that cannot be written; InvalidArgument, by `fit`, for metadata of layers that are no
/// Embedding.
Callback TensorBoard(const std::string& log_dir = "logs", const TensorBoardOptions& options = {});

struct RemoteMonitorOptions {
  std::string root = "http://localhost:9000";  ///< http or https
  std::string path = "/publish/epoch/end/";
  std::string field = "data";  ///< of the form, that holds the numbers
  std::vector<std::pair<std::string, std::string>> headers = {};
  bool send_as_json = false;  ///< the numbers as the body, instead of in a form
};
/// Posts each epoch's numbers to a server, as JSON: {"epoch": 0, "loss": 0.5}. A server that is not there costs a line
/// on the console, not the training. InvalidArgument for a root that is no address; NotSupported, by `fit`, where
/// libcurl is not installed.
Callback RemoteMonitor(const RemoteMonitorOptions& options = {});

/// One row of the table of callbacks: by its snake_case name for the command line.
struct CallbackRecord {
  std::string name;
  Callback (*from_config)(const Json& options);  ///< InvalidArgument for an unknown option
  std::string doc;
  bool in_keras = true;  ///< else it is hebb's own, and no golden holds it
};
const std::vector<CallbackRecord>& callback_records();

}  // namespace hebb
