#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

class LambRule : public OptimizerRule<LambOptions> {
 public:
  explicit LambRule(const LambOptions& options) : OptimizerRule(options, "Lamb") {}

 protected:
  void make_slots(const Tensors& variables) override {
    add_slot_pairs(variables, "momentum", means_, "velocity", squares_);
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor step = step_number();
    const Tensor m = read(means_[index]), v = read(squares_[index]), now = read(w);
    const Tensor mean = m + (g - m) * (1 - options_.beta_1);
    const Tensor square_mean = v + (square(g) - v) * (1 - options_.beta_2);
    set(means_[index], mean);
    set(squares_[index], square_mean);
    const Tensor direction = mean / (1.0 - power(options_.beta_1, step)) /
                             (sqrt(square_mean / (1.0 - power(options_.beta_2, step))) + options_.epsilon);
    const Tensor weight_norm = sqrt(sum(square(now))), direction_norm = sqrt(sum(square(direction)));
    // The trust ratio, 1 where either has no length.
    const Tensor both = greater(minimum(weight_norm, direction_norm), 0.0);
    const Tensor ratio = select(both, weight_norm / select(both, direction_norm, 1.0), 1.0);
    set(w, now - ratio * rate * direction);
  }

 private:
  Tensors means_, squares_;
};

}  // namespace

Optimizer Lamb(const LambOptions& options) { return std::make_shared<LambRule>(options); }

}  // namespace hebb
