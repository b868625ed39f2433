/// Activation functions as layers of their own.
///
///     Tensor y = Activation("gelu")(x);
///     Tensor p = Softmax({.axis = 1})(y);
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

/// Applies an activation function.
Layer Activation(const ActivationFunction& activation, const LayerOptions& options = {});

struct ReLUOptions {
  std::optional<double> max_value = {};  ///< the result is cut off here; unset: never
  double negative_slope = 0;             ///< slope below the threshold
  double threshold = 0;                  ///< below it the result is negative_slope * (x - threshold)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// max(x, 0) and its variants. InvalidArgument for a negative option.
Layer ReLU(const ReLUOptions& options = {});

struct LeakyReLUOptions {
  double negative_slope = 0.3;
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// x where x > 0, elsewhere negative_slope * x (Maas, Hannun and Ng 2013). InvalidArgument for a negative slope.
Layer LeakyReLU(const LeakyReLUOptions& options = {});

struct ELUOptions {
  double alpha = 1;  ///< the result stays above -alpha
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// x where x > 0, elsewhere alpha (exp(x) - 1) (Clevert, Unterthiner and Hochreiter 2016).
Layer ELU(const ELUOptions& options = {});

struct SoftmaxOptions {
  Axes axis = -1;  ///< several: one distribution over all of them
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// exp(x) divided by its sum.
Layer Softmax(const SoftmaxOptions& options = {});

}  // namespace hebb
