#include "hebb/nn/model_base.h"

#include <algorithm>
#include <map>
#include <set>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_config.h"
#include "hebb/nn/trainer.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

bool is_input_layer(const LayerBase& layer) { return dynamic_cast<const InputLayer*>(&layer) != nullptr; }

/// Whether values of this shape fit a symbolic tensor's shape.
bool fits(const Shape& shape, const Shape& symbolic) {
  if (shape.rank() != symbolic.rank()) return false;
  for (int i = 0; i < shape.rank(); ++i) {
    if (symbolic[i] != Shape::unknown && symbolic[i] != shape[i]) return false;
  }
  return true;
}

using SymbolKey = std::pair<const LayerCall*, int>;

SymbolKey key_of(const Tensor& symbolic) {
  const LayerSymbol* symbol = symbol_of(symbolic);
  return {symbol->call.get(), symbol->output};
}

}  // namespace

ModelBase::ModelBase(Kind kind) : kind_(kind) { autocast_ = false; }

ModelBase::~ModelBase() = default;

void ModelBase::connect(const Tensors& inputs, const Tensors& outputs) {
  auto check = [&](const Tensors& tensors, const char* what) {
    if (tensors.empty()) throw InvalidArgument(message("Model: expected at least one ", what, "."));
    for (const Tensor& tensor : tensors) {
      if (!symbol_of(tensor)) {
        throw InvalidArgument(message("Model: expected ", what,
                                      "s made by Input() and layer calls, got a tensor of values. Call the "
                                      "layers on Input(...)."));
      }
    }
  };
  check(inputs, "input");
  check(outputs, "output");
  inputs_ = inputs;
  outputs_ = outputs;
  std::set<const LayerCall*> given;
  for (const Tensor& input : inputs) given.insert(symbol_of(input)->call.get());

  // All calls that the outputs need, found without recursion and each once: a graph may have 2^60 paths.
  std::set<const LayerCall*> seen;
  std::vector<std::shared_ptr<LayerCall>> open;
  auto reach = [&](const Tensor& tensor) {
    const std::shared_ptr<LayerCall>& call = symbol_of(tensor)->call;
    if (seen.insert(call.get()).second) open.push_back(call);
  };
  for (const Tensor& output : outputs) reach(output);
  for (const Tensor& input : inputs) reach(input);
  while (!open.empty()) {
    const std::shared_ptr<LayerCall> call = std::move(open.back());
    open.pop_back();
    calls_.push_back(call);
    if (given.contains(call.get())) continue;
    if (call->inputs.empty()) {
      throw InvalidArgument(message("Model: an output depends on the input '", call->layer->name(),
                                    "', which is not among the model's inputs. "
                                    "Add it to the inputs."));
    }
    for (const Tensor& input : call->inputs) reach(input);
  }
  std::sort(calls_.begin(), calls_.end(), [](const auto& a, const auto& b) { return a->sequence < b->sequence; });
  std::map<std::string, const LayerBase*> names;
  for (const auto& call : calls_) {
    if (std::find(layers_.begin(), layers_.end(), call->layer) != layers_.end()) continue;
    const auto [at, fresh] = names.emplace(call->layer->name(), call->layer.get());
    if (!fresh) {
      throw InvalidArgument(
          message("Model: two layers have the name '", call->layer->name(), "'. Give each a name of its own."));
    }
    layers_.push_back(call->layer);
    add_sublayer(call->layer->name(), call->layer);
  }
  built_ = true;
}

