/// What docs/keras.md says of functional models beside their layers: operations, activations by name, calls, nesting,
/// policies. Written, as the tables of classes are, from hebb's tables and from what goldens and files hold.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "goldens.h"
#include "hebb/nn/activation_table.h"
#include "hebb/nn/operations.h"
#include "keras_shown.h"
#include "keras_table.h"

namespace hebb::keras_sections {

using namespace keras_shown;

inline bool has_operation(const std::string& name) { return detail::find_operation(name) != nullptr; }

inline std::string operations_section() {
  const Json* counted = goldens::file("exchange_counts").at("classes").find("operations");
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> missing;
  for (const Json& row : goldens::file("keras_names").at("operations").items()) {
    const std::string name = row.at("name").as_string(), function = row.at("function").as_string();
    if (!has_operation(name)) {
      missing.push_back("`" + function + "`");
      continue;
    }
    const Seen seen = seen_of("operations", name);
    rows.push_back({message("`", function, "`"), number_or_nothing(seen.goldens), seen.gradient ? "yes" : "",
                    number_or_nothing(seen.read), number_or_nothing(seen.written),
                    number_or_nothing(counted ? counted->get(name, int64_t{0}) : 0)});
  }
  std::string out =
      "\n## Operations\n\n"
      "`x[:, -1]`, `a + b` or `keras.ops.mean(x, axis=1)` of a functional model's tensors is an operation in its file: "
      "hebb computes it, learns\nthrough it and writes it again as it was, in `.h5` as well. Those of Keras 2 "
      "(`TFOpLambda`, `SlicingOpLambda`) become these. A model with one\nthat is not in hebb is refused by the "
      "operation's name. The goldens of some feed others.\n\n";
  out += table({"keras.ops", "goldens", "gradients", "Keras to hebb", "hebb to Keras", "exchanged"}, rows);
  return out + "\nNot in hebb: " + wrapped(join(missing)) + ".\n";
}

/// The name of an activation in a configuration: "relu", or a function {"config": "relu"}.
inline std::string activation_name(const Json& value) {
  if (value.is_string()) return value.as_string();
  const Json* config = value.is_object() ? value.find("config") : nullptr;
  return config && config->is_string() ? config->as_string() : "";
}

inline void add_activations(const Json& json, std::set<std::string>& held) {
  if (json.is_array()) {
    for (const Json& item : json.items()) add_activations(item, held);
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.members()) {
      if (key.ends_with("activation")) held.insert(activation_name(value));
      add_activations(value, held);
    }
  }
}

inline std::string activations_section() {
  std::map<std::string, int64_t> cases, read, written;
  std::set<std::string> learned, of_hebb;
  for (const Json& golden : goldens::cases("activations")) {
    const std::string name = golden.at("activation").as_string();
    ++cases[name];
    if (has_gradient(golden)) learned.insert(name);
  }
  for (const auto& [file, config] : model_files()) {
    std::set<std::string> held;
    add_activations(config, held);
    for (const std::string& name : held) {
      ++read[name];
      written[name] += files_that_keras_opened().contains(file);
    }
  }
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> missing;
  std::map<std::string, std::string> same_as;
  for (const ActivationRecord& record : activation_records()) {
    of_hebb.insert(record.name);
    if (record.same_as) same_as[record.name] = record.same_as;
  }
  for (const std::string& name : goldens::strings(goldens::file("activations").at("exported"))) {
    const std::string own = same_as.contains(name) ? same_as[name] : name;
    if (!of_hebb.contains(name)) {
      missing.push_back("`" + name + "`");
      continue;
    }
    rows.push_back({message("`", name, "`"), number_or_nothing(cases[own]), learned.contains(own) ? "yes" : "",
                    number_or_nothing(read[name]), number_or_nothing(written[name])});
  }
  std::string out =
      "\n## Activation functions\n\n"
      "By their names, or as functions of Keras's, in every layer that takes an activation. What each is says "
      "[activations.md](activations.md), which has\nsome that Keras has not.\n\n";
  out += table({"activation", "goldens", "gradients", "Keras to hebb", "hebb to Keras"}, rows);
  if (!missing.empty()) {
    out += "\nNot in hebb by name: " + join(missing) +
           ". Keras itself has no defaults for what stands here; as operations of functional models they are read.\n";
  }
  return out;
}

