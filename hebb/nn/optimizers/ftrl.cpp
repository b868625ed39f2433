#include "hebb/base/error.h"
#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

void at_least_zero(const char* option, double value) {
  if (value >= 0) return;
  throw InvalidArgument(message("Ftrl: expected ", option, " of at least 0, got ", value, "."));
}

class FtrlRule : public OptimizerRule<FtrlOptions> {
 public:
  explicit FtrlRule(const FtrlOptions& options) : OptimizerRule(options, "Ftrl") {
    at_least_zero("initial_accumulator_value", options.initial_accumulator_value);
    at_least_zero("l1_regularization_strength", options.l1_regularization_strength);
    at_least_zero("l2_regularization_strength", options.l2_regularization_strength);
    at_least_zero("l2_shrinkage_regularization_strength", options.l2_shrinkage_regularization_strength);
    if (!(options.learning_rate_power <= 0)) {
      throw InvalidArgument(message("Ftrl: expected learning_rate_power of at most 0, got ",
                                    options.learning_rate_power, ". Keras's default is -0.5."));
    }
  }

 protected:
  void make_slots(const Tensors& variables) override {
    add_slot_pairs(variables, "accumulator", accumulators_, "linear", linears_, options_.initial_accumulator_value);
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor now = read(w), old = read(accumulators_[index]);
    const Tensor accumulated = old + square(g);
    const Tensor shrunk = g + now * (2 * options_.l2_shrinkage_regularization_strength);
    const Tensor root = power(accumulated, -options_.learning_rate_power);
    const Tensor sigma = (root - power(old, -options_.learning_rate_power)) / rate;
    const Tensor linear = read(linears_[index]) + shrunk - sigma * now;
    const Tensor l2 = options_.beta / (2.0 * rate) + options_.l2_regularization_strength;
    const double l1 = options_.l1_regularization_strength;
    set(accumulators_[index], accumulated);
    set(linears_[index], linear);
    set(w, (clip(linear, -l1, l1) - linear) / (root / rate + 2.0 * l2));
  }

 private:
  Tensors accumulators_, linears_;
};

}  // namespace

Optimizer Ftrl(const FtrlOptions& options) { return std::make_shared<FtrlRule>(options); }

}  // namespace hebb
