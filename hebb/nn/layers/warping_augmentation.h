/// Images bent at random while training: seen from elsewhere, or as if drawn on rubber.
///
///     Sequential model({Input({28, 28, 1}), RandomElasticTransform(0.8, {.value_range = {0, 1}}), Conv2D(32, 5), ...});
///
/// They work where those of nn/layers/geometric_augmentation.h do. Options, defaults and, for a given draw, numbers are
/// those of Keras 3; RandomPerspective moves boxes and masks along, RandomElasticTransform masks.
#pragma once

#include "hebb/nn/layers/augmentation_options.h"

namespace hebb {

struct RandomPerspectiveOptions {
  double scale = 1.0;                      ///< by how much of half the image's sides a corner moves at most, in [0, 1]
  std::string interpolation = "bilinear";  ///< or "nearest"
  double fill_value = 0;                   ///< what comes in at the edge
  std::optional<int64_t> seed = {};        ///< unset: from the process's sequence (`set_random_seed`)
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, height, width)
  std::string bounding_box_format = {};       ///< as of RandomFlip
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Moves the corners of images, each with a probability that is drawn itself: one number f means from 0 to f, so that
/// f / 2 of the images are changed. As in Keras the corner at the top left stays, one on an edge stays on it.
/// InvalidArgument for images of one row or one column. Boxes are given as "xyxy", whatever their format was, as in
/// Keras.
Layer RandomPerspective(Factor factor = 1.0, const RandomPerspectiveOptions& options = {});

struct RandomElasticTransformOptions {
  Factor scale = 1.0;                      ///< how much, in [0, 1]; one number s means from 0 to s
  std::string interpolation = "bilinear";  ///< or "nearest"
  std::string fill_mode = "reflect";       ///< what comes in at the edge: or "constant", "nearest", "wrap", "mirror"
  double fill_value = 0;                   ///< of "constant"
  ValueRange value_range = {0, 255};       ///< of pixels; results are cut off to it
  std::optional<int64_t> seed = {};
  std::string data_format = "channels_last";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Moves each pixel by a random field that is smoothed by a Gaussian (Simard, Steinkraus and Platt 2003), in images
/// that are chosen with a probability that is drawn itself: one number f means from 0 to f. How much is drawn once for
/// a batch (in `augment` for each image). Rows and columns move by fields of their own, as in Keras on PyTorch: on
/// TensorFlow and JAX it draws the same field twice, so that pixels move along one diagonal alone. Masks are bent by
/// fields of their own, as in Keras; NotSupported for boxes while training.
Layer RandomElasticTransform(Factor factor = 1.0, const RandomElasticTransformOptions& options = {});

}  // namespace hebb
