#include "hebb/nn/explanation.h"

#include <algorithm>
#include <functional>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/activations.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/symbolic.h"
#include "hebb/nn/trainer.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

using Vector = ExplainedLayer::Vector;
using Matrix = ExplainedLayer::Matrix;

constexpr int64_t most_neurons = 12, most_layers = 6, most_weights = 250;

/// A Dense layer and the activation layers behind it.
struct Stage {
  std::shared_ptr<LayerBase> dense;
  std::vector<std::function<Tensor(const Tensor&)>> functions;
  std::string names;

  Tensor kernel() const { return dense->own_weights()[0]; }
  Tensor bias() const { return dense->own_weights().size() > 1 ? dense->own_weights()[1] : Tensor(); }
  Tensor activate(const Tensor& z) const {
    Tensor a = z;
    for (const auto& function : functions) a = function(a);
    return a;
  }
};

[[noreturn]] void refuse(const std::string& text) { throw InvalidArgument("explain: " + text); }

/// InvalidArgument unless each layer is called once, on what the one before gave.
void check_chain(const ModelBase& model) {
  bool chain = model.inputs().size() == 1 && model.outputs().size() == 1;
  const LayerCall* before = nullptr;
  for (const auto& call : model.calls()) {
    if (call->inputs.empty()) continue;  // the input layer
    const LayerSymbol* from = call->inputs.size() == 1 ? symbol_of(call->inputs.front()) : nullptr;
    chain = chain && from != nullptr && (before == nullptr || from->call.get() == before);
    before = call.get();
  }
  if (!chain) refuse("expected a model whose layers stand in one row, got one with branches. Explain a Sequential.");
}

std::vector<Stage> stages_of(const ModelBase& model) {
  std::vector<Stage> stages;
  int64_t weights = 0;
  for (const auto& layer : model.layers()) {
    const std::string kind = layer->class_name();
    if (kind == "InputLayer") continue;
    if (kind == "Dense") {
      const auto activation = ActivationFunction::from_json(layer->config().at("activation"));
      stages.push_back({layer, {activation}, activation.name()});
      weights += layer->count_params();
      const int64_t neurons = layer->own_weights()[0].shape().back();
      if (neurons > most_neurons)
        refuse(message("expected layers of at most ", most_neurons, " neurons, so that all numbers can be read, got ",
                       neurons, " in layer '", layer->name(), "'. Explain a smaller network: the rules are the same."));
      continue;
    }
    const std::vector<std::string> known = {"Activation", "ReLU", "LeakyReLU", "ELU", "Softmax"};
    if (std::ranges::count(known, kind) == 0)
      refuse(message("expected Dense layers and activations, got layer '", layer->name(), "' (", kind,
                     "). Explain a network without it."));
    if (stages.empty())
      refuse(message("expected a Dense layer first, got layer '", layer->name(), "' (", kind, "). Put it behind one."));
    const std::string name =
        kind == "Activation" ? ActivationFunction::from_json(layer->config().at("activation")).name() : kind;
    stages.back().names = stages.back().names == "linear" ? name : stages.back().names + ", " + name;
    stages.back().functions.emplace_back([layer](const Tensor& z) { return Layer(layer)(z); });
  }
  if (stages.empty()) refuse("expected a model with a Dense layer, got one without.");
  if (static_cast<int64_t>(stages.size()) + 1 > most_layers)
    refuse(message("expected at most ", most_layers, " layers, the input included, got ", stages.size() + 1,
                   ". Explain a smaller network: the rules are the same."));
  if (weights > most_weights)
    refuse(message("expected at most ", most_weights, " weights, so that all numbers can be read, got ", weights,
                   ". Explain a smaller network: the rules are the same."));
  return stages;
}

Vector vector_of(const Tensor& tensor) { return tensor.to_vector<double>(); }

/// (inputs, units) as [unit][input].
Matrix by_unit(const Tensor& kernel) {
  const auto values = vector_of(kernel);
  const auto units = static_cast<size_t>(kernel.shape().back()), inputs = values.size() / units;
  Matrix out(units, Vector(inputs));
  for (size_t j = 0; j < inputs; ++j) {
    for (size_t i = 0; i < units; ++i) out[i][j] = values[j * units + i];
  }
  return out;
}

/// The derivative of the activation where each neuron has its own; empty where a neuron's output depends on another's
/// sum.
Vector slopes(const Stage& stage, const Tensor& z) {
  const Tensor leaf = variable(z);
  const Tensor a = stage.activate(leaf);
  const int64_t units = z.shape().back();
  if (a.shape() != z.shape())
    refuse(message("expected activation '", stage.names, "' to keep the number of neurons, got ", a.shape(), " for ",
                   z.shape(), "."));
  Vector out;
  for (int64_t i = 0; i < units; ++i) {
    const Vector row = vector_of(gradient(sum(slice(a, {0, i}, {1, i + 1})), leaf));
    for (int64_t k = 0; k < units; ++k) {
      if (k != i && row[static_cast<size_t>(k)] != 0) return {};
    }
    out.push_back(row[static_cast<size_t>(i)]);
  }
  return out;
}

