/// Activation functions with weights, which training changes too.
///
///     Sequential model({Input({28, 28, 1}), Conv2D(32, 5), PReLU({.shared_axes = {1, 2}}), Flatten(), Maxout(64), Dense(10)});
#pragma once

#include <vector>

#include "hebb/nn/layers/options.h"

namespace hebb {

struct PReLUOptions {
  Initializer alpha_initializer = "zeros";
  Regularizer alpha_regularizer = {};
  Constraint alpha_constraint = {};
  /// Axes (the batch is 0) along which one slope serves: {1, 2} gives each channel of an image one. Empty: every
  /// element of an example has its own.
  std::vector<int64_t> shared_axes = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// x where x > 0, elsewhere alpha x with a learned alpha; its gradient at x = 0 is 0 (He et al. 2015). alpha: the shape
/// of an example, 1 along shared axes. InvalidArgument for a shared axis that the input has not, and when the size of
/// an axis that is not shared is unknown or changes.
Layer PReLU(const PReLUOptions& options = {});

struct SoftExponentialOptions {
  Initializer alpha_initializer = "zeros";  ///< 0: the identity
  Regularizer alpha_regularizer = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// `soft_exponential` (nn/activations.h) with one learned alpha for the whole layer, of shape (1,) (Godfrey and Gashler
/// 2015). Not Keras's: files name it, and Keras does not load them.
Layer SoftExponential(const SoftExponentialOptions& options = {});

struct PiecewiseLinearOptions {
  int64_t pieces = 2;     ///< hinges besides the one of max(x, 0)
  bool per_unit = false;  ///< whether each element of the last axis learns a function of its own
  /// Small random slopes: with all of them zero and equal hinges the pieces would stay alike.
  Initializer slope_initializer = RandomNormal({.stddev = 0.1});
  Initializer hinge_initializer = RandomNormal({.stddev = 1});
  Regularizer slope_regularizer = {};  ///< Agostinelli et al. take L2(0.001)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// max(x, 0) + sum over s of a_s max(0, b_s - x) with learned slopes a and hinges b: any continuous piecewise linear
/// function with that many kinks that is the identity far to the right (Agostinelli et al. 2015, who learn one for each
/// unit). x: (batch, ..., n), unchanged in shape; slopes and hinges: (pieces,), per unit (pieces, n). InvalidArgument
/// when pieces is below 1. Not Keras's: files name it, and Keras does not load them.
Layer PiecewiseLinear(const PiecewiseLinearOptions& options = {});

struct MaxoutOptions {
  int64_t pieces = 2;  ///< linear units of which each output is the largest
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// The largest of `pieces` weighted sums with biases: a layer in Dense's place whose activation, convex and piecewise
/// linear, is learned (Goodfellow et al. 2013). x: (batch, ..., n) -> (batch, ..., units); kernel: (n, units * pieces),
/// with the pieces of a unit beside each other; bias: (units * pieces,). InvalidArgument when units or pieces is below
/// 1 or x has fewer than two axes. Not Keras's: files name it, and Keras does not load them.
Layer Maxout(int64_t units, const MaxoutOptions& options = {});

}  // namespace hebb
