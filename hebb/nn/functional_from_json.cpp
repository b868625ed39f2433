// Functional models from Keras's configuration.

#include <algorithm>
#include <functional>
#include <list>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>

#include "hebb/base/error.h"
#include "hebb/base/problems.h"
#include "hebb/base/text.h"
#include "hebb/nn/call_flags.h"
#include "hebb/nn/call_structures.h"
#include "hebb/nn/layers/dictionary_layer.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_entries.h"
#include "hebb/nn/operation_layer.h"
#include "hebb/nn/operation_nodes.h"

namespace hebb::detail {

namespace {

/// Which output of which call of which layer.
struct Reference {
  size_t layer = 0;
  int64_t call = 0, output = 0;
};

struct Node {
  std::vector<Reference> inputs;
  std::vector<std::string> names;                          // of the last inputs: those with a name of their own
  std::vector<std::pair<std::string, const Json*>> masks;  // tensors or lists of them, by the argument's name
  std::vector<Reference> mask_inputs;                      // go behind the inputs, as CallOptions::given_masks says
  CallOptions options;
  std::vector<std::string> places;               // in the dict that a layer is called with, one for each tensor
  size_t waiting = 0;                            // inputs that are not there yet, and the layer's call before
  std::vector<std::pair<size_t, size_t>> users;  // the nodes that wait for this one: layer, call
  Tensors outputs;
};

struct Entry {
  const Json* json = nullptr;
  std::string name;
  Layer layer;
  std::vector<Node> nodes;
  int64_t first_call = 0;  // what Keras 2 calls a nested model's first call: 0 or 1
};

class FunctionalReader {
 public:
  explicit FunctionalReader(const Json& json) : config_(json.at("config")) {
    for (const Json& layer : layers_of(json)) {
      if (!is_old_operation(layer)) {
        add(layer);
        continue;
      }
      old_ = true;
      for (Json& operation : new_operations(layer)) add(new_operations_.emplace_back(std::move(operation)));
    }
  }

  /// A chain of calls is let go from its end, so that no call takes all before it along.
  ~FunctionalReader() {
    for (; !made_.empty(); made_.pop_back()) node(made_.back()).outputs.clear();
  }
  FunctionalReader(const FunctionalReader&) = delete;
  FunctionalReader& operator=(const FunctionalReader&) = delete;

  Model read() {
    Problems problems;
    for (Entry& entry : entries_) problems.run([&] { read_nodes(entry); });
    problems.throw_all();
    find_first_calls();
    for (Entry& entry : entries_) {
      entry.layer = layer_or_model(*entry.json);
      if (entry.layer.name() != entry.name && !entry.name.empty()) entry.layer->set_name(entry.name);
      for (Node& node : entry.nodes) {
        name_parts(entry, node);
        find_masks(entry, node);
        name_inputs(entry, node);
        node.inputs.insert(node.inputs.end(), node.mask_inputs.begin(), node.mask_inputs.end());
      }
    }
    connect();
    Tensors inputs, outputs;
    for (const Reference& end : ends("input_layers")) inputs.push_back(output_of(end));
    for (const Reference& end : ends("output_layers")) outputs.push_back(output_of(end));
    Model model(inputs, outputs, config_.get("name", ""));
    model.base().set_keys(keys_of(config_.at("input_layers")), keys_of(config_.at("output_layers")));
    model.base().set_structures(structure_of(config_.at("input_layers"), old_),
                                structure_of(config_.at("output_layers"), old_));
    // Its layers said for themselves whether they train: of a frozen model the last ones may.
    model.base().set_own_trainable(config_.get("trainable", true));
    return model;
  }

 private:
  void add(const Json& layer) {
    Entry entry;
    entry.json = &layer;
    entry.name = name_of_entry(layer);
    const std::string own_name = name_in_config(layer);
    const bool is_new = own_name.empty() || own_names_.insert(own_name).second;
    if (!names_.emplace(entry.name, entries_.size()).second || !is_new)
      refuse("two layers have the name '", is_new ? entry.name : own_name, "'.");
    entries_.push_back(std::move(entry));
  }

  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    throw InvalidArgument(message("model '", config_.get("name", ""), "': ", parts...));
  }

