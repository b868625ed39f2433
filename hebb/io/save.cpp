// Model::save and load_model, and the same for weights alone.

#include <unistd.h>

#include <algorithm>
#include <unordered_set>

#include "hebb/base/atomic_file.h"
#include "hebb/base/byte_source.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/io/keras_weights.h"
#include "hebb/io/legacy_weights.h"
#include "hebb/io/model_file.h"
#include "hebb/io/sample.h"
#include "hebb/nn/compile_config.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/old_names.h"
#include "hebb/nn/optimizers/old_config.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/quantize.h"
#include "hebb/nn/remedies.h"
#include "hebb/nn/trainer.h"
#include "hebb/nn/vocabulary.h"
#include "hebb/nn/weights_from_file.h"
#include "hebb/ops/elementwise.h"
#include "hebb/tensor/late_value.h"

namespace hebb {

namespace {

/// Runs `body`; what it says against the configuration is said of the file.
template <class Body>
auto reading(const std::string& where, const char* remedy, Body&& body) {
  try {
    return body();
  } catch (const InvalidArgument& error) {
    throw IoError(message(where, ": ", error.what(), remedy));
  } catch (const NotSupported& error) {
    throw NotSupported(message(where, ": ", error.what(), remedy));
  }
}

/// Runs `body`. What it says against the configuration is said of the file, each problem by itself. `where`: empty
/// where it says itself of what it speaks.
template <class Body>
bool collect(Problems& problems, const std::string& where, const std::string& remedy, Body&& body) {
  Problems own;
  if (own.run(body)) return true;
  const std::string place = where.empty() ? "" : where + ": ";
  for (const std::string& text : own.parts()) {
    if (own.has_not_supported()) {
      problems.add<NotSupported>(message(place, text, remedy));
    } else {
      problems.add<IoError>(message(place, text, remedy));
    }
  }
  return false;
}

/// Lets a layer train with all that is in it, and adds what did not to `thawed`.
void thaw(LayerBase& layer, std::vector<LayerBase*>& thawed) {
  if (!layer.trainable()) {
    layer.set_own_trainable(true);
    thawed.push_back(&layer);
  }
  for (const auto& [attribute, inner] : layer.sublayers()) thaw(*inner, thawed);
}

/// Lets the layers inside of frozen attentions and convolutional LSTMs train. Keras does so, since it makes them
/// without telling them that the layer is frozen. Adds them to `thawed`.
void thaw_inner_layers(LayerBase& layer, std::vector<LayerBase*>& thawed) {
  static const std::vector<std::string> classes = {"MultiHeadAttention", "GroupQueryAttention", "RNN",
                                                   "ConvLSTM1D",         "ConvLSTM2D",          "ConvLSTM3D"};
  const bool is_one = std::find(classes.begin(), classes.end(), layer.class_name()) != classes.end();
  for (const auto& [attribute, inner] : layer.sublayers()) {
    if (is_one && !layer.trainable()) thaw(*inner, thawed);
    thaw_inner_layers(*inner, thawed);
  }
}

/// How the model of a file was trained. `outputs`: their names.
CompileOptions options_as_saved(io::ModelReader& reader, const std::vector<std::string>& outputs) {
  const Json* config = reader.model().find("config");
  const Json* structure = config && config->is_object() ? config->find("output_layers") : nullptr;
  return compile_options_from_json(reader.training(), outputs, layers_of_output_keys(reader.model()),
                                   structure ? *structure : Json());
}

/// Compiles the model as it was.
void compile_as_saved(Model& model, io::ModelReader& reader) {
  CompileOptions options = options_as_saved(reader, model.base().output_names());
  options.auto_scale_loss = false;  // as the training was that goes on
  if (reader.scales_loss() && options.optimizer->class_name() != "LossScaleOptimizer")
    options.optimizer = LossScaleOptimizer(options.optimizer);
  model.compile(options);
}

/// Keras 2 keeps Nadam's product of momenta in no file, tf_keras in archives neither. It follows from the steps.
void add_nadam_product(Tensors& state, const io::ModelFile& made, const Json& training) {
  if (state.empty() || made.optimizer_state.back().name() != "u_product") return;
  if (state.back().defined() || !state.front().defined()) return;
  const Json* optimizer = training.find("optimizer");
  if (!optimizer || !optimizer->is_object() || !optimizer->contains("config")) return;
  const double product = nadam_product(*optimizer, state.front().item());
  state.back() = cast(Tensor::scalar(product), made.optimizer_state.back().dtype());
}

/// What is to be said of a state that is passed over; empty: nothing.
std::string restore_optimizer(Model& model, io::ModelReader& reader) {
  ModelBase& base = model.base();
  const auto read = [&] {
    // The slots of a model whose shapes are not known yet are made when it is trained.
    if (base.is_connected()) base.trainer().build_optimizer();
    const io::ModelFile made = io::take_apart(model);
    std::optional<Tensors> state = reader.read_optimizer(made);
    if (state) add_nadam_product(*state, made, reader.training());
    for (size_t i = 0; state && i < state->size(); ++i) {
      if ((*state)[i].defined()) write_variable(made.optimizer_state[i], (*state)[i]);
    }
    return state.has_value();
  };
  const std::string passed_over =
      message(reader.where(), ": the state of the optimizer '", model.optimizer()->settings().name,
              "' is passed over, and it begins anew, as in Keras: it is of other weights than are trained now. Perhaps "
              "layers were frozen, or let train, without compile() afterwards.");
  if (read()) return "";
  if (!base.is_connected()) return passed_over;
  // State of weights that were said to be frozen: Keras trained them.
  std::vector<LayerBase*> thawed;
  thaw_inner_layers(base, thawed);
  if (thawed.empty()) return passed_over;
  compile_as_saved(model, reader);
  if (read()) return "";
  // State of what was trained before layers were frozen, or let train. As in Keras, the optimizer starts anew.
  for (LayerBase* layer : thawed) layer->set_own_trainable(false);
  compile_as_saved(model, reader);
  base.trainer().build_optimizer();
  return passed_over;
}

/// Whether the model, nothing where it could not be made, is trained on as it was.
bool restore_training(const std::optional<Model>& model, io::ModelReader& reader, const LoadOptions& options,
                      Problems& problems) {
  const Json* optimizer = reader.training().find("optimizer");
  // Keras leaves the optimizer out where a model was saved as `.h5` before, and reads its default there.
  const bool left_out = !optimizer && reader.training().find("loss");
  if (!left_out && (!optimizer || optimizer->is_null())) return false;
  const std::string remedy = message(" ", load_without_training);
  // What the caller wants to be told is no reason to refuse the file.
  Problems told;
  Problems& found = options.on_bad_training ? told : problems;
  bool is_trainable = collect(found, reader.where() + ", compile_config", remedy, [&] {
    if (!model) {
      options_as_saved(reader, output_names(reader.model()));
    } else {
      Model same = *model;
      compile_as_saved(same, reader);
    }
  });
  is_trainable = is_trainable && model;
  // What cannot be trained has no use for slots.
  if (is_trainable && !model->is_quantized() && !left_out) {
    Model same = *model;
    std::string passed_over;
    is_trainable = collect(found, "", remedy, [&] { passed_over = restore_optimizer(same, reader); });
    if (!passed_over.empty() && options.on_warning) options.on_warning(passed_over);
    if (!is_trainable && options.on_bad_training) {
      compile_as_saved(same, reader);
      is_trainable = true;
    }
  }
  for (const std::string& why : told.texts()) options.on_bad_training(why);
  return is_trainable;
}

/// Layers that draw numbers go on where they were.
void restore_random_states(const io::ModelFile& made, const io::ModelReader& reader, Problems& problems) {
  if (!reader.random_states().is_object()) return;
  for (const io::LayerWeights& layer : made.tree) {
    const Json* state = reader.random_states().find(layer.path);
    if (!state) continue;
    if (!state->is_array() || state->size() != 2 || !state->at(size_t{0}).is_int() || !state->at(size_t{1}).is_int()) {
      problems.add<IoError>(message(reader.where(), ": the random state of ", layer.layer,
                                    ": expected [seed, counter], two whole numbers, got ", state->dump(),
                                    ". The file is damaged."));
      continue;
    }
    layer.object->set_random_state(state->at(size_t{0}).as_int(), state->at(size_t{1}).as_int());
  }
}

/// Layers that were quantised become so again, now that their weights have values.
void restore_quantization(const io::ModelFile& made, const io::ModelReader& reader, Problems& problems) {
  if (!reader.quantization().is_object()) return;
  for (const io::LayerWeights& layer : made.tree) {
    const Json* quantization = reader.quantization().find(layer.path);
    if (!quantization) continue;
    collect(problems, message(reader.where(), ": the quantization of ", layer.layer), " The file is damaged.",
            [&] { quantization_from_json(*layer.object, *quantization); });
  }
}

/// Layers that learned a vocabulary know it again.
void restore_vocabularies(const io::ModelFile& made, io::ModelReader& reader, Problems& problems) {
  for (const io::LayerWeights& layer : made.tree) {
    auto* keeper = dynamic_cast<KeepsVocabulary*>(layer.object);
    if (!keeper || keeper->is_in_config()) continue;
    problems.run([&] {
      const auto saved = reader.read_vocabulary(layer);
      if (!saved) return;
      reading(message(reader.where(), ": the vocabulary of ", layer.layer), " The file is damaged.",
              [&] { keeper->vocabulary().set_from_text(saved->text, saved->idf_weights); });
    });
  }
}

/// Quantised models are whole files alone: a part of what they are does not stand among the weights.
void check_not_quantized(const Model& model, const char* what, const char* remedy) {
  if (model.is_quantized()) throw InvalidArgument(message(model.base().where(), what, ": it is quantised. ", remedy));
}

/// The layers of a model in the order of a file's weights.
const std::vector<io::LayerWeights>& layers_of(const io::ModelFile& made, const io::ModelReader& reader) {
  return reader.reads_tree() ? made.tree : made.list;
}

/// By `write(variable, value)`.
template <class Write>
void write_weights(const std::vector<io::LayerWeights>& layers, std::vector<Tensors> values, Write write,
                   io::Purpose purpose = io::Purpose::reading) {
  for (size_t i = 0; i < layers.size(); ++i) {
    for (size_t j = 0; j < layers[i].weights.size(); ++j) {
      if (values[i][j].defined()) write(layers[i].weights[j], std::move(values[i][j]));  // else passed over
    }
    if (layers[i].object && purpose == io::Purpose::reading) layers[i].object->weights_were_read();
  }
}

/// Zeros for the weights of a new model that files hold in another form, or not at all.
void clear_others(const Tensors& weights, const std::vector<io::LayerWeights>& in_file) {
  std::unordered_set<const TensorBody*> known;
  for (const io::LayerWeights& layer : in_file) {
    for (const Tensor& weight : layer.weights) known.insert(weight.body().get());
  }
  for (const Tensor& weight : weights) {
    if (known.count(weight.body().get()) == 0) write_variable(weight, zeros(weight.shape(), weight.dtype()));
  }
}

/// Marks the weights that a file may be without: those that have values, since they are not among these.
void mark_optional(std::vector<io::LayerWeights>& layers, const Tensors& without_values) {
  std::unordered_set<const TensorBody*> expected;
  for (const Tensor& weight : without_values) expected.insert(weight.body().get());
  for (io::LayerWeights& layer : layers) {
    std::vector<bool> optional;
    for (const Tensor& weight : layer.weights) optional.push_back(expected.count(weight.body().get()) == 0);
    if (std::find(optional.begin(), optional.end(), true) != optional.end()) layer.optional = std::move(optional);
  }
}

bool is_legacy_file(const std::string& path) { return path.ends_with(".h5") || path.ends_with(".hdf5"); }

void check_is_built(const Model& model, const char* what) {
  if (model.base().is_connected()) return;
  throw InvalidArgument(message(model.base().where(), what,
                                ": it has no weights yet. Build it first: put Input() in front, or call it."));
}

/// Weights, what tokens count and the optimizer's state from a `.weights.h5` file.
void read_weights_file(const Model& model, const std::string& path, io::Purpose purpose, io::Leniency& leniency) {
  const io::ModelFile made = io::take_apart(model, purpose);
  io::KerasWeights file(io::Hdf5Reader(path), "'" + path + "'");
  Problems problems;
  std::vector<Tensors> values = file.read_weights(made, problems, leniency);
  problems.throw_all();
  // As in Keras, the state of an optimizer that has another number of variables, or none yet, is passed over.
  Tensors state;
  if (!made.optimizer_state.empty() && made.optimizer_state.size() == file.optimizer_shapes().size()) {
    state = reading("'" + path + "'", "", [&] { return file.read_optimizer(made, ""); }).value_or(Tensors());
  }
  std::vector<std::pair<Vocabulary*, Tensor>> idf_weights;
  for (const io::LayerWeights& layer : made.tree) {
    auto* keeper = dynamic_cast<KeepsVocabulary*>(layer.object);
    if (!keeper || !keeper->vocabulary().idf_weights().defined()) continue;
    if (Tensor saved = file.read_idf_weights(layer, keeper->vocabulary().idf_weights().shape()); saved.defined())
      idf_weights.emplace_back(&keeper->vocabulary(), std::move(saved));
  }
  write_weights(made.tree, std::move(values), write_variable, purpose);
  for (const auto& [vocabulary, weights] : idf_weights) vocabulary->set_idf_weights(weights);
  for (size_t i = 0; i < state.size(); ++i) {
    if (state[i].defined()) write_variable(made.optimizer_state[i], state[i]);
  }
}

}  // namespace

void Model::save(const std::string& path) const {
  const io::ModelFormat& format = io::format_of(path);
  io::ModelFile file = io::take_apart(*this, io::Purpose::writing);
  file.sample = io::make_sample(*this);
  format.write(file, path);
}

void Model::save_weights(const std::string& path) const {
  const bool is_legacy = !path.ends_with(weights_ending) && is_legacy_file(path);
  if (!path.ends_with(weights_ending) && !is_legacy) {
    throw IoError(message("'", path, "': expected a file name that ends in ", weights_ending,
                          " for weights alone, or in .h5 for those that Keras 2 reads. Rename it, or save the whole ",
                          "model with save()."));
  }
  check_is_built(*this, "save_weights");
  check_not_quantized(*this, "save_weights", "Save the whole model with save().");
  const io::ModelFile file = io::take_apart(*this, io::Purpose::writing);
  if (is_legacy) return io::detail::write_legacy_weights_file(file, path);
  write_atomically(path, std::string_view(io::keras_weights(file)));
}

std::vector<std::string> Model::load_weights(const std::string& path, const LoadWeightsOptions& options) {
  check_is_built(*this, "load_weights");
  check_not_quantized(*this, "load_weights", "Load the weights before quantize().");
  io::Leniency leniency{.options = options};
  if (path.ends_with(weights_ending) || is_legacy_file(path)) {
    const io::Hdf5Reader file(path);
    // Keras 2 wrote its own format, whatever stood before ".h5".
    if (!path.ends_with(weights_ending) || io::LegacyWeights::stand_alone(file)) {
      const io::ModelFile made = io::take_apart(*this);
      Problems problems;
      std::vector<Tensors> values = io::LegacyWeights(file, path).read(made.list, false, problems, leniency);
      problems.throw_all();
      write_weights(made.list, std::move(values), write_variable);
      return leniency.passed_over;
    }
  }
  if (options.by_name) {
    throw InvalidArgument(message(base().where(),
                                  "load_weights: by_name is for weights in Keras 2's format (.h5), got '", path,
                                  "', whose layers are not found by name. Leave it out."));
  }
  if (path.ends_with(weights_ending)) {
    read_weights_file(*this, path, io::Purpose::reading, leniency);
    return leniency.passed_over;
  }
  const io::ModelFile made = io::take_apart(*this);
  const std::unique_ptr<io::ModelReader> reader = io::format_of(path).open(path);
  Problems problems;
  std::vector<Tensors> values = reader->read_weights(made, problems, leniency);
  problems.throw_all();
  write_weights(layers_of(made, *reader), std::move(values), write_variable);
  return leniency.passed_over;
}

void io::save_to_go_on(const Model& model, const std::string& path) {
  const std::string bytes = keras_weights(take_apart(model, Purpose::going_on));
  write_atomically(path, std::string_view(bytes));
}

void io::load_to_go_on(const Model& model, const std::string& path) {
  Leniency none;
  read_weights_file(model, path, Purpose::going_on, none);
}

io::LoadedFile io::load_parts(ModelReader& reader, const LoadOptions& options, Problems& problems) {
  LoadedFile out;
  ModelFile made;
  Tensors without_values;
  collect(problems, reader.where(), "", [&] {
    const WeightsFromFile scope({.most_elements = reader.most_elements()});
    try {
      out.model.emplace(model_from_json(reader.model()));
      without_values = scope.without_values();
    } catch (const Error&) {
      made = single_layers(reader.model());
      throw;
    }
  });
  if (out.model) {
    made = take_apart(*out.model);
    mark_optional(made.tree, without_values);
    mark_optional(made.list, without_values);
  }

  const std::vector<LayerWeights>& layers = layers_of(made, reader);
  std::vector<Tensors> values(layers.size());
  problems.run([&] { values = reader.read_weights(made, problems); });
  if (out.model) clear_others(without_values, layers);
  for (size_t i = 0; i < layers.size(); ++i) {
    LayerWeights read = layers[i];
    read.weights.clear();
    values[i].resize(layers[i].weights.size());
    for (size_t j = 0; j < values[i].size(); ++j) {
      const Tensor& weight = layers[i].weights[j];
      if (values[i][j].defined()) {
        move_into_variable(weight, std::move(values[i][j]));
        read.weights.push_back(weight);
      } else if (out.model &&
                 (layers[i].optional.empty() || !layers[i].optional[j])) {  // so that the rest can be looked through
        write_variable(weight, zeros(weight.shape(), weight.dtype()));
      }
    }
    if (out.model && layers[i].object) layers[i].object->weights_were_read();
    out.read.push_back(std::move(read));
  }
  for (LayerWeights& layer : made.unmade) {
    problems.run([&] { layer.weights = reader.read_unmade(layer); });
    out.read.push_back(std::move(layer));
  }
  if (out.model) {
    restore_random_states(made, reader, problems);
    restore_vocabularies(made, reader, problems);
    restore_quantization(made, reader, problems);
    if (reader.notes().is_object()) out.model->base().notes = reader.notes();
  }
  out.is_whole = problems.texts().empty();
  if (options.compile && !reader.training().is_null())
    out.is_trainable = restore_training(out.model, reader, options, problems);
  return out;
}

Model load_model(const std::string& path, const LoadOptions& options) {
  const std::unique_ptr<io::ModelReader> reader = io::format_of(path).open(path);
  Problems problems;
  io::LoadedFile loaded = io::load_parts(*reader, options, problems);
  problems.throw_all();
  return *std::move(loaded.model);
}

Model load_architecture(const std::string& path) {
  constexpr uint64_t most_bytes = 16 << 20;
  const Json json = Json::parse(read_file(path, most_bytes), "'" + path + "'");
  return reading("'" + path + "'", "", [&] {
    const auto memory = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGE_SIZE));
    const WeightsFromFile scope({.most_elements = memory / sizeof(float), .initialize = true});
    return model_from_json(with_names_of_today(json, json.is_object() ? json.get("keras_version", "") : ""));
  });
}

}  // namespace hebb
