#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class AdamaxRule : public OptimizerRule<AdamaxOptions> {
 public:
  explicit AdamaxRule(const AdamaxOptions& options) : OptimizerRule(options, "Adamax") {}

 protected:
  void make_slots(const Tensors& variables) override { add_slot_pairs(variables, "momentum", means_, "norm", norms_); }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor m = read(means_[index]);
    const Tensor mean = m + (g - m) * (1 - options_.beta_1);
    const Tensor norm = maximum(read(norms_[index]) * options_.beta_2, abs(g));
    set(means_[index], mean);
    set(norms_[index], norm);
    const Tensor correction = 1.0 - power(options_.beta_1, step_number());
    set(w, read(w) - rate * mean / (correction * (norm + options_.epsilon)));
  }

 private:
  Tensors means_, norms_;
};

}  // namespace

Optimizer Adamax(const AdamaxOptions& options) { return std::make_shared<AdamaxRule>(options); }

}  // namespace hebb
