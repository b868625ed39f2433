#include <cmath>

#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

template <class Options>
class AdamRule : public OptimizerRule<Options> {
 public:
  using OptimizerRule<Options>::OptimizerRule;

 protected:
  using OptimizerBase::add_slot_pairs, OptimizerBase::add_slots, OptimizerBase::set, OptimizerBase::step_number;
  using OptimizerRule<Options>::options_;

  void make_slots(const Tensors& variables) override {
    add_slot_pairs(variables, "momentum", means_, "velocity", squares_);
    if (options_.amsgrad) largest_ = add_slots(variables, "velocity_hat");
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor step = step_number();
    const Tensor alpha = rate * sqrt(1.0 - power(options_.beta_2, step)) / (1.0 - power(options_.beta_1, step));
    const Tensor m = read(means_[index]), v = read(squares_[index]);
    const Tensor mean = m + (g - m) * (1 - options_.beta_1);
    Tensor square_mean = v + (square(g) - v) * (1 - options_.beta_2);
    set(means_[index], mean);
    set(squares_[index], square_mean);
    if (options_.amsgrad) {
      square_mean = maximum(read(largest_[index]), square_mean);
      set(largest_[index], square_mean);
    }
    set(w, read(w) - mean * alpha / (sqrt(square_mean) + options_.epsilon));
  }

 private:
  Tensors means_, squares_, largest_;
};

class NadamRule : public OptimizerRule<NadamOptions> {
 public:
  explicit NadamRule(const NadamOptions& options) : OptimizerRule(options, "Nadam") {}

 protected:
  void make_slots(const Tensors& variables) override {
    add_slot_pairs(variables, "momentum", means_, "velocity", squares_);
    product_ = add_state(Tensor::scalar(1), "u_product", true);
  }
  void start_update() override { set(product_, read(product_) * momentum(1)); }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor now = momentum(1), next = momentum(2);
    const Tensor product = read(product_), next_product = product * next;
    const Tensor m = read(means_[index]), v = read(squares_[index]);
    // Keras rounds Nadam's betas to float32 before it takes them from 1, unlike Adam's: the moments differ by 1e-5.
    const double of_gradient = 1.0 - static_cast<float>(options_.beta_1),
                 of_square = 1.0 - static_cast<float>(options_.beta_2);
    const Tensor mean = m + (g - m) * of_gradient, square_mean = v + (square(g) - v) * of_square;
    set(means_[index], mean);
    set(squares_[index], square_mean);
    const Tensor mean_hat = next * mean / (1.0 - next_product) + (1.0 - now) * g / (1.0 - product);
    const Tensor square_hat = square_mean / (1.0 - power(options_.beta_2, step_number()));
    set(w, read(w) - mean_hat * rate / (sqrt(square_hat) + options_.epsilon));
  }

 private:
  /// The warming momentum of step `iterations + more`.
  Tensor momentum(int64_t more) const {
    const double base = std::pow(0.96, options_.schedule_decay);
    return (1.0 - power(base, step_number(more)) * 0.5) * options_.beta_1;
  }

  Tensors means_, squares_;
  Tensor product_;
};

}  // namespace

Optimizer Adam(const AdamOptions& options) { return std::make_shared<AdamRule<AdamOptions>>(options, "Adam"); }
Optimizer AdamW(const AdamWOptions& options) { return std::make_shared<AdamRule<AdamWOptions>>(options, "AdamW"); }
Optimizer Nadam(const NadamOptions& options) { return std::make_shared<NadamRule>(options); }

}  // namespace hebb
