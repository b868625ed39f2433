/// Images whose tones are stretched, turned around or made gray.
///
///     Tensor y = AutoContrast()(images);                      // in training and otherwise
///     Sequential model({Input({32, 32, 3}), RandomGrayscale(0.2), Solarization({.threshold_factor = 0.5}), ...});
///
/// Images are (batch, height, width, channels). Except for AutoContrast and
/// ContrastLimitedAdaptiveHistogramEqualization, which work always as Keras's do, the layers
/// work where those of nn/layers/geometric_augmentation.h do. Options, defaults and, for a given draw, numbers are
/// those of Keras 3 (of AutoContrast with "channels_first", whose channels Keras 3.15 mixes up, those of the other
/// order).
#pragma once

#include "hebb/nn/layers/augmentation_options.h"

namespace hebb {

struct AutoContrastOptions {
  ValueRange value_range = {0, 255};          ///< of pixels
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, height, width)
  bool trainable = true;
  DTypePolicy dtype = {};
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
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Adds to each image a share that is drawn, and turns pixels from a threshold on around: high - (x - low). As in
/// Keras shares are of 255, whose lower end is not multiplied: a pair {a, b} means from a to 255 b.
Layer Solarization(const SolarizationOptions& options = {});

struct RandomGrayscaleOptions {
  std::optional<int64_t> seed = {};
  std::string data_format = "channels_last";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Makes a share `factor` of the images gray, by chance: 0.2989 red + 0.5870 green + 0.1140 blue in all three channels.
Layer RandomGrayscale(double factor = 0.5, const RandomGrayscaleOptions& options = {});

struct RandomInvertOptions {
  ValueRange value_range = {0, 255};
  std::optional<int64_t> seed = {};
  std::string data_format = "channels_last";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Turns images around, high - x, each with a probability that is drawn itself: one number f means from 0 to f, so that
/// f / 2 of the images are turned around.
Layer RandomInvert(Factor factor = 1.0, const RandomInvertOptions& options = {});

struct RandomPosterizationOptions {
  ValueRange value_range = {0, 255};
  std::optional<int64_t> seed = {};
  std::string data_format = "channels_last";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Keeps of each image's 256 tones those that some bits tell apart (Cubuk et al. 2019). `factor`: two equal numbers
/// from 1 to 8 are that many bits; {low, high} any whole number of them from low to below high, and one number f means
/// {1, f}: as Keras draws them.
Layer RandomPosterization(Factor factor, const RandomPosterizationOptions& options = {});

struct EqualizationOptions {
  ValueRange value_range = {0, 255};
  int64_t bins = 256;  ///< of the histogram
  std::string data_format = "channels_last";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Spreads the tones of each channel so that each is about as frequent as any other. Of a batch, as in Keras, a channel
/// has one histogram for all images; in `augment` each image has its own.
Layer Equalization(const EqualizationOptions& options = {});

struct ContrastLimitedAdaptiveHistogramEqualizationOptions {
  ValueRange value_range = {0, 255};
  double clip_limit = 4.0;       ///< how often a tone counts at most, as a multiple of the mean; from 0 down: no limit
  Pair tile_grid_size = {8, 8};  ///< tiles along height and width
  std::string data_format = "channels_last";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// CLAHE (Zuiderveld 1994): spreads the tones of each channel by the histograms of the tiles around each pixel, where
/// tones count only up to a limit so that even regions are not torn apart. In training and otherwise.
Layer ContrastLimitedAdaptiveHistogramEqualization(
    const ContrastLimitedAdaptiveHistogramEqualizationOptions& options = {});

}  // namespace hebb
