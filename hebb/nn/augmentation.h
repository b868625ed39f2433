/// Augmentation: a data set whose examples are changed at random each time they are loaded, ahead of the training step
/// (Simard, Steinkraus and Platt 2003; Krizhevsky, Sutskever and Hinton 2012).
///
///     data::Dataset more = augment(train, {RandomTranslation(0.1, 0.1), RandomRotation(0.05)}, {.seed = 1});
///     model.fit(more, {.epochs = 20, .validation_data = test});
///
/// The layers work on the thread that loads ahead, and on the pool where that has nothing else to do, so that the step
/// does not wait for them. How an example is changed follows from the seed, the number of the pass over the data and
/// the number of the example alone: not from the order, the batches or the threads; a training that was interrupted
/// goes on to the bit. As layers of the model the same layers work within the step, and are saved with it.
#pragma once

#include <optional>
#include <vector>

#include "hebb/data/dataset.h"
#include "hebb/nn/layer.h"

namespace hebb {

struct AugmentOptions {
  std::optional<int64_t> seed = {};  ///< unset: the next of the process's seeds (`set_random_seed`)
  int64_t input = 0;                 ///< which input is changed, where there are several
};

/// The data with one input sent through the layers, called with {.training = true}, example by example. MixUp and
/// CutMix (nn/layers/mixing_augmentation.h) mix in another example of the data, drawn anew for each example and pass
/// and changed by the layers in front of them, and its target: a row of numbers. The layers' own seeds do not matter.
/// Looked at from outside of `fit` (`x()`, `gather`) it shows the examples of pass 0; `batches` those of the pass that
/// its option `epoch` says. InvalidArgument for an empty data set, for layers with weights, and when an example does
/// not fit them, or a target is no row that could be mixed.
data::Dataset augment(const data::Dataset& data, const std::vector<Layer>& layers, const AugmentOptions& options = {});

}  // namespace hebb
