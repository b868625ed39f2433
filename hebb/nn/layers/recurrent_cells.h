/// The three cells of Keras as one family: what they have in common, and their options.
#pragma once

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/recurrent.h"
#include "hebb/nn/layers/recurrent_cell.h"

namespace hebb {

/// Of which the two kinds of GRU are one.
enum class CellKind { simple, lstm, gru };

/// All options of all cells; the simple one has no recurrent_activation, and so on.
struct CellArguments {
  int64_t units = 1;
  ActivationFunction activation = "tanh";
  ActivationFunction recurrent_activation = "sigmoid";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  bool unit_forget_bias = true;
  Regularizer kernel_regularizer = {}, recurrent_regularizer = {}, bias_regularizer = {};
  Constraint kernel_constraint = {}, recurrent_constraint = {}, bias_constraint = {};
  double dropout = 0, recurrent_dropout = 0;
  bool reset_after = true;
  std::optional<int64_t> seed = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// From the options of one kind of cell or layer, which lack those of the others.
template <class Options>
void take_cell_options(const Options& from, CellArguments& to) {
  to.activation = from.activation;
  if constexpr (requires { from.recurrent_activation; }) to.recurrent_activation = from.recurrent_activation;
  to.use_bias = from.use_bias;
  to.kernel_initializer = from.kernel_initializer;
  to.recurrent_initializer = from.recurrent_initializer;
  to.bias_initializer = from.bias_initializer;
  if constexpr (requires { from.unit_forget_bias; }) to.unit_forget_bias = from.unit_forget_bias;
  to.kernel_regularizer = from.kernel_regularizer;
  to.recurrent_regularizer = from.recurrent_regularizer;
  to.bias_regularizer = from.bias_regularizer;
  to.kernel_constraint = from.kernel_constraint;
  to.recurrent_constraint = from.recurrent_constraint;
  to.bias_constraint = from.bias_constraint;
  to.dropout = from.dropout;
  to.recurrent_dropout = from.recurrent_dropout;
  if constexpr (requires { from.reset_after; }) to.reset_after = from.reset_after;
  to.seed = from.seed;
  to.trainable = from.trainable;
  to.dtype = from.dtype;
  to.name = from.name;
}

/// Makes activations that are layers, PReLU for example, parts of a cell, so that it has their weights.
void add_activation_layers(LayerBase& cell, const ActivationFunction& activation, const ActivationFunction& recurrent);

/// The fields that cells and layers write alike.
template <CellKind kind, class Visitor, class A>
void cell_fields(Visitor& visit, A& a) {
  visit.required("units", a.units);
  visit("activation", a.activation);
  if constexpr (kind != CellKind::simple) visit("recurrent_activation", a.recurrent_activation);
  visit("use_bias", a.use_bias);
  // Keras's cells and layers write this one in different places.
  constexpr bool is_layer = requires { std::remove_const_t<A>::is_layer; };  // a cell's arguments have no such member
  if constexpr (kind == CellKind::lstm && !is_layer) visit("unit_forget_bias", a.unit_forget_bias);
  visit("kernel_initializer", a.kernel_initializer);
  visit("recurrent_initializer", a.recurrent_initializer);
  visit("bias_initializer", a.bias_initializer);
  if constexpr (kind == CellKind::lstm && is_layer) visit("unit_forget_bias", a.unit_forget_bias);
  visit("kernel_regularizer", a.kernel_regularizer);
  visit("recurrent_regularizer", a.recurrent_regularizer);
  visit("bias_regularizer", a.bias_regularizer);
  if constexpr (is_layer) visit("activity_regularizer", a.activity_regularizer);
  visit("kernel_constraint", a.kernel_constraint);
  visit("recurrent_constraint", a.recurrent_constraint);
  visit("bias_constraint", a.bias_constraint);
  visit("dropout", a.dropout);
  visit("recurrent_dropout", a.recurrent_dropout);
  if constexpr (kind == CellKind::gru) visit("reset_after", a.reset_after);
}

/// The initializer of an LSTM's bias, (4 n,): ones for the forget gate, the second quarter.
Initializer with_forget_bias(const Initializer& others);
/// Which values of a shape dropout keeps, drawn from the cell's random numbers.
Tensor draw_kept(LayerBase& cell, const Shape& shape, double rate);
/// x without what is not kept, and larger for it.
Tensor dropped(const Tensor& x, const Tensor& kept, double rate);
/// Elements [first, end) of the last axis.
Tensor columns_of(const Tensor& x, int64_t first, int64_t end);

/// A cell of the kind. For the layers that are made of one.
Layer make_cell(CellKind kind, const CellArguments& arguments);

}  // namespace hebb
