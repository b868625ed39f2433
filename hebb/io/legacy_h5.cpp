// Keras's older format (keras/src/legacy/saving/legacy_h5_format.py): an HDF5 file with the configuration in attributes
// and the weights layer by layer, by position.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "hebb/base/atomic_file.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/io/hdf5.h"
#include "hebb/io/legacy_weights.h"
#include "hebb/io/model_file.h"
#include "hebb/nn/losses/loss.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/old_names.h"
#include "hebb/nn/operation_layer.h"
#include "hebb/nn/optimizers/old_config.h"
#include "hebb/nn/vocabulary.h"
#include "hebb/ops/elementwise.h"

namespace hebb::io {

namespace {

/// Where hebb keeps the optimizer's state. Keras makes an optimizer for no variables at all where it finds its own
/// group, "/optimizer_weights", and then can train no step; without it, it begins with a fresh state.
constexpr const char* own_optimizer_weights = "/hebb_optimizer_weights";

/// Keras's compile_config from a training_config, where the optimizer stands under another name.
Json as_compile_config(const Json& training) {
  Json out = training;
  if (const Json* optimizer = training.find("optimizer_config")) out.set("optimizer", *optimizer);
  return out;
}

/// The name of a loss that was given as a function.
bool is_function(const Json& loss) {
  return loss.is_object() && loss.get("class_name", "") == std::string("function") && loss.contains("config") &&
         loss.at("config").is_string();
}

/// Names in place of functions, wherever they stand in lists and for outputs.
Json without_functions(const Json& json) {
  if (is_function(json)) return json.at("config");
  Json out = json;
  if (json.is_array()) {
    out = Json::array();
    for (const Json& item : json.items()) out.push_back(without_functions(item));
  } else if (json.is_object() && !json.contains("class_name")) {
    for (const auto& [key, value] : json.members()) out.set(key, without_functions(value));
  }
  return out;
}

/// The names that Keras finds in this format: it does not load losses by their short ones, nor functions.
Json with_long_names(const Json& loss) {
  if (loss.is_string()) {
    const std::string name = lower_case(loss.as_string());
    for (const LossRecord& record : loss_records()) {
      const auto found = std::find_if(record.names.begin(), record.names.end(),
                                      [&](const std::string& its_name) { return lower_case(its_name) == name; });
      if (found != record.names.end()) return record.names.front();
    }
    const auto& old = losses_of_keras_2();
    const auto found = old.find(name);
    return found == old.end() ? loss : Json(found->second);
  }
  Json out = loss;
  if (loss.is_array()) {
    out = Json::array();
    for (const Json& item : loss.items()) out.push_back(with_long_names(item));
  } else if (loss.is_object() && !loss.contains("class_name")) {
    for (const auto& [key, value] : loss.members()) out.set(key, with_long_names(value));
  }
  return out;
}

Json as_training_config(const Json& compile_config) {
  Json out = Json::object();
  for (const char* key : {"loss", "metrics", "weighted_metrics", "loss_weights"}) {
    const Json* value = compile_config.find(key);
    out.set(key, value ? without_functions(*value) : Json());
  }
  out.set("loss", with_long_names(out.at("loss")));
  const Json& optimizer = compile_config.at("optimizer");
  out.set("optimizer_config",
          Json::object({{"class_name", optimizer.at("class_name")}, {"config", optimizer.at("config")}}));
  return out;
}

/// Whether Keras finds a loss in this format.
bool is_known_loss(const Json& loss) {
  if (loss.is_string()) return loss.as_string() != "categorical_generalized_cross_entropy";
  if (loss.is_array()) return std::all_of(loss.items().begin(), loss.items().end(), is_known_loss);
  if (!loss.is_object()) return true;
  if (loss.contains("class_name"))
    return loss.get("class_name", "") != std::string("CategoricalGeneralizedCrossEntropy");
  return std::all_of(loss.members().begin(), loss.members().end(),
                     [](const auto& member) { return is_known_loss(member.second); });
}

bool is_ellipsis(const Json& json) { return json.is_object() && json.get("class_name", "") == "__ellipsis__"; }

/// Indices without "...", which Keras does not read in this format: as many slices of everything stand for it.
Json without_ellipses(const Json& json) {
  if (json.is_array()) {
    const auto& items = json.items();
    const bool is_call = items.size() == 2 && items[0].is_object() && items[0].contains("config") &&
                         items[0].at("config").is_object() && items[0].at("config").contains("shape") &&
                         items[1].is_array() &&
                         std::any_of(items[1].items().begin(), items[1].items().end(), is_ellipsis);
    Json out = Json::array();
    if (!is_call) {
      for (const Json& item : items) out.push_back(without_ellipses(item));
      return out;
    }
    const Json::Array& keys = items[1].items();
    const auto named = std::count_if(keys.begin(), keys.end(), [](const Json& key) { return !key.is_null(); }) - 1;
    const Json nothing = Json::object({{"start", nullptr}, {"stop", nullptr}, {"step", nullptr}});
    for (const Json& key : keys) {
      if (!is_ellipsis(key)) {
        out.push_back(key);
        continue;
      }
      for (auto i = named; i < static_cast<std::ptrdiff_t>(items[0].at("config").at("shape").size()); ++i)
        out.push_back(Json::object({{"class_name", "__slice__"}, {"config", nothing}}));
    }
    return Json::array({items[0], out});
  }
  if (!json.is_object()) return json;
  Json out = Json::object();
  for (const auto& [key, value] : json.members()) out.set(key, without_ellipses(value));
  return out;
}

class LegacyReader : public ModelReader {
 public:
  explicit LegacyReader(const std::string& path) : path_(path), file_(path) {
    reads_tree_ = false;
    where_ = message("'", path, "', model_config");
    model_ = attribute("model_config");
    if (model_.is_null()) {
      throw IoError(message("'", path, "': expected an attribute model_config, there is none. ",
                            LegacyWeights::are_of_keras_3(file_) ? LegacyWeights::remedy_for_keras_3
                            : LegacyWeights::stand_alone(file_)
                                ? "It holds weights without their model, which load_weights() of the model reads."
                                : "It is no file of Keras's.",
                            " Save the whole model with model.save()."));
    }
    random_states_ = attribute(random_states_key);
    notes_ = attribute(notes_key);
    sample_ = attribute(sample_key);
    version_ = file_.string_attribute("/", "keras_version").value_or("");
    model_ = hebb::detail::with_modules_of_operations(with_names_of_today(model_, version_));
    Json training = attribute(training_key);
    if (training.is_null()) training = attribute("training_config");
    if (training.is_object() && training.size() > 0) {
      training_ = training_with_names_of_today(as_compile_config(training), version_);
      const std::vector<std::string> outputs = output_names(model_);
      training_ = with_own_names_of_metrics(metrics_per_output(training_, version_, outputs), version_, outputs);
    }
    std::error_code error;
    const uintmax_t bytes = std::filesystem::file_size(path, error);
    most_elements_ = error ? 0 : static_cast<uint64_t>(bytes) / 2 * 8;  // as in `.keras` files
  }

