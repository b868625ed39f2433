/// Model files: what a model is made of, taken apart and put together, and the formats that it is written in.
///
///     io::ModelFile file = io::take_apart(model);           // what a format writes
///     for (const auto& format : io::model_formats()) ...    // ".keras", ".h5", ".hdf5"
///
/// Programs use `Model::save` and `load_model`. A format is a row in the table: it writes a `ModelFile`, and reads one
/// in two steps, since what a file holds is compared with what its configuration implies before anything is allocated.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/base/problems.h"
#include "hebb/nn/model.h"

namespace hebb::io {

/// The weights of a layer.
struct LayerWeights {
  std::string path;                ///< where it stands in the model: see `ModelFile`
  std::string layer;               ///< for messages: "layer 'dense_1' (Dense)"
  std::string name;                ///< the layer's name
  std::vector<std::string> names;  ///< of the weights, from the model down: "sequential/dense/kernel"
  Tensors weights;
  LayerBase* object = nullptr;  ///< in the tree
  /// For each of the weights whether the file may be without it, since it has a value already: of a layer that Keras
  /// builds later than the model. Empty: none.
  std::vector<bool> optional = {};
};

/// A model taken apart.
struct ModelFile {
  Json model;     ///< Keras's serialized form: {"module", "class_name", "config", ...}
  Json training;  ///< Keras's compile_config; null: not compiled
  /// Every layer once, a model before its layers, each with its own weights alone: trainable ones first. Paths are
  /// Keras's: "" (the model itself), "layers/dense_1", "layers/sequential/layers/dense", "layers/my_layer/attribute".
  std::vector<LayerWeights> tree;
  /// The layers that stand directly in the model, each with all weights in it, trainable ones first; the path is empty.
  std::vector<LayerWeights> list;
  std::string optimizer;                     ///< its name; empty: none
  std::vector<std::string> optimizer_names;  ///< of its variables
  Tensors optimizer_state;                   ///< in Keras's order
  size_t trained_weights = 0;                ///< how many weights it trains
  /// The random states of layers that have drawn numbers, {"layers/dropout": [seed, counter]}: with them training goes
  /// on as if never interrupted. Keras does not look at it.
  Json random_states = Json::object();
  /// How layers were quantised, {"layers/dense": {...}} (nn/quantize.h). Keras does not look at it.
  Json quantization = Json::object();
  /// What programs keep with the model (nn/notes.h). Keras does not look at it.
  Json notes = Json::object();
  Json sample;                       ///< what it computes (io/sample.h); null: none. Keras does not look at it.
  bool is_partial = false;           ///< some layers could not be made, so that `tree` and `list` are without them
  std::vector<Layer> single;         ///< the others, then
  std::vector<LayerWeights> unmade;  ///< where those stand, without weights
};

/// What a model is taken apart for.
enum class Purpose {
  reading,   ///< tensors are the model's own variables, to be filled
  writing,   ///< tensors are what files get; layers of several graphs (nn/shared_layers.h) are in each place
  going_on,  ///< tensors are the model's own variables, for a training to go on: matrices of LoRA as well
};

/// The parts of a model.
ModelFile take_apart(const Model& model, Purpose purpose = Purpose::reading);

/// The layers of a model that cannot be made as a whole, each by itself, in `tree` and `list`: those that can be made,
/// with weights where their configuration says for which shapes they were built.
ModelFile single_layers(const Json& model);

/// As `Model::save_weights` and `Model::load_weights`, for the same model to go on to the same bits: of layers with
/// LoRA the file has all weights as they are, where those have the product in the kernel.
void save_to_go_on(const Model& model, const std::string& path);
void load_to_go_on(const Model& model, const std::string& path);

/// What reading weights may pass over in place of refusing the file, and what it did.
struct Leniency {
  LoadWeightsOptions options = {};
  std::vector<std::string> passed_over = {};  ///< a sentence for each
};

/// A file that is open for reading. Errors are IoErrors that name the file and the place in it.
class ModelReader {
 public:
  virtual ~ModelReader() = default;

  const Json& model() const { return model_; }                  ///< as in `ModelFile`
  const Json& training() const { return training_; }            ///< as in `ModelFile`
  const Json& random_states() const { return random_states_; }  ///< as in `ModelFile`; null: the file has none
  const Json& quantization() const { return quantization_; }    ///< as in `ModelFile`; null: the file has none
  const Json& notes() const { return notes_; }                  ///< as in `ModelFile`; null: the file has none
  const Json& sample() const { return sample_; }                ///< as in `ModelFile`; null: the file has none
  const std::string& version() const { return version_; }       ///< of the Keras whose file it is; empty: not told
  /// The place of model and training in the file: "'m.keras', config.json".
  const std::string& where() const { return where_; }
  /// How many values the file can hold: a model with more weights is not the one that was saved.
  uint64_t most_elements() const { return most_elements_; }

