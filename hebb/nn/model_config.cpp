#include "hebb/nn/model_config.h"

#include <unordered_map>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/call_flags.h"
#include "hebb/nn/call_structures.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/layers/dictionary_layer.h"
#include "hebb/nn/layers/mixing.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/operation_layer.h"
#include "hebb/nn/shared_layers.h"

namespace hebb {

namespace {

/// Layers that Keras calls with a list even where it holds one tensor.
bool takes_a_list(const LayerBase& layer) {
  const std::string name = layer.class_name();
  return name == "Add" || name == "Concatenate";
}

Json serialized(const std::shared_ptr<LayerBase>& layer) {
  Json json = layer_to_json(Layer(layer));
  if (dynamic_cast<const detail::OperationLayer*>(layer.get())) json.set("registered_name", layer->class_name());
  return json;
}

bool is_list_of_one(const Json& structure) {
  return structure.is_array() && structure.size() == 1 && detail::is_old_reference(structure.at(size_t{0}));
}

/// A functional model's calls, numbered for each layer as Keras numbers its nodes: only those that belong to the model
/// count, in the order in which they were made.
class CallNumbers {
 public:
  explicit CallNumbers(const ModelBase& model) {
    std::unordered_map<const LayerBase*, int64_t> next;
    for (const auto& call : model.calls()) numbers_[call.get()] = next[call->layer.get()]++;
  }

  /// Keras's history of a tensor: [layer, node, tensor].
  Json history(const Tensor& tensor) const {
    const LayerSymbol* symbol = symbol_of(tensor);
    return Json::array({symbol->call->layer->name(), numbers_.at(symbol->call.get()), symbol->output});
  }

  /// The same for a model's inputs and outputs: there a functional model as a layer counts from 1 in Keras, since its
  /// own making was node 0 once.
  Json end(const Tensor& tensor) const {
    const LayerSymbol* symbol = symbol_of(tensor);
    const auto* model = dynamic_cast<const ModelBase*>(symbol->call->layer.get());
    const int64_t first = model && model->kind() == ModelBase::Kind::functional ? 1 : 0;
    return Json::array({symbol->call->layer->name(), numbers_.at(symbol->call.get()) + first, symbol->output});
  }

  /// `keys`: of a dict, or empty. `structure`: how they are nested, or null.
  Json ends(const Tensors& tensors, const std::vector<std::string>& keys, const Json& structure) const {
    Json list = Json::array();
    for (const Tensor& tensor : tensors) list.push_back(end(tensor));
    if (!structure.is_null() || !keys.empty()) return detail::arranged(list, keys, structure);
    return tensors.size() == 1 ? list.at(size_t{0}) : list;
  }

