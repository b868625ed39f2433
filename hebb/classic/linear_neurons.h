/// Linear neurons and the rules by which they learned before backpropagation: ADALINE, Hebb's rule and its finite kin.
///
///     classic::Adaline neuron({.inputs = 2});
///     auto run = neuron.fit(x, y, {.learning_rate = 0.01, .epochs = 50});       // run.errors falls
///
///     classic::Hebbian neurons({.inputs = 3, .outputs = 2, .rule = "sanger"});
///     neurons.fit(x, {.learning_rate = 0.01, .epochs = 100});                   // the first two principal components
#pragma once

#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"

namespace hebb::classic {

struct AdalineOptions {
  int64_t inputs = 1;
  int64_t outputs = 1;
};

struct AdalineFitOptions {
  double learning_rate = 0.01;
  int64_t epochs = 100;
};

struct AdalineRun {
  std::vector<double> errors;  ///< mean of (target - output)^2 in each epoch, before each example's correction
  bool diverged = false;       ///< the weights left all bounds, and learning stopped: the learning rate is too large
};

/// Linear units that learn by the delta rule, LMS (Widrow and Hoff, Adaptive switching circuits, 1960): for each
/// example in turn w += learning_rate (target - output) x, where the output is the sum itself. Unlike the
/// perceptron's rule it goes on when all classes are right, and it goes towards the least squares whether or not a line
/// separates. Stable for learning rates below 2 / |x|^2, with x's bias coordinate 1.
class Adaline {
 public:
  /// Weights and biases start at zero. InvalidArgument for sizes below 1.
  explicit Adaline(const AdalineOptions& options);
  /// x: (examples, inputs), y: (examples,) or (examples, outputs), any numbers; for classes -1 and 1. Goes on from the
  /// present weights. InvalidArgument for other shapes.
  AdalineRun fit(const Tensor& x, const Tensor& y, const AdalineFitOptions& options = {});
  Tensor predict(const Tensor& x) const;   ///< the sums: (examples, outputs), or (examples,) for a single neuron
  Tensor classify(const Tensor& x) const;  ///< their signs: 1 from 0 on, else -1
  Tensor weights() const;                  ///< (inputs, outputs)
  Tensor biases() const;                   ///< (outputs,)

 private:
  double output(const double* x, int64_t neuron) const;

  AdalineOptions options_;
  std::vector<double> weights_, biases_;  // weights: inputs by outputs
};

struct HebbianOptions {
  int64_t inputs = 1;
  int64_t outputs = 1;
  /// What y = w x changes, for each neuron:
  /// "hebb": w += rate y x. Cells that fire together wire together (Hebb, The Organization of Behavior, 1949). The
  /// weights grow without end.
  /// "oja": w += rate y (x - y w). |w| goes to 1, and w to the direction of the largest variance (Oja, A simplified
  /// neuron model as a principal component analyzer, 1982).
  /// "sanger": the same with what the neurons before it explain taken out of x, so that each finds the next direction
  /// (Sanger, Optimal unsupervised learning in a single-layer linear feedforward neural network, 1989).
  std::string rule = "oja";
  int64_t seed = 0;  ///< of the start, random and small: zero weights would stay zero
};

struct HebbianFitOptions {
  double learning_rate = 0.01;
  int64_t epochs = 10;
};

/// Linear neurons that learn without targets. For principal components give data of mean zero.
class Hebbian {
 public:
  /// InvalidArgument for sizes below 1 and unknown rules.
  explicit Hebbian(const HebbianOptions& options);
  /// x: (examples, inputs). Goes on from the present weights. Returns the mean length of the neurons' weights after
  /// each epoch; stops when it is no longer finite. InvalidArgument for other shapes.
  std::vector<double> fit(const Tensor& x, const HebbianFitOptions& options = {});
  Tensor predict(const Tensor& x) const;  ///< (examples, outputs)
  Tensor weights() const;                 ///< (inputs, outputs)

 private:
  HebbianOptions options_;
  std::vector<std::vector<double>> weights_;  // of each neuron
};

}  // namespace hebb::classic
