#include "hebb/io/legacy_weights.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/io/cudnn_weights.h"

namespace hebb::io {

LegacyWeights::LegacyWeights(const Hdf5Reader& file, std::string path) : file_(file), path_(std::move(path)) {
  const std::string root = file_.has_group("/model_weights") ? "/model_weights" : "";
  where_ = message("'", path_, root.empty() ? "'" : "', model_weights");
  const auto names = file_.strings_attribute(root.empty() ? "/" : root, "layer_names");
  if (!names) {
    const bool is_model = root.empty() && file_.has_attribute("/", "model_config");
    throw IoError(message(
        "'", path_, "': expected ",
        is_model ? "a group /model_weights, which holds the weights of the model"
                 : message("an attribute layer_names of '", root, "/'"),
        ", there is none. ",
        are_of_keras_3(file_) ? remedy_for_keras_3 : "The file is damaged: save the model, or its weights, again."));
  }
  for (const std::string& name : *names) {
    const std::string group = root + "/" + name;
    if (!file_.has_group(group)) continue;
    auto weights = file_.strings_attribute(group, "weight_names");
    if (weights && !weights->empty()) layers_.push_back({name, group, std::move(*weights)});
  }
}

bool LegacyWeights::stand_alone(const Hdf5Reader& file) {
  return !file.has_attribute("/", "model_config") && file.strings_attribute("/", "layer_names").has_value();
}

bool LegacyWeights::are_of_keras_3(const Hdf5Reader& file) {
  return !file.has_attribute("/", "model_config") &&
         (file.has_group("/layers") || file.has_group("/_layer_checkpoint_dependencies"));
}

const LegacyWeights::Layer* LegacyWeights::find(const std::string& name) const {
  const auto found =
      std::find_if(layers_.begin(), layers_.end(), [&](const Layer& layer) { return layer.name == name; });
  return found == layers_.end() ? nullptr : &*found;
}

namespace {

/// A layer without the weights that a file may be without.
LayerWeights without_optional(const LayerWeights& layer) {
  LayerWeights rest = layer;
  rest.weights.clear();
  rest.optional.clear();
  for (size_t i = 0; i < layer.weights.size(); ++i) {
    if (layer.optional.empty() || !layer.optional[i]) rest.weights.push_back(layer.weights[i]);
  }
  return rest;
}

}  // namespace

void LegacyWeights::read_layer(const Layer& from, const LayerWeights& layer, Tensors& values, Problems& problems,
                               Leniency& leniency) const {
  if (const LayerWeights rest = without_optional(layer);
      from.weights.size() != layer.weights.size() && from.weights.size() == rest.weights.size()) {
    Tensors read(rest.weights.size());
    read_layer(from, rest, read, problems, leniency);
    for (size_t i = 0, next = 0; i < values.size(); ++i) {
      if (!layer.optional[i]) values[i] = read[next++];
    }
    return;
  }
  if (from.weights.size() != layer.weights.size()) {
    problems.add<IoError>(message("'", path_, "', '", from.group, "': expected ", layer.weights.size(), " weights for ",
                                  layer.layer, ", the file has ", from.weights.size(), "."));
    return;
  }
  for (size_t i = 0; i < from.weights.size(); ++i) {
    const std::string place = from.group + "/" + from.weights[i];
    problems.run([&] {
      if (is_of_cudnn_from(from, layer, i)) {
        const size_t first = i;
        i += 2;
        return read_cudnn(from, layer, first, values, leniency);
      }
      try {
        const Shape stored = file_.spec(place).shape, &expected = layer.weights[i].shape();
        if (leniency.options.skip_mismatch && stored != expected) {
          leniency.passed_over.push_back(message("'", path_, "', '", place, "': of ", layer.layer, " the weight '",
                                                 layer.weights[i].name(), "' has the shape ", expected,
                                                 ", the file has ", stored, "."));
          return;
        }
        values[i] = file_.read(place, layer.weights[i].spec());
      } catch (const IoError& error) {
        throw IoError(message(error.what(), " It is the weight '", layer.weights[i].name(), "' of ", layer.layer, "."));
      }
    });
  }
}

bool LegacyWeights::is_of_cudnn_from(const Layer& from, const LayerWeights& layer, size_t first) const {
  if (first + 2 >= from.weights.size() || layer.weights[first].name() != "kernel" ||
      layer.weights[first + 2].name() != "bias")
    return false;
  const std::string bias = from.group + "/" + from.weights[first + 2];
  return file_.has_dataset(bias) && is_of_cudnn(layer.weights[first + 2].spec(), file_.spec(bias).shape);
}

void LegacyWeights::read_cudnn(const Layer& from, const LayerWeights& layer, size_t first, Tensors& values,
                               Leniency& leniency) const {
  const auto place = [&](size_t of) { return from.group + "/" + from.weights[of]; };
  for (const size_t i : {first, first + 1}) {  // the bias has the right shape
    const Shape stored = file_.spec(place(i)).shape, &expected = layer.weights[i].shape();
    if (!leniency.options.skip_mismatch || stored == expected) continue;
    leniency.passed_over.push_back(message("'", path_, "', '", place(i), "': of ", layer.layer, " the weight '",
                                           layer.weights[i].name(), "' has the shape ", expected, ", the file has ",
                                           stored, ", so that cuDNN's form of all three cannot be read."));
    return;
  }
  const Spec bias = layer.weights[first + 2].spec();
  const Spec whole{{2 * bias.shape.elements() / (bias.shape.rank() == 2 ? 2 : 1)}, bias.dtype};
  const Tensors read = from_cudnn(file_.read(place(first), layer.weights[first].spec()),
                                  file_.read(place(first + 1), layer.weights[first + 1].spec()),
                                  file_.read(place(first + 2), whole), bias);
  std::copy(read.begin(), read.end(), values.begin() + static_cast<std::ptrdiff_t>(first));
}

std::vector<Tensors> LegacyWeights::read_by_name(const std::vector<LayerWeights>& made, Problems& problems,
                                                 Leniency& leniency) const {
  std::vector<Tensors> out;
  for (const LayerWeights& layer : made) {
    out.emplace_back(layer.weights.size());
    if (layer.weights.empty()) continue;
    const Layer* const from = find(layer.name);
    if (!from) {
      leniency.passed_over.push_back(message("'", path_, "': it has no weights for ", layer.layer, "."));
      continue;
    }
    if (leniency.options.skip_mismatch && from->weights.size() != layer.weights.size()) {
      leniency.passed_over.push_back(message("'", path_, "', '", from->group, "': ", layer.layer, " has ",
                                             layer.weights.size(), " weights, the file has ", from->weights.size(),
                                             "."));
      continue;
    }
    read_layer(*from, layer, out.back(), problems, leniency);
  }
  for (const Layer& layer : layers_) {
    if (std::none_of(made.begin(), made.end(), [&](const LayerWeights& one) { return one.name == layer.name; })) {
      leniency.passed_over.push_back(
          message("'", path_, "', '", layer.group, "': the model has no layer '", layer.name, "'."));
    }
  }
  return out;
}

std::string LegacyWeights::differing_layers(const std::vector<LayerWeights>& made) const {
  std::vector<std::string> missing, others;
  for (const LayerWeights& layer : made) {
    if (!without_optional(layer).weights.empty() && !find(layer.name)) missing.push_back(layer.layer);
  }
  for (const Layer& layer : layers_) {
    if (std::none_of(made.begin(), made.end(), [&](const LayerWeights& one) { return one.name == layer.name; }))
      others.push_back("'" + layer.name + "'");
  }
  constexpr size_t most = 5;
  const auto list = [](std::vector<std::string> names) {
    if (names.size() <= most) return join(names);
    const size_t more = names.size() - most;
    names.resize(most);
    return join(names) + message(" and ", more, " more");
  };
  return message(missing.empty() ? "" : message(" It has none for ", list(missing), "."),
                 others.empty() ? "" : message(" The model has no layer ", list(others), "."));
}

std::vector<Tensors> LegacyWeights::read(const std::vector<LayerWeights>& made, bool is_partial, Problems& problems,
                                         Leniency& leniency) const {
  if (leniency.options.by_name) return read_by_name(made, problems, leniency);
  const auto count = [&](bool optional) {
    return static_cast<size_t>(std::count_if(made.begin(), made.end(), [&](const LayerWeights& layer) {
      return !(optional ? layer.weights : without_optional(layer).weights).empty();
    }));
  };
  const bool with_optional = count(true) == layers_.size();
  const size_t with_weights = count(with_optional);
  // Layers go by their positions, and have their names in the file as a rule.
  const bool by_name = is_partial || with_weights != layers_.size();
  if (by_name && !is_partial) {
    problems.add<IoError>(message(where_, ": expected ", with_weights,
                                  " layers with weights, as in the model, the file has ", layers_.size(), ".",
                                  differing_layers(made), " It is damaged, or its weights belong to another model."));
  }
  std::vector<Tensors> out;
  size_t next = 0;
  for (const LayerWeights& layer : made) {
    out.emplace_back(layer.weights.size());
    if ((with_optional ? layer.weights : without_optional(layer).weights).empty()) continue;
    const Layer* const from = by_name ? find(layer.name) : &layers_[next++];
    if (from) read_layer(*from, layer, out.back(), problems, leniency);
  }
  return out;
}

void write_named(Hdf5Writer& out, const std::string& group, const std::vector<std::string>& names,
                 const Tensors& weights) {
  out.make_group(group);
  out.write_attribute(group, "weight_names", std::span<const std::string>(names));
  for (size_t i = 0; i < weights.size(); ++i) out.write(group + "/" + names[i], weights[i]);
}

void write_legacy_weights(Hdf5Writer& out, const std::string& root, const std::vector<LayerWeights>& layers) {
  const std::string top = root.empty() ? "/" : root;
  std::vector<std::string> names;
  for (const LayerWeights& layer : layers) names.push_back(layer.name);
  if (!root.empty()) out.make_group(root);
  out.write_attribute(top, "layer_names", std::span<const std::string>(names));
  out.write_attribute(top, "backend", "tensorflow");
  out.write_attribute(top, "keras_version", keras_version);
  for (const LayerWeights& layer : layers) write_named(out, root + "/" + layer.name, layer.names, layer.weights);
  write_named(out, root + "/top_level_model_weights", {}, {});
}

}  // namespace hebb::io
