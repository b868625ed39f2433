/// Recurrent layers: a state that goes from step to step of a sequence.
///
///     Tensor y = LSTM(128)(x);                                                   // (batch, steps, n) -> (batch, 128)
///     Tensors all = LSTM(128, {.return_sequences = true, .return_state = true}).call_many({x});
///     Tensor z = GRU(64)({x, all[1]});                                           // begins with a state
///     Tensor w = RNN(StackedRNNCells({LSTMCell(32), GRUCell(16)}))(x);
///
/// With the usual activations (tanh, sigmoid) a layer is one product for the projections of all steps and one operation
/// for the steps (ops/recurrence.h). Other activations, `unroll` and, while training, `recurrent_dropout` are computed
/// step by step in single operations: the same numbers, more slowly.
///
/// What a mask leaves out changes no state; the output of such a step is that of the step before, zeros before the
/// first, or zeros with `zero_output_for_mask`. InvalidArgument for rates that are no numbers from 0 to 1, fewer than 1
/// unit, and inputs that are no (batch, steps, features).
#pragma once

#include <optional>

#include "hebb/nn/layers/options.h"

namespace hebb {

struct SimpleRNNOptions {
  ActivationFunction activation = "tanh";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;            ///< share of the inputs that training drops, the same ones in each step
  double recurrent_dropout = 0;  ///< of the states
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  bool stateful = false;  ///< a batch begins with the states that the one before ended with
  bool unroll = false;
  bool zero_output_for_mask = false;
  std::optional<int64_t> seed = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// h' = activation(x W + h R + b) (Elman 1990). Weights of its cell: kernel W (n, units), recurrent_kernel R (units,
/// units), bias (units,).
Layer SimpleRNN(int64_t units, const SimpleRNNOptions& options = {});

struct LSTMOptions {
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  bool unit_forget_bias = true;  ///< the forget gate's bias begins with 1 (Jozefowicz et al. 2015)
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;
  double recurrent_dropout = 0;
  std::optional<int64_t> seed = {};
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  bool stateful = false;
  bool unroll = false;
  bool zero_output_for_mask = false;
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// i, f, g, o = x W + h R + b; c' = s(f) c + s(i) a(g); h' = s(o) a(c'), with s the recurrent activation (Hochreiter
/// and Schmidhuber 1997, Gers et al. 2000). Weights of its cell: kernel (n, 4 units), recurrent_kernel (units,
/// 4 units), bias (4 units,).
Layer LSTM(int64_t units, const LSTMOptions& options = {});

struct GRUOptions {
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;
  double recurrent_dropout = 0;
  std::optional<int64_t> seed = {};
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  bool stateful = false;
  bool unroll = false;
  bool zero_output_for_mask = false;
  bool reset_after = true;  ///< the reset gate acts behind the product with R; false: before, as in the first paper
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// h' = z h + (1 - z) a(xh + r (h Rh + bh)), or with r inside of the product (Cho et al. 2014). Weights of its cell:
/// kernel (n, 3 units), recurrent_kernel (units, 3 units), bias (2, 3 units), or (3 units,) without reset_after.
Layer GRU(int64_t units, const GRUOptions& options = {});

struct SimpleRNNCellOptions {
  ActivationFunction activation = "tanh";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;
  double recurrent_dropout = 0;
  std::optional<int64_t> seed = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
struct LSTMCellOptions {
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  bool unit_forget_bias = true;
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;
  double recurrent_dropout = 0;
  std::optional<int64_t> seed = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
struct GRUCellOptions {
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;
  double recurrent_dropout = 0;
  bool reset_after = true;
  std::optional<int64_t> seed = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// One step alone: `call_many({x, h})` (of an LSTM `{x, h, c}`) -> the output and the new states. For `RNN`.
Layer SimpleRNNCell(int64_t units, const SimpleRNNCellOptions& options = {});
Layer LSTMCell(int64_t units, const LSTMCellOptions& options = {});
Layer GRUCell(int64_t units, const GRUCellOptions& options = {});
/// Cells one behind the other as one cell, whose states are those of all of them.
Layer StackedRNNCells(const std::vector<Layer>& cells, const LayerOptions& options = {});

struct RNNOptions {
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  bool stateful = false;
  bool unroll = false;
  bool zero_output_for_mask = false;
  Regularizer activity_regularizer = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// Goes over the steps of a sequence with a cell. InvalidArgument unless the layer is one.
Layer RNN(const Layer& cell, const RNNOptions& options = {});
/// With `StackedRNNCells(cells)`.
Layer RNN(const std::vector<Layer>& cells, const RNNOptions& options = {});

/// Sets the states of a stateful layer to zeros; does nothing for other layers.
void reset_states(const Layer& layer);

}  // namespace hebb
