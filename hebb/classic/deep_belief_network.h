/// The deep belief network: restricted Boltzmann machines on top of each other, each trained on what the one below
/// makes of the data, and then a classifier that is trained as a whole.
///
///     classic::DeepBeliefNetwork network({.units = {784, 256, 128, 64}, .seed = 1});
///     network.fit(images, {.epochs = 5, .learning_rate = 0.05});              // without targets
///     Sequential model = network.to_sequential({.classes = 10});
///     model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
///     model.fit(images, labels, {.epochs = 5});                               // with them
///
/// Hinton, Osindero and Teh, A fast learning algorithm for deep belief nets, 2006; unrolled into an autoencoder: Hinton
/// and Salakhutdinov, Reducing the dimensionality of data with neural networks, 2006.
#pragma once

#include <vector>

#include "hebb/classic/dense_stack.h"
#include "hebb/classic/restricted_boltzmann_machine.h"

namespace hebb::classic {

struct DeepBeliefNetworkOptions {
  std::vector<int64_t> units = {};       ///< of the visible layer and of each hidden one, from below
  std::string visible_units = "binary";  ///< or "gaussian"; the hidden layers are binary
  std::optional<int64_t> seed = {};      ///< unset: the next of the process's seeds
};

class DeepBeliefNetwork {
 public:
  /// InvalidArgument for fewer than two layers and what the machines refuse.
  explicit DeepBeliefNetwork(const DeepBeliefNetworkOptions& options);

  /// Trains the machines, the lowest first, each on the hidden probabilities of the one below. One history a machine.
  /// With validation data, that goes the same way.
  std::vector<History> fit(const Tensor& x, const RestrictedBoltzmannMachineFitOptions& options = {});
  /// The same with options for each machine: a Gaussian one wants a smaller learning rate. InvalidArgument unless there
  /// are as many as machines.
  std::vector<History> fit(const Tensor& x, const std::vector<RestrictedBoltzmannMachineFitOptions>& options);

  /// The probabilities of the top layer, going up from x: (examples, visible) -> (examples, units of the top layer).
  Tensor hidden(const Tensor& x);
  /// Up and down again: (examples, visible).
  Tensor reconstruct(const Tensor& x);
  /// Gibbs sampling in the top machine, then down: the visible units' means, (count, visible).
  Tensor sample(int64_t count, int64_t gibbs_steps = 1000);

  /// A `Sequential` of sigmoid layers with the learned weights and a fresh last layer, to be compiled and trained.
  Sequential to_sequential(const ToSequentialOptions& options = {}) const;
  /// All layers up, and with transposed weights down again: an autoencoder, to be compiled and trained. Its last layer
  /// is sigmoid, or linear for Gaussian visible units.
  Sequential to_autoencoder() const;

  /// The machines, the lowest first.
  const std::vector<RestrictedBoltzmannMachine>& machines() const { return machines_; }

 private:
  std::vector<RestrictedBoltzmannMachine> machines_;
};

}  // namespace hebb::classic
