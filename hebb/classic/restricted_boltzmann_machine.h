/// The restricted Boltzmann machine: a layer of visible and a layer of hidden units with weights between them and none
/// within, which learns the distribution of its data without targets.
///
///     classic::RestrictedBoltzmannMachine machine({.visible = 784, .hidden = 256, .seed = 1});
///     History history = machine.fit(images, {.epochs = 10, .batch_size = 10, .learning_rate = 0.05});
///     Tensor features = machine.hidden(images);                     // (n, 256), probabilities
///     Tensor dreams = machine.sample(16, {.gibbs_steps = 1000});    // (16, 784)
///
/// The energy of visible v and hidden h is, with weights W, visible biases b and hidden biases c,
///
///     E(v, h) = -b'v - c'h - v'Wh              binary visible units
///     E(v, h) = |v - b|^2 / 2 - c'h - v'Wh     Gaussian ones, of deviation 1: for standardised data
///
/// and p(v, h) = exp(-E(v, h)) / Z, so that p(h_j = 1 | v) = sigmoid(c + v'W)_j, and v given h is sigmoid(b + Wh), or
/// normal around b + Wh. Training climbs the gradient of the log-likelihood, <v h'>_data - <v h'>_model, whose second
/// part is estimated by Gibbs sampling: k steps from the data (contrastive divergence; Hinton, Training products of
/// experts by minimizing contrastive divergence, 2002), or from chains that go on from batch to batch (Tieleman,
/// Training restricted Boltzmann machines using approximations to the likelihood gradient, 2008). Momentum, decay and
/// sparsity as in Hinton, A practical guide to training restricted Boltzmann machines, 2010.
///
/// A handle: copies are the same machine. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "hebb/nn/history.h"
#include "hebb/tensor/tensor.h"

namespace hebb::classic {

struct RestrictedBoltzmannMachineOptions {
  int64_t visible = 1;
  int64_t hidden = 1;
  /// "binary": data in [0, 1], read as probabilities; "gaussian": real numbers, of mean 0 and deviation 1
  /// (`data::StandardScaler`), which want learning rates about a hundred times smaller.
  std::string visible_units = "binary";
  std::optional<int64_t> seed = {};  ///< of weights and samples; unset: the next of the process's seeds
};

struct RestrictedBoltzmannMachineFitOptions {
  int64_t epochs = 10;
  int64_t batch_size = 10;
  double learning_rate = 0.1;
  double momentum = 0;           ///< this share of the last change is made again
  double weight_decay = 0;       ///< takes learning_rate * weight_decay * W off the weights in each step
  int64_t k = 1;                 ///< Gibbs steps for each change
  bool persistent = false;       ///< go on with `batch_size` chains; wants many of them and small learning rates
  double sparsity_target = 0.1;  ///< how often a hidden unit shall be on
  double sparsity_cost = 0;      ///< how much that counts; 0: not at all
  bool shuffle = true;           ///< the order follows from the machine's seed and the epoch
  Tensor validation_data = {};   ///< measured beside the training data: when its free energy rises above that of the
                                 ///< training data, the machine overfits
  int64_t measured_examples = 1000;  ///< so many examples, the first, are measured after each epoch
  std::function<void(int64_t epoch, const Logs& logs)> on_epoch = {};  ///< called after each; epochs count from 0
};

struct RestrictedBoltzmannMachineSampleOptions {
  int64_t gibbs_steps = 1000;
  Tensor start = {};           ///< (count, visible); unset: noise
  bool probabilities = false;  ///< the visible units' means in the last step instead of what was drawn
};

class RestrictedBoltzmannMachine {
 public:
  /// Weights are normal with deviation 0.01, biases 0. InvalidArgument for sizes below 1 and unknown units.
  explicit RestrictedBoltzmannMachine(const RestrictedBoltzmannMachineOptions& options);

  /// Trains on x: (examples, visible), or any shape with as many numbers an example; goes on from the present weights,
  /// without momentum and with fresh chains. The history has for each epoch
  ///  - "reconstruction_error": the mean squared difference between data and `reconstruct(data)`;
  ///  - "free_energy": the mean of the free energies;
  ///  - "pseudo_likelihood": for binary units; see below;
  ///  - "hidden_activation": the mean of all hidden probabilities over the epoch;
  ///  - with validation data the first three of it, with "val_" before.
  /// InvalidArgument for data of another width, beyond [0, 1] for binary units, or not finite, and for options out of
  /// range.
  History fit(const Tensor& x, const RestrictedBoltzmannMachineFitOptions& options = {});

  /// p(h = 1 | v): (examples, hidden).
  Tensor hidden(const Tensor& x);
  /// The visible units' means given the hidden probabilities: (examples, visible).
  Tensor reconstruct(const Tensor& x);
  /// The visible units' means given hidden values: (examples, hidden) -> (examples, visible).
  Tensor visible(const Tensor& hidden);
  /// Runs Gibbs sampling, all units of a layer at once. (count, visible).
  Tensor sample(int64_t count, const RestrictedBoltzmannMachineSampleOptions& options = {});
  /// F(v) = -log(sum over h of exp(-E(v, h))) for each example: (examples,). p(v) = exp(-F(v)) / Z.
  Tensor free_energy(const Tensor& x);
  /// An estimate of the log of the product of p(v_i | all others) for each example, by one unit i that is drawn for
  /// each: (examples,). As scikit-learn's BernoulliRBM.score_samples. NotSupported for Gaussian units.
  Tensor pseudo_likelihood(const Tensor& x);
  /// log Z, exactly, by enumerating the states of one layer. NotSupported when both layers (of Gaussian machines: the
  /// hidden one) have more than 20 units.
  double log_partition() const;
  /// The mean of log p(v), exactly; as `log_partition`.
  double log_likelihood(const Tensor& x);

  Tensor weights() const;         ///< a copy: (visible, hidden)
  Tensor visible_biases() const;  ///< a copy: (visible,)
  Tensor hidden_biases() const;   ///< a copy: (hidden,)
  /// InvalidArgument for other shapes.
  void set_weights(const Tensor& weights, const Tensor& visible_biases, const Tensor& hidden_biases);
  const RestrictedBoltzmannMachineOptions& options() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hebb::classic
