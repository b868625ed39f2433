/// What a layer has learned and what it does: weights, filters and activations as images.
///
///     viz::weights(model).save("weights.png");                       // of the first dense layer
///     viz::filters(model, {.layer = "conv2d"}).save("filters.png");
///     viz::activations(model, image, {.layer = "conv2d_1"}).save("activations.png");
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/model.h"
#include "hebb/viz/canvas.h"

namespace hebb::viz {

struct LayerPictureOptions {
  std::string layer = {};  ///< empty: the first one of the kind
  std::string title = {};  ///< empty: what is shown
  int64_t most = 64;       ///< neurons or filters that are shown, the first ones
  int64_t columns = 0;     ///< of the grid; 0: as many as suit
};

struct WeightPictureOptions : LayerPictureOptions {
  /// (height, width) or (height, width, 3) of what the layer's inputs were before they were flattened. Empty: the
  /// model's input if it has as many numbers, else a square if they make one.
  Shape image_shape = {};
};

/// The incoming weights of each neuron of a dense layer as an image; where inputs make no image, all weights as one
/// map, a column for each neuron. Blue is negative, red positive. InvalidArgument when there is no such layer.
Picture weights(const Model& model, const WeightPictureOptions& options = {});

/// The filters of a two-dimensional convolution: one map each, in colors where the input has three channels; of more
/// channels a row for each filter, a column for each channel (the first 12). InvalidArgument when there is no such
/// layer.
Picture filters(const Model& model, const LayerPictureOptions& options = {});

/// What a layer says of one example, `sample` without or with a batch axis of 1: a map for each channel where there are
/// height and width, else a bar for each number. `layer` empty: the first convolution, else the first layer with
/// weights. InvalidArgument when there is no such layer or the sample does not fit.
Picture activations(const Model& model, const Tensor& sample, const LayerPictureOptions& options = {});

/// The incoming weights of each neuron of a dense layer as maps (units, height, width); undefined where the inputs
/// make no image.
Tensor weight_maps(const Model& model, const Layer& dense, const Shape& image_shape = {});

}  // namespace hebb::viz
