// docs/keras.md: what hebb has of Keras, from its tables and from the goldens. A class of Keras that hebb has must have
// goldens; the page must be what the tables say. To write it anew: HEBB_WRITE_DOCS=1 test_suite_keras_coverage.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "goldens.h"
#include "hebb/base/atomic_file.h"
#include "hebb/base/zip.h"
#include "hebb/nn/absent_layers.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/constraints.h"
#include "hebb/nn/initializers.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/metrics/metrics.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/regularizers.h"

namespace hebb {
namespace {

struct Seen {
  int64_t goldens = 0;
  bool forward = false, gradient = false;
  std::map<std::string, std::set<std::string>> values;  // of each argument
  std::map<std::string, int64_t> given;                 // in how many goldens' own arguments
  int64_t files = 0;                                    // of Keras's that the suite reads and writes
};

struct Kind {
  const char* key;    // in keras_names.json
  const char* title;  // on the page
  std::vector<const char*> groups;
  const char* class_key;
  bool has_config = false;  ///< whether its goldens hold configurations, which tell what was not given, too
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"layers",
       "Layers",
       {"layers", "conv_layers", "image_layers", "layer_arguments", "spatial_layers", "preprocessing", "augmentation",
        "lookups", "sequence_layers", "conv_lstm", "attention"},
       "layer",
       true},
      {"losses", "Losses", {"losses"}, "class_name", true},
      {"metrics", "Metrics", {"metrics"}, "class_name", true},
      {"optimizers", "Optimizers", {"optimizers"}, "class_name"},
      {"schedules", "Learning-rate schedules", {"schedules"}, "class_name"},
      {"callbacks", "Callbacks", {"callbacks", "training_callbacks"}, "callback"},
      {"initializers", "Initializers", {"initializers"}, "class_name"},
      {"regularizers", "Regularizers", {"regularizers"}, "class_name"},
      {"constraints", "Constraints", {"constraints"}, "class_name"},
  };
  return all;
}

template <class Records>
std::set<std::string> names_of(const Records& records) {
  std::set<std::string> names;
  for (const auto& record : records) names.insert(record.class_name);
  return names;
}

std::string letters(const std::string& name) {
  std::string out;
  for (const char c : lower_case(name)) {
    if (c != '_') out += c;
  }
  return out;
}

/// Whether hebb has the class.
bool has(const std::string& kind, const std::string& name) {
  static const std::map<std::string, std::set<std::string>> tables = {{"layers", names_of(layer_records())},
                                                                      {"losses", names_of(loss_records())},
                                                                      {"metrics", names_of(metric_records())},
                                                                      {"optimizers", names_of(optimizer_records())},
                                                                      {"schedules", names_of(schedule_records())},
                                                                      {"initializers", names_of(initializer_records())},
                                                                      {"regularizers", names_of(regularizer_records())},
                                                                      {"constraints", names_of(constraint_records())}};
  if (kind != "callbacks") return tables.at(kind).contains(name);
  // These take functions, which the command line's table cannot.
  if (name == "LambdaCallback" || name == "LearningRateScheduler") return true;
  for (const CallbackRecord& record : callback_records()) {
    if (letters(record.name) == letters(name)) return true;
  }
  return false;
}

/// Objects {"class_name": ..., "config": {...}} anywhere in a golden or in a file's configuration.
template <class Visit>
void visit_objects(const Json& json, const Visit& visit) {
  if (json.is_array()) {
    for (const Json& item : json.items()) visit_objects(item, visit);
  } else if (json.is_object()) {
    const Json* name = json.find("class_name");
    const Json* config = json.find("config");
    if (name && name->is_string() && config && config->is_object()) visit(name->as_string(), *config);
    for (const auto& [key, value] : json.members()) visit_objects(value, visit);
  }
}

/// Whether a golden holds what Keras computed, beside configurations.
bool has_numbers(const Json& golden) {
  for (const char* key : {"output", "outputs", "value", "updates", "variables_after", "learning_rates", "shapes",
                          "values", "losses", "history", "logs", "rows"}) {
    if (golden.contains(key)) return true;
  }
  return false;
}

bool has_gradient(const Json& golden) {
  for (const char* key : {"gradient", "input_gradients", "weight_gradients"}) {
    const Json* found = golden.find(key);
    if (found && !found->is_null() && found->size() > 0) return true;
  }
  return false;
}

/// The whole models that Keras saved, which keras_files_test.cpp reads, computes with, trains on and writes again.
const std::vector<Json>& model_files() {
  static const std::vector<Json> all = [] {
    std::vector<Json> found;
    for (const char* folder : {"keras", "composed", "classes", "random"}) {
      for (const auto& entry :
           std::filesystem::directory_iterator(std::string(HEBB_SOURCE_DIR) + "/tests/goldens/" + folder)) {
        if (entry.path().extension() != ".keras") continue;
        found.push_back(Json::parse(ZipReader(entry.path().string()).read("config.json", 1 << 20)));
      }
    }
    return found;
  }();
  return all;
}

