// docs/keras.md: what hebb has of Keras, from its tables and from the goldens. A class of Keras that hebb has must have
// goldens; the page must be what the tables say. To write it anew: HEBB_WRITE_DOCS=1 test_suite_keras_coverage.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "goldens.h"
#include "hebb/base/atomic_file.h"
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
  bool gradient = false;
  std::map<std::string, std::set<std::string>> values;  // of each argument
};

struct Kind {
  const char* key;    // in keras_names.json
  const char* title;  // on the page
  std::vector<const char*> groups;
  const char* class_key;
  const char* arguments_key;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"layers",
       "Layers",
       {"layers", "conv_layers", "image_layers", "layer_arguments", "spatial_layers", "preprocessing", "augmentation",
        "lookups", "sequence_layers", "conv_lstm", "attention"},
       "layer",
       "config"},
      {"losses", "Losses", {"losses"}, "class_name", "config"},
      {"metrics", "Metrics", {"metrics"}, "class_name", "config"},
      {"optimizers", "Optimizers", {"optimizers"}, "class_name", "arguments"},
      {"schedules", "Learning-rate schedules", {"schedules"}, "class_name", "arguments"},
      {"callbacks", "Callbacks", {"callbacks", "training_callbacks"}, "callback", "arguments"},
      {"initializers", "Initializers", {"initializers"}, "class_name", "arguments"},
      {"regularizers", "Regularizers", {"layers", "conv_layers", "layer_arguments", "training"}, "", ""},
      {"constraints", "Constraints", {"layers", "conv_layers", "layer_arguments", "training"}, "", ""},
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

/// Objects {"class_name": ..., "config": {...}} anywhere in a golden.
void see_nested(const Json& json, std::map<std::string, Seen>& seen) {
  if (json.is_array()) {
    for (const Json& item : json.items()) see_nested(item, seen);
  } else if (json.is_object()) {
    const Json* name = json.find("class_name");
    const Json* config = json.find("config");
    if (name && name->is_string() && config && config->is_object()) {
      Seen& one = seen[name->as_string()];
      ++one.goldens;
      for (const auto& [key, value] : config->members()) one.values[key].insert(value.dump());
    }
    for (const auto& [key, value] : json.members()) see_nested(value, seen);
  }
}

bool has_gradient(const Json& golden) {
  for (const char* key : {"gradient", "input_gradients", "weight_gradients"}) {
    const Json* found = golden.find(key);
    if (found && !found->is_null() && found->size() > 0) return true;
  }
  return false;
}

std::map<std::string, Seen> seen_in(const Kind& kind) {
  std::map<std::string, Seen> seen;
  for (const char* group : kind.groups) {
    for (const Json& golden : goldens::cases(group)) {
      if (std::string(kind.class_key).empty()) {
        see_nested(golden, seen);
        continue;
      }
      Seen& one = seen[golden.at(kind.class_key).as_string()];
      see_nested(golden, seen);  // cells of recurrent layers, optimizers in optimizers
      ++one.goldens;
      one.gradient = one.gradient || has_gradient(golden);
      const Json* arguments = golden.find(kind.arguments_key);
      if (!arguments || !arguments->is_object()) continue;
      for (const auto& [key, value] : arguments->members()) one.values[key].insert(value.dump());
    }
  }
  return seen;
}

/// Arguments that have one value in all goldens: nothing shows that another one works.
std::string same_everywhere(const Kind& kind, const Json& row, const Seen& seen) {
  const bool given_alone = std::string(kind.arguments_key) == "arguments";
  std::vector<std::string> out;
  for (const Json& argument : row.at("arguments").items()) {
    const auto found = seen.values.find(argument.as_string());
    const size_t values = found == seen.values.end() ? 0 : found->second.size();
    if (values < (given_alone ? 1u : 2u)) out.push_back("`" + argument.as_string() + "`");
  }
  return out.empty() ? "" : join(out);
}

std::string page() {
  const Json& names = goldens::file("keras_names");
  std::string out = message(
      "# What hebb has of Keras\n\nBeside Keras ", names.at("keras").as_string(),
      ", class by class. This page is written by `tests/keras_coverage_test.cpp` from hebb's tables and from the "
      "goldens, "
      "numbers\nthat real Keras computed (`tests/goldens`): every class that hebb has must have some.\n\n"
      "- **goldens**: how many cases hold outputs, state and configuration against Keras's; **gradient**: some hold "
      "its "
      "gradients, too.\n- **one value alone**: arguments that have the same value in all goldens of the class. hebb "
      "takes them, but no golden shows another value.\n- Configurations are read and written as Keras's in each case, "
      "which is what `.keras`, `.h5` and `.json` files consist of beside weights.\n\n"
      "What cannot be: `Lambda` and layers of other frameworks (`JaxLayer`, `FlaxLayer`, `TorchModuleWrapper`, "
      "`TFSMLayer`) are Python code in a file; they are\nrefused by name. A C++ layer takes the place of a class of "
      "one's own by `register_layer`. What differs from Keras, and why, stands in\n"
      "[architecture.md](architecture.md).\n");
  for (const Kind& kind : kinds()) {
    const std::map<std::string, Seen> seen = seen_in(kind);
    std::vector<std::string> missing;
    out += message("\n## ", kind.title, "\n\n| class | goldens | gradient | one value alone |\n|---|---|---|---|\n");
    for (const Json& row : names.at(kind.key).items()) {
      const std::string name = row.at("name").as_string();
      if (!has(kind.key, name)) {
        missing.push_back(name);
        continue;
      }
      const auto found = seen.find(name);
      const Seen one = found == seen.end() ? Seen() : found->second;
      out += message("| ", name, " | ", one.goldens, " | ", one.gradient ? "yes" : "", " | ",
                     same_everywhere(kind, row, one), " |\n");
    }
    if (!missing.empty()) out += message("\nNot in hebb: ", join(missing), ".\n");
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

/// What a golden's configuration does not name: these stand in whole trainings (make_training.py), in models, and in
/// other callbacks' goldens.
const std::set<std::string> shown_by_others = {
    "InputLayer", "LambdaCallback", "L1",     "L2",      "L1L2", "OrthogonalRegularizer",
    "MaxNorm",    "MinMaxNorm",     "NonNeg", "UnitNorm"};

TEST(KerasCoverage, EveryClassHasGoldens) {
  for (const Kind& kind : kinds()) {
    const std::map<std::string, Seen> seen = seen_in(kind);
    for (const Json& row : goldens::file("keras_names").at(kind.key).items()) {
      const std::string name = row.at("name").as_string();
      if (!has(kind.key, name) || shown_by_others.contains(name)) continue;
      EXPECT_TRUE(seen.contains(name)) << kind.key << ": " << name;
    }
  }
}

}  // namespace
}  // namespace hebb
