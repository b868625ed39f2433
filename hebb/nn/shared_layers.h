/// Layers that stand in several places of a model, in the graph and inside of a wrapper, say, as Keras writes them:
/// each place holds the whole layer, all of them with the same "shared_object_id".
///
/// Keras cannot open its own files of models in which a layer is called in several graphs, that of a model and that of
/// a model in it: it looks for the second graph's calls among those of the first. Such layers have their number under
/// a name that Keras passes over, and their weights in each place: Keras makes a layer of the same values there.
///
///     const SharedLayersWritten scope(model);         // knows which layers stand in several places
///     SharedLayersWritten::mark(layer, json);         // gives their JSON its number
///
///     const SharedLayersRead scope(model_json);
///     Layer layer = SharedLayersRead::find_or_make(json, [&] { return make(json); });   // made once
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "hebb/base/function_ref.h"
#include "hebb/base/json.h"
#include "hebb/nn/layer.h"

namespace hebb {

class ModelBase;

/// Where a layer stands. A graph lists it once, however often it calls it.
struct LayerPlaces {
  int64_t all = 0;     ///< in graphs and in other layers
  int64_t graphs = 0;  ///< of these
};
using PlacesOfLayers = std::unordered_map<const LayerBase*, LayerPlaces>;
PlacesOfLayers places_of_layers(const ModelBase& model);

/// While the outermost one lives, this thread's layers know their numbers.
class SharedLayersWritten {
 public:
  explicit SharedLayersWritten(const ModelBase& model);
  ~SharedLayersWritten();
  SharedLayersWritten(const SharedLayersWritten&) = delete;
  SharedLayersWritten& operator=(const SharedLayersWritten&) = delete;

  /// Sets the number of a layer that stands in several places.
  static void mark(const LayerBase& layer, Json& json);

 private:
  PlacesOfLayers places_;
  std::unordered_map<const LayerBase*, int64_t> ids_;
  bool is_outermost_;
};

/// While it lives, what has the same number is the same layer. The innermost one counts.
///
/// Where a wrapper comes first, Keras loses the number of the layer inside, and cannot open its own file. The number
/// stands once in the file then, and the layer is the one of that class and name that was made without a number.
class SharedLayersRead {
 public:
  explicit SharedLayersRead(const Json& model);
  ~SharedLayersRead();
  SharedLayersRead(const SharedLayersRead&) = delete;
  SharedLayersRead& operator=(const SharedLayersRead&) = delete;

  /// The layer of an entry: the one that was made of another entry with its number and its class, or what `make` makes.
  static Layer find_or_make(const Json& entry, FunctionRef<Layer()> make);

 private:
  void count(const Json& json);

  std::map<int64_t, int64_t> places_;             // in which a number stands
  std::map<std::string, Layer> made_;             // by number and class
  std::multimap<std::string, Layer> unnumbered_;  // by class and name
  SharedLayersRead* outer_;
};

}  // namespace hebb
