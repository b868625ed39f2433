#include "hebb/io/model_file.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/compile_config.h"
#include "hebb/nn/layers/low_rank.h"
#include "hebb/nn/layers/quantizable.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/model_entries.h"
#include "hebb/nn/quantize.h"
#include "hebb/nn/shared_layers.h"
#include "hebb/nn/trainer.h"
#include "hebb/nn/weights_from_file.h"

namespace hebb::io {

namespace {

std::string described(const LayerBase& layer) {
  return message("layer '", layer.name(), "' (", layer.class_name(), ")");
}

/// A layer's class in the names of groups: that of Keras's code, which is not always the one that Keras writes.
std::string kind_of(const std::string& name) {
  return snake_case(name == "GroupQueryAttention" ? "GroupedQueryAttention" : name);
}

/// The layers of a model as Keras names their groups: by class, those of a class numbered from the second on.
class TreeWriter {
 public:
  TreeWriter(std::vector<LayerWeights>& out, Purpose purpose) : out_(out), purpose_(purpose) {}

  /// A model, and all that is in it.
  void add(ModelBase& model) {
    if (purpose_ == Purpose::writing) places_ = places_of_layers(model);
    add(model, "", "");
  }

  void add(LayerBase& layer, const std::string& path, const std::string& prefix, bool each_time = false) {
    const auto places = places_.find(&layer);
    each_time = each_time || (places != places_.end() && places->second.graphs > 1);
    if (!seen_.insert(&layer).second && !each_time) return;
    const std::string name = prefix.empty() ? layer.name() : prefix + "/" + layer.name();
    LayerWeights entry{path, described(layer), layer.name(), {}, weights_of(layer), &layer};
    for (const Tensor& weight : entry.weights) entry.names.push_back(name + "/" + weight.name());
    out_.push_back(std::move(entry));
    if (const auto* model = dynamic_cast<const ModelBase*>(&layer)) {
      std::map<std::string, int> counts;
      for (const auto& part : model->layers()) {
        const std::string kind = kind_of(part->class_name());
        const int number = counts[kind]++;
        add(*part, below(path, number == 0 ? "layers/" + kind : message("layers/", kind, "_", number)), name,
            each_time);
      }
    } else {
      for (const auto& [attribute, part] : layer.sublayers()) {
        // Keras goes by the alphabet, and LSTM.activation is that of its cell.
        if (attribute == "cell" && layer.class_name() != "RNN") add_activation(*part, path, name, each_time);
        add(*part, below(path, attribute), name, each_time);
      }
    }
  }

 private:
  void add_activation(const LayerBase& cell, const std::string& path, const std::string& prefix, bool each_time) {
    for (const auto& [attribute, part] : cell.sublayers()) {
      if (attribute == "activation") add(*part, below(path, attribute), prefix + "/" + cell.name(), each_time);
    }
  }

  Tensors weights_of(const LayerBase& layer) const {
    const auto* low_rank = dynamic_cast<const LowRank*>(&layer);
    if (purpose_ == Purpose::going_on && low_rank && low_rank->has_product()) return layer.own_weights();
    return purpose_ == Purpose::writing ? layer.values_for_files() : layer.weights_for_files();
  }

  static std::string below(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "/" + name;
  }

