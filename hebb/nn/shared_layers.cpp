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

void count(const LayerBase& parent, PlacesOfLayers& out) {
  const auto* model = dynamic_cast<const ModelBase*>(&parent);
  const auto add = [&](const LayerBase& part) {
    LayerPlaces& places = out[&part];
    if (model) ++places.graphs;
    if (++places.all == 1) count(part, out);
  };
  if (model) {
    for (const auto& layer : model->layers()) add(*layer);
  } else {
    for (const auto& [attribute, layer] : parent.sublayers()) add(*layer);
  }
}

}  // namespace

PlacesOfLayers places_of_layers(const ModelBase& model) {
  PlacesOfLayers out;
  count(model, out);
  return out;
}

SharedLayersWritten::SharedLayersWritten(const ModelBase& model) : is_outermost_(writing == nullptr) {
  if (!is_outermost_) return;
  places_ = places_of_layers(model);
  writing = this;
}

SharedLayersWritten::~SharedLayersWritten() {
  if (is_outermost_) writing = nullptr;
}

void SharedLayersWritten::mark(const LayerBase& layer, Json& json) {
  if (!writing) return;
  const auto places = writing->places_.find(&layer);
  if (places == writing->places_.end() || places->second.all < 2) return;
  const auto next = static_cast<int64_t>(writing->ids_.size() + 1);
  json.set(places->second.graphs > 1 ? id_key_of_several_graphs : id_key,
           writing->ids_.emplace(&layer, next).first->second);
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
