/// Going on with a training that was interrupted: how far it had come.
///
///     const int64_t examples = training_examples(data.size(), 0.1);
///     const TrainingPosition at = position_after(steps_done, examples, 32);
///     model.fit(data, {.batch_size = 32, .epochs = 10, .validation_split = 0.1, .initial_epoch = at.epoch,
///                      .seed = seed, .initial_step = at.step});
///
/// The order of the examples follows from seed and epoch, so epoch and step are all that there is to know; with
/// steps_per_epoch, too, where an epoch's number says how far into the data it begins.
#pragma once

#include <cstdint>
#include <optional>

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

/// How epochs lie in the passes over the data. Without `steps_per_epoch` an epoch is a pass. With it an epoch takes the
/// steps that follow those of the epoch before, as in Keras; the epoch that comes to the end of the data is shorter,
/// and the next begins another pass. So three epochs of 3, 3 and 1 steps make a pass of 7.
class Passes {
 public:
  /// InvalidArgument when an epoch has less than one step.
  Passes(int64_t steps_of_pass, const std::optional<int64_t>& steps_per_epoch);
  /// The pass to which an epoch belongs: what its order follows from.
  int64_t pass(int64_t epoch) const { return epoch / epochs_; }
  /// The steps of that pass before the epoch.
  int64_t first_step(int64_t epoch) const { return epoch % epochs_ * steps_; }
  int64_t steps(int64_t epoch) const;
  TrainingPosition after(int64_t steps) const;

 private:
  int64_t pass_, steps_, epochs_;
};

/// Where so many steps lead to.
TrainingPosition position_after(int64_t steps, int64_t examples, int64_t batch_size,
                                const std::optional<int64_t>& steps_per_epoch = {});

/// The steps that a model's optimizer has done, in this process or before the model was saved; 0 of a model that is not
/// compiled.
int64_t steps_done(const Model& model);

}  // namespace hebb
