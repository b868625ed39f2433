#include "hebb/nn/shared_layers.h"

#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_entries.h"

namespace hebb {

namespace {

constexpr const char* id_key = "shared_object_id";
constexpr const char* id_key_of_several_graphs = "hebb_shared_object_id";

thread_local SharedLayersWritten* writing = nullptr;
thread_local SharedLayersRead* reading = nullptr;

const Json* id_of(const Json& entry) {
  const Json* id = entry.find(id_key);
  return id ? id : entry.find(id_key_of_several_graphs);
}

void count_graphs(const LayerBase& parent, std::unordered_map<const LayerBase*, int64_t>& graphs,
                  std::unordered_set<const LayerBase*>& seen) {
  if (!seen.insert(&parent).second) return;
  if (const auto* model = dynamic_cast<const ModelBase*>(&parent)) {
    for (const auto& layer : model->layers()) {
      ++graphs[layer.get()];
      count_graphs(*layer, graphs, seen);
    }
  } else {
    for (const auto& [attribute, layer] : parent.sublayers()) count_graphs(*layer, graphs, seen);
  }
}

}  // namespace

std::unordered_set<const LayerBase*> layers_of_several_graphs(const ModelBase& model) {
  std::unordered_map<const LayerBase*, int64_t> graphs;
  std::unordered_set<const LayerBase*> seen, out;
  count_graphs(model, graphs, seen);
  for (const auto& [layer, count] : graphs) {
    if (count > 1) out.insert(layer);
  }
  return out;
}

SharedLayersWritten::SharedLayersWritten(const ModelBase& model) : is_outermost_(writing == nullptr) {
  if (!is_outermost_) return;
  count(model);
  of_several_graphs_ = layers_of_several_graphs(model);
  writing = this;
}

SharedLayersWritten::~SharedLayersWritten() {
  if (is_outermost_) writing = nullptr;
}

/// Counts in how many places each layer stands: a model lists it once, however often it calls it.
void SharedLayersWritten::count(const LayerBase& parent) {
  const auto add = [this](const LayerBase& part) {
    if (++places_[&part] == 1) count(part);
  };
  if (const auto* model = dynamic_cast<const ModelBase*>(&parent)) {
    for (const auto& layer : model->layers()) add(*layer);
  } else {
    for (const auto& [attribute, layer] : parent.sublayers()) add(*layer);
  }
}

void SharedLayersWritten::mark(const LayerBase& layer, Json& json) {
  if (!writing) return;
  const auto places = writing->places_.find(&layer);
  if (places == writing->places_.end() || places->second < 2) return;
  const auto next = static_cast<int64_t>(writing->ids_.size() + 1);
  const bool of_several_graphs = writing->of_several_graphs_.count(&layer) > 0;
  json.set(of_several_graphs ? id_key_of_several_graphs : id_key, writing->ids_.emplace(&layer, next).first->second);
}

SharedLayersRead::SharedLayersRead(const Json& model) : outer_(reading) {
  count(model);
  reading = this;
}

SharedLayersRead::~SharedLayersRead() { reading = outer_; }

void SharedLayersRead::count(const Json& json) {
  if (json.is_array()) {
    for (const Json& item : json.items()) count(item);
  } else if (json.is_object()) {
    for (const auto& [name, value] : json.members()) {
      if ((name == id_key || name == id_key_of_several_graphs) && value.is_int()) ++places_[value.as_int()];
      count(value);
    }
  }
}

Layer SharedLayersRead::find_or_make(const Json& entry, FunctionRef<Layer()> make) {
  if (!reading || !entry.is_object()) return make();
  const Json* id = id_of(entry);
  const std::string class_name = entry.get("class_name", "");
  const std::string name = class_name + " " + detail::name_in_config(entry);
  if (!id || !id->is_int()) return reading->unnumbered_.emplace(name, make())->second;
  const std::string key = message(id->as_int(), " ", class_name);
  if (const auto found = reading->made_.find(key); found != reading->made_.end()) return found->second;
  const bool has_lost_one = !detail::name_in_config(entry).empty() && reading->places_[id->as_int()] == 1 &&
                            reading->unnumbered_.count(name) == 1;
  Layer layer = has_lost_one ? reading->unnumbered_.find(name)->second : make();
  reading->made_.emplace(key, layer);
  return layer;
}

}  // namespace hebb
