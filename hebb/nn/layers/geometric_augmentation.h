/// Images moved, turned, mirrored, zoomed and cropped at random while training: more examples out of those there are.
///
///     Sequential model({Input({28, 28, 1}), RandomTranslation(0.1, 0.1), RandomRotation(0.05), Conv2D(32, 5), ...});
///
/// As layers of a model they work in `fit` alone; in `evaluate`, `predict` and calls without {.training = true} images
/// pass unchanged. Ahead of the training step, on the thread that loads, they work through `augment`
/// (nn/augmentation.h). Images are (batch, height, width, channels) of any range. Options, defaults and, for a given
/// draw, numbers are those of Keras 3; the draws follow from the seed.
///
/// Called with several parts, {.inputs = {"bounding_boxes/boxes", "bounding_boxes/labels", "images", "labels",
/// "segmentation_masks"}}, they move boxes (batch, boxes, 4) and masks (batch, height, width, 1) along, as Keras 3.15
/// does, and give all parts; boxes are cut off at the border, and one that has no area left gets the label -1. Boxes
/// need a bounding_box_format.
#pragma once

#include "hebb/nn/layers/augmentation_options.h"

namespace hebb {

struct RandomFlipOptions {
  std::optional<int64_t> seed = {};           ///< unset: from the process's sequence (`set_random_seed`)
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, height, width)
  /// How boxes are given that are mirrored along: "xyxy", "yxyx", "xywh", "center_xywh" or "center_yxhw", or, in shares
  /// of the image's size, "rel_xyxy", "rel_yxyx", "rel_xywh" or "rel_center_xywh".
  std::string bounding_box_format = {};
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Mirrors every second image, by chance: "horizontal" left to right, "vertical" top to bottom, or
/// "horizontal_and_vertical" both, which turns the image by half a circle. InvalidArgument for another mode.
Layer RandomFlip(const std::string& mode = "horizontal_and_vertical", const RandomFlipOptions& options = {});

struct RandomTranslationOptions {
  std::string fill_mode = "reflect";       ///< what comes in at the edge: "reflect", "wrap", "constant", "nearest"
  std::string interpolation = "bilinear";  ///< or "nearest"
  std::optional<int64_t> seed = {};
  double fill_value = 0;  ///< of "constant"
  std::string data_format = "channels_last";
  std::string bounding_box_format = {};  ///< as of RandomFlip
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Moves each image down by a share of its height and right by a share of its width. One number f means from -f to f;
/// shares lie in [-1, 1]. InvalidArgument for others.
Layer RandomTranslation(Factor height_factor, Factor width_factor, const RandomTranslationOptions& options = {});

struct RandomRotationOptions {
  std::string fill_mode = "reflect";
  std::string interpolation = "bilinear";
  std::optional<int64_t> seed = {};
  double fill_value = 0;
  std::string data_format = "channels_last";
  std::string bounding_box_format = {};  ///< as of RandomFlip
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Turns each image about its centre by a share of a full circle, counter-clockwise. One number f means from -f to f;
/// shares lie in [-1, 1]. Boxes are taken for "xyxy", whatever their format is, and given in their own, as in Keras.
Layer RandomRotation(Factor factor, const RandomRotationOptions& options = {});

struct RandomZoomOptions {
  /// Unset: as the height's, which keeps proportions.
  std::optional<Factor> width_factor = {};
  std::string fill_mode = "reflect";
  std::string interpolation = "bilinear";
  std::optional<int64_t> seed = {};
  double fill_value = 0;
  std::string data_format = "channels_last";
  std::string bounding_box_format = {};  ///< as of RandomFlip
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Shows (1 + factor) of each image's height and width about its centre: a positive factor zooms out, a negative one
/// in. One number f means from -f to f; factors lie in (-1, 1].
Layer RandomZoom(Factor height_factor, const RandomZoomOptions& options = {});

struct RandomShearOptions {
  std::string interpolation = "bilinear";
  std::string fill_mode = "reflect";
  double fill_value = 0;
  std::optional<int64_t> seed = {};
  std::string data_format = "channels_last";
  std::string bounding_box_format = {};  ///< as of RandomFlip
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Slants images: row y moves to the left by x_factor y pixels, column x up by y_factor x pixels, or both the other way
/// round, by chance. One number f means from -f to f; numbers given lie in [0, 1].
Layer RandomShear(Factor x_factor = 0.0, Factor y_factor = 0.0, const RandomShearOptions& options = {});

struct RandomCropOptions {
  std::optional<int64_t> seed = {};
  std::string data_format = "channels_last";
  std::string bounding_box_format = {};  ///< as of RandomFlip
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// While training a window of this size from a place that is drawn for each batch (for each image in `augment`). Of
/// images that are not larger in both directions, and when not training, the largest centred window of these
/// proportions, resized: so results have one size always. (Keras 3.15 gives images as they are when not training.)
/// Boxes move as in Keras while training: the first row is taken from x and the first column from y, shares are those
/// of the window, and nothing is cut off at its right and lower borders.
Layer RandomCrop(int64_t height, int64_t width, const RandomCropOptions& options = {});

}  // namespace hebb
