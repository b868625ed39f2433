/// Images made sharper or less sharp at random while training.
///
///     Sequential model({Input({32, 32, 3}), RandomSharpness({0.3, 0.8}), RandomGaussianBlur(0.5), ...});
///
/// They work where those of nn/layers/geometric_augmentation.h do. Options, defaults and, for a given draw, numbers are
/// those of Keras 3.
#pragma once

#include "hebb/nn/layers/augmentation_options.h"
#include "hebb/nn/layers/options.h"

namespace hebb {

struct RandomSharpnessOptions {
  ValueRange value_range = {0, 255};          ///< of pixels; results are cut off to it
  std::optional<int64_t> seed = {};           ///< unset: from the process's sequence (`set_random_seed`)
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, height, width)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Mixes each image with one that is smoothed over 3x3 pixels: 0 is the smoothed one, 0.5 the image itself, 1 as much
/// beyond it. Factors lie in [0, 1]; one number f means from 0 to f. Outside of the image are zeros.
Layer RandomSharpness(Factor factor, const RandomSharpnessOptions& options = {});

struct RandomGaussianBlurOptions {
  /// Rows and columns of the kernel, both odd. As in Keras, the numbers of a kernel that is not square, in rows the
  /// products of both directions in the other order, are read row by row: of those only {1, n} and {n, 1} are
  /// Gaussians.
  Pair kernel_size = 3;
  Factor sigma = 1.0;  ///< deviations along rows and columns, in pixels: one number s means from 0 to s, at most 1
  ValueRange value_range = {0, 255};
  std::optional<int64_t> seed = {};
  std::string data_format = "channels_last";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Blurs images by a Gaussian, each with a probability that is drawn itself: one number f means from 0 to f, so that
/// f / 2 of the images are blurred. The deviations are drawn once for a batch, as in Keras (in `augment` for each
/// image).
Layer RandomGaussianBlur(Factor factor = 1.0, const RandomGaussianBlurOptions& options = {});

}  // namespace hebb
