#include "hebb/nn/gradient_flow.h"

#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "hebb/autograd/gradient.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/gradient_probe.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/random_seed.h"
#include "hebb/nn/trainer.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

/// Puts everything back that a step changes besides trained weights.
class KeptState {
 public:
  explicit KeptState(LayerBase& root) {
    for (const Tensor& weight : root.non_trainable_weights()) keep(weight);
    keep_random_states(root);
  }
  ~KeptState() {
    for (const auto& [variable, value] : values_) write_variable(variable, value);
    // What had drawn no number yet begins where it would have begun.
    for (LayerBase* layer : fresh_) {
      if (!layer->random_state().defined()) continue;
      const auto state = layer->random_state().to_vector<int64_t>();
      layer->set_random_state(state[0], 0);
    }
  }
  KeptState(const KeptState&) = delete;
  KeptState& operator=(const KeptState&) = delete;

 private:
  void keep(const Tensor& variable) {
    Tensor copy = Tensor::empty(variable.spec());
    std::memcpy(copy.mutable_raw(), variable.raw(), static_cast<size_t>(variable.spec().bytes()));
    values_.emplace_back(variable, std::move(copy));
  }
  void keep_random_states(LayerBase& layer) {
    if (!seen_.insert(&layer).second) return;
    if (layer.random_state().defined()) {
      keep(layer.random_state());
    } else {
      fresh_.push_back(&layer);
    }
    for (const auto& [attribute, sublayer] : layer.sublayers()) keep_random_states(*sublayer);
  }

  std::vector<std::pair<Tensor, Tensor>> values_;
  std::vector<LayerBase*> fresh_;
  std::set<const LayerBase*> seen_;
};

double mean_of(const Tensor& x, double centre, bool squared) {
  double sum = 0;
  for (const double value : x.to_vector<double>()) sum += squared ? (value - centre) * (value - centre) : value;
  return x.size() > 0 ? sum / static_cast<double>(x.size()) : 0;
}

double norm(const Tensors& xs) {
  double sum = 0;
  for (const Tensor& x : xs) {
    if (x.defined()) sum += mean_of(x, 0, true) * static_cast<double>(x.size());
  }
  return std::sqrt(sum);
}

}  // namespace

std::vector<LayerFlow> GradientProbe::run(ModelBase& model, const data::Dataset& examples) {
  Trainer& trainer = model.trainer();
  if (examples.empty()) throw InvalidArgument("gradient_flow: expected at least one example, got none. Give it data.");
  trainer.prepare(examples.source());
  const WithRecorder at_once(nullptr);
  const KeptState kept(model);

  // Inputs as variables, so that everything has a gradient, layers without weights in front too.
  using Key = std::pair<const LayerCall*, int>;
  const auto key_of = [](const Tensor& symbolic) {
    const LayerSymbol* symbol = symbol_of(symbolic);
    return Key{symbol->call.get(), symbol->output};
  };
  std::map<Key, Tensor> values;
  for (size_t i = 0; i < model.inputs().size(); ++i) {
    const Tensor x = examples.x(i);
    values[key_of(model.inputs()[i])] = variable(is_floating(x.dtype()) ? x : cast(x, DType::float32));
  }
  struct Called {
    const LayerCall* call;
    Tensors outputs;
  };
  std::vector<Called> calls;
  for (const std::shared_ptr<LayerCall>& call : model.calls()) {
    if (values.contains({call.get(), 0})) continue;
    Tensors inputs;
    for (const Tensor& input : call->inputs) inputs.push_back(values.at(key_of(input)));
    Tensors outputs = call->layer->apply_to(inputs, {.training = true});
    for (size_t i = 0; i < outputs.size(); ++i) values[{call.get(), static_cast<int>(i)}] = outputs[i];
    calls.push_back({call.get(), std::move(outputs)});
  }
  Tensor loss;
  const auto add = [&](const Tensor& part) { loss = loss.defined() ? loss + part : part; };
  for (size_t i = 0; i < trainer.outputs_.size(); ++i) {
    const MeasuredOutput& output = trainer.outputs_[i];
    if (output.loss) add(output.loss(examples.y(i), values.at(key_of(model.outputs()[i])), {}) * output.weight);
  }
  for (const Tensor& more : model.losses()) add(more);

  Tensors wanted;
  for (const Called& called : calls) {
    wanted.insert(wanted.end(), called.outputs.begin(), called.outputs.end());
    const Tensors weights = called.call->layer->trainable_weights();
    wanted.insert(wanted.end(), weights.begin(), weights.end());
  }
  const Tensors gradients = vector_jacobian({loss}, {ones_like(loss)}, wanted);
  std::vector<LayerFlow> flows;
  auto next = gradients.begin();
  for (const Called& called : calls) {
    LayerFlow flow{.name = called.call->layer->name(), .class_name = called.call->layer->class_name()};
    const Tensor& output = called.outputs.front();
    flow.activation_mean = mean_of(output, 0, false);
    flow.activation_deviation = std::sqrt(mean_of(output, flow.activation_mean, true));
    if (next->defined()) flow.gradient_deviation = std::sqrt(mean_of(*next, 0, true));
    next += static_cast<std::ptrdiff_t>(called.outputs.size());
    const Tensors weights = called.call->layer->trainable_weights();
    const auto end = next + static_cast<std::ptrdiff_t>(weights.size());
    flow.weight_norm = norm(weights);
    flow.weight_gradient_norm = norm(Tensors(next, end));
    next = end;
    flows.push_back(std::move(flow));
  }
  return flows;
}

