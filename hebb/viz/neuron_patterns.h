/// What speaks for a class: the output weights of its neuron, and the patterns of the hidden neurons behind them.
///
///     viz::neuron_patterns(model, 5, {.class_name = "5"}).save("five.png");
#pragma once

#include <string>

#include "hebb/nn/model.h"
#include "hebb/viz/canvas.h"

namespace hebb::viz {

struct NeuronPatternsOptions {
  std::string title = {};       ///< empty: what is shown
  std::string class_name = {};  ///< empty: its number
  Shape image_shape = {};       ///< as for `weights`
  int64_t most = 20;            ///< patterns that are shown, the ones with the largest output weights
};

/// For a model that ends in two dense layers: the weights from the hidden neurons to output `class_index` as bars, the
/// largest first, green where they are positive and red where they are negative; below, the incoming weights of these
/// hidden neurons as images, framed in the same colors. InvalidArgument when the model is another, or has no such
/// output.
Picture neuron_patterns(const Model& model, int64_t class_index, const NeuronPatternsOptions& options = {});

}  // namespace hebb::viz
