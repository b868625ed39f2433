#include "hebb/io/keras_weights.h"

#include <algorithm>
#include <map>
#include <set>

#include "hebb/base/error.h"
#include "hebb/base/problems.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/vocabulary.h"
#include "hebb/ops/elementwise.h"

namespace hebb::io {

namespace {

constexpr const char* optimizer_group = "/optimizer/vars";
constexpr const char* inner_optimizer_group = "/optimizer/inner_optimizer/vars";
constexpr const char* idf_weights_dataset = "/vars/idf_weights";

/// A group of an optimizer's variables, from `first` to before `end`.
void write_optimizer(Hdf5Writer& out, const std::string& group, const std::string& name, const Tensors& variables,
                     size_t first, size_t end) {
  out.make_group(group);
  out.write_attribute(group, "name", name);
  for (size_t i = first; i < end; ++i) out.write(message(group, "/", i - first), variables[i]);
}

/// The optimizers inside of another, in the order of their variables: the group that Keras keeps each in, and its
/// configuration.
std::vector<std::pair<std::string, const Json*>> inner_optimizers(const Json& config) {
  std::vector<std::pair<std::string, const Json*>> found;
  if (const Json* inner = config.find("inner_optimizer"); inner && inner->is_object()) {
    found.emplace_back(inner_optimizer_group, inner);
  } else if (const Json* map = config.find("optimizer_map"); map && map->is_object()) {
    // As elements of a list: by their classes, those of one class counted.
    std::map<std::string, int> count;
    const auto add = [&](const Json& inner) {
      const std::string name = snake_case(inner.get("class_name", ""));
      const int before = count[name]++;
      found.emplace_back(message("/optimizer/optimizers/", name, before == 0 ? "" : message("_", before), "/vars"),
                         &inner);
    };
    for (const auto& [pattern, inner] : map->at("config").at("optimizer_map").members()) add(inner);
    add(map->at("config").at("default_optimizer"));
  }
  return found;
}

/// Keras has the variables of optimizers inside another one a second time, as their own; without them it warns.
void write_inner_optimizers(Hdf5Writer& out, const ModelFile& file) {
  const Json* optimizer = file.training.is_object() ? file.training.find("optimizer") : nullptr;
  const Json* config = optimizer && optimizer->is_object() ? optimizer->find("config") : nullptr;
  if (!config || !config->is_object() || file.optimizer_state.empty()) return;
  const Tensors& all = file.optimizer_state;
  // Each begins with the same variable as the outer one.
  const auto next = [&](size_t from) {
    const auto at = std::find_if(all.begin() + static_cast<std::ptrdiff_t>(from), all.end(),
                                 [&](const Tensor& variable) { return variable.name() == all.front().name(); });
    return static_cast<size_t>(at - all.begin());
  };
  size_t first = next(1);
  for (const auto& [group, inner] : inner_optimizers(*config)) {
    const size_t end = first < all.size() ? next(first + 1) : first;
    write_optimizer(out, group, inner->at("config").get("name", ""), all, first, end);
    first = end;
  }
}

}  // namespace

std::vector<Tensors> KerasWeights::read_weights(const ModelFile& made, Problems& problems, Leniency& leniency) {
  std::vector<Tensors> out;
  for (const LayerWeights& layer : made.tree) {
    if (!leniency.options.skip_mismatch) {
      out.push_back(read_layer(layer, problems));
      continue;
    }
    Problems of_layer;
    Tensors values;
    of_layer.run([&] { values = read_layer(layer, of_layer); });
    const std::vector<std::string> texts = of_layer.parts();
    if (!texts.empty()) values = Tensors(layer.weights.size());  // as in Keras, the whole layer stays as it is
    leniency.passed_over.insert(leniency.passed_over.end(), texts.begin(), texts.end());
    out.push_back(std::move(values));
  }
  return out;
}

Tensors KerasWeights::read_layer(const LayerWeights& layer, Problems& problems) {
  const size_t count = layer.weights.size();
  Tensors values(count);
  problems.run([&] {
    const std::string group = find(layer.path) + "/vars";
    const auto dataset = [&](size_t i) { return message(group, "/", i); };
    const bool is_there = file_.has_group(group);
    const bool may_be_missing =
        count > 0 && std::count(layer.optional.begin(), layer.optional.end(), true) == static_cast<int64_t>(count);
    if (may_be_missing && (!is_there || file_.children(group).empty())) return;
    if (count > 1 && (!is_there || file_.children(group).empty())) {
      throw IoError(message(where_, ": expected '", group, "' to hold the ", count, " weights of ", layer.layer,
                            "; they are missing. The file is damaged, or its weights belong to another model."));
    }
    for (size_t i = 0; i < count; ++i) {
      const std::string weight = message("the weight '", layer.weights[i].name(), "' of ", layer.layer);
      problems.run([&] {
        if (!is_there || !file_.has_dataset(dataset(i))) {
          throw IoError(message(where_, ": expected '", dataset(i), "', ", weight, ", ", layer.weights[i].spec(),
                                "; it is missing. The file is damaged, or its weights belong to another model."));
        }
        try {
          values[i] = file_.read(dataset(i), layer.weights[i].spec());
        } catch (const IoError& error) {
          throw IoError(message(error.what(), " It is ", weight, "."));
        }
      });
    }
    if (is_there && file_.has_dataset(dataset(count))) {
      throw IoError(message(where_, ": expected ", count, " weights in '", group, "', those of ", layer.layer,
                            "; the file has more. It is damaged, or its weights belong to another model."));
    }
  });
  return values;
}

Tensors KerasWeights::read_unmade(const LayerWeights& layer) {
  Tensors out;
  const std::string group = layer.path.empty() ? "" : find(layer.path);
  if (group.empty() || !file_.has_group(group)) return out;
  for (const std::string& place : file_.datasets(group))
    out.push_back(variable(file_.read(place, file_.spec(place)), place));
  return out;
}

std::vector<std::string> KerasWeights::other_weights(const ModelFile& made) {
  std::set<std::string> known;
  for (const LayerWeights& layer : made.tree) known.insert(find(layer.path));
  std::vector<std::string> out;
  for (const LayerWeights& layer : made.tree) {
    const std::string layers = find(layer.path) + "/layers";
    // Before Keras 3 other groups stood there.
    if (!dynamic_cast<const ModelBase*>(layer.object) || *old_names_ || !file_.has_group(layers)) continue;
    for (const std::string& child : file_.children(layers)) {
      const std::string group = message(layers, "/", child);
      if (known.count(group) > 0 || file_.kind(group) != Hdf5Kind::group || file_.datasets(group).empty()) continue;
      out.push_back(message(where_, ", '", group,
                            "': the model has no layer for these weights. The file is damaged, or ",
                            "its weights belong to another model."));
    }
  }
  return out;
}

Tensor KerasWeights::read_idf_weights(const LayerWeights& layer, const std::optional<Shape>& expected) {
  const std::string dataset = find(layer.path) + idf_weights_dataset;
  if (!file_.has_group(find(layer.path) + "/vars") || !file_.has_dataset(dataset)) return {};
  const Spec stored = file_.spec(dataset);
  if (stored.shape.rank() != 1)
    throw IoError(message(where_, ": expected '", dataset, "' to be a list, got ", stored, ". The file is damaged."));
  return file_.read(dataset, {expected.value_or(stored.shape), DType::float32});
}

std::vector<Shape> KerasWeights::optimizer_shapes() const {
  std::vector<Shape> stored;
  if (!file_.has_group("/optimizer") || !file_.has_group(optimizer_group)) return stored;
  while (file_.has_dataset(message(optimizer_group, "/", stored.size()))) {
    stored.push_back(file_.spec(message(optimizer_group, "/", stored.size())).shape);
  }
  return stored;
}

bool KerasWeights::scales_loss() const {
  return file_.has_group("/optimizer") && file_.has_group(inner_optimizer_group);
}

std::optional<Tensors> KerasWeights::read_optimizer(const ModelFile& made, const std::string& keras_version) {
  const std::vector<Shape> stored = optimizer_shapes();
  if (const size_t next = stored.size(); next > 0 && file_.children(optimizer_group).size() > next) {
    const bool is_known = next < made.optimizer_state.size();
    throw IoError(message(where_, ": expected '", optimizer_group, "/", next, "', ",
                          is_known ? message("'", made.optimizer_state[next].name(), "' of ") : "of ",
                          "the optimizer '", made.optimizer,
                          "'; it is missing, where others behind it are there. The file is damaged."));
  }
  std::optional<std::vector<int>> fitting;
  try {
    fitting = detail::match_optimizer_state(made.optimizer_state, stored, made.trained_weights, keras_version);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(
        message("'", optimizer_group, "', the state of the optimizer '", made.optimizer, "': ", error.what()));
  }
  if (!fitting) return std::nullopt;
  const std::vector<int>& match = *fitting;
  Tensors out(match.size());
  for (size_t i = 0; i < match.size(); ++i) {
    if (match[i] < 0) continue;
    const std::string place = message(optimizer_group, "/", match[i]);
    const Spec spec = made.optimizer_state[i].spec();
    // Adafactor's unused places, whole numbers: floats in early versions of Keras 3.
    const bool is_unused = spec.dtype == DType::int32 && spec.shape.rank() == 0;
    out[i] = is_unused ? cast(file_.read(place, {spec.shape, file_.spec(place).dtype}), spec.dtype)
                       : file_.read(place, spec);
  }
  return out;
}

/// The group of a layer. Before Keras 3 the layers of a model stood in another one, and layers inside of a layer, such
/// as those of MultiHeadAttention, under names that begin with an underscore.
std::string KerasWeights::find(const std::string& path) {
  if (!old_names_) {
    old_names_ = !file_.has_group("/layers") && file_.has_group("/_layer_checkpoint_dependencies");
  }
  if (path.empty()) return "";
  std::vector<std::string> parts = split(path, '/');
  if (*old_names_) {
    for (std::string& part : parts) {
      if (part == "layers") part = "_layer_checkpoint_dependencies";
    }
  }
  const std::string whole = "/" + join(parts, "/");
  if (file_.has_group(whole)) return whole;
  std::string group;
  for (const std::string& part : parts) {
    const std::string today = group + "/" + part, before = group + "/_" + part;
    group = !file_.has_group(today) && file_.has_group(before) ? before : today;
  }
  return file_.has_group(group) ? group : whole;
}

std::string keras_weights(const ModelFile& file) {
  Hdf5Writer out;
  for (const LayerWeights& layer : file.tree) {
    const std::string group = layer.path.empty() ? "/vars" : "/" + layer.path + "/vars";
    out.make_group(group);
    out.write_attribute(group, "name", layer.name);
    for (size_t i = 0; i < layer.weights.size(); ++i) out.write(message(group, "/", i), layer.weights[i]);
    if (auto* keeper = dynamic_cast<KeepsVocabulary*>(layer.object);
        keeper && keeper->vocabulary().idf_weights().defined())
      out.write("/" + layer.path + idf_weights_dataset, keeper->vocabulary().idf_weights());
  }
  if (!file.optimizer.empty()) {
    write_optimizer(out, optimizer_group, file.optimizer, file.optimizer_state, 0, file.optimizer_state.size());
    write_inner_optimizers(out, file);
  }
  return out.finish();
}

}  // namespace hebb::io