std::vector<LayerFlow> gradient_flow(const Model& model, const data::Dataset& examples) {
  return GradientProbe::run(model.base(), examples);
}

std::vector<LayerFlow> signal_flow(const SignalFlowOptions& options) {
  if (options.layers < 1 || options.units < 1 || options.examples < 1) {
    throw InvalidArgument(message("signal_flow: expected at least one layer, unit and example, got ", options.layers,
                                  ", ", options.units, " and ", options.examples, "."));
  }
  std::vector<Layer> layers = {Input({options.units})};
  std::vector<std::string> shown;
  for (int64_t i = 0; i < options.layers; ++i) {
    layers.push_back(Dense(options.units, {.kernel_initializer = options.initializer, .name = message("sum_", i)}));
    if (options.batch_normalization) layers.push_back(BatchNormalization({.name = message("normal_", i)}));
    shown.push_back(message("layer_", i + 1));
    layers.push_back(Activation(options.activation, {.name = shown.back()}));
  }
  layers.push_back(Dense(1, {.name = "answer"}));
  Sequential model(layers);
  // Seeds of the weights follow from this call's seed, not from the process's.
  uint64_t index = 0;
  const Tensor x = random::normal({options.examples, options.units}, {.seed = derive_seed(options.seed, index++)});
  const Tensor y = random::normal({options.examples, 1}, {.seed = derive_seed(options.seed, index++)});
  for (const auto& layer : model.base().layers()) {
    if (layer->class_name() != "Dense") continue;
    const Tensor kernel = layer->own_weights().front();
    const Initializer chosen = layer->name() == "answer" ? Initializer("glorot_uniform") : options.initializer;
    write_variable(kernel, chosen->make(kernel.shape(), derive_seed(options.seed, index++)));
  }
  model.compile({.optimizer = "sgd", .loss = "mse"});
  std::vector<LayerFlow> out, all = gradient_flow(model, data::Dataset(x, y));
  // An activation is shown with the weights of its sums.
  LayerFlow sums;
  for (LayerFlow& flow : all) {
    if (flow.class_name == "Dense") sums = flow;
    if (flow.class_name != "Activation") continue;
    flow.weight_norm = sums.weight_norm;
    flow.weight_gradient_norm = sums.weight_gradient_norm;
    out.push_back(std::move(flow));
  }
  return out;
}

}  // namespace hebb