  std::vector<Tensors> read_weights(const ModelFile& made, Problems& problems, Leniency& leniency) override {
    std::vector<Tensors> out(made.list.size());
    problems.run([&] { out = LegacyWeights(file_, path_).read(made.list, made.is_partial, problems, leniency); });
    return out;
  }

  Tensors read_unmade(const LayerWeights& layer) override {
    Tensors out;
    const LegacyWeights all(file_, path_);
    for (const LegacyWeights::Layer& stored : all.layers()) {
      if (layer.name.empty() || stored.name != layer.name) continue;
      for (const std::string& name : stored.weights) {
        const std::string place = stored.group + "/" + name;
        out.push_back(variable(file_.read(place, file_.spec(place)), place));
      }
    }
    return out;
  }

  std::optional<Tensors> read_optimizer(const ModelFile& made) override {
    const std::string group = file_.has_group(own_optimizer_weights) ? own_optimizer_weights : "/optimizer_weights";
    std::vector<std::string> names;
    if (file_.has_group(group))
      names = file_.strings_attribute(group, "weight_names").value_or(std::vector<std::string>());
    std::vector<Shape> shapes;
    for (const std::string& name : names) shapes.push_back(file_.spec(group + "/" + name).shape);
    std::optional<std::vector<int>> fitting;
    try {
      fitting = match(made, shapes);
    } catch (const InvalidArgument& error) {
      throw IoError(message("'", path_, "', optimizer_weights, the state of the optimizer '", made.optimizer,
                            "': ", error.what()));
    }
    if (!fitting) return std::nullopt;
    const std::vector<int>& match = *fitting;
    Tensors out(match.size());
    for (size_t i = 0; i < match.size(); ++i) {
      if (match[i] < 0) continue;
      out[i] = file_.read(group + "/" + names[static_cast<size_t>(match[i])], made.optimizer_state[i].spec());
    }
    return out;
  }

 private:
  Json attribute(const char* name) const {
    const std::optional<std::string> text = file_.string_attribute("/", name);
    return text ? Json::parse(*text, message("'", path_, "', ", name)) : Json();
  }

  /// The optimizer as the file has it, {"class_name", "config"}; null: none.
  Json written_optimizer() const {
    const Json* optimizer = training_.is_object() ? training_.find("optimizer") : nullptr;
    return optimizer && optimizer->is_object() && optimizer->contains("config") ? *optimizer : Json();
  }