void ModelBase::append(const Layer& layer) {
  if (!layer) throw InvalidArgument(message(where(), "expected a layer, got an empty handle."));
  const std::shared_ptr<LayerBase>& base = layer.shared();
  for (const auto& known : layers_) {
    if (known->name() == base->name()) {
      throw InvalidArgument(
          message(where(), "there is a layer '", base->name(), "' already. Give each a name of its own."));
    }
  }
  if (is_input_layer(*base)) {
    if (is_connected())
      throw InvalidArgument(message(where(), "expected Input() as the first layer, got it behind others."));
    inputs_ = outputs_ = {static_cast<InputLayer&>(*base).tensor()};
    calls_ = {symbol_of(inputs_[0])->call};
    // Layers that were added before it.
    const auto waiting = std::exchange(layers_, {});
    for (const auto& earlier : waiting) append(Layer(earlier));
    return;
  }
  layers_.push_back(base);
  if (std::none_of(sublayers().begin(), sublayers().end(), [&](const auto& known) { return known.second == base; })) {
    add_sublayer(base->name(), base);
  }
  if (!is_connected()) return;
  outputs_ = call_symbolically(base, outputs_, {});
  calls_.push_back(symbol_of(outputs_[0])->call);
  built_ = true;
  trainer_.reset();
}

void ModelBase::build(const std::vector<Shape>& inputs) {
  if (is_connected()) return;
  if (inputs.size() != 1) throw InvalidArgument(message(where(), "expected one input, got ", inputs.size(), "."));
  std::unique_ptr<Trainer> trainer = std::move(trainer_);
  append(Input(inputs[0].without(0)));
  trainer_ = std::move(trainer);
}

std::vector<std::string> ModelBase::input_names() const {
  std::vector<std::string> names;
  for (const Tensor& input : inputs_) names.push_back(symbol_of(input)->call->layer->name());
  return names;
}

std::vector<std::string> ModelBase::output_names() const {
  std::vector<std::string> names;
  for (const Tensor& output : outputs_) names.push_back(symbol_of(output)->call->layer->name());
  return names;
}

/// Inputs as the graph wants them: ranks that lack or have a last axis of one are mended as Keras does.
Tensors ModelBase::fitted_inputs(const Tensors& xs) const {
  if (xs.size() != inputs_.size()) {
    throw InvalidArgument(message(where(), "expected ", inputs_.size(), inputs_.size() == 1 ? " input" : " inputs",
                                  " (", join(input_names()), "), got ", xs.size(), "."));
  }
  Tensors out;
  for (size_t i = 0; i < xs.size(); ++i) {
    const Shape& wanted = inputs_[i].shape();
    Tensor x = xs[i];
    if (x.rank() == wanted.rank() - 1 && wanted.back() == 1) x = expand_dims(x, -1);
    if (x.rank() == wanted.rank() + 1 && x.shape().back() == 1) x = squeeze(x, -1);
    if (!fits(x.shape(), wanted)) {
      throw InvalidArgument(message(where(), "expected input '", symbol_of(inputs_[i])->call->layer->name(),
                                    "' of shape ", wanted, ", got ", xs[i].shape(),
                                    ". Reshape the data or change Input()."));
    }
    out.push_back(x);
  }
  return out;
}

Tensors ModelBase::call_many(const Tensors& xs, const CallOptions& options) {
  if (!is_connected()) {
    std::vector<Shape> shapes;
    for (const Tensor& x : xs) shapes.push_back(x.shape());
    build(shapes);
  }
  const Tensors given = fitted_inputs(xs);
  std::map<SymbolKey, Tensor> values;
  for (size_t i = 0; i < given.size(); ++i) values[key_of(inputs_[i])] = given[i];
  for (const std::shared_ptr<LayerCall>& call : calls_) {
    if (values.contains({call.get(), 0})) continue;  // an input
    Tensors inputs;
    for (const Tensor& input : call->inputs) inputs.push_back(values.at(key_of(input)));
    const Tensors results = call->layer->apply_to(inputs, options);
    for (size_t i = 0; i < results.size(); ++i) values[{call.get(), static_cast<int>(i)}] = results[i];
  }
  Tensors out;
  for (const Tensor& output : outputs_) out.push_back(values.at(key_of(output)));
  return out;
}

Json ModelBase::config() const { return model_config(*this); }

Trainer& ModelBase::trainer() {
  if (!trainer_) trainer_ = std::make_unique<Trainer>(*this);
  return *trainer_;
}

}  // namespace hebb