  /// The values of all weights of a model that was made from `model()`: in the order of the tree's (or the list's) and
  /// with their shapes. What is missing, has another shape, or is too much is kept in `problems`, or in `leniency`
  /// where that lets it be passed over, and undefined in the result.
  virtual std::vector<Tensors> read_weights(const ModelFile& made, Problems& problems, Leniency& leniency) = 0;
  /// The same, with nothing passed over.
  std::vector<Tensors> read_weights(const ModelFile& made, Problems& problems) {
    Leniency none;
    return read_weights(made, problems, none);
  }
  /// The same; an IoError says all that is wrong.
  std::vector<Tensors> read_weights(const ModelFile& made) {
    Problems problems;
    std::vector<Tensors> out = read_weights(made, problems);
    problems.throw_all();
    return out;
  }
  /// All arrays that the file has of a layer that could not be made, whatever their shapes, named by their places.
  virtual Tensors read_unmade(const LayerWeights& layer) = 0;
  /// Where the file has weights of layers that a model, whose `made` is whole, has not.
  virtual std::vector<std::string> other_weights(const ModelFile&) { return {}; }
  bool reads_tree() const { return reads_tree_; }  ///< whether those are the tree's or the list's

  /// The vocabulary of a layer of the tree, as Keras keeps it (nn/vocabulary.h); nothing where the file has none.
  struct SavedVocabulary {
    std::string text;
    Tensor idf_weights;  ///< undefined: none
  };
  virtual std::optional<SavedVocabulary> read_vocabulary(const LayerWeights&) { return std::nullopt; }

  /// What the file holds of the optimizer's state for an optimizer with these variables. `made.optimizer_state` says
  /// what to expect. Variables of which it holds nothing are undefined in the result. Nothing at all where the file has
  /// another number of variables: it is the state of training other weights.
  virtual std::optional<Tensors> read_optimizer(const ModelFile& made) = 0;
  /// Whether the state is that of a LossScaleOptimizer, of which Keras writes the inner one's configuration alone.
  virtual bool scales_loss() { return false; }

 protected:
  Json model_, training_, random_states_, quantization_, notes_, sample_;
  std::string where_, version_;
  uint64_t most_elements_ = 0;
  bool reads_tree_ = true;
};

/// What could be made of a file.
struct LoadedFile {
  std::optional<Model> model;      ///< nothing where its configuration is wrong
  bool is_whole = false;           ///< nothing was wrong but perhaps with how it was compiled
  bool is_trainable = false;       ///< nor with that
  std::vector<LayerWeights> read;  ///< the weights that could be read
};

/// As `load_model`, from an open file. What is wrong is kept in `problems`, all of it, each with its place.
LoadedFile load_parts(ModelReader& reader, const LoadOptions& options, Problems& problems);

/// One row of the table of formats.
struct ModelFormat {
  std::string ending;  ///< ".keras"
  std::string doc;
  std::unique_ptr<ModelReader> (*open)(const std::string& path);
  void (*write)(const ModelFile& file, const std::string& path);  ///< atomically
};

const std::vector<ModelFormat>& model_formats();

/// The format of a path. IoError, listing the endings, when there is none.
const ModelFormat& format_of(const std::string& path);

/// The version of Keras whose files hebb writes.
inline constexpr const char* keras_version = "3.15.1";

/// The names under which formats keep what Keras does not look at.
inline constexpr const char* random_states_key = "hebb_random_states";
inline constexpr const char* quantization_key = "hebb_quantization";
inline constexpr const char* notes_key = "hebb_notes";
inline constexpr const char* sample_key = "hebb_sample";
/// How to train, where it has what Keras has no word for (`without_own_options`), or would not find.
inline constexpr const char* training_key = "hebb_training_config";

/// A compile_config without the options that hebb's optimizers have beyond Keras's.
Json without_own_options(const Json& training);

namespace detail {

std::unique_ptr<ModelReader> open_keras(const std::string& path);
void write_keras(const ModelFile& file, const std::string& path);
std::unique_ptr<ModelReader> open_legacy_h5(const std::string& path);
void write_legacy_h5(const ModelFile& file, const std::string& path);
/// The weights alone, as Keras 2 did.
void write_legacy_weights_file(const ModelFile& file, const std::string& path);

/// Which of the optimizer's variables a file with values of these shapes holds: for each of the variables the index of
/// its value, or -1. Files differ in whether the learning rate is there, and whether the optimizer had been built.
/// Nothing when they are those of another number of weights: layers were frozen, or let train, after the training.
/// `trained_weights`: how many weights the optimizer trains; `keras_version`: that wrote the file; empty: the shapes
/// decide between versions.
/// InvalidArgument, saying what was expected, when they do not go together.
std::optional<std::vector<int>> match_optimizer_state(const Tensors& variables, const std::vector<Shape>& stored,
                                                      size_t trained_weights = 1,
                                                      const std::string& keras_version = "");

/// The same for files of optimizers before Keras 3 and TensorFlow 2.11 (nn/optimizers/old_config.h), which have one
/// slot of all weights before the next. `class_name`: of the optimizer. Nothing also where the file has other slots.
std::optional<std::vector<int>> match_old_optimizer_state(const std::string& class_name, const Tensors& variables,
                                                          const std::vector<Shape>& stored, size_t trained_weights);

/// Where the variables of the optimizer inside begin among those of a LossScaleOptimizer; their number if it has none.
size_t start_of_inner_optimizer(const Tensors& variables);

}  // namespace detail
}  // namespace hebb::io
