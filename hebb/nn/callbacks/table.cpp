#include "hebb/base/error.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/option_reader.h"

namespace hebb {

namespace {

Callback make_early_stopping(const Json& config) {
  EarlyStoppingOptions options;
  OptionReader read("early_stopping", config);
  read("monitor", options.monitor);
  read("min_delta", options.min_delta);
  read("patience", options.patience);
  read("verbose", options.verbose);
  read("mode", options.mode);
  read("baseline", options.baseline);
  read("restore_best_weights", options.restore_best_weights);
  read("start_from_epoch", options.start_from_epoch);
  read.finish();
  return EarlyStopping(options);
}

Callback make_reduce_lr_on_plateau(const Json& config) {
  ReduceLROnPlateauOptions options;
  OptionReader read("reduce_lr_on_plateau", config);
  read("monitor", options.monitor);
  read("factor", options.factor);
  read("patience", options.patience);
  read("verbose", options.verbose);
  read("mode", options.mode);
  read("min_delta", options.min_delta);
  read("cooldown", options.cooldown);
  read("min_lr", options.min_lr);
  read.finish();
  return ReduceLROnPlateau(options);
}

Callback make_model_checkpoint(const Json& config) {
  ModelCheckpointOptions options;
  std::string path;
  OptionReader read("model_checkpoint", config);
  read("filepath", path);
  read("monitor", options.monitor);
  read("verbose", options.verbose);
  read("save_best_only", options.save_best_only);
  read("save_weights_only", options.save_weights_only);
  read("mode", options.mode);
  read.take("save_freq", [&](const Json& json) {
    options.save_freq = json.is_int() ? std::to_string(json.as_int()) : json.as_string();
  });
  read("initial_value_threshold", options.initial_value_threshold);
  read.finish();
  if (path.empty())
    throw InvalidArgument("model_checkpoint: expected a file to save to, got none. Give filepath=FILE.keras.");
  return ModelCheckpoint(path, options);
}

Callback make_csv_logger(const Json& config) {
  CSVLoggerOptions options;
  std::string path;
  OptionReader read("csv_logger", config);
  read("filename", path);
  read("separator", options.separator);
  read("append", options.append);
  read.finish();
  if (path.empty()) throw InvalidArgument("csv_logger: expected a file to write to, got none. Give filename=FILE.csv.");
  return CSVLogger(path, options);
}

Callback make_terminate_on_nan(const Json& config) {
  OptionReader("terminate_on_nan", config).finish();
  return TerminateOnNaN();
}

}  // namespace

const std::vector<CallbackRecord>& callback_records() {
  static const std::vector<CallbackRecord> records = {
      {"early_stopping", make_early_stopping, "ends training when a number has stopped improving"},
      {"reduce_lr_on_plateau", make_reduce_lr_on_plateau,
       "lowers the learning rate when a number has stopped improving"},
      {"model_checkpoint", make_model_checkpoint, "saves the model after every epoch, or the best"},
      {"csv_logger", make_csv_logger, "writes each epoch's numbers into a CSV file"},
      {"terminate_on_nan", make_terminate_on_nan, "ends training when the loss is not a number"},
  };
  return records;
}

}  // namespace hebb
