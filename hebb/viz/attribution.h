/// What a model looks at: which pixels of an image its answer depends on.
///
///     viz::saliency(model, image).save("saliency.png");
///     viz::grad_cam(model, image, {.layer = "conv2d_1", .class_index = 3}).save("grad_cam.png");
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hebb/nn/model.h"
#include "hebb/viz/canvas.h"

namespace hebb::viz {

/// Saliency (Simonyan, Vedaldi and Zisserman, 2014): the absolute gradient of a class's score, before a softmax or
/// sigmoid at the model's end, with respect to the image; of several channels the largest. `image`: (height, width),
/// (height, width, channels) or (1, height, width, channels); the result is float32(height, width). A model with one
/// output has one score, class 0. InvalidArgument when the model does not take such an image, has several inputs, or
/// there is no such class.
Tensor saliency_map(const Model& model, const Tensor& image, int64_t class_index);

/// Grad-CAM (Selvaraju and others, 2017): the feature maps of a layer, added with the means of the score's gradients
/// with respect to them as weights, and what is below zero cut off. The result is float32 of the layer's height and
/// width. `layer` empty: the last one with an output (height, width, channels). InvalidArgument as for `saliency_map`,
/// and for a layer whose output is no feature map.
Tensor grad_cam_map(const Model& model, const Tensor& image, int64_t class_index, const std::string& layer = "");

struct SaliencyOptions {
  std::string title = {};                     ///< empty: what the model says
  std::optional<int64_t> class_index = {};    ///< unset: the class that the model chooses
  std::vector<std::string> class_names = {};  ///< empty: 0, 1, 2, ...
  double side = 260;                          ///< the longer side of each image on the page
};

struct GradCamOptions : SaliencyOptions {
  std::string layer = {};  ///< empty: the last one with an output (height, width, channels)
};

/// The image, the map, and both laid over each other.
Picture saliency(const Model& model, const Tensor& image, const SaliencyOptions& options = {});
/// The same with Grad-CAM's map, enlarged to the image.
Picture grad_cam(const Model& model, const Tensor& image, const GradCamOptions& options = {});

}  // namespace hebb::viz
