// BackupAndRestore: Keras's files, latest.weights.h5 and training_metadata.json, the latter with what it takes to go on
// inside an epoch as if never interrupted.

#include <filesystem>
#include <fstream>
#include <sstream>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/callbacks/save_frequency.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/trainer.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

namespace fs = std::filesystem;

constexpr const char* weights_name = "latest.weights.h5";
constexpr const char* metadata_name = "training_metadata.json";
// A backup is made under these names; once its metadata stands there it is whole, and takes the others' place.
constexpr const char* next_name = "next.weights.h5";
constexpr const char* next_metadata_name = "next_metadata.json";
constexpr const char* previous_name = "previous.weights.h5";
constexpr const char* previous_metadata_name = "previous_metadata.json";

class BackupAndRestoreCallback : public CallbackBase {
 public:
  BackupAndRestoreCallback(const std::string& folder, const BackupAndRestoreOptions& options)
      : folder_(folder), options_(options), frequency_("BackupAndRestore", options.save_freq) {
    if (folder.empty())
      throw InvalidArgument("BackupAndRestore: expected a folder for backup_dir, got none. Name one.");
  }

  void on_train_begin() override {
    finish_saving();
    if (!restore(weights_name, metadata_name)) restore(previous_name, previous_metadata_name);
    epoch_ = start().epoch;
    frequency_.restart();
  }
  void on_epoch_begin(int64_t epoch) override { epoch_ = epoch; }
  void on_train_batch_end(int64_t batch, const BatchLogs&) override {
    batch_ = batch;
    if (frequency_.is_due_after_batch()) save(epoch_, batch, batch + 1);
  }
  void on_epoch_end(int64_t epoch, Logs&) override {
    if (is_interrupted()) {
      save(epoch, batch_, batch_ + 1);  // somewhere inside the epoch
    } else if (frequency_.is_every_epoch()) {
      save(epoch + 1, 0, 0);
    }
  }
  void on_train_end() override {
    std::error_code ignored;
    if (options_.delete_checkpoint && !is_interrupted()) fs::remove_all(folder_, ignored);
  }

 private:
  std::string path(const char* name) const { return (folder_ / name).string(); }

  /// Whether there was a backup under these names. IoError for one that does not fit, unless there is another.
  bool restore(const char* weights, const char* metadata) {
    if (!fs::exists(path(weights)) || !fs::exists(path(metadata))) return false;
    const bool has_other = std::string_view(weights) == weights_name && fs::exists(path(previous_name));
    try {
      const FitStart at = read_metadata(path(metadata));
      io::load_to_go_on(model(), path(weights));
      start() = at;
    } catch (const IoError&) {
      if (!has_other) throw;
      return false;
    }
    return true;
  }

  FitStart read_metadata(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    if (!in) throw IoError(message("'", file, "': cannot be read. Remove the folder to begin anew."));
    FitStart at = start();
    try {
      const Json json = Json::parse(text.str(), file);
      at.epoch = json.at("epoch").as_int();
      // Keras writes the epoch alone, and repeats it from its begin.
      at.step = json.get("step", 0);
      at.seed = json.get("seed", at.seed);
      if (at.epoch < 0 || at.step < 0) throw InvalidArgument("a place before the begin of the training");
      if (const Json* metrics = json.find("metrics")) at.metrics = metrics_from(*metrics);
      if (const Json* states = json.find(io::random_states_key)) restore_random_states(*states);
    } catch (const InvalidArgument& error) {
      throw IoError(message("'", file, "': ", error.what(), " Remove the folder to begin anew."));
    }
    return at;
  }

  /// Old backups have none.
  static Tensors metrics_from(const Json& json) {
    Tensors values;
    for (const Json& one : json.items()) {
      std::vector<double> numbers;
      for (const Json& number : one.at("values").items()) numbers.push_back(number.as_double());
      const Shape shape = shape_from_json(one.at("shape"));
      if (shape.elements() != static_cast<int64_t>(numbers.size()))
        throw InvalidArgument(message("metrics: expected ", shape.elements(), " values of the shape ", shape, ", got ",
                                      numbers.size(), "."));
      values.push_back(cast(Tensor::from(numbers, shape), dtype_from_name(one.at("dtype").as_string())));
    }
    return values;
  }

  static Json to_json(const Tensors& metrics) {
    Json list = Json::array();
    for (const Tensor& one : metrics) {
      Json values = Json::array();
      for (const double number : one.to_vector<double>()) values.push_back(number);
      list.push_back(Json::object(
          {{"shape", shape_to_json(one.shape())}, {"dtype", std::string(name_of(one.dtype()))}, {"values", values}}));
    }
    return list;
  }

  void restore_random_states(const Json& states) {
    for (const io::LayerWeights& layer : io::take_apart(model()).tree) {
      if (const Json* state = states.find(layer.path))
        layer.object->set_random_state(state->at(size_t{0}).as_int(), state->at(size_t{1}).as_int());
    }
  }

  void save(int64_t epoch, int64_t batch, int64_t step) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) {
      throw IoError(message("BackupAndRestore: cannot make the folder '", folder_.string(), "': ", error.message(),
                            ". Name one that can be written to."));
    }
    if (options_.double_checkpoint && fs::exists(path(weights_name)) && fs::exists(path(metadata_name))) {
      fs::copy_file(path(weights_name), path(previous_name), fs::copy_options::overwrite_existing, error);
      fs::copy_file(path(metadata_name), path(previous_metadata_name), fs::copy_options::overwrite_existing, error);
    }
    const bool inside = step > 0;  // the sums of a whole epoch are of no use
    const Json metadata =
        Json::object({{"epoch", epoch},
                      {"batch", batch},
                      {"step", step},
                      {"seed", start().seed},
                      {"metrics", to_json(inside ? model().base().trainer().metric_state() : Tensors())},
                      {io::random_states_key, io::take_apart(model()).random_states}});
    io::save_to_go_on(model(), path(next_name));
    write_atomically(path(next_metadata_name), metadata.dump());
    finish_saving();
  }

  /// Also after a training that was cut off between these two steps.
  void finish_saving() const {
    if (!fs::exists(path(next_metadata_name))) return;
    if (fs::exists(path(next_name))) fs::rename(path(next_name), path(weights_name));
    fs::rename(path(next_metadata_name), path(metadata_name));
  }

  fs::path folder_;
  BackupAndRestoreOptions options_;
  SaveFrequency frequency_;
  int64_t epoch_ = 0, batch_ = 0;
};

}  // namespace

Callback BackupAndRestore(const std::string& backup_dir, const BackupAndRestoreOptions& options) {
  return make_callback<BackupAndRestoreCallback>(backup_dir, options);
}

}  // namespace hebb