  Node& node(std::pair<size_t, size_t> at) { return entries_[at.first].nodes[at.second]; }

  Reference reference(const Json& name, const Json& call, const Json& output) const {
    const auto found = names_.find(name.as_string());
    if (found == names_.end()) refuse("a call refers to a layer '", name.as_string(), "' that is not in the list.");
    return {found->second, call.as_int(), output.as_int()};
  }

  Reference old_reference(const Json& json) const { return reference(json.at(size_t{0}), json.at(1), json.at(2)); }

  /// The values of a dict that a layer is called with: by the names of a model's inputs where it has all of them, else
  /// by the alphabet.
  std::vector<const Json*> parts_of_call(const Json& dictionary, const Entry& entry) const {
    if (!is_functional(*entry.json)) return by_the_alphabet(dictionary);
    const Json inputs = without_tuples(entry.json->at("config").at("input_layers"));
    if (inputs.is_object()) return by_the_alphabet(dictionary);
    const Json list = is_old_reference(inputs) ? Json::array({inputs}) : inputs;
    std::vector<const Json*> values;
    for (const Json& input : list.items()) {
      const Json* value = is_old_reference(input) ? dictionary.find(input.at(size_t{0}).as_string()) : nullptr;
      if (!value) return by_the_alphabet(dictionary);
      values.push_back(value);
    }
    return values;
  }

  /// What a layer is called with: a tensor, a list or a dict.
  void collect_inputs(const Json& argument, const Entry& entry, Node& node) const {
    if (!is_dictionary(argument)) return collect(argument, entry, node.inputs);
    node.places = places_in(argument);
    for (const Json* value : parts_of_call(argument, entry)) collect(*value, entry, node.inputs);
  }

  /// The same of Keras 2, where each tensor has the call's named arguments behind it.
  void collect_old_inputs(const Json& json, const Entry& entry, Node& node) const {
    if (is_old_reference(json)) {
      node.inputs.push_back(old_reference(json));
      if (json.size() > 3 && json.at(3).is_object()) read_named_arguments(json.at(3), entry, node);
    } else if (is_dictionary(json)) {
      node.places = places_in(json);
      for (const Json* value : parts_of_call(json, entry)) collect_old_inputs(*value, entry, node);
    } else if (json.is_array() && json.size() > 0 && !json.at(size_t{0}).is_string()) {
      for (const Json& item : json.items()) collect_old_inputs(item, entry, node);
    } else {
      refuse("layer '", entry.name, "': cannot read its call ", json.dump().substr(0, 80));
    }
  }

  /// All tensors in an argument, in order; numbers and the like are refused.
  void collect(const Json& argument, const Entry& entry, std::vector<Reference>& out) const {
    if (argument.is_null()) return;
    if (argument.is_array()) {
      for (const Json& item : argument.items()) collect(item, entry, out);
      return;
    }
    if (argument.is_object()) {
      const std::string kind = argument.get("class_name", "");
      if (kind == "__keras_tensor__") {
        const Json& history = argument.at("config").at("keras_history");
        out.push_back(reference(history.at(size_t{0}), history.at(1), history.at(2)));
        return;
      }
      if (kind == "__tuple__") return collect(argument.at("items"), entry, out);
      if (kind.empty()) {
        for (const Json* value : by_the_alphabet(argument)) collect(*value, entry, out);
        return;
      }
    }
    throw NotSupported(message("layer '", entry.name, "' (", class_of(*entry.json), "): it is called with ",
                               argument.dump().substr(0, 80), "; hebb calls layers with tensors alone. Make the model ",
                               "in Keras with layers that hold what is no tensor (Rescaling has numbers), and set its ",
                               "weights."));
  }

