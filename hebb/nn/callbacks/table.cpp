#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/callbacks/gradient_statistics.h"
#include "hebb/nn/config_fields.h"

namespace hebb {

namespace {

void fields(ConfigReader& read, EarlyStoppingOptions& options) {
  read("monitor", options.monitor);
  read("min_delta", options.min_delta);
  read("patience", options.patience);
  read("verbose", options.verbose);
  read("mode", options.mode);
  read("baseline", options.baseline);
  read("restore_best_weights", options.restore_best_weights);
  read("start_from_epoch", options.start_from_epoch);
}

void fields(ConfigReader& read, ReduceLROnPlateauOptions& options) {
  read("monitor", options.monitor);
  read("factor", options.factor);
  read("patience", options.patience);
  read("verbose", options.verbose);
  read("mode", options.mode);
  read("min_delta", options.min_delta);
  read("cooldown", options.cooldown);
  read("min_lr", options.min_lr);
}

/// "epoch", or a number as text or as itself.
void read_frequency(ConfigReader& read, const char* key, std::string& frequency) {
  read.take(key,
            [&](const Json& json) { frequency = json.is_int() ? std::to_string(json.as_int()) : json.as_string(); });
}

void fields(ConfigReader& read, ModelCheckpointOptions& options) {
  read("monitor", options.monitor);
  read("verbose", options.verbose);
  read("save_best_only", options.save_best_only);
  read("save_weights_only", options.save_weights_only);
  read("mode", options.mode);
  read_frequency(read, "save_freq", options.save_freq);
  read("initial_value_threshold", options.initial_value_threshold);
}

void fields(ConfigReader& read, GradientStatisticsOptions& options) {
  read("steps", options.steps);
  read("examples", options.examples);
}

void fields(ConfigReader& read, BackupAndRestoreOptions& options) {
  read_frequency(read, "save_freq", options.save_freq);
  read("double_checkpoint", options.double_checkpoint);
  read("delete_checkpoint", options.delete_checkpoint);
}

void fields(ConfigReader& read, SwapEMAWeightsOptions& options) { read("swap_on_epoch", options.swap_on_epoch); }

void fields(ConfigReader& read, TerminateOnNaNOptions& options) { read("raise_error", options.raise_error); }

void fields(ConfigReader& read, TensorBoardOptions& options) {
  read("histogram_freq", options.histogram_freq);
  read("write_graph", options.write_graph);
  read("write_images", options.write_images);
  read("write_steps_per_second", options.write_steps_per_second);
  read_frequency(read, "update_freq", options.update_freq);
  read("embeddings_freq", options.embeddings_freq);
  read.take("embeddings_metadata", [&](const Json& json) {
    if (json.is_string()) options.embeddings_metadata[""] = json.as_string();
    if (!json.is_object()) return;
    for (const auto& [layer, file] : json.members()) options.embeddings_metadata[layer] = file.as_string();
  });
}

void fields(ConfigReader& read, RemoteMonitorOptions& options) {
  read("root", options.root);
  read("path", options.path);
  read("field", options.field);
  read.take("headers", [&](const Json& json) {
    if (json.is_null()) return;
    for (const auto& [name, value] : json.members()) options.headers.emplace_back(name, value.as_string());
  });
  read("send_as_json", options.send_as_json);
}

void fields(ConfigReader& read, CSVLoggerOptions& options) {
  read("separator", options.separator);
  read("append", options.append);
}

template <class Options>
Options read_options(const char* name, const Json& config) {
  Options options;
  ConfigReader read(name, config);
  fields(read, options);
  read.finish();
  return options;
}

/// The same for a callback that writes to a file, which `path_name` names; `remedy` is for its absence.
template <class Options>
Options read_options(const char* name, const Json& config, const char* path_name, std::string& path,
                     const char* remedy) {
  Options options;
  ConfigReader read(name, config);
  read(path_name, path);
  fields(read, options);
  read.finish();
  if (path.empty()) throw InvalidArgument(message(name, ": expected a file to write to, got none. ", remedy));
  return options;
}

Callback make_model_checkpoint(const Json& config) {
  std::string path;
  const auto options =
      read_options<ModelCheckpointOptions>("model_checkpoint", config, "filepath", path, "Give filepath=FILE.keras.");
  return ModelCheckpoint(path, options);
}

Callback make_backup_and_restore(const Json& config) {
  std::string path;
  const auto options = read_options<BackupAndRestoreOptions>("backup_and_restore", config, "backup_dir", path,
                                                             "Give backup_dir=FOLDER.");
  return BackupAndRestore(path, options);
}

Callback make_tensor_board(const Json& config) {
  std::string path = "logs";
  const auto options = read_options<TensorBoardOptions>("tensorboard", config, "log_dir", path, "Give log_dir=FOLDER.");
  return TensorBoard(path, options);
}

Callback make_csv_logger(const Json& config) {
  std::string path;
  const auto options =
      read_options<CSVLoggerOptions>("csv_logger", config, "filename", path, "Give filename=FILE.csv.");
  return CSVLogger(path, options);
}

Callback make_gradient_statistics(const Json& config) {
  std::string path;
  auto options = read_options<GradientStatisticsOptions>("gradient_statistics", config, "filename", path,
                                                         "Give filename=FILE.csv.");
  options.filename = path;
  return make_callback<GradientStatistics>(options);
}

}  // namespace

const std::vector<CallbackRecord>& callback_records() {
  static const std::vector<CallbackRecord> records = {
      {"early_stopping",
       [](const Json& config) { return EarlyStopping(read_options<EarlyStoppingOptions>("early_stopping", config)); },
       "ends training when a number has stopped improving"},
      {"reduce_lr_on_plateau",
       [](const Json& config) {
         return ReduceLROnPlateau(read_options<ReduceLROnPlateauOptions>("reduce_lr_on_plateau", config));
       },
       "lowers the learning rate when a number has stopped improving"},
      {"model_checkpoint", make_model_checkpoint, "saves the model after every epoch, or the best"},
      {"backup_and_restore", make_backup_and_restore, "keeps what an interrupted training needs to go on"},
      {"swap_ema_weights",
       [](const Json& config) {
         return SwapEMAWeights(read_options<SwapEMAWeightsOptions>("swap_ema_weights", config));
       },
       "validates with the moving averages of the weights"},
      {"tensorboard", make_tensor_board, "writes event files for TensorBoard"},
      {"remote_monitor",
       [](const Json& config) { return RemoteMonitor(read_options<RemoteMonitorOptions>("remote_monitor", config)); },
       "posts each epoch's numbers to a server"},
      {"csv_logger", make_csv_logger, "writes each epoch's numbers into a CSV file"},
      {"gradient_statistics", make_gradient_statistics,
       "writes activations and gradients of each layer into a CSV file", false},
      {"terminate_on_nan",
       [](const Json& config) {
         return TerminateOnNaN(read_options<TerminateOnNaNOptions>("terminate_on_nan", config));
       },
       "ends training when the loss is not a number"},
  };
  return records;
}

}  // namespace hebb
