#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class AdagradRule : public OptimizerRule<AdagradOptions> {
 public:
  explicit AdagradRule(const AdagradOptions& options) : OptimizerRule(options, "Adagrad") {}

 protected:
  void make_slots(const Tensors& variables) override {
    sums_ = add_slots(variables, "accumulator", options_.initial_accumulator_value);
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor total = read(sums_[index]) + square(g);
    set(sums_[index], total);
    set(w, read(w) - rate * g / sqrt(total + options_.epsilon));
  }

 private:
  Tensors sums_;
};

}  // namespace

Optimizer Adagrad(const AdagradOptions& options) { return std::make_shared<AdagradRule>(options); }

}  // namespace hebb