  [[noreturn]] void refuse_argument(const Entry& entry, const std::string& name, const Json& value) const {
    throw NotSupported(message("layer '", entry.name, "' (", class_of(*entry.json), "): it is called with ", name,
                               " = ", value.dump().substr(0, 80), "; hebb calls layers with their inputs alone. ",
                               "Make the model in Keras without that argument, and set its weights."));
  }

  static OpenFlag CallOptions::*find_flag(const std::string& name) {
    for (const auto& [known, flag] : call_flags) {
      if (known == name) return flag;
    }
    return nullptr;
  }

  /// A layer that takes masks under names has them among its inputs; others get them beside their inputs.
  void find_masks(const Entry& entry, Node& node) const {
    const std::vector<std::string> known = entry.layer->input_argument_names();
    for (const auto& [name, value] : node.masks) {
      if (std::find(known.begin(), known.end(), name) != known.end()) {
        collect(*value, entry, node.inputs);
        node.names.push_back(name);
        continue;
      }
      const std::vector<const Json*> masks = flat_masks(*value);
      for (size_t i = 0; i < masks.size(); ++i) {
        if (masks[i]->is_null()) continue;
        if (i >= node.inputs.size()) refuse("layer '", entry.name, "': a call of it has more masks than inputs.");
        collect(*masks[i], entry, node.mask_inputs);
        node.options.given_masks.push_back(i);
      }
    }
  }

  /// Tells a layer that takes dictionaries what each input is. Others give their outputs in the order of their inputs,
  /// Keras's as a dict: only of models and of what gives its inputs back the order is known to be the same.
  void name_parts(const Entry& entry, Node& node) const {
    if (node.places.size() < 2 || is_model(*entry.json)) return;
    if (node.places.size() == node.inputs.size() && entry.layer.as<DictionaryLayer>()) {
      node.options.inputs = node.places;
      return;
    }
    if (class_of(*entry.json) == "Identity") return;
    throw NotSupported(message("layer '", entry.name, "' (", class_of(*entry.json),
                               "): it is called with a dictionary of ", node.inputs.size(),
                               " tensors, which hebb knows of nested models, Identity, Pipeline and layers of images "
                               "alone. Leave it out of the model in Keras, and call it on the data by itself."));
  }

