// docs/keras.md: what hebb has of Keras, from its tables and from the goldens. A class of Keras that hebb has must have
// goldens; the page must be what the tables say. To write it anew: HEBB_WRITE_DOCS=1 test_suite_keras_coverage.

#include <gtest/gtest.h>

#include <algorithm>
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
#include "keras_reasons.h"
#include "keras_sections.h"
#include "keras_shown.h"
#include "keras_table.h"

namespace hebb {
namespace {

using namespace keras_reasons;
using namespace keras_shown;

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

int64_t exchanged(const std::string& kind, const std::string& name) {
  const Json* classes = goldens::file("exchange_counts").at("classes").find(kind);
  return classes ? classes->get(name, int64_t{0}) : 0;
}

std::string introduction() {
  const Json& exchange = goldens::file("exchange_counts");
  std::vector<std::string> backends;
  for (const auto& [backend, models] : goldens::file("opened_by_keras").at("opened").members())
    backends.push_back(backend);
  return message(
      "# What hebb has of Keras\n\nBeside Keras ", goldens::file("keras_names").at("keras").as_string(),
      ", class by class. `tests/keras_coverage_test.cpp` writes this page from hebb's tables and from what tests "
      "compare with real\nKeras: every class that hebb has must have numbers of Keras's, and every argument, or a "
      "reason. What stands here is what the tests show, no more.\n\n"
      "- **goldens**: cases whose numbers real Keras computed (`tests/goldens`) and the tests compare. **gradients**: "
      "some of them hold\n  gradients, too.\n"
      "- **arguments**: how many of Keras's arguments have different values in goldens and files. Why the others have "
      "not, stands below\n  the table.\n"
      "- **Keras to hebb**: model files of Keras's (`.keras`, some as `.h5`) that hold it, which the tests read, "
      "predict "
      "with and train\n  on, to Keras's numbers.\n"
      "- **hebb to Keras**: those of them that hebb trained for a step and wrote as `.keras`, `.h5` and `.weights.h5`, "
      "and real Keras (on\n  ",
      join(backends),
      ") opened, predicted with to hebb's numbers and trained on.\n"
      "- **exchanged**: models drawn at random that hold it and went from real Keras to hebb and back without a "
      "difference: predictions;\n  for losses and metrics their values; for optimizers and schedules weights and "
      "states "
      "after training\n  (`tests/goldens/exchange_with_keras.py`). Lately ",
      exchange.at("models").as_int(), " models (seeds ", exchange.at("seeds").as_string(), ", Keras on ",
      exchange.at("backend").as_string(), "), ", exchange.at("trained").as_int(), " of them trained by both:\n  ",
      exchange.at("with_differences").as_int(), " with differences, ", exchange.at("as_on_another_backend").as_int(),
      " in which Keras's own backends differ and hebb is as one of them. These do not run with the tests.\n\n"
      "What differs from Keras, and why, stands in [architecture.md](architecture.md), and below the table of the "
      "classes that it is\nabout. A C++ layer takes the place of a class of one's own, or of one that holds code, by "
      "`register_layer`.\n");
}

/// "- `a`, `b` of `Class`: reason" for each reason.
std::string list_of_unshown(const Kind& kind) {
  std::vector<std::pair<const Unshown*, std::vector<std::string>>> reasons;
  for (const Json& row : goldens::file("keras_names").at(kind.key).items()) {
    const std::string name = row.at("name").as_string();
    if (!has(kind.key, name)) continue;
    for (const std::string& argument : arguments_not_shown(kind.key, row)) {
      const Unshown* why = why_not_shown(name, argument);
      auto at = std::find_if(reasons.begin(), reasons.end(), [&](const auto& each) { return each.first == why; });
      if (at == reasons.end()) at = reasons.insert(at, {why, {}});
      at->second.push_back("`" + name + "`");
    }
  }
  std::string out;
  for (const auto& [why, names] : reasons)
    out += message("- `", why ? why->argument : "?", "` of ", join(names), ": ", why ? why->reason : "", ".\n");
  return out;
}

std::string section(const Kind& kind) {
  const std::vector<std::string> known = known_differences();
  std::string missing;
  std::set<std::string> differing;
  std::vector<std::vector<std::string>> rows;
  for (const Json& row : goldens::file("keras_names").at(kind.key).items()) {
    const std::string name = row.at("name").as_string();
    for (const std::string& difference : known) {
      if (difference.find("`" + name + "`") != std::string::npos) differing.insert(difference);
    }
    if (!has(kind.key, name)) {
      missing += message("- ", name, ": ", why_not(name), ".\n");
      continue;
    }
    const Seen seen = seen_of(kind.key, name);
    const size_t arguments = row.at("arguments").size(), rest = arguments_not_shown(kind.key, row).size();
    rows.push_back({name, number_or_nothing(seen.goldens), seen.gradient ? "yes" : "",
                    arguments == 0 ? ""
                    : rest == 0    ? message("all ", arguments)
                                   : message(arguments - rest, " of ", arguments),
                    number_or_nothing(seen.read), number_or_nothing(seen.written),
                    number_or_nothing(exchanged(kind.key, name))});
  }
  std::string out = message("\n## ", kind.title, "\n\n");
  if (*kind.note) out += message(kind.note, "\n\n");
  out += table({"class", "goldens", "gradients", "arguments", "Keras to hebb", "hebb to Keras", "exchanged"}, rows);
  if (const std::string list = list_of_unshown(kind); !list.empty()) out += "\nArguments without goldens:\n\n" + list;
  if (!missing.empty()) out += message("\nNot in hebb:\n\n", missing);
  if (!differing.empty()) {
    out += "\nWhat differs:\n\n";
    for (const std::string& difference : known) {
      if (differing.contains(difference)) out += difference + "\n";
    }
  }
  return out;
}

std::string page() {
  std::string out = introduction();
  for (const Kind& kind : kinds()) out += section(kind);
  return out + keras_sections::operations_section() + keras_sections::activations_section() +
         keras_sections::calls_section() + keras_sections::policies_section();
}

TEST(KerasCoverage, ThePageIsWhatTheTablesSay) {
  const std::string path = std::string(HEBB_SOURCE_DIR) + "/docs/keras.md", text = page();
  if (std::getenv("HEBB_WRITE_DOCS")) write_atomically(path, text);
  std::ifstream file(path, std::ios::binary);
  const std::string written{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_EQ(written, text) << "Run this test with HEBB_WRITE_DOCS=1 to write docs/keras.md anew.";
}

TEST(KerasCoverage, EveryOperationIsShown) {
  for (const Json& row : goldens::file("keras_names").at("operations").items()) {
    const std::string name = row.at("name").as_string();
    // Keras's numbers are not sparsemax's (docs/architecture.md): an activation's goldens show hebb's. What `abs` makes
    // is an Absolute, and what `conj` makes a Conjugate.
    if (!keras_sections::has_operation(name) || name == "Sparsemax" || name == "Abs" || name == "Conj") continue;
    const Seen seen = seen_of("operations", name);
    EXPECT_GT(seen.goldens + seen.read, 0) << name;
  }
}

/// Shown by tests of their own: a model's inputs stand in every file; functions are no part of a golden.
const std::set<std::string> shown_by_others = {"InputLayer", "LambdaCallback"};

TEST(KerasCoverage, EveryClassHasGoldens) {
  for (const Kind& kind : kinds()) {
    for (const Json& row : goldens::file("keras_names").at(kind.key).items()) {
      const std::string name = row.at("name").as_string();
      if (!has(kind.key, name) || shown_by_others.contains(name)) continue;
      EXPECT_GT(seen_of(kind.key, name).goldens, 0) << kind.key << ": " << name;
    }
  }
}

/// An argument that is new in Keras, or a class's new here, needs goldens or a reason; a reason that nothing needs
/// goes.
TEST(KerasCoverage, EveryArgumentHasGoldensOrAReason) {
  std::set<const Unshown*> needed;
  for (const Kind& kind : kinds()) {
    for (const Json& row : goldens::file("keras_names").at(kind.key).items()) {
      const std::string name = row.at("name").as_string();
      if (!has(kind.key, name)) continue;
      for (const std::string& argument : arguments_not_shown(kind.key, row)) {
        const Unshown* why = why_not_shown(name, argument);
        EXPECT_TRUE(why) << kind.key << ": no golden shows '" << argument << "' of " << name;
        needed.insert(why);
      }
    }
  }
  for (const Unshown& each : unshown()) EXPECT_TRUE(needed.contains(&each)) << each.argument << ": " << each.reason;
}

/// Files that were made since real Keras opened all of them, or are no more.
TEST(KerasCoverage, KerasOpenedFilesThatAreThere) {
  for (const std::string& name : files_that_keras_opened()) EXPECT_TRUE(model_files().contains(name)) << name;
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
