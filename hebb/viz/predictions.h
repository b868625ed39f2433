/// Images with what a model takes them for.
///
///     viz::images(test.x(), model.predict(test), test.y()).save("predictions.png");
#pragma once

#include <string>
#include <vector>

#include "hebb/tensor/tensor.h"
#include "hebb/viz/canvas.h"

namespace hebb::viz {

struct PredictionsOptions {
  std::string title = {};                     ///< empty: how many are right
  std::vector<std::string> class_names = {};  ///< empty: 0, 1, 2, ...
  int64_t most = 40;                          ///< images that are shown
  bool mistakes_only = false;                 ///< the most confident ones first; else the first images
  int64_t columns = 0;
};

/// Each image with its class; where the model is wrong, framed in red, "4 → 9 (97 %)". Images as `image_grid` takes
/// them, outputs and truth as `judge` does. InvalidArgument when there are not as many of each.
Picture images(const Tensor& images, const Tensor& outputs, const Tensor& truth,
               const PredictionsOptions& options = {});

/// The images with these numbers.
Tensor select_images(const Tensor& images, const std::vector<int64_t>& indices);

}  // namespace hebb::viz
