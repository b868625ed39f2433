#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class RMSpropRule : public OptimizerBase {
 public:
  explicit RMSpropRule(const RMSpropOptions& options)
      : OptimizerBase(settings_of(options, "RMSprop")),
        rho_(options.rho),
        momentum_(options.momentum),
        epsilon_(options.epsilon),
        centered_(options.centered) {}
  std::string class_name() const override { return "RMSprop"; }
  Json config() const override {
    return OptimizerBase::config()
        .set("rho", rho_)
        .set("momentum", momentum_)
        .set("epsilon", epsilon_)
        .set("centered", centered_);
  }

 protected:
  void make_slots(const Tensors& variables) override {
    velocities_ = add_slots(variables, "velocity");
    if (momentum_ > 0) momentums_ = add_slots(variables, "momentum");
    if (centered_) averages_ = add_slots(variables, "average_gradient");
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor velocity = rho_ * read(velocities_[index]) + (1 - rho_) * square(g);
    set(velocities_[index], velocity);
    Tensor denominator = velocity + epsilon_;
    if (centered_) {
      const Tensor average = rho_ * read(averages_[index]) + (1 - rho_) * g;
      set(averages_[index], average);
      denominator = velocity - square(average) + epsilon_;
    }
    Tensor step = rate * g / sqrt(denominator);
    if (momentum_ > 0) {
      step = momentum_ * read(momentums_[index]) + step;
      set(momentums_[index], step);
    }
    set(w, read(w) - step);
  }

 private:
  double rho_, momentum_, epsilon_;
  bool centered_;
  Tensors velocities_, momentums_, averages_;
};

}  // namespace

Optimizer RMSprop(const RMSpropOptions& options) { return std::make_shared<RMSpropRule>(options); }

}  // namespace hebb
