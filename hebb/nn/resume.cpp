#include "hebb/nn/resume.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model.h"

namespace hebb {

int64_t training_examples(int64_t examples, double validation_split) {
  if (!(validation_split >= 0 && validation_split < 1)) {
    throw InvalidArgument(message("validation_split: expected a fraction from 0 to below 1, got ", validation_split,
                                  ". Take 0 to keep nothing back."));
  }
  // As `fit` rounds.
  return static_cast<int64_t>(static_cast<double>(examples) * (1 - validation_split));
}

int64_t steps_in_epoch(int64_t examples, int64_t batch_size) {
  if (batch_size < 1)
    throw InvalidArgument(
        message("batch_size: expected at least 1, got ", batch_size, ". Give the examples of a step."));
  return examples / batch_size + (examples % batch_size != 0 ? 1 : 0);
}

TrainingPosition position_after(int64_t steps, int64_t examples, int64_t batch_size) {
  const int64_t in_epoch = steps_in_epoch(examples, batch_size);
  if (in_epoch < 1) return {};
  return {steps / in_epoch, steps % in_epoch};
}

int64_t steps_done(const Model& model) {
  if (!model.is_compiled()) return 0;
  const Tensor& iterations = model.optimizer()->iterations();
  return iterations.defined() ? static_cast<int64_t>(iterations.item()) : 0;
}

}  // namespace hebb
