/// Images changed by layers that are drawn anew for each batch, out of a list: whole ways of augmentation.
///
///     data::Dataset more = augment(train, {RandAugment({.factor = 0.3})});
///     Sequential model({Input({32, 32, 3}), AugMix({.value_range = {0, 1}}), Conv2D(32, 3), ...});
///
/// They work where those of nn/layers/geometric_augmentation.h do; in `augment` each image has layers of its own.
/// Which layer is drawn is known only when the step runs, so that all of them are computed, and one is taken: ahead of
/// the step, in `augment`, that takes no time from it. Options, defaults and, for a given draw, numbers are those of
/// Keras 3. RandAugment moves boxes and masks along, AugMix masks; as in Keras the layers that RandAugment draws move
/// boxes once each, in the order of its list. (Keras itself draws the layers of AugMix when a model is traced, and
/// keeps them then.)
#pragma once

#include "hebb/nn/layers/augmentation_options.h"

namespace hebb {

struct RandAugmentOptions {
  ValueRange value_range = {0, 255};          ///< of pixels
  int64_t num_ops = 2;                        ///< layers one behind the other
  Factor factor = 0.5;                        ///< how much each of them changes, in [0, 1]; one number f: from 0 to f
  std::string interpolation = "bilinear";     ///< of those that move pixels; or "nearest"
  std::optional<int64_t> seed = {};           ///< unset: from the process's sequence (`set_random_seed`)
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, height, width)
  std::string bounding_box_format = {};       ///< as of RandomFlip
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Sends images through `num_ops` of RandomShear, RandomTranslation, RandomRotation, RandomBrightness,
/// RandomColorDegeneration, RandomContrast, RandomSharpness, RandomPosterization, Solarization, AutoContrast and
/// Equalization (Cubuk et al. 2020). A layer that is drawn twice changes as much both times. One channel or three.
Layer RandAugment(const RandAugmentOptions& options = {});

struct AugMixOptions {
  ValueRange value_range = {0, 255};  ///< of pixels; results are cut off to it
  int64_t num_chains = 3;             ///< chains of layers, whose results are mixed
  int64_t chain_depth = 3;            ///< layers in a chain, of which each may be none
  Factor factor = 0.3;                ///< how much each layer changes, in [0, 1]; one number f: from 0 to f
  double alpha = 1.0;                 ///< above 0; the smaller, the more one chain stands out of the mixture
  bool all_ops = true;                ///< also brightness, colour, contrast and sharpness
  std::string interpolation = "bilinear";
  std::optional<int64_t> seed = {};
  std::string data_format = "channels_last";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// m x + (1 - m) times a mixture of what chains of the layers of RandAugment make of images, the shares drawn for a
/// batch: of the chains from a Dirichlet, m from a Beta distribution (Hendrycks et al. 2020).
Layer AugMix(const AugMixOptions& options = {});

}  // namespace hebb
