#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class AdagradRule : public OptimizerBase {
 public:
  explicit AdagradRule(const AdagradOptions& options)
      : OptimizerBase(settings_of(options, "Adagrad")),
        initial_(options.initial_accumulator_value),
        epsilon_(options.epsilon) {}
  std::string class_name() const override { return "Adagrad"; }
  Json config() const override {
    return OptimizerBase::config().set("initial_accumulator_value", initial_).set("epsilon", epsilon_);
  }

 protected:
  void make_slots(const Tensors& variables) override { sums_ = add_slots(variables, "accumulator", initial_); }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor total = read(sums_[index]) + square(g);
    set(sums_[index], total);
    set(w, read(w) - rate * g / sqrt(total + epsilon_));
  }

 private:
  double initial_, epsilon_;
  Tensors sums_;
};

}  // namespace

Optimizer Adagrad(const AdagradOptions& options) { return std::make_shared<AdagradRule>(options); }

}  // namespace hebb
