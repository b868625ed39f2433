#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class AdadeltaRule : public OptimizerRule<AdadeltaOptions> {
 public:
  explicit AdadeltaRule(const AdadeltaOptions& options) : OptimizerRule(options, "Adadelta") {}

 protected:
  void make_slots(const Tensors& variables) override {
    add_slot_pairs(variables, "accumulated_grad", gradients_, "accumulated_delta_var", steps_);
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor gradients = options_.rho * read(gradients_[index]) + (1 - options_.rho) * square(g);
    set(gradients_[index], gradients);
    const Tensor steps = read(steps_[index]);
    const Tensor step = -(sqrt(steps + options_.epsilon) * g / sqrt(gradients + options_.epsilon));
    set(steps_[index], options_.rho * steps + (1 - options_.rho) * square(step));
    set(w, read(w) + rate * step);
  }

 private:
  Tensors gradients_, steps_;
};

}  // namespace

Optimizer Adadelta(const AdadeltaOptions& options) { return std::make_shared<AdadeltaRule>(options); }

}  // namespace hebb
