/// Points of many dimensions as a picture in the plane, in the colors of their classes.
///
///     viz::embedding(viz::layer_features(model, x), y, {.method = "t-sne"}).save("embedding.png");
#pragma once

#include <string>
#include <vector>

#include "hebb/nn/model.h"
#include "hebb/viz/canvas.h"
#include "hebb/viz/t_sne.h"

namespace hebb::viz {

struct EmbeddingOptions {
  std::string title = {};
  std::string method = "pca";  ///< or "t-sne"
  TSneOptions t_sne = {};
  std::vector<std::string> class_names = {};  ///< empty: 0, 1, 2, ...
  double width = 760, height = 640;
};

/// Points (n, ...) and their classes, as `class_numbers` takes them. Each class's number stands at the middle of its
/// points too, since more colors than eight are hard to keep apart. InvalidArgument for another method, and as the
/// methods have it.
Picture embedding(const Tensor& points, const Tensor& classes, const EmbeddingOptions& options = {});

/// The same for places (n, 2) that are known already.
Picture draw_embedding(const Tensor& places, const Tensor& classes, const EmbeddingOptions& options = {});

/// What a layer of a model says of examples, flattened: points for `embedding`. `layer` empty: the last one before the
/// output. InvalidArgument when there is no such layer.
Tensor layer_features(const Model& model, const Tensor& x, const std::string& layer = "");

}  // namespace hebb::viz
