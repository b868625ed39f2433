/// Images whose tones are stretched, turned around or made gray.
///
///     Tensor y = AutoContrast()(images);                      // in training and otherwise
///     Sequential model({Input({32, 32, 3}), RandomGrayscale(0.2), Solarization({.threshold_factor = 0.5}), ...});
///
/// Images are (batch, height, width, channels). Except for AutoContrast, which works always as Keras's does, the layers
/// work where those of nn/layers/geometric_augmentation.h do. Options, defaults and, for a given draw, numbers are
/// those of Keras 3.
#pragma once

#include "hebb/nn/layers/augmentation_options.h"

namespace hebb {

struct AutoContrastOptions {
  ValueRange value_range = {0, 255};          ///< of pixels
  std::string data_format = "channels_last";  ///< the only one
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};
/// Stretches each channel of each image to the whole value_range. A channel of one value stays as it is.
Layer AutoContrast(const AutoContrastOptions& options = {});

struct SolarizationOptions {
  Factor addition_factor = 0.0;   ///< added first: a share of the range; one number f: from 0 to f
  Factor threshold_factor = 0.0;  ///< from where on pixels are turned around: a share of the range, likewise
  ValueRange value_range = {0, 255};
  std::optional<int64_t> seed = {};  ///< unset: from the process's sequence (`set_random_seed`)
  std::string data_format = "channels_last";
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};
/// Adds to each image a share that is drawn, and turns pixels from a threshold on around: high - (x - low). As in
/// Keras shares are of 255, whose lower end is not multiplied: a pair {a, b} means from a to 255 b.
Layer Solarization(const SolarizationOptions& options = {});

struct RandomGrayscaleOptions {
  std::optional<int64_t> seed = {};
  std::string data_format = "channels_last";
  bool trainable = true;
  DType dtype = DType::float32;
  std::string name = {};
};
/// Makes a share `factor` of the images gray, by chance: 0.2989 red + 0.5870 green + 0.1140 blue in all three channels.
Layer RandomGrayscale(double factor = 0.5, const RandomGrayscaleOptions& options = {});

}  // namespace hebb
