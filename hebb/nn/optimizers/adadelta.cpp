#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class AdadeltaRule : public OptimizerBase {
 public:
  explicit AdadeltaRule(const AdadeltaOptions& options)
      : OptimizerBase(settings_of(options, "Adadelta")), rho_(options.rho), epsilon_(options.epsilon) {}
  std::string class_name() const override { return "Adadelta"; }
  Json config() const override { return OptimizerBase::config().set("rho", rho_).set("epsilon", epsilon_); }

 protected:
  void make_slots(const Tensors& variables) override {
    add_slot_pairs(variables, "accumulated_grad", gradients_, "accumulated_delta_var", steps_);
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor gradients = rho_ * read(gradients_[index]) + (1 - rho_) * square(g);
    set(gradients_[index], gradients);
    const Tensor steps = read(steps_[index]);
    const Tensor step = -(sqrt(steps + epsilon_) * g / sqrt(gradients + epsilon_));
    set(steps_[index], rho_ * steps + (1 - rho_) * square(step));
    set(w, read(w) + rate * step);
  }

 private:
  double rho_, epsilon_;
  Tensors gradients_, steps_;
};

}  // namespace

Optimizer Adadelta(const AdadeltaOptions& options) { return std::make_shared<AdadeltaRule>(options); }

}  // namespace hebb