std::map<std::string, Seen> seen_in(const Kind& kind) {
  std::map<std::string, Seen> seen;
  for (const char* group : kind.groups) {
    for (const Json& golden : goldens::cases(group)) {
      // Parts of what a golden is of: cells of recurrent layers, optimizers in optimizers, constraints of weights.
      visit_objects(golden, [&](const std::string& name, const Json& config) {
        Seen& one = seen[name];
        ++one.goldens;
        one.forward = one.forward || has_numbers(golden);
        one.gradient = one.gradient || (has_gradient(golden) && std::string(kind.key) == "layers");
        for (const auto& [key, value] : config.members()) one.values[key].insert(value.dump());
      });
      Seen& one = seen[golden.at(kind.class_key).as_string()];
      ++one.goldens;
      one.forward = one.forward || has_numbers(golden);
      one.gradient = one.gradient || has_gradient(golden);
      if (const Json* config = golden.find("config"); config && config->is_object()) {
        for (const auto& [key, value] : config->members()) one.values[key].insert(value.dump());
      }
      // What a class was given stands in no configuration of some.
      const Json* arguments = golden.find("arguments");
      if (!arguments || !arguments->is_object()) continue;
      for (const auto& [key, value] : arguments->members()) {
        one.values[key].insert(value.dump());
        ++one.given[key];
      }
    }
  }
  for (const Json& file : model_files()) {
    std::set<std::string> classes;
    visit_objects(file, [&](const std::string& name, const Json& config) {
      classes.insert(name);
      for (const auto& [key, value] : config.members()) seen[name].values[key].insert(value.dump());
    });
    for (const std::string& name : classes) ++seen[name].files;
  }
  return seen;
}

/// How many of Keras's arguments had several values, and which did not: nothing shows that another one works.
std::string arguments_shown(const Kind& kind, const Json& row, const Seen& seen) {
  std::vector<std::string> rest;
  for (const Json& argument : row.at("arguments").items()) {
    const auto found = seen.values.find(argument.as_string());
    size_t values = found == seen.values.end() ? 0 : found->second.size();
    const auto given = seen.given.find(argument.as_string());
    if (given != seen.given.end() && given->second < seen.goldens) ++values;  // the others have the default
    if (values < (kind.has_config ? 2u : 1u)) rest.push_back("`" + argument.as_string() + "`");
  }
  const size_t all = row.at("arguments").size();
  if (all == 0) return "";
  if (rest.empty()) return message("all ", all);
  return message(all - rest.size(), " of ", all, ", not ", join(rest));
}

/// Why hebb has not a class of Keras's.
std::string why_not(const std::string& name) {
  static const std::map<std::string, const char*> reasons = {
      {"Lambda", "it is Python code in a file, which hebb does not run"},
      {"FlaxLayer", "it is Python code in a file, which hebb does not run"},
      {"JaxLayer", "it is Python code in a file, which hebb does not run"},
      {"TFSMLayer", "it is a TensorFlow program"},
      {"TorchModuleWrapper", "it is Python code in a file, which hebb does not run"},
      {"Layer", "a base to derive from: `LayerBase`"},
      {"Wrapper", "a base to derive from: `LayerBase`"},
      {"InputSpec", "a check of inputs, which layers here say in their source"},
      {"Loss", "a base to derive from: `LossBase`"},
      {"Metric", "a base to derive from: `MetricBase`"},
      {"MeanMetricWrapper", "a function as a metric; files that have one are read"},
      {"Optimizer", "a base to derive from: `OptimizerRule`"},
      {"OptimizerMap", "a part of `MultiOptimizer`, which is read and written with it"},
      {"LearningRateSchedule", "a base to derive from"},
      {"Callback", "a base to derive from: `CallbackBase`"},
      {"CallbackList", "`fit` keeps the list itself"},
      {"History", "`fit` returns it"},
      {"OrbaxCheckpoint", "a format of JAX's; `ModelCheckpoint` and `BackupAndRestore` write Keras's"},
      {"ProgbarLogger", "`fit` prints its bar by `verbose`"},
      {"Initializer", "a base to derive from"},
      {"Regularizer", "a base to derive from"},
      {"Constraint", "a base to derive from"}};
  if (const auto found = reasons.find(name); found != reasons.end()) return found->second;
  for (const AbsentLayer& layer : absent_layers()) {
    if (name == layer.class_name) return layer.reason;
  }
  return "";
}

/// The entries of architecture.md's list of differences.
std::vector<std::string> known_differences() {
  std::ifstream file(std::string(HEBB_SOURCE_DIR) + "/docs/architecture.md");
  std::vector<std::string> entries;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) inside = line == "## Where numbers differ from Keras's";
    if (!inside || line.empty() || line.starts_with("## ")) continue;
    if (line.starts_with("- ")) {
      entries.push_back(line);
    } else if (!entries.empty()) {
      entries.back() += "\n" + line;
    }
  }
  return entries;
}

