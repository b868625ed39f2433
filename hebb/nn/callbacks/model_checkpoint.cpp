#include <cstdio>
#include <filesystem>

#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/base/format_fields.h"
#include "hebb/base/text.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/callbacks/monitor.h"
#include "hebb/nn/callbacks/save_frequency.h"
#include "hebb/nn/weights_from_file.h"

namespace hebb {

namespace {

/// The fields of a file name; what is wrong with them is said before anything is trained.
FormatFields fields_of(const std::string& path) {
  try {
    return FormatFields(path, {"epoch", "batch"});
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(message("ModelCheckpoint: the file name ", error.what()));
  }
}

class ModelCheckpointCallback : public CallbackBase {
 public:
  ModelCheckpointCallback(std::string path, ModelCheckpointOptions options)
      : path_(std::move(path)),
        fields_(fields_of(path_)),
        options_(std::move(options)),
        monitor_("ModelCheckpoint", options_.monitor, options_.mode),
        best_(options_.initial_value_threshold),
        frequency_("ModelCheckpoint", options_.save_freq) {
    check_ending();  // now, and not after the first epoch
  }

  void on_train_begin() override {
    if (options_.save_best_only) monitor_.begin(model());
  }
  void on_epoch_begin(int64_t epoch) override { epoch_ = epoch; }
  void on_train_batch_end(int64_t batch, const BatchLogs& logs) override {
    if (!frequency_.is_due_after_batch()) return;
    Logs now = logs();
    now.set("batch", static_cast<double>(batch + 1));
    save(now, false);
  }
  void on_epoch_end(int64_t, Logs& logs) override {
    if (frequency_.is_every_epoch()) save(logs, true);
  }

 private:
  void check_ending() const {
    const bool of_weights = path_.ends_with(weights_ending);
    if (options_.save_weights_only && !of_weights) {
      throw InvalidArgument(message("ModelCheckpoint: expected a file that ends in ", weights_ending,
                                    " for save_weights_only, got '", path_, "'."));
    }
    if (!options_.save_weights_only && of_weights) {
      throw InvalidArgument(
          message("ModelCheckpoint: expected a file for the whole model, which ends in .keras or .h5, ", "got '", path_,
                  "'. Rename it, or set save_weights_only."));
    }
    if (!path_.ends_with(".keras") && !path_.ends_with(".h5") && !path_.ends_with(".hdf5")) {
      throw InvalidArgument(message("ModelCheckpoint: expected a file that ends in .keras or .h5, got '", path_, "'."));
    }
  }

  double number_of(const std::string& name, const Logs& logs) const {
    if (name == "epoch") return static_cast<double>(epoch_ + 1);
    if (const double* value = logs.find(name)) return *value;
    std::vector<std::string> names = {"epoch"};
    for (const auto& [known, value] : logs) names.push_back(known);
    throw InvalidArgument(
        message("ModelCheckpoint: the file name '", path_, "': ", unknown_name("number", name, names)));
  }

  void save(const Logs& logs, bool of_epoch) {
    const std::string path = fields_.filled([&](const std::string& name) { return number_of(name, logs); });
    if (!wanted(logs, path, of_epoch)) return;
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (!folder.empty()) std::filesystem::create_directories(folder, error);
    if (error) throw IoError(message("cannot make the folder ", folder.string(), ": ", error.message(), "."));
    options_.save_weights_only ? model().save_weights(path) : model().save(path);
    say(message("finished saving model to ", path));
  }

  bool wanted(const Logs& logs, const std::string& path, bool of_epoch) {
    if (!options_.save_best_only) {
      say(message("saving model to ", path));
      return true;
    }
    const std::optional<double> current = monitor_.value(logs);
    if (!current) {
      // Keras writes over the best one after an epoch that is not validated, too.
      if (of_epoch && monitor_.comes_in_other_epochs(logs)) return false;
      monitor_.warn_of_missing(message("Can save best model only with ", monitor_.name(), " available."));
      return true;  // as in Keras, which does not say that it saves
    }
    char number[64];
    auto text = [&](double value) {
      std::snprintf(number, sizeof number, "%.5f", value);
      return std::string(number);
    };
    const std::string best = best_ ? text(*best_) : "None";
    if (!monitor_.improves(*current, best_)) {
      say(message(monitor_.name(), " did not improve from ", best));
      return false;
    }
    say(message(monitor_.name(), " improved from ", best, " to ", text(*current), ", saving model to ", path));
    best_ = current;
    return true;
  }

  void say(const std::string& text) const {
    if (options_.verbose > 0) write_console(message("\nEpoch ", epoch_ + 1, ": ", text, "\n"));
  }

  std::string path_;
  FormatFields fields_;
  ModelCheckpointOptions options_;
  Monitor monitor_;
  std::optional<double> best_;
  SaveFrequency frequency_;
  int64_t epoch_ = 0;
};

}  // namespace

Callback ModelCheckpoint(const std::string& filepath, const ModelCheckpointOptions& options) {
  return make_callback<ModelCheckpointCallback>(filepath, options);
}

}  // namespace hebb
