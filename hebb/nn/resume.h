/// Going on with a training that was interrupted: how far it had come.
///
///     const int64_t examples = training_examples(data.size(), 0.1);
///     const TrainingPosition at = position_after(steps_done, examples, 32);
///     model.fit(data, {.batch_size = 32, .epochs = 10, .validation_split = 0.1, .initial_epoch = at.epoch,
///                      .seed = seed, .initial_step = at.step});
///
/// The order of the examples follows from seed and epoch, so epoch and step are all that there is to know.
#pragma once

#include <cstdint>

namespace hebb {

class Model;

/// Where a training stands: this many whole epochs lie behind, and this many steps of the next.
struct TrainingPosition {
  int64_t epoch = 0, step = 0;
};

/// The examples that `fit` trains with when it keeps back this fraction to validate with.
int64_t training_examples(int64_t examples, double validation_split);

/// Steps of an epoch: batches, the last of which may be smaller.
int64_t steps_in_epoch(int64_t examples, int64_t batch_size);

/// Where so many steps lead to.
TrainingPosition position_after(int64_t steps, int64_t examples, int64_t batch_size);

/// The steps that a model's optimizer has done, in this process or before the model was saved; 0 of a model that is not
/// compiled.
int64_t steps_done(const Model& model);

}  // namespace hebb