std::string page() {
  const Json &names = goldens::file("keras_names"), &exchange = goldens::file("exchange_counts");
  std::string out = message(
      "# What hebb has of Keras\n\nBeside Keras ", names.at("keras").as_string(),
      ", class by class. This page is written by `tests/keras_coverage_test.cpp` from hebb's tables and from the "
      "goldens, "
      "numbers\nthat real Keras computed (`tests/goldens`): every class that hebb has must have some. What stands here "
      "is what they show, no more.\n\n"
      "- **arguments**: how many of Keras's have several values in goldens and files, and which have not: those hebb "
      "takes, too,\n  but nothing shows what another value does.\n"
      "- **forward**, **gradient**: goldens hold what it computes, and its gradients.\n"
      "- **file in**: how many model files of Keras's (`.keras`, some as `.h5`) with it the tests read, predict with "
      "and "
      "train on,\n  to the same numbers. **file out**: how many of those hebb wrote again, with Keras's configuration "
      "member for member, and with\n  the same numbers when read back.\n"
      "- **exchanged**: in how many models drawn at random it went from real Keras to hebb and, trained there, back to "
      "real Keras without\n  a difference, when this was last done on many (`tests/goldens/exchange_with_keras.py`): ",
      exchange.at("models").as_int(), " models (seeds ", exchange.at("seeds").as_string(), ", Keras on ",
      exchange.at("backend").as_string(), "),\n  ", exchange.at("with_differences").as_int(), " with differences, ",
      exchange.at("as_on_another_backend").as_int(),
      " in which Keras's own backends differ and hebb is as one of them.\n- **goldens**: how many cases.\n\n"
      "What differs from Keras, and why, stands in [architecture.md](architecture.md), and below the table of the "
      "classes that it is\nabout. A C++ layer takes the place of a class of one's own, or of one that holds code, by "
      "`register_layer`.\n");
  const std::vector<std::string> differences = known_differences();
  for (const Kind& kind : kinds()) {
    const std::map<std::string, Seen> seen = seen_in(kind);
    std::string missing;
    std::set<std::string> differing;
    out += message("\n## ", kind.title,
                   "\n\n| class | arguments | forward | gradient | file in | file out | exchanged | goldens |\n"
                   "|---|---|---|---|---|---|---|---|\n");
    const auto count = [](int64_t number) { return number == 0 ? std::string() : message(number); };
    for (const Json& row : names.at(kind.key).items()) {
      const std::string name = row.at("name").as_string();
      for (const std::string& difference : differences) {
        if (difference.find("`" + name + "`") != std::string::npos) differing.insert(difference);
      }
      if (!has(kind.key, name)) {
        missing += message("- ", name, ": ", why_not(name), ".\n");
        continue;
      }
      const auto found = seen.find(name);
      const Seen one = found == seen.end() ? Seen() : found->second;
      // Keras's class of that name in code.
      const char* in_code = name == "GroupQueryAttention" ? "GroupedQueryAttention" : name.c_str();
      const Json& exchanged = exchange.at("classes");
      out += message("| ", name, " | ", arguments_shown(kind, row, one), " | ", one.forward ? "yes" : "", " | ",
                     one.gradient ? "yes" : "", " | ", count(one.files), " | ", count(one.files), " | ",
                     count(std::max(exchanged.get(name, int64_t{0}), exchanged.get(in_code, int64_t{0}))), " | ",
                     count(one.goldens), " |\n");
    }
    if (!missing.empty()) out += message("\nNot in hebb:\n\n", missing);
    if (!differing.empty()) {
      out += "\nWhat differs:\n\n";
      for (const std::string& difference : differences) {
        if (differing.contains(difference)) out += difference + "\n";
      }
    }
  }
  return out;
}

TEST(KerasCoverage, ThePageIsWhatTheTablesSay) {
  const std::string path = std::string(HEBB_SOURCE_DIR) + "/docs/keras.md", text = page();
  if (std::getenv("HEBB_WRITE_DOCS")) write_atomically(path, text);
  std::ifstream file(path, std::ios::binary);
  const std::string written{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_EQ(written, text) << "Run this test with HEBB_WRITE_DOCS=1 to write docs/keras.md anew.";
}

/// Shown by tests of their own: a model's inputs stand in every file; functions are no part of a golden.
const std::set<std::string> shown_by_others = {"InputLayer", "LambdaCallback"};

TEST(KerasCoverage, EveryClassHasGoldens) {
  for (const Kind& kind : kinds()) {
    const std::map<std::string, Seen> seen = seen_in(kind);
    for (const Json& row : goldens::file("keras_names").at(kind.key).items()) {
      const std::string name = row.at("name").as_string();
      if (!has(kind.key, name) || shown_by_others.contains(name)) continue;
      EXPECT_TRUE(seen.contains(name) && seen.at(name).goldens > 0) << kind.key << ": " << name;
    }
  }
}

/// Every public class of Keras's is there, or it is said why not.
TEST(KerasCoverage, EveryClassThatIsNotThereHasAReason) {
  for (const Kind& kind : kinds()) {
    for (const Json& row : goldens::file("keras_names").at(kind.key).items()) {
      const std::string name = row.at("name").as_string();
      EXPECT_EQ(has(kind.key, name), why_not(name).empty()) << kind.key << ": " << name;
    }
  }
}

}  // namespace
}  // namespace hebb