 private:
  std::unordered_map<const LayerCall*, int64_t> numbers_;
};

/// The type that a tensor has in Keras.
std::string type_of(const Tensor& tensor) {
  if (const auto* input = dynamic_cast<const InputLayer*>(symbol_of(tensor)->call->layer.get()))
    return std::string(input->dtype_name());
  const Rounding rounding = is_floating(tensor.dtype()) ? rounding_of(*symbol_of(tensor)) : Rounding::none;
  if (rounding == Rounding::none) return std::string(name_of(tensor.dtype()));
  return rounding == Rounding::bfloat16 ? "bfloat16" : "float16";
}

/// The names under which a call's inputs, so many, stand, "" for those in front; empty where they have none.
std::vector<std::string> names_of_arguments(const LayerCall& call, size_t count) {
  const LayerBase& layer = *call.layer;
  if (!call.options.inputs.empty()) return call.options.inputs;
  std::vector<std::string> names = layer.argument_names(count);
  if (names.empty() && !layer.input_argument_names().empty()) names.resize(count);
  return names;
}

Json node_json(const LayerCall& call, const CallNumbers& numbers) {
  Json tensors = Json::array();
  for (const Tensor& input : call.inputs) {
    tensors.push_back(Json::object({{"class_name", "__keras_tensor__"},
                                    {"config", Json::object({{"shape", shape_to_json(input.shape())},
                                                             {"dtype", type_of(input)},
                                                             {"keras_history", numbers.history(input)}})}}));
  }
  if (const auto* operation = dynamic_cast<const detail::OperationLayer*>(call.layer.get()))
    return operation->arguments().with(tensors.items());
  const std::vector<size_t>& given_masks = call.options.given_masks;
  const size_t count = call.inputs.size() - given_masks.size();
  Json::Array masks(count);
  for (size_t i = 0; i < given_masks.size(); ++i) masks.at(given_masks[i]) = tensors.at(count + i);
  tensors = Json(Json::Array(tensors.items().begin(), tensors.items().begin() + static_cast<std::ptrdiff_t>(count)));

  Json arguments = Json::array(), named = Json::object();
  const bool parts = !call.options.inputs.empty() && dynamic_cast<const DictionaryLayer*>(call.layer.get()) != nullptr;
  const std::vector<std::string> names = parts ? std::vector<std::string>() : names_of_arguments(call, count);
  const bool list = names.empty() && (count != 1 || takes_a_list(*call.layer));
  if (names.empty()) {
    const auto* model = dynamic_cast<const ModelBase*>(call.layer.get());
    // Keras calls a model of a list of one tensor with that tensor as well.
    const bool has_structure = model && (!model->input_keys().empty() || (!model->input_structure().is_null() &&
                                                                          !is_list_of_one(model->input_structure())));
    const bool mixes = list && dynamic_cast<const MixingLayer*>(call.layer.get()) != nullptr;
    arguments = parts   ? Json::array({detail::dictionary_of(call.options.inputs, tensors.items())})
                : mixes ? Json::array({Json::object({{"images", tensors.at(0)}, {"labels", tensors.at(1)}})})
                : has_structure
                    ? Json::array({detail::arranged(tensors, model->input_keys(), model->input_structure())})
                : list ? Json::array({tensors})
                       : tensors;
  }
  for (size_t i = 0; i < names.size();) {
    if (names[i].empty()) {
      arguments.push_back(tensors.at(i++));
    } else {
      const std::string name = names[i].substr(0, names[i].find('/'));
      named.set(name, under_one_name(names, tensors.items(), i));
    }
  }
  for (const auto& [name, flag] : call_flags) {
    if ((call.options.*flag).is_set()) named.set(name, static_cast<bool>(call.options.*flag));
  }
  if (!given_masks.empty()) named.set("mask", list ? Json(masks) : masks.front());
  return Json::object({{"args", std::move(arguments)}, {"kwargs", std::move(named)}});
}

Json functional_config(const ModelBase& model) {
  const CallNumbers numbers(model);
  std::unordered_map<const LayerBase*, Json> nodes;
  for (const auto& call : model.calls()) {
    Json& list = nodes.try_emplace(call->layer.get(), Json::array()).first->second;
    if (!call->inputs.empty()) list.push_back(node_json(*call, numbers));
  }
  Json layers = Json::array();
  for (const auto& layer : model.layers()) {
    Json json = serialized(layer);
    json.set("name", layer->name());
    json.set("inbound_nodes", std::move(nodes.at(layer.get())));
    layers.push_back(std::move(json));
  }
  return Json::object(
      {{"name", model.name()},
       {"trainable", model.trainable()},
       {"layers", std::move(layers)},
       {"input_layers", numbers.ends(model.inputs(), model.input_keys(), model.input_structure())},
       {"output_layers", numbers.ends(model.outputs(), model.output_keys(), model.output_structure())}});
}

Json sequential_config(const ModelBase& model) {
  Json layers = Json::array();
  if (model.is_connected()) layers.push_back(serialized(symbol_of(model.inputs().front())->call->layer));
  for (const auto& layer : model.layers()) layers.push_back(serialized(layer));
  Json config = Json::object({{"name", model.name()},
                              {"trainable", model.trainable()},
                              {"dtype", dtype_policy_to_json(model.dtype_policy())},
                              {"layers", std::move(layers)}});
  if (model.is_connected()) config.set("build_input_shape", shape_to_json(model.inputs().front().shape()));
  return config;
}

}  // namespace

Json model_config(const ModelBase& model) {
  return model.kind() == ModelBase::Kind::sequential ? sequential_config(model) : functional_config(model);
}

Json model_to_json(const ModelBase& model) {
  const SharedLayersWritten shared(model);
  const bool sequential = model.kind() == ModelBase::Kind::sequential;
  Json json = Json::object({{"module", sequential ? "keras" : "keras.src.models.functional"},
                            {"class_name", model.class_name()},
                            {"config", model_config(model)},
                            {"registered_name", sequential ? Json() : Json("Functional")}});
  if (!sequential) {
    json.set("build_config", Json::object({{"input_shape", nullptr}}));
  } else if (model.is_connected()) {
    json.set("build_config", Json::object({{"input_shape", shape_to_json(model.inputs().front().shape())}}));
  }
  return json;
}

}  // namespace hebb
