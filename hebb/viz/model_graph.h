/// The picture of a model: its layers and what flows between them (Keras's `plot_model`).
///
///     viz::model_graph(model, {.show_shapes = true, .show_layer_names = true}).save("model.svg");
#pragma once

#include <string>

#include "hebb/nn/model.h"
#include "hebb/viz/canvas.h"
#include "hebb/viz/graph_drawing.h"

namespace hebb::viz {

/// Keras's options, with its names and defaults.
struct ModelGraphOptions {
  bool show_shapes = false;  ///< of what comes in and what goes out
  bool show_dtype = false;
  bool show_layer_names = false;
  bool show_layer_activations = false;
  bool show_trainable = false;
  bool expand_nested = false;  ///< models that are layers with their own layers inside
  std::string rankdir = "TB";  ///< top to bottom; or "BT", "LR", "RL"
  std::string title = {};      ///< above the picture (Keras has none)
};

/// A box for each layer, or for each call of a layer that is called several times; arrows from what gives to what
/// takes. Colors tell kinds of layers apart: inputs dark, what learns orange (dense) or blue (convolutions, recurrent
/// ones), pooling green, normalisation and dropout violet, the rest grey. InvalidArgument for a model whose layers are
/// not connected yet, and for another `rankdir`.
Picture model_graph(const Model& model, const ModelGraphOptions& options = {});

/// The graph that is drawn.
DrawnGraph graph_of_model(const Model& model, const ModelGraphOptions& options = {});

}  // namespace hebb::viz
