#include "hebb/base/error.h"
#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class LionRule : public OptimizerRule<LionOptions> {
 public:
  explicit LionRule(const LionOptions& options) : OptimizerRule(options, "Lion") {
    if (!(options.beta_1 > 0 && options.beta_1 <= 1)) {
      throw InvalidArgument(message("Lion: expected a beta_1 above 0 and at most 1, got ", options.beta_1,
                                    ". Keras's default is 0.9; with 0 the rule is the sign of the gradient alone."));
    }
  }

 protected:
  void make_slots(const Tensors& variables) override { momentums_ = add_slots(variables, "momentum"); }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor m = read(momentums_[index]);
    set(w, read(w) - rate * sign(m * options_.beta_1 + g * (1 - options_.beta_1)));
    set(momentums_[index], m * options_.beta_2 + g * (1 - options_.beta_2));
  }

 private:
  Tensors momentums_;
};

}  // namespace

Optimizer Lion(const LionOptions& options) { return std::make_shared<LionRule>(options); }

}  // namespace hebb
