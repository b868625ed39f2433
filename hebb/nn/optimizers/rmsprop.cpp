#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class RMSpropRule : public OptimizerRule<RMSpropOptions> {
 public:
  explicit RMSpropRule(const RMSpropOptions& options) : OptimizerRule(options, "RMSprop") {}

 protected:
  void make_slots(const Tensors& variables) override {
    velocities_ = add_slots(variables, "velocity");
    if (options_.momentum > 0) momentums_ = add_slots(variables, "momentum");
    if (options_.centered) averages_ = add_slots(variables, "average_gradient");
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor velocity = options_.rho * read(velocities_[index]) + (1 - options_.rho) * square(g);
    set(velocities_[index], velocity);
    Tensor denominator = velocity + options_.epsilon;
    if (options_.centered) {
      const Tensor average = options_.rho * read(averages_[index]) + (1 - options_.rho) * g;
      set(averages_[index], average);
      denominator = velocity - square(average) + options_.epsilon;
    }
    Tensor step = rate * g / sqrt(denominator);
    if (options_.momentum > 0) {
      step = options_.momentum * read(momentums_[index]) + step;
      set(momentums_[index], step);
    }
    set(w, read(w) - step);
  }

 private:
  Tensors velocities_, momentums_, averages_;
};

}  // namespace

Optimizer RMSprop(const RMSpropOptions& options) { return std::make_shared<RMSpropRule>(options); }

}  // namespace hebb
