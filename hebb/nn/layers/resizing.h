/// Images of one size: CenterCrop and Resizing, in training and otherwise.
///
///     Tensor y = Resizing(224, 224)(images);
///     Tensor z = CenterCrop(24, 24)(images);
///
/// Images are (batch, height, width, channels). Boxes and masks that are given beside them, as to the layers of
/// nn/layers/geometric_augmentation.h, fit the new images. Options, defaults and numbers are those of Keras 3 on
/// TensorFlow.
#pragma once

#include "hebb/nn/layers/options.h"

namespace hebb {

struct CenterCropOptions {
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, height, width)
  std::string bounding_box_format = {};       ///< as of RandomFlip
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// The window of this size in the middle. Of images that are smaller in a direction the largest centred window of these
/// proportions, resized.
Layer CenterCrop(int64_t height, int64_t width, const CenterCropOptions& options = {});

struct ResizingOptions {
  std::string interpolation = "bilinear";  ///< "nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5"
  bool crop_to_aspect_ratio = false;       ///< cut off what does not fit the new proportions, instead of distorting
  bool pad_to_aspect_ratio = false;        ///< fill up what the new proportions lack, instead of distorting
  std::string fill_mode = "constant";      ///< the only one
  double fill_value = 0;                   ///< of what is filled up
  bool antialias = false;                  ///< when made smaller, average over all pixels that a new one covers
  std::string data_format = "channels_last";
  std::string bounding_box_format = {};  ///< as of RandomFlip
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Images of another size, of any proportions.
Layer Resizing(int64_t height, int64_t width, const ResizingOptions& options = {});

}  // namespace hebb
