#include "hebb/nn/resume.h"

#include <algorithm>

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

Passes::Passes(int64_t steps_of_pass, const std::optional<int64_t>& steps_per_epoch)
    : pass_(std::max<int64_t>(steps_of_pass, 1)), steps_(pass_), epochs_(1) {
  if (!steps_per_epoch) return;
  if (*steps_per_epoch < 1) {
    throw InvalidArgument(
        message("steps_per_epoch: expected at least 1, got ", *steps_per_epoch, ". Leave it out for all."));
  }
  steps_ = std::min(*steps_per_epoch, pass_);
  epochs_ = (pass_ + steps_ - 1) / steps_;
}

int64_t Passes::steps(int64_t epoch) const { return std::min(steps_, pass_ - first_step(epoch)); }

TrainingPosition Passes::after(int64_t steps) const {
  const int64_t in_pass = steps % pass_;
  return {steps / pass_ * epochs_ + in_pass / steps_, in_pass % steps_};
}

TrainingPosition position_after(int64_t steps, int64_t examples, int64_t batch_size,
                                const std::optional<int64_t>& steps_per_epoch) {
  const int64_t in_pass = steps_in_epoch(examples, batch_size);
  if (in_pass < 1) return {};
  return Passes(in_pass, steps_per_epoch).after(steps);
}

int64_t steps_done(const Model& model) {
  if (!model.is_compiled()) return 0;
  const Tensor& iterations = model.optimizer()->iterations();
  return iterations.defined() ? static_cast<int64_t>(iterations.item()) : 0;
}

}  // namespace hebb
