#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class ScheduleFreeAdamWRule : public OptimizerRule<ScheduleFreeAdamWOptions> {
 public:
  explicit ScheduleFreeAdamWRule(const ScheduleFreeAdamWOptions& options)
      : OptimizerRule(options, "ScheduleFreeAdamW") {}

 protected:
  void make_slots(const Tensors& variables) override {
    add_slot_pairs(variables, "momentum", iterates_, "velocity", squares_);
    for (size_t i = 0; i < variables.size(); ++i) write_variable(iterates_[i], variables[i]);
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor step = step_number();
    const auto warmup = static_cast<double>(options_.warmup_steps);
    const Tensor now = warmup > 0 ? rate * minimum(step / warmup, 1.0) : rate;
    // Keras rounds the betas to float32 before it takes them from 1.
    const double of_mean = static_cast<float>(options_.beta_1), of_square = 1.0 - static_cast<float>(options_.beta_2);
    const Tensor v = read(squares_[index]), z = read(iterates_[index]);
    const Tensor square_mean = v + (square(g) - v) * of_square;
    const Tensor denominator = sqrt(square_mean / (1.0 - power(options_.beta_2, step))) + options_.epsilon;
    const Tensor iterate = z - now * g / denominator;
    // The weights hold y, the mixture of the iterate and of the mean of all iterates, at which gradients are taken.
    const Tensor average = (read(w) - z * (1 - of_mean)) / of_mean;
    const Tensor weight = 1.0 / step;
    const Tensor next_average = (1.0 - weight) * average + weight * iterate;
    set(squares_[index], square_mean);
    set(iterates_[index], iterate);
    set(w, iterate * (1 - of_mean) + next_average * of_mean);
  }

 private:
  Tensors iterates_, squares_;
};

}  // namespace

Optimizer ScheduleFreeAdamW(const ScheduleFreeAdamWOptions& options) {
  return std::make_shared<ScheduleFreeAdamWRule>(options);
}

}  // namespace hebb
