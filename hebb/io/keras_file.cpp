// `.keras` files: a zip archive of metadata.json, config.json and model.weights.h5, with a text file for each
// vocabulary that a layer learned (keras/src/saving/saving_lib.py).

#include <algorithm>
#include <ctime>
#include <deque>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/base/zip.h"
#include "hebb/io/keras_weights.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/old_names.h"
#include "hebb/nn/vocabulary.h"

namespace hebb::io {

namespace {

constexpr const char* metadata_entry = "metadata.json";
constexpr const char* config_entry = "config.json";
constexpr const char* weights_entry = "model.weights.h5";
/// The configuration of a model with a thousand layers takes one or two MiB.
constexpr uint64_t most_config_bytes = 16 << 20;

/// Of some ten million words.
constexpr uint64_t most_vocabulary_bytes = 256 << 20;

/// Where a layer's vocabulary stands.
std::string vocabulary_entry(const std::string& path) { return "assets/" + path + "/vocabulary.txt"; }

/// The bytes that an entry may have: archives are stored as they are, but may have been packed anew since.
uint64_t most_weight_bytes(const ZipReader::Entry& entry) {
  constexpr uint64_t small = 64 << 20, most_expansion = 100;
  return std::max(small, entry.stored_size * most_expansion);
}

class KerasReader : public ModelReader {
 public:
  explicit KerasReader(const std::string& path) : path_(path), archive_(path) {
    where_ = message("'", path, "', ", config_entry);
    if (!archive_.contains(config_entry)) {
      throw IoError(message("'", path, "': expected an entry ", config_entry, ", the archive has ", names(),
                            ". It is no model that Keras saved."));
    }
    model_ = Json::parse(archive_.read(config_entry, most_config_bytes), where_);
    if (!model_.is_object()) throw IoError(where_ + ": expected an object. The file is damaged.");
    if (const Json* training = model_.find("compile_config");
        training && training->is_object() && training->size() > 0) {
      training_ = *training;
    }
    if (archive_.contains(metadata_entry)) {
      const Json metadata =
          Json::parse(archive_.read(metadata_entry, most_config_bytes), message("'", path, "', ", metadata_entry));
      if (const Json* states = metadata.find(random_states_key)) random_states_ = *states;
      if (const Json* quantization = metadata.find(quantization_key)) quantization_ = *quantization;
      if (const Json* notes = metadata.find(notes_key)) notes_ = *notes;
      if (const Json* sample = metadata.find(sample_key)) sample_ = *sample;
      if (const Json* training = metadata.find(training_key); training && !training_.is_null()) training_ = *training;
      if (const Json* version = metadata.find("keras_version"); version && version->is_string())
        version_ = version->as_string();
    }
    // tf_keras, which is Keras 2, writes such archives, too.
    model_ = with_names_of_today(model_, version_);
    training_ = metrics_per_output(training_with_names_of_today(training_, version_), version_, output_names(model_));
    for (const ZipReader::Entry& entry : archive_.entries()) {
      if (entry.name != weights_entry) continue;
      // Values of at least 16 bits; where somebody packed them, which Keras does not, eightfold at most.
      most_elements_ = std::min(entry.size, most_weight_bytes(entry)) / 2 * 8;
      return;
    }
    throw IoError(message("'", path, "': expected an entry ", weights_entry, ", the archive has ", names(),
                          ". Save the model in Keras with model.save(\"NAME.keras\")."));
  }

  std::vector<Tensors> read_weights(const ModelFile& made, Problems& problems, Leniency& leniency) override {
    return weights().read_weights(made, problems, leniency);
  }

  Tensors read_unmade(const LayerWeights& layer) override { return weights().read_unmade(layer); }

  std::optional<SavedVocabulary> read_vocabulary(const LayerWeights& layer) override {
    const std::string entry = vocabulary_entry(layer.path);
    if (!archive_.contains(entry)) {
      throw IoError(message("'", path_, "': expected an entry ", entry, ", the vocabulary of ", layer.layer,
                            "; it is missing. The file is damaged: save the model again, or put the entry back."));
    }
    return SavedVocabulary{archive_.read(entry, most_vocabulary_bytes), weights().read_idf_weights(layer)};
  }

  std::vector<std::string> other_weights(const ModelFile& made) override { return weights().other_weights(made); }

  bool scales_loss() override { return weights().scales_loss(); }

  std::optional<Tensors> read_optimizer(const ModelFile& made) override {
    try {
      return weights().read_optimizer(made, version_);
    } catch (const InvalidArgument& error) {
      throw IoError(message(inside(), ": ", error.what()));
    }
  }

 private:
  std::string inside() const { return message("'", path_, "', ", weights_entry); }

  std::string names() const {
    std::vector<std::string> out;
    for (const ZipReader::Entry& entry : archive_.entries()) {
      if (out.size() == 5) return join(out) + ", ...";
      out.push_back(entry.name);
    }
    return out.empty() ? "none" : join(out);
  }

  KerasWeights& weights() {
    if (!weights_) {
      // As it stands in the archive; what somebody packed is unpacked as a whole.
      if (const auto place = archive_.place(weights_entry)) {
        weights_.emplace(Hdf5Reader(*place, inside()), inside());
        return *weights_;
      }
      const auto& entries = archive_.entries();
      const auto entry =
          std::find_if(entries.begin(), entries.end(), [](const auto& e) { return e.name == weights_entry; });
      weights_.emplace(Hdf5Reader(archive_.read(weights_entry, most_weight_bytes(*entry)), inside()), inside());
    }
    return *weights_;
  }

  std::string path_;
  ZipReader archive_;
  std::optional<KerasWeights> weights_;
};

std::string date_saved() {
  const std::time_t now = std::time(nullptr);
  std::tm local = {};
  localtime_r(&now, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d@%H:%M:%S", &local);
  return text;
}

}  // namespace

std::unique_ptr<ModelReader> detail::open_keras(const std::string& path) { return std::make_unique<KerasReader>(path); }

void detail::write_keras(const ModelFile& file, const std::string& path) {
  Json config = file.model;
  const Json training = without_own_options(file.training);
  config.set("compile_config", training.is_null() ? Json::object() : training);
  Json metadata = Json::object({{"keras_version", keras_version}, {"date_saved", date_saved()}});
  if (file.random_states.size() > 0) metadata.set(random_states_key, file.random_states);
  if (file.quantization.size() > 0) metadata.set(quantization_key, file.quantization);
  if (file.notes.size() > 0) metadata.set(notes_key, file.notes);
  if (!file.sample.is_null()) metadata.set(sample_key, file.sample);
  if (training != file.training) metadata.set(training_key, file.training);
  const std::string about = metadata.dump(), text = config.dump(), weights = keras_weights(file);
  const auto now = static_cast<int64_t>(std::time(nullptr));
  std::vector<ZipItem> items = {{.name = metadata_entry, .bytes = about, .modified = now},
                                {.name = config_entry, .bytes = text, .modified = now},
                                {.name = weights_entry, .bytes = weights, .modified = now}};
  std::deque<std::string> vocabularies;
  for (const LayerWeights& layer : file.tree) {
    auto* keeper = dynamic_cast<KeepsVocabulary*>(layer.object);
    if (!keeper || keeper->is_in_config()) continue;
    vocabularies.push_back(keeper->vocabulary().to_text());
    items.push_back({.name = vocabulary_entry(layer.path), .bytes = vocabularies.back(), .modified = now});
  }
  write_zip(path, items);
}

}  // namespace hebb::io
