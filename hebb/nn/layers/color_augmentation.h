/// Brightness, contrast and colours changed at random while training.
///
///     Sequential model({Input({32, 32, 3}), RandomColorJitter({.brightness_factor = 0.2, .hue_factor = 0.1}), ...});
///
/// They work where those of nn/layers/geometric_augmentation.h do, on images (batch, height, width, channels) whose
/// pixels lie in `value_range`. Options, defaults and, for a given draw, numbers are those of Keras 3.
#pragma once

#include "hebb/nn/layers/augmentation_options.h"

namespace hebb {

struct ColorOptions {
  ValueRange value_range = {0, 255};          ///< of pixels
  std::optional<int64_t> seed = {};           ///< unset: from the process's sequence (`set_random_seed`)
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, height, width)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// Moves each pixel away from its channel's mean over the image: (x - mean) c + mean, cut off to the value range, with
/// c drawn for each image from 1 - low to 1 + high. One number f in [0, 1] means low = 0 and high = f.
Layer RandomContrast(Factor factor, const ColorOptions& options = {});

/// Adds to each image a share of the value range, and cuts off to it. One number f means from -f to f; shares lie in
/// [-1, 1].
Layer RandomBrightness(Factor factor, const ColorOptions& options = {});

/// Turns the hue of each image's colours, forward or backward, by up to half the colour circle: factors lie in [0, 1],
/// 1 being half of it. One number f means from 0 to f. Three channels.
Layer RandomHue(Factor factor, const ColorOptions& options = {});

/// Multiplies the saturation of each image's colours by f / (1 - f): 0 takes colours out, 0.5 leaves them, towards 1
/// they glare. Factors lie in [-1, 1] as in Keras; below 0 the product is cut off to the value range. Three channels.
Layer RandomSaturation(Factor factor, const ColorOptions& options = {});

/// Mixes each image with itself in gray: x + f (gray - x), 1 being gray, below 0 more coloured than it was, cut off to
/// the value range. Factors lie in [-1, 1]; one number f means from -f to f. Three channels, or one,
/// which is gray.
Layer RandomColorDegeneration(Factor factor, const ColorOptions& options = {});

struct RandomColorJitterOptions {
  ValueRange value_range = {0, 255};
  std::optional<Factor> brightness_factor = {};  ///< unset: none of it
  std::optional<Factor> contrast_factor = {};
  std::optional<Factor> saturation_factor = {};
  std::optional<Factor> hue_factor = {};
  std::optional<int64_t> seed = {};
  std::string data_format = "channels_last";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Brightness, contrast, saturation and hue one after the other, those that have a factor.
Layer RandomColorJitter(const RandomColorJitterOptions& options = {});

}  // namespace hebb
