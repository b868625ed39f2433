/// What goldens and model files show of Keras's classes and their arguments: what keras_coverage_test.cpp tells.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "goldens.h"
#include "hebb/base/zip.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/metrics/metrics.h"

namespace hebb::keras_shown {

/// A class of Keras's: `Mean` is a metric and an operation, `Identity` a layer and an initializer.
using Class = std::pair<std::string, std::string>;  // kind, name

/// What goldens and files show of a class.
struct Seen {
  int64_t goldens = 0;
  bool gradient = false;
  std::map<std::string, std::set<std::string>> values;  // of each argument
  std::map<std::string, int64_t> given;                 // how often each argument stands there
  int64_t configs = 0;                                  // how many there are
  int64_t read = 0, written = 0;                        // files
};

struct Kind {
  const char* key;    // in keras_names.json
  const char* title;  // on the page
  std::vector<const char*> groups;
  const char* class_key;
  const char* note = "";  ///< what its goldens hold, where that is not plain
};

inline const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"layers",
       "Layers",
       {"layers", "conv_layers", "image_layers", "layer_arguments", "spatial_layers", "preprocessing", "augmentation",
        "lookups", "sequence_layers", "conv_lstm", "attention"},
       "layer",
       "Layers that draw numbers draw hebb's own: their goldens hold what Keras computes from numbers given, or with "
       "nothing left to chance."},
      {"losses", "Losses", {"losses"}, "class_name"},
      {"metrics", "Metrics", {"metrics"}, "class_name"},
      {"optimizers",
       "Optimizers",
       {"optimizers"},
       "class_name",
       "Goldens hold weights and states after each of several steps. Files of Keras's older format, `.h5`, know few of "
       "them."},
      {"schedules", "Learning-rate schedules", {"schedules"}, "class_name"},
      {"callbacks",
       "Callbacks",
       {"callbacks", "training_callbacks"},
       "callback",
       "Goldens hold what becomes of a training: when it stops, with which weights, what is printed and written. No "
       "model "
       "file holds a callback."},
      {"initializers",
       "Initializers",
       {"initializers"},
       "class_name",
       "Numbers drawn at random are hebb's own: goldens hold their distribution, and numbers where they follow from "
       "the "
       "arguments."},
      {"regularizers", "Regularizers", {"regularizers"}, "class_name"},
      {"constraints", "Constraints", {"constraints"}, "class_name"},
  };
  return all;
}

/// The kind of the classes of a module, which stands beside their names in configurations; empty where it is none.
inline std::string kind_of(const std::string& module) {
  if (module.starts_with("keras.optimizers.schedules")) return "schedules";
  if (module.starts_with("keras.src.backend.") && module.find(".optimizers.") != std::string::npos) return "optimizers";
  if (module.starts_with("keras.src.ops.")) return "operations";
  for (const Kind& kind : kinds()) {
    if (module == std::string("keras.") + kind.key) return kind.key;
  }
  return "";
}

/// The name in files of Keras's class of that name in code.
inline std::string name_in_files(const std::string& name) {
  return name == "GroupedQueryAttention" ? "GroupQueryAttention" : name;
}

/// Objects {"module": ..., "class_name": ..., "config": {...}} anywhere in a golden or in a file's configuration.
template <class Visit>
void visit_objects(const Json& json, const Visit& visit) {
  if (json.is_array()) {
    for (const Json& item : json.items()) visit_objects(item, visit);
  } else if (json.is_object()) {
    const Json *name = json.find("class_name"), *config = json.find("config"), *module = json.find("module");
    if (name && name->is_string() && module && module->is_string() && config && config->is_object())
      visit(Class{kind_of(module->as_string()), name_in_files(name->as_string())}, *config);
    for (const auto& [key, value] : json.members()) visit_objects(value, visit);
  }
}

template <class Records>
void add_named(const Json& json, const char* kind, const Records& records, std::set<Class>& found) {
  if (json.is_string()) {
    for (const auto& record : records) {
      if (std::count(record.names.begin(), record.names.end(), json.as_string()))
        found.insert({kind, record.class_name});
    }
  } else if (json.is_array()) {
    for (const Json& item : json.items()) add_named(item, kind, records, found);
  } else if (json.is_object() && !json.contains("module")) {
    for (const auto& [key, value] : json.members()) add_named(value, kind, records, found);
  } else if (json.is_object() && json.get("class_name", "") == "function") {
    add_named(json.at("config"), kind, records, found);
  }
}

/// Losses and metrics that a model was compiled with by their names ("mse"). Which one is meant by "accuracy" follows
/// from shapes: it counts for none.
inline void add_named_by_texts(const Json& file, std::set<Class>& found) {
  const Json* training = file.find("compile_config");
  if (!training || !training->is_object()) return;
  if (const Json* loss = training->find("loss")) add_named(*loss, "losses", loss_records(), found);
  for (const char* key : {"metrics", "weighted_metrics"}) {
    if (const Json* metrics = training->find(key)) add_named(*metrics, "metrics", metric_records(), found);
  }
}

inline bool has_gradient(const Json& golden) {
  for (const char* key : {"gradient", "input_gradients", "weight_gradients"}) {
    const Json* found = golden.find(key);
    if (found && !found->is_null() && found->size() > 0) return true;
  }
  return false;
}

