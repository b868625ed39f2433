#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class SGDRule : public OptimizerBase {
 public:
  explicit SGDRule(const SGDOptions& options)
      : OptimizerBase(settings_of(options, "SGD")), momentum_(options.momentum), nesterov_(options.nesterov) {
    if (!(momentum_ >= 0 && momentum_ <= 1))
      throw InvalidArgument(message("SGD: expected a momentum from 0 to 1, got ", momentum_, "."));
  }
  std::string class_name() const override { return "SGD"; }
  Json config() const override { return OptimizerBase::config().set("momentum", momentum_).set("nesterov", nesterov_); }

 protected:
  void make_slots(const Tensors& variables) override {
    if (momentum_ != 0) velocities_ = add_slots(variables, "momentum");
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor step = g * rate;
    if (momentum_ == 0) return set(w, read(w) - step);
    const Tensor velocity = read(velocities_[index]) * momentum_ - step;
    set(velocities_[index], velocity);
    set(w, read(w) + (nesterov_ ? velocity * momentum_ - step : velocity));
  }

 private:
  double momentum_;
  bool nesterov_;
  Tensors velocities_;
};

}  // namespace

Optimizer SGD(const SGDOptions& options) { return std::make_shared<SGDRule>(options); }

}  // namespace hebb