Loss loss_of(const Model& model, const Loss& given) {
  if (given) return given;
  Trainer* trainer = model.base().trainer_if_any() != nullptr ? &const_cast<Model&>(model).base().trainer() : nullptr;
  if (trainer != nullptr && trainer->options().loss.list().size() == 1 && trainer->options().loss.list().front())
    return trainer->options().loss.list().front();
  refuse("the model was not compiled with a loss. Give one: {.loss = \"mse\"}.");
}

Matrix after(const Matrix& w, const Matrix& g, double rate) {
  Matrix out = w;
  for (size_t i = 0; i < w.size(); ++i) {
    for (size_t j = 0; j < w[i].size(); ++j) out[i][j] -= rate * g[i][j];
  }
  return out;
}

}  // namespace

Explanation explain(const Model& model, const Tensor& given_x, const Tensor& target, const ExplainOptions& options) {
  ModelBase& base = const_cast<Model&>(model).base();
  if (!base.is_connected()) base.build_for({given_x.shape()});
  check_chain(base);
  const std::vector<Stage> stages = stages_of(base);
  const int64_t inputs = stages.front().kernel().shape().front();
  if (given_x.shape() != Shape{1, inputs})
    refuse(message("expected one sample of ", inputs, " numbers, (1, ", inputs, "), got ", given_x.spec(), "."));
  if (inputs > most_neurons)
    refuse(message("expected at most ", most_neurons, " inputs, got ", inputs,
                   ". Explain a smaller network: the rules are the same."));
  const Loss loss = loss_of(model, options.loss);
  loss->check_targets(target, Shape{1, stages.back().kernel().shape().back()});

  // Forward, in the operations that the layers use, so that every sum is there to be asked about.
  Explanation out;
  out.model = base.name();
  out.loss = loss->name();
  out.learning_rate = options.learning_rate;
  const Tensor x = variable(cast(given_x, stages.front().kernel().dtype()));
  out.x = vector_of(x);
  auto forward = [&](const Tensors& weights, Tensors& zs, Tensors& as) {
    size_t at = 0;
    Tensor a = x;
    for (const Stage& stage : stages) {
      Tensor z = matmul(a, weights[at++]);
      if (stage.bias().defined()) z = z + weights[at++];
      a = stage.activate(z);
      zs.push_back(z);
      as.push_back(a);
    }
    return mean(loss(target, a));
  };
  Tensors weights, zs, as;
  for (const Stage& stage : stages) {
    for (const Tensor& weight : stage.dense->own_weights()) weights.push_back(weight);
  }
  const Tensor error = forward(weights, zs, as);
  out.error = error.item();
  const Tensors deltas = gradient(error, zs);
  // These as training has them: through the model itself.
  const Tensors gradients = gradient(mean(loss(target, model(x))), weights);

  const bool by_class = target.size() == 1 && as.back().size() > 1;
  out.target =
      vector_of(by_class ? one_hot(reshape(cast(target, DType::int64), {1}), as.back().shape().back()) : target);

  Tensors changed;
  size_t at = 0;
  for (size_t l = 0; l < stages.size(); ++l) {
    const Stage& stage = stages[l];
    ExplainedLayer layer;
    layer.name = stage.dense->name();
    layer.activation = stage.names;
    const double rate = stage.dense->trainable() && base.trainable() ? options.learning_rate : 0;
    layer.z = vector_of(zs[l]);
    layer.a = vector_of(as[l]);
    layer.delta = vector_of(deltas[l]);
    layer.slope = slopes(stage, zs[l]);
    layer.w = by_unit(weights[at]);
    layer.w_gradient = by_unit(gradients[at]);
    layer.w_after = after(layer.w, layer.w_gradient, rate);
    changed.push_back(weights[at] - gradients[at] * rate);
    ++at;
    if (stage.bias().defined()) {
      layer.b = vector_of(weights[at]);
      layer.b_gradient = vector_of(gradients[at]);
      layer.b_after = after({layer.b}, {layer.b_gradient}, rate).front();
      changed.push_back(weights[at] - gradients[at] * rate);
      ++at;
    }
    out.layers.push_back(std::move(layer));
  }
  // dE/da: at the output of the loss alone, before it what comes back through the weights.
  const Tensor output = variable(as.back());
  out.layers.back().back = vector_of(gradient(mean(loss(target, output)), output));
  for (size_t l = out.layers.size() - 1; l-- > 0;) {
    const ExplainedLayer& next = out.layers[l + 1];
    Vector& back = out.layers[l].back;
    back.assign(out.layers[l].a.size(), 0);
    for (size_t i = 0; i < next.delta.size(); ++i) {
      for (size_t j = 0; j < back.size(); ++j) back[j] += next.w[i][j] * next.delta[i];
    }
  }
  Tensors new_zs, new_as;
  out.error_after = forward(changed, new_zs, new_as).item();
  return out;
}

}  // namespace hebb
