#include "hebb/classic/deep_belief_network.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/random_seed.h"
#include "hebb/ops/shaping.h"

namespace hebb::classic {

DeepBeliefNetwork::DeepBeliefNetwork(const DeepBeliefNetworkOptions& options) {
  if (options.units.size() < 2) {
    throw InvalidArgument(
        message("DeepBeliefNetwork: expected the units of the visible and of at least one hidden "
                "layer, got ",
                options.units.size(), " numbers. Write {784, 256, 64}, for example."));
  }
  const int64_t seed = options.seed ? *options.seed : next_seed();
  for (size_t i = 0; i + 1 < options.units.size(); ++i) {
    machines_.emplace_back(RestrictedBoltzmannMachineOptions{.visible = options.units[i],
                                                             .hidden = options.units[i + 1],
                                                             .visible_units = i == 0 ? options.visible_units : "binary",
                                                             .seed = derive_seed(seed, i + 1)});
  }
}

std::vector<History> DeepBeliefNetwork::fit(const Tensor& x, const RestrictedBoltzmannMachineFitOptions& options) {
  return fit(x, std::vector<RestrictedBoltzmannMachineFitOptions>(machines_.size(), options));
}

std::vector<History> DeepBeliefNetwork::fit(const Tensor& x,
                                            const std::vector<RestrictedBoltzmannMachineFitOptions>& options) {
  if (options.size() != machines_.size()) {
    throw InvalidArgument(message("DeepBeliefNetwork: expected options for each of ", machines_.size(),
                                  " machines, got ", options.size(), "."));
  }
  std::vector<History> histories;
  Tensor data = x;
  for (size_t i = 0; i < machines_.size(); ++i) {
    RestrictedBoltzmannMachineFitOptions own = options[i];
    for (size_t below = 0; below < i && own.validation_data.defined(); ++below)
      own.validation_data = machines_[below].hidden(own.validation_data);
    histories.push_back(machines_[i].fit(data, own));
    if (i + 1 < machines_.size()) data = machines_[i].hidden(data);
  }
  return histories;
}

Tensor DeepBeliefNetwork::hidden(const Tensor& x) {
  Tensor h = x;
  for (RestrictedBoltzmannMachine& machine : machines_) h = machine.hidden(h);
  return h;
}

Tensor DeepBeliefNetwork::reconstruct(const Tensor& x) {
  Tensor v = hidden(x);
  for (auto machine = machines_.rbegin(); machine != machines_.rend(); ++machine) v = machine->visible(v);
  return v;
}

Tensor DeepBeliefNetwork::sample(int64_t count, int64_t gibbs_steps) {
  Tensor v = machines_.back().sample(count, {.gibbs_steps = gibbs_steps, .probabilities = true});
  for (size_t i = machines_.size() - 1; i-- > 0;) v = machines_[i].visible(v);
  return v;
}

Sequential DeepBeliefNetwork::to_sequential(const ToSequentialOptions& options) const {
  std::vector<TrainedLayer> layers;
  for (const RestrictedBoltzmannMachine& machine : machines_)
    layers.push_back({machine.weights(), machine.hidden_biases()});
  return dense_stack(layers, options);
}

Sequential DeepBeliefNetwork::to_autoencoder() const {
  std::vector<TrainedLayer> layers;
  for (const RestrictedBoltzmannMachine& machine : machines_)
    layers.push_back({machine.weights(), machine.hidden_biases()});
  for (size_t i = machines_.size(); i-- > 0;) {
    const RestrictedBoltzmannMachine& machine = machines_[i];
    const bool linear = machine.options().visible_units == "gaussian";
    layers.push_back({transpose(machine.weights()), machine.visible_biases(), linear ? "linear" : "sigmoid"});
  }
  return dense_stack(layers, {.classes = 0});
}

}  // namespace hebb::classic
