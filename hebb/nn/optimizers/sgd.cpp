#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class SGDRule : public OptimizerRule<SGDOptions> {
 public:
  explicit SGDRule(const SGDOptions& options) : OptimizerRule(options, "SGD") {
    if (!(options_.momentum >= 0 && options_.momentum <= 1))
      throw InvalidArgument(message("SGD: expected a momentum from 0 to 1, got ", options_.momentum, "."));
  }

 protected:
  void make_slots(const Tensors& variables) override {
    if (options_.momentum != 0) velocities_ = add_slots(variables, "momentum");
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor step = g * rate;
    if (options_.momentum == 0) return set(w, read(w) - step);
    const Tensor velocity = read(velocities_[index]) * options_.momentum - step;
    set(velocities_[index], velocity);
    set(w, read(w) + (options_.nesterov ? velocity * options_.momentum - step : velocity));
  }

 private:
  Tensors velocities_;
};

}  // namespace

Optimizer SGD(const SGDOptions& options) { return std::make_shared<SGDRule>(options); }

}  // namespace hebb