  /// As `match_optimizer_state`, by the age of the Keras that wrote the file.
  std::optional<std::vector<int>> match(const ModelFile& made, const std::vector<Shape>& shapes) const {
    Json written = written_optimizer();
    // Keras 2's LossScaleOptimizer, which has no name, has the variables of the one inside for its own.
    size_t first = 0;
    if (written.is_object() && written.get("class_name", "").starts_with("LossScaleOptimizer") &&
        !written.at("config").contains("name")) {
      first = detail::start_of_inner_optimizer(made.optimizer_state);
      if (first == made.optimizer_state.size()) first = 0;  // with a fixed scale it was taken for the one inside
      const Json* inner = written.at("config").find("inner_optimizer");
      if (!inner) inner = written.at("config").find("optimizer");
      if (inner && inner->is_object() && inner->contains("config")) written = *inner;
    }
    const Tensors variables(made.optimizer_state.begin() + static_cast<std::ptrdiff_t>(first),
                            made.optimizer_state.end());
    auto found =
        written.is_object() && is_of_old_optimizer(written.at("config"))
            ? detail::match_old_optimizer_state(written.get("class_name", ""), variables, shapes, made.trained_weights)
            : detail::match_optimizer_state(variables, shapes, made.trained_weights, version_);
    if (found) found->insert(found->begin(), first, -1);
    return found;
  }

  std::string path_;
  Hdf5Reader file_;
};

/// A layer's configuration with the vocabulary that it learned, as if it had been given it.
Json with_vocabulary(Json config, const Vocabulary& vocabulary) {
  Json tokens = Json::array(), weights = Json::array();
  for (const std::string& token : vocabulary.tokens())
    tokens.push_back(vocabulary.rules().integers ? Json(std::stoll(token)) : Json(token));
  config.set("vocabulary", std::move(tokens));
  if (!vocabulary.idf_weights().defined()) return config;
  const std::vector<double> all = vocabulary.idf_weights().to_vector<double>();
  for (size_t i = 0; i < vocabulary.tokens().size(); ++i)
    weights.push_back(all[static_cast<size_t>(vocabulary.token_start()) + i]);
  config.set("idf_weights", std::move(weights));
  return config;
}

/// A model's configuration with all vocabularies, for which the format has no other place.
Json with_vocabularies(const Json& config, const ModelBase& model) {
  Json layers = Json::array();
  for (Json entry : config.at("layers").items()) {
    const std::string name = entry.at("config").get("name", "");
    for (const auto& layer : model.layers()) {
      if (layer->name() != name) continue;
      auto* keeper = dynamic_cast<KeepsVocabulary*>(layer.get());
      if (keeper && !keeper->is_in_config() && !keeper->vocabulary().empty())
        entry.set("config", with_vocabulary(entry.at("config"), keeper->vocabulary()));
      if (const auto* nested = dynamic_cast<const ModelBase*>(layer.get()))
        entry.set("config", with_vocabularies(entry.at("config"), *nested));
    }
    layers.push_back(std::move(entry));
  }
  Json out = config;
  out.set("layers", std::move(layers));
  return out;
}

void write_file(const ModelFile& file, const std::string& path) {
  Hdf5Writer out(path);
  const auto* base = dynamic_cast<const ModelBase*>(file.tree.front().object);
  const Json& config = file.model.at("config");
  const Json model = Json::object({{"class_name", file.model.at("class_name")},
                                   {"config", without_ellipses(base ? with_vocabularies(config, *base) : config)}});
  out.write_attribute("/", "keras_version", keras_version);
  out.write_attribute("/", "backend", "tensorflow");
  out.write_attribute("/", "model_config", model.dump());
  if (file.random_states.size() > 0) out.write_attribute("/", random_states_key, file.random_states.dump());
  if (file.notes.size() > 0) out.write_attribute("/", notes_key, file.notes.dump());
  if (!file.sample.is_null()) out.write_attribute("/", sample_key, file.sample.dump());
  if (!file.training.is_null()) {
    const Json training = without_own_options(as_training_config(file.training));
    Json own = as_training_config(file.training);
    own.set("loss", file.training.at("loss"));
    const bool is_known =
        file.training.at("optimizer").get("class_name", "") != "Lamb" && is_known_loss(training.at("loss"));
    if (is_known) out.write_attribute("/", "training_config", training.dump());
    if (!is_known || training != own) out.write_attribute("/", training_key, own.dump());
  }

  write_legacy_weights(out, "/model_weights", file.list);
  if (!file.optimizer.empty()) write_named(out, own_optimizer_weights, file.optimizer_names, file.optimizer_state);
  out.finish();
}

}  // namespace

std::unique_ptr<ModelReader> detail::open_legacy_h5(const std::string& path) {
  return std::make_unique<LegacyReader>(path);
}

void detail::write_legacy_weights_file(const ModelFile& file, const std::string& path) {
  write_atomically(path, [&](const std::string& temporary) {
    Hdf5Writer out(temporary);
    write_legacy_weights(out, "", file.list);
    out.finish();
  });
}

void detail::write_legacy_h5(const ModelFile& file, const std::string& path) {
  if (file.quantization.size() > 0) {
    throw NotSupported(message("'", path,
                               "': a quantised model: Keras's older format has no place for it. Save it to a "
                               "file that ends in .keras."));
  }
  write_atomically(path, [&](const std::string& temporary) { write_file(file, temporary); });
}

}  // namespace hebb::io
