/// The perceptron: one layer of threshold neurons and Rosenblatt's learning rule.
///
///     classic::Perceptron neuron({.inputs = 2, .activation = "heaviside"});
///     auto run = neuron.fit(inputs, targets, {.learning_rate = 0.1, .epochs = 100});
///     run.converged;      // true where a line separates the classes, never for the exclusive or
///
/// With `.bounds = true`, run.bounds says how many updates the convergence theorem allows.
///
/// Rosenblatt, The Perceptron: a probabilistic model for information storage and organization in the brain, 1958.
#pragma once

#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb::classic {

struct PerceptronOptions {
  int64_t inputs = 1;
  int64_t outputs = 1;
  std::string activation = "heaviside";  ///< "heaviside": 0 or 1, 1 from 0 on; "sign": -1 or 1, 1 from 0 on
};

struct PerceptronFitOptions {
  double learning_rate = 1;
  int64_t epochs = 100;  ///< most times through the data
  bool bounds = false;   ///< whether to compute the convergence theorem's bounds, which takes longer than learning
};

/// What learning came to.
struct PerceptronRun {
  bool converged = false;           ///< the last epoch made no mistake
  int64_t epochs = 0, updates = 0;  ///< an update is a neuron's correction for one example
  std::vector<int64_t> mistakes;    ///< of each epoch
  std::vector<int64_t> updates_of;  ///< of each neuron
  /// Where they were asked for: how many updates each neuron makes at most when it starts from zero weights,
  /// `separation(x, its targets).bound()` (classic/separation.h). Infinite where no line separates its classes.
  std::vector<double> bounds;
};

class Perceptron {
 public:
  /// Weights and biases start at zero. InvalidArgument for sizes below 1 and unknown activations.
  explicit Perceptron(const PerceptronOptions& options);

  /// For each example in turn and each neuron: w += learning_rate (target - output) x. x: (examples, inputs), y:
  /// (examples,) or (examples, outputs) with the values of the activation. Goes on from the present weights, until an
  /// epoch without a mistake.
  PerceptronRun fit(const Tensor& x, const Tensor& y, const PerceptronFitOptions& options = {});
  /// (examples, outputs), or (examples,) for a single neuron.
  Tensor predict(const Tensor& x) const;

  Tensor weights() const;  ///< (inputs, outputs)
  Tensor biases() const;   ///< (outputs,)
  void set_weights(const Tensor& weights, const Tensor& biases);

 private:
  float output(const float* x, int64_t neuron) const;

  PerceptronOptions options_;
  float low_;                   // what a silent neuron gives
  std::vector<float> weights_;  // inputs by outputs
  std::vector<float> biases_;
};

}  // namespace hebb::classic