  std::vector<LayerWeights>& out_;
  Purpose purpose_;
  std::unordered_set<const LayerBase*> seen_;
  PlacesOfLayers places_;  // where they count
};

/// Makes names different from each other, "kernel", "kernel_1", ..., and from the groups in which others stand:
/// "kernel/bias".
void make_unique(std::vector<std::string>& names) {
  std::unordered_set<std::string> taken;
  for (const std::string& name : names) {
    for (size_t at = name.find('/'); at != std::string::npos; at = name.find('/', at + 1))
      taken.insert(name.substr(0, at));
  }
  for (std::string& name : names) {
    const std::string base = name;
    for (int number = 1; !taken.insert(name).second; ++number) name = message(base, "_", number);
  }
}

/// A layer that stands directly in a model, with all weights in it.
LayerWeights all_weights(const LayerBase& layer) {
  LayerWeights entry{"", described(layer), layer.name(), {}, layer.trainable_weights(), nullptr};
  for (const Tensor& weight : layer.non_trainable_weights()) entry.weights.push_back(weight);
  // In Keras the bias of a layer in int8 can be trained still, and stands before the kernel.
  const auto* quantizable = dynamic_cast<const Quantizable*>(&layer);
  if (quantizable && quantizable->is_int8()) {
    std::stable_partition(entry.weights.begin(), entry.weights.end(),
                          [](const Tensor& weight) { return weight.name() == "bias"; });
  }
  return entry;
}

void add_single_layers(const Json& model, const std::string& path, TreeWriter& tree, ModelFile& out,
                       std::vector<Layer>& keep) {
  std::map<std::string, int> counts;
  for (const Json& entry : hebb::detail::layers_of(model)) {
    const std::string kind = kind_of(hebb::detail::class_of(entry));
    const int number = counts[kind]++;
    const std::string place = message(path, path.empty() ? "" : "/", "layers/", kind, number == 0 ? "" : "_",
                                      number == 0 ? std::string() : std::to_string(number));
    std::optional<WeightsFromFile> scope;  // what one layer needs does not count for the next
    if (const auto options = WeightsFromFile::current()) scope.emplace(*options);
    Problems known;  // told where the model was to be made
    if (known.run([&] { keep.push_back(hebb::detail::layer_or_model(entry)); })) {
      LayerBase& layer = *keep.back().shared();
      tree.add(layer, place, "");
      if (path.empty()) out.list.push_back(all_weights(layer));
      continue;
    }
    const bool is_model = hebb::detail::is_model(entry);
    const std::string name = hebb::detail::name_of_entry(entry);
    // In the tree a model is taken apart; in the list its place holds all of it.
    out.unmade.push_back({is_model ? "" : place,
                          message("layer '", name, "' (", hebb::detail::class_of(entry), ")"),
                          path.empty() ? name : "",
                          {},
                          {},
                          nullptr});
    if (is_model) add_single_layers(entry, place, tree, out, keep);
  }
}

bool ends_with(const std::string& path, const std::string& ending) {
  if (path.size() <= ending.size()) return false;
  return std::equal(ending.begin(), ending.end(), path.end() - static_cast<std::ptrdiff_t>(ending.size()),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

}  // namespace

ModelFile take_apart(const Model& model, Purpose purpose) {
  ModelBase& base = model.base();
  ModelFile file;
  file.model = model_to_json(base);
  file.notes = base.notes;
  TreeWriter(file.tree, purpose).add(base);

  for (const LayerWeights& entry : file.tree) {
    if (Json quantization = quantization_to_json(*entry.object); !quantization.is_null())
      file.quantization.set(entry.path, std::move(quantization));
    const Tensor& state = entry.object->random_state();
    if (!state.defined()) continue;
    const std::vector<int64_t> values = state.to_vector<int64_t>();
    file.random_states.set(entry.path, Json(Json::Array{values[0], values[1]}));
  }

  std::map<const TensorBody*, std::string> names;
  for (const LayerWeights& entry : file.tree) {
    for (size_t i = 0; i < entry.weights.size(); ++i) names.emplace(entry.weights[i].body().get(), entry.names[i]);
  }
  // Lists hold the matrices of LoRA as they are, but readers do not take every layer's lora_alpha from its
  // configuration.
  std::map<const TensorBody*, Tensor> other_values;
  for (const LayerWeights& entry : file.tree) {
    const auto* low_rank = dynamic_cast<const LowRank*>(entry.object);
    if (!low_rank) continue;
    const auto [matrix, value] = low_rank->second_matrix_without_alpha();
    if (matrix.defined()) other_values.emplace(matrix.body().get(), value);
  }
  for (const auto& layer : base.layers()) {
    LayerWeights entry = all_weights(*layer);
    for (const Tensor& weight : entry.weights) {
      const auto found = names.find(weight.body().get());  // not there: the file holds another form of it
      entry.names.push_back(found == names.end() ? layer->name() + "/" + weight.name() : found->second);
    }
    make_unique(entry.names);
    if (purpose == Purpose::writing) {
      for (Tensor& weight : entry.weights) {
        if (const auto other = other_values.find(weight.body().get()); other != other_values.end())
          weight = other->second;
      }
    }
    file.list.push_back(std::move(entry));
  }

  if (!base.trainer_if_any() || !base.trainer_if_any()->has_optimizer()) return file;
  const Trainer& trainer = *base.trainer_if_any();
  file.training = compile_config(trainer.options(), base.output_names(), base.output_structure());
  const Optimizer& optimizer = trainer.optimizer();
  if (file.training.is_null()) return file;
  file.optimizer = optimizer->settings().name;
  file.optimizer_state = optimizer->variables();
  file.trained_weights = base.trainable_weights().size();
  for (const Tensor& variable : file.optimizer_state)
    file.optimizer_names.push_back(file.optimizer + "/" + variable.name());
  make_unique(file.optimizer_names);
  return file;
}

ModelFile single_layers(const Json& model) {
  ModelFile out;
  out.is_partial = true;
  Problems known;
  TreeWriter tree(out.tree, Purpose::reading);
  known.run([&] {
    const SharedLayersRead shared(model);
    add_single_layers(model, "", tree, out, out.single);
  });
  return out;
}

Json without_own_options(const Json& training) { return without_key(training, "schedule_decay"); }

const std::vector<ModelFormat>& model_formats() {
  static const std::vector<ModelFormat> formats = {
      {".keras", "Keras 3: configuration and weights in one archive", detail::open_keras, detail::write_keras},
      {".h5", "Keras's older format, one HDF5 file", detail::open_legacy_h5, detail::write_legacy_h5},
      {".hdf5", "another ending of .h5", detail::open_legacy_h5, detail::write_legacy_h5},
  };
  return formats;
}

const ModelFormat& format_of(const std::string& path) {
  std::vector<std::string> endings;
  for (const ModelFormat& format : model_formats()) {
    if (ends_with(path, format.ending)) {
      if (ends_with(path, ".weights" + format.ending)) {
        throw IoError(message(
            "'", path, "': files that end in .weights", format.ending,
            " hold weights without their model. Write and read them with save_weights() and load_weights() of the "
            "model, or save the whole model to a file that ends in .keras."));
      }
      return format;
    }
    endings.push_back(format.ending);
  }
  throw IoError(message("'", path, "': expected the file of a model, which ends in ", join(endings),
                        ". Rename it, or save the model in one of these formats."));
}

}  // namespace hebb::io
