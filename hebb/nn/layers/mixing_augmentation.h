/// Images with a part erased, or mixed with other images of the batch and their labels with those, at random while
/// training.
///
///     data::Dataset mixed = augment(train, {RandomFlip("horizontal"), MixUp(0.2)});   // labels as rows: to_categorical
///     Tensors both = MixUp(0.2).call_many({images, labels}, {.training = true});      // what Keras does with a dict
///     Sequential model({Input({32, 32, 3}), RandomErasing(0.5), ...});
///
/// Mixing changes labels too, so its place is in front of the model: in `augment`, where another example of the data,
/// drawn for each one, is mixed in, or in a call with images and labels, which mixes the examples of a batch and gives
/// both back, as Keras's layers do with {"images", "labels"}. Labels are rows of numbers, (batch, classes): classes'
/// numbers cannot be mixed. A call with images alone, as in a Sequential, mixes them and leaves labels alone. Options,
/// defaults and, for a given draw, numbers are those of Keras 3. Beside images MixUp gives the boxes of both and their
/// labels, and CutMix mixes masks; NotSupported for masks in MixUp and for boxes in CutMix while training.
#pragma once

#include "hebb/nn/layers/augmentation_options.h"
#include "hebb/nn/layers/options.h"

namespace hebb {

struct RandomErasingOptions {
  Factor scale = {0.02, 0.33};  ///< shares: a side of the box is the root of one times the image's
  /// What is put there: a number, or one for each of three channels. Unset: normal numbers times the value range's end.
  std::optional<Numbers> fill_value = {};
  ValueRange value_range = {0, 255};          ///< of pixels; what is put there is cut off to it
  std::optional<int64_t> seed = {};           ///< unset: from the process's sequence (`set_random_seed`)
  std::string data_format = "channels_last";  ///< or "channels_first": (batch, channels, height, width)
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};
/// Erases a box at a random place (Zhong et al. 2017), each image with a probability that is drawn itself: one number f
/// means from 0 to f, so that f / 2 of the images are changed.
Layer RandomErasing(Factor factor = 1.0, const RandomErasingOptions& options = {});

struct MixingOptions {
  std::optional<int64_t> seed = {};
  std::string data_format = "channels_last";
  bool trainable = true;
  DTypePolicy dtype = {};
  std::string name = {};
};

/// w x + (1 - w) x' of each image and its label with those of another example, w drawn from Beta(alpha, alpha) (Zhang
/// et al. 2017): the smaller alpha, the closer to one of the two. InvalidArgument unless alpha is above 0.
Layer MixUp(double alpha = 0.2, const MixingOptions& options = {});

/// Puts a box of another image into each one and mixes the labels by the areas (Yun et al. 2019). The box's share of
/// the area is drawn from Beta(a, a), a for each call from the factor's range: one number f means from 0 to f.
Layer CutMix(Factor factor = 1.0, const MixingOptions& options = {});

}  // namespace hebb