/// The configurations of the whole models that Keras saved, by "FOLDER/NAME": keras_files_test.cpp reads them, computes
/// with them, trains on and writes them again.
inline const std::map<std::string, Json>& model_files() {
  static const std::map<std::string, Json> all = [] {
    std::map<std::string, Json> found;
    for (const char* folder : {"keras", "composed", "classes", "random"}) {
      for (const auto& entry :
           std::filesystem::directory_iterator(std::string(HEBB_SOURCE_DIR) + "/tests/goldens/" + folder)) {
        if (entry.path().extension() != ".keras") continue;
        found.emplace(message(folder, "/", entry.path().stem().string()),
                      Json::parse(ZipReader(entry.path().string()).read("config.json", 1 << 20)));
      }
    }
    return found;
  }();
  return all;
}

/// Those of them that real Keras opened when hebb had trained them and written them again (RealKeras in
/// keras_files_test.cpp).
inline const std::set<std::string>& files_that_keras_opened() {
  static const std::set<std::string> all = [] {
    std::set<std::string> found;
    for (const auto& [backend, models] : goldens::file("opened_by_keras").at("opened").members()) {
      for (const std::string& name : goldens::strings(models)) found.insert(name);
    }
    return found;
  }();
  return all;
}

/// A number as its float32: what a case was given as 0.1 stands in configurations as 0.10000000149.
inline std::string value_text(const Json& value) {
  return value.is_number() ? number_text(static_cast<float>(value.as_double())) : value.dump();
}

inline void add_values(const Json& config, Seen& seen) {
  ++seen.configs;
  for (const auto& [key, value] : config.members()) {
    seen.values[key].insert(value_text(value));
    ++seen.given[key];
  }
}

/// What a golden's class was made with: its configuration, and over it what it was given, since Keras leaves some of it
/// out of configurations.
inline Json made_with(const Json& golden) {
  Json all = Json::object();
  const Json *config = golden.find("config"), *serialized = golden.find("serialized");
  if (!config && serialized) config = serialized->find("config");
  for (const Json* part : {config, golden.find("arguments")}) {
    if (!part || !part->is_object()) continue;
    for (const auto& [key, value] : part->members()) all.set(key, value);
  }
  return all;
}

inline void add_golden(const Kind& kind, const Json& golden, std::map<Class, Seen>& seen) {
  const Class own{kind.key, name_in_files(golden.at(kind.class_key).as_string())};
  std::set<Class> shown = {own};
  const Json arguments = made_with(golden);
  add_values(arguments, seen[own]);
  // Parts of what a golden is of: cells of recurrent layers, optimizers in optimizers.
  visit_objects(arguments, [&](const Class& part, const Json& parts) {
    if (part.first != kind.key) return;
    shown.insert(part);
    add_values(parts, seen[part]);
  });
  for (const Class& each : shown) {
    ++seen[each].goldens;
    seen[each].gradient = seen[each].gradient || has_gradient(golden);
  }
}

inline const std::map<Class, Seen>& all_seen() {
  static const std::map<Class, Seen> all = [] {
    std::map<Class, Seen> seen;
    for (const Kind& kind : kinds()) {
      for (const char* group : kind.groups) {
        for (const Json& golden : goldens::cases(group)) add_golden(kind, golden, seen);
        // What layers learned from data, and layers that take labels or boxes beside images.
        for (const char* list : {"adapted", "mixed", "boxes"}) {
          const Json* others = goldens::file(group).find(list);
          for (const Json& golden : others ? others->items() : Json::Array()) {
            if (golden.contains(kind.class_key)) add_golden(kind, golden, seen);
          }
        }
      }
    }
    for (const Json* operation : goldens::cases_of({"operations", "elementary_operations"})) {
      const Json& golden = *operation;
      std::set<Class> held;
      visit_objects(golden.at("model"), [&](const Class& each, const Json&) { held.insert(each); });
      const Json::Array& gradients = golden.at("gradients").items();
      const bool has_one = std::any_of(gradients.begin(), gradients.end(), [](const Json& g) { return !g.is_null(); });
      for (const Class& each : held) {
        if (each.first != "operations") continue;
        ++seen[each].goldens;
        seen[each].gradient = seen[each].gradient || has_one;
      }
    }
    for (const auto& [name, file] : model_files()) {
      std::set<Class> held;
      visit_objects(file, [&](const Class& each, const Json& config) {
        held.insert(each);
        add_values(config, seen[each]);
      });
      add_named_by_texts(file, held);
      for (const Class& each : held) {
        ++seen[each].read;
        seen[each].written += files_that_keras_opened().contains(name);
      }
    }
    return seen;
  }();
  return all;
}

inline Seen seen_of(const std::string& kind, const std::string& name) {
  const auto found = all_seen().find({kind, name});
  return found == all_seen().end() ? Seen() : found->second;
}

/// Arguments of Keras's that no two goldens or files give different values: nothing shows what another one does.
inline std::vector<std::string> arguments_not_shown(const std::string& kind, const Json& row) {
  const Seen seen = seen_of(kind, row.at("name").as_string());
  std::vector<std::string> rest;
  for (const Json& argument : row.at("arguments").items()) {
    const auto found = seen.values.find(argument.as_string());
    size_t values = found == seen.values.end() ? 0 : found->second.size();
    const auto given = seen.given.find(argument.as_string());
    if (given != seen.given.end() && given->second < seen.configs) ++values;  // the others have the default
    if (values < 2) rest.push_back(argument.as_string());
  }
  return rest;
}

}  // namespace hebb::keras_shown
