/// Layers around a layer for sequences: in both directions, and for each step alone.
///
///     Tensor y = Bidirectional(LSTM(64))(x);                      // (batch, steps, n) -> (batch, 128)
///     Tensor z = TimeDistributed(Conv2D(8, 3))(films);            // for each image of each film
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct BidirectionalOptions {
  /// What becomes of the two outputs: "concat", "sum", "ave", "mul", or "" for both of them.
  std::string merge_mode = "concat";
  Layer backward_layer = {};  ///< empty: the same layer with `go_backwards` the other way round
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// A recurrent layer and the same one from the end to the beginning, each with weights of its own (Schuster and Paliwal
/// 1997). The layer given is a model for both: they are made anew from its options. Masked steps of sequences are
/// zeros. With `return_state` the states of both follow the output; initial states are those of both. InvalidArgument
/// for a layer that is not recurrent, and for two that do not fit each other.
Layer Bidirectional(const Layer& layer, const BidirectionalOptions& options = {});

/// Applies a layer to each step: (batch, steps, ...) -> (batch, steps, ...). The steps are examples of one batch to it,
/// so that in training a BatchNormalization inside takes the moments of all of them together, where Keras takes those
/// of each step.
Layer TimeDistributed(const Layer& layer, const LayerOptions& options = {});

}  // namespace hebb