/// Of each argument that calls in files have beside the first: the classes of layers that are called with it.
inline void add_calls(const Json& json, std::map<std::string, std::set<std::string>>& arguments) {
  if (json.is_array()) {
    for (const Json& item : json.items()) add_calls(item, arguments);
    return;
  }
  if (!json.is_object()) return;
  const Json *nodes = json.find("inbound_nodes"), *name = json.find("class_name"), *module = json.find("module");
  if (nodes && name && module && !module->as_string().starts_with("keras.src.ops")) {
    for (const Json& node : nodes->items()) {
      const Json* given = node.is_object() ? node.find("kwargs") : nullptr;
      if (!given) continue;
      for (const auto& [key, value] : given->members()) {
        if (!value.is_null()) arguments[key].insert("`" + name->as_string() + "`");
      }
    }
  }
  for (const auto& [key, value] : json.members()) add_calls(value, arguments);
}

inline std::string calls_section() {
  std::map<std::string, std::set<std::string>> arguments;
  for (const auto& [file, config] : model_files()) add_calls(config, arguments);
  std::vector<std::vector<std::string>> rows;
  for (const auto& [argument, layers] : arguments)
    rows.push_back({message("`", argument, "`"), join(std::vector<std::string>(layers.begin(), layers.end()))});
  std::string out =
      "\n## Calls\n\n"
      "What a functional model's calls say beside their first argument stands in its file; hebb does what it says and "
      "writes it again. A flag that the\nmodel's call leaves open is taken from there, as in Keras: a layer that was "
      "called with `training=False` does not learn when the model does.\nMasks are tensors in files, made by "
      "operations "
      "or by layers, and arguments as others. Files of Keras's that the tests read hold these:\n\n";
  out += table({"argument", "of calls of"}, rows);
  std::set<std::string> ways;
  for (const Json& golden : goldens::cases("dictionary_calls")) {
    std::string name = golden.at("name").as_string();
    name = name.substr(name.starts_with("tf_keras_") ? 9 : 6);
    std::replace(name.begin(), name.end(), '_', ' ');
    ways.insert(name);
  }
  out += message(
      "\n## Nested inputs and outputs\n\n"
      "A model's inputs and outputs may be one tensor, a list, a dictionary, or lists and dictionaries in each other. "
      "hebb takes and gives them in one\nrow, in the order in which Keras flattens them (dictionaries by the order of "
      "their keys' letters), and files keep how they are nested. So do losses,\ntheir weights and metrics that are "
      "nested as the outputs are. Models inside of models are called with all of these; goldens of Keras 3 and of\n"
      "Keras 2 hold (",
      goldens::cases("dictionary_calls").size(),
      " of them): ", join(std::vector<std::string>(ways.begin(), ways.end())), ".\n");
  return out;
}

/// The names of policies in a configuration.
inline void add_policies(const Json& json, std::set<std::string>& held) {
  if (json.is_array()) {
    for (const Json& item : json.items()) add_policies(item, held);
  } else if (json.is_object()) {
    const Json* config = json.find("config");
    if (json.get("class_name", "") == "DTypePolicy" && config) held.insert(config->at("name").as_string());
    for (const auto& [key, value] : json.members()) add_policies(value, held);
  }
}

inline std::string policies_section() {
  std::map<std::string, int64_t> cases, read;
  for (const Json& golden : goldens::cases("mixed_precision")) ++cases[golden.at("policy").as_string()];
  for (const Json& golden : goldens::cases("policies")) ++cases[golden.at("name").as_string()];
  for (const auto& [file, config] : model_files()) {
    std::set<std::string> held;
    add_policies(config, held);
    for (const std::string& name : held) ++read[name];
  }
  const std::map<std::string, const char*> meanings = {
      {"float32", "as everywhere"},
      {"float64", "weights and results of float64"},
      {"mixed_bfloat16", "weights of float32, rounded where they are read"},
      {"mixed_float16", "weights of float32, rounded where they are read; the optimizer scales the loss"},
      {"bfloat16", "weights of float32 while hebb has them, rounded where they are read"},
      {"float16", "weights of float32 while hebb has them, rounded where they are read"}};
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, meaning] : meanings)
    rows.push_back({"`" + name + "`", meaning, number_or_nothing(cases[name]), number_or_nothing(read[name])});
  return "\n## Policies of types\n\n"
         "Of a model or of each of its layers, by `dtype`. Files keep them; more in "
         "[mixed_precision.md](mixed_precision.md).\n\n" +
         table({"policy", "here", "goldens", "Keras to hebb"}, rows) +
         "\nA `DTypePolicyMap` gives each layer the policy of its path, and those inside of `MultiHeadAttention` and "
         "`GroupQueryAttention` theirs; keys are paths, or patterns of `.` and `.*`. Other policies for the cells of "
         "recurrent layers, and policies that quantise, are refused.\n";
}

}  // namespace hebb::keras_sections
