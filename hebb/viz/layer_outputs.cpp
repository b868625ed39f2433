#include "hebb/viz/layer_outputs.h"

#include <algorithm>
#include <map>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/ops/op.h"
#include "hebb/ops/shaping.h"

namespace hebb::viz {

std::vector<LayerOutput> layer_outputs(const Model& model, const Tensors& inputs) {
  const ModelBase& base = model.base();
  if (!base.is_connected()) {
    throw InvalidArgument(message("model '", model.name(),
                                  "': its layers are not connected yet. Put an Input() in front of them, or call it on "
                                  "data first."));
  }
  if (inputs.size() != base.inputs().size()) {
    throw InvalidArgument(message("model '", model.name(), "': expected ", base.inputs().size(), " inputs (",
                                  join(base.input_names()), "), got ", inputs.size(), "."));
  }
  using Key = std::pair<const LayerCall*, int>;
  auto key_of = [](const Tensor& symbolic) {
    const LayerSymbol* symbol = symbol_of(symbolic);
    return Key{symbol->call.get(), symbol->output};
  };
  std::map<Key, Tensor> values;
  for (size_t i = 0; i < inputs.size(); ++i) {
    base.check_input(i, inputs[i].shape());
    const Tensor& symbol = base.inputs()[i];
    Tensor given = inputs[i];
    if (given.rank() == symbol.rank() - 1) given = expand_dims(given, -1);
    if (given.rank() == symbol.rank() + 1) given = squeeze(given, -1);
    values[key_of(symbol)] = given;
  }
  std::vector<LayerOutput> out;
  for (const std::shared_ptr<LayerCall>& call : base.calls()) {
    if (!values.contains({call.get(), 0})) {
      Tensors given;
      for (const Tensor& input : call->inputs) given.push_back(values.at(key_of(input)));
      const Tensors results = call->layer->apply_to(given, {.training = false});
      for (size_t i = 0; i < results.size(); ++i) values[{call.get(), static_cast<int>(i)}] = results[i];
    }
    out.push_back({call->layer->name(), values.at({call.get(), 0})});
  }
  // The model's output last, though layers that it does not need may be called after it.
  const Key last = key_of(base.outputs().front());
  if (out.back().tensor.body() != values.at(last).body()) out.push_back({last.first->layer->name(), values.at(last)});
  return out;
}

Tensor before_softmax(const Tensor& output) {
  const std::shared_ptr<Node>& node = output.body()->producer;
  if (!node || (node->op->name() != "softmax" && node->op->name() != "sigmoid")) return output;
  return node->inputs.front();
}

size_t find_layer(const std::vector<LayerOutput>& outputs, const std::string& layer) {
  for (size_t i = outputs.size(); i-- > 0;) {
    if (outputs[i].layer == layer) return i;
  }
  std::vector<std::string> names;
  for (const LayerOutput& output : outputs) names.push_back(output.layer);
  throw InvalidArgument(unknown_name("layer", layer, names));
}

}  // namespace hebb::viz