  /// Brings the inputs of a call that have names into the layer's order, and says which they are.
  void name_inputs(const Entry& entry, Node& node) const {
    const std::vector<std::string> known = entry.layer->input_argument_names();
    const size_t in_front = node.inputs.size() - node.names.size();
    for (const std::string& name : node.names) {
      if (std::find(known.begin(), known.end(), name) == known.end()) refuse_argument(entry, name, Json("a tensor"));
    }
    if (known.empty()) return;
    if (in_front > known.size()) refuse("layer '", entry.name, "': a call of it has ", in_front, " inputs.");
    struct Found {
      size_t at = 0;  // in the layer's names
      Reference from;
      std::string name;  // as the call says it
    };
    std::vector<Found> found;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const auto at = i < in_front ? known.begin() + static_cast<std::ptrdiff_t>(i)
                                   : std::find(known.begin(), known.end(), node.names[i - in_front]);
      found.push_back({static_cast<size_t>(at - known.begin()), node.inputs[i], i < in_front ? "" : *at});
    }
    std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.at < b.at; });
    for (size_t i = 0; i < found.size(); ++i) {
      if (i > 0 && found[i].at == found[i - 1].at)
        refuse("layer '", entry.name, "': a call of it has two inputs '", known[found[i].at], "'.");
      node.inputs[i] = found[i].from;
      // What is called by its name stays so: Keras takes some arguments, such as count_weights, in no other way.
      if (!node.names.empty()) node.options.inputs.push_back(found[i].name);
    }
  }

  void read_named_arguments(const Json& arguments, const Entry& entry, Node& node) const {
    const Json* states = nullptr;  // of a recurrent layer, behind its input
    std::vector<std::pair<std::string, const Json*>> named;
    std::vector<std::pair<std::string, Reference>> old_named;
    for (const auto& [key, value] : arguments.members()) {
      if (value.is_null() || key == "name") continue;
      if (OpenFlag CallOptions::*const flag = find_flag(key)) {
        if (value.is_bool()) node.options.*flag = value.as_bool();
      } else if (key == "initial_state") {
        states = &value;
      } else if (key == "mask" || key.ends_with("_mask")) {
        node.masks.emplace_back(key, &value);
      } else if (key == "inputs" || key == "sequences") {
        collect_inputs(value, entry, node);
      } else if (key == "y" && is_old_reference(value)) {
        node.inputs.push_back(old_reference(value));
      } else if (is_old_reference(value)) {  // MultiHeadAttention's value, as Keras 2 writes it
        old_named.emplace_back(key, old_reference(value));
      } else if (value.is_object() && value.get("class_name", "") == std::string("__keras_tensor__")) {
        named.emplace_back(key, &value);
      } else {
        refuse_argument(entry, key, value);
      }
    }
    for (const auto& [key, value] : named) {
      collect(*value, entry, node.inputs);
      node.names.push_back(key);
    }
    for (const auto& [key, from] : old_named) {
      node.inputs.push_back(from);
      node.names.push_back(key);
    }
    if (states) collect(*states, entry, node.inputs);
  }

  void read_nodes(Entry& entry) {
    const Json* nodes = entry.json->find("inbound_nodes");
    if (!nodes || nodes->size() == 0) return;
    for (const Json& json : nodes->items()) {
      Node node;
      if (json.is_object() && is_operation(*entry.json)) {
        const OperationArguments arguments(json);
        for (const Json& tensor : arguments.places()) collect(tensor, entry, node.inputs);
      } else if (json.is_object() && json.contains("args") && !is_old_reference(json.at("args"))) {
        const Json& places = json.at("args");
        for (const Json& place : places.items()) collect_inputs(place, entry, node);
        if (const Json* named = json.find("kwargs")) read_named_arguments(*named, entry, node);
      } else {  // Keras 2: [layer, call, output, named arguments], or lists or dicts of them
        old_ = true;
        collect_old_inputs(json, entry, node);
      }
      if (node.inputs.empty()) refuse("layer '", entry.name, "': a call of it has no inputs.");
      entry.nodes.push_back(std::move(node));
    }
  }

  /// Keras 2 counts the calls of a nested model from 1 if its own making was call 0. Every call of a model's graph is
  /// used in it, so the lowest number that appears is the first.
  void find_first_calls() {
    if (!old_) return;
    std::map<size_t, int64_t> lowest;
    auto see = [&](const Reference& reference) {
      const auto at = lowest.emplace(reference.layer, reference.call).first;
      at->second = std::min(at->second, reference.call);
    };
    for (const Entry& entry : entries_) {
      for (const Node& node : entry.nodes) std::for_each(node.inputs.begin(), node.inputs.end(), see);
    }
    for (const char* key : {"input_layers", "output_layers"}) {
      for (const Reference& end : raw_ends(config_.at(key))) see(end);
    }
    for (const auto& [layer, call] : lowest) {
      if (is_model(*entries_[layer].json)) entries_[layer].first_call = std::clamp<int64_t>(call, 0, 1);
    }
    for (Entry& entry : entries_) {
      for (Node& node : entry.nodes) {
        for (Reference& input : node.inputs) input.call -= entries_[input.layer].first_call;
      }
    }
  }

  /// The tensors in "input_layers" or "output_layers": one, a list, or a dict, whose values Keras takes by the
  /// alphabet of their keys.
  std::vector<Reference> raw_ends(const Json& json) const {
    if (is_old_reference(json)) return {old_reference(json)};
    std::vector<Reference> out;
    auto add = [&](const Json& part) {
      for (const Reference& end : raw_ends(part)) out.push_back(end);
    };
    if (json.is_object() && json.contains("items") && json.get("class_name", "") == "__tuple__") {
      add(json.at("items"));
    } else if (json.is_object()) {
      for (const Json* value : by_the_alphabet(json)) add(*value);
    } else {
      for (const Json& item : json.items()) add(item);
    }
    return out;
  }

  std::vector<Reference> ends(const char* key) const {
    std::vector<Reference> out = raw_ends(config_.at(key));
    if (out.empty()) refuse("it has no ", key, ".");
    for (Reference& end : out) {
      // Keras 3 counts a nested functional model's calls from 1 here, and only here.
      const Entry& entry = entries_[end.layer];
      end.call -= old_ ? entry.first_call : is_functional(*entry.json) ? 1 : 0;
    }
    return out;
  }

  Tensor output_of(const Reference& reference) const {
    const Entry& entry = entries_[reference.layer];
    const auto calls = static_cast<int64_t>(entry.nodes.size());
    if (reference.call < 0 || reference.call >= calls) {
      refuse("expected a number of a call of layer '", entry.name, "', which has ", calls, ", got ", reference.call,
             ".");
    }
    const Tensors& outputs = entry.nodes[static_cast<size_t>(reference.call)].outputs;
    if (reference.output < 0 || reference.output >= static_cast<int64_t>(outputs.size())) {
      refuse("expected a number of an output of layer '", entry.name, "', which has ", outputs.size(), ", got ",
             reference.output, ".");
    }
    return outputs[static_cast<size_t>(reference.output)];
  }

  /// Calls the layers, each as soon as its inputs are there and its call before was made.
  void connect() {
    using Place = std::pair<size_t, size_t>;
    std::priority_queue<Place, std::vector<Place>, std::greater<>> ready;
    size_t calls = 0;
    for (size_t i = 0; i < entries_.size(); ++i) {
      Entry& entry = entries_[i];
      if (auto* input = entry.layer.as<InputLayer>()) {
        entry.nodes.resize(1);
        entry.nodes[0].inputs.clear();
        entry.nodes[0].outputs = {input->tensor()};
        made_.emplace_back(i, 0);
      }
    }
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].layer.as<InputLayer>()) continue;
      calls += entries_[i].nodes.size();
      for (size_t j = 0; j < entries_[i].nodes.size(); ++j) {
        Node& here = entries_[i].nodes[j];
        for (const Reference& input : here.inputs) {
          Entry& from = entries_[input.layer];
          if (from.layer.as<InputLayer>()) continue;
          if (input.call < 0 || input.call >= static_cast<int64_t>(from.nodes.size())) output_of(input);
          from.nodes[static_cast<size_t>(input.call)].users.emplace_back(i, j);
          ++here.waiting;
        }
        if (j > 0) {
          entries_[i].nodes[j - 1].users.emplace_back(i, j);
          ++here.waiting;
        }
        if (here.waiting == 0) ready.emplace(i, j);
      }
    }
    Problems problems;  // of calls whose inputs do not come from one another
    while (!ready.empty()) {
      const Place at = ready.top();
      ready.pop();
      --calls;
      const Entry& entry = entries_[at.first];
      Node& here = node(at);
      Tensors inputs;
      for (const Reference& input : here.inputs) inputs.push_back(output_of(input));
      if (!problems.run([&] { here.outputs = entry.layer.call_many(inputs, here.options); })) continue;
      made_.push_back(at);
      for (const Place& user : here.users) {
        if (--node(user).waiting == 0) ready.push(user);
      }
    }
    problems.throw_all();
    if (calls == 0) return;
    for (const Entry& entry : entries_) {
      for (const Node& node : entry.nodes) {
        if (node.waiting > 0) refuse("layer '", entry.name, "' waits for its own output: the graph has a loop.");
      }
    }
  }

  const Json& config_;
  std::list<Json> new_operations_;  // in place of Keras 2's
  std::vector<Entry> entries_;
  std::unordered_map<std::string, size_t> names_;
  std::set<std::string> own_names_;              // in the configurations
  std::vector<std::pair<size_t, size_t>> made_;  // the calls in the order in which they were made
  bool old_ = false;                             // Keras 2's way of writing calls
};

}  // namespace

Model functional_from_json(const Json& json) { return FunctionalReader(json).read(); }

}  // namespace hebb::detail
