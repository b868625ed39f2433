#include "hebb/nn/optimizers/rules.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

class AdamRule : public OptimizerBase {
 public:
  template <class Options>
  AdamRule(const Options& options, const char* class_name)
      : OptimizerBase(settings_of(options, class_name)),
        class_name_(class_name),
        beta_1_(options.beta_1),
        beta_2_(options.beta_2),
        epsilon_(options.epsilon),
        amsgrad_(options.amsgrad) {}
  std::string class_name() const override { return class_name_; }
  Json config() const override {
    return OptimizerBase::config()
        .set("beta_1", beta_1_)
        .set("beta_2", beta_2_)
        .set("epsilon", epsilon_)
        .set("amsgrad", amsgrad_);
  }

 protected:
  void make_slots(const Tensors& variables) override {
    add_slot_pairs(variables, "momentum", means_, "velocity", squares_);
    if (amsgrad_) largest_ = add_slots(variables, "velocity_hat");
  }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor step = step_number();
    const Tensor alpha = rate * sqrt(1.0 - power(beta_2_, step)) / (1.0 - power(beta_1_, step));
    const Tensor m = read(means_[index]), v = read(squares_[index]);
    const Tensor mean = m + (g - m) * (1 - beta_1_);
    Tensor square_mean = v + (square(g) - v) * (1 - beta_2_);
    set(means_[index], mean);
    set(squares_[index], square_mean);
    if (amsgrad_) {
      square_mean = maximum(read(largest_[index]), square_mean);
      set(largest_[index], square_mean);
    }
    set(w, read(w) - mean * alpha / (sqrt(square_mean) + epsilon_));
  }

 private:
  const char* class_name_;
  double beta_1_, beta_2_, epsilon_;
  bool amsgrad_;
  Tensors means_, squares_, largest_;
};

class NadamRule : public OptimizerBase {
 public:
  explicit NadamRule(const NadamOptions& options)
      : OptimizerBase(settings_of(options, "Nadam")),
        beta_1_(options.beta_1),
        beta_2_(options.beta_2),
        epsilon_(options.epsilon) {}
  std::string class_name() const override { return "Nadam"; }
  Json config() const override {
    return OptimizerBase::config().set("beta_1", beta_1_).set("beta_2", beta_2_).set("epsilon", epsilon_);
  }

 protected:
  void make_slots(const Tensors& variables) override {
    add_slot_pairs(variables, "momentum", means_, "velocity", squares_);
    product_ = add_state(Tensor::scalar(1), "u_product");
  }
  void start_update() override { set(product_, read(product_) * momentum(1)); }
  void update(const Tensor& g, const Tensor& w, size_t index, const Tensor& rate) override {
    const Tensor now = momentum(1), next = momentum(2);
    const Tensor product = read(product_), next_product = product * next;
    const Tensor m = read(means_[index]), v = read(squares_[index]);
    // Keras rounds Nadam's betas to float32 before it takes them from 1, unlike Adam's: the moments differ by 1e-5.
    const double of_gradient = 1.0 - static_cast<float>(beta_1_), of_square = 1.0 - static_cast<float>(beta_2_);
    const Tensor mean = m + (g - m) * of_gradient, square_mean = v + (square(g) - v) * of_square;
    set(means_[index], mean);
    set(squares_[index], square_mean);
    const Tensor mean_hat = next * mean / (1.0 - next_product) + (1.0 - now) * g / (1.0 - product);
    const Tensor square_hat = square_mean / (1.0 - power(beta_2_, step_number()));
    set(w, read(w) - mean_hat * rate / (sqrt(square_hat) + epsilon_));
  }

 private:
  /// The warming momentum of step `iterations + more`.
  Tensor momentum(int64_t more) const { return (1.0 - power(0.96, step_number(more)) * 0.5) * beta_1_; }

  double beta_1_, beta_2_, epsilon_;
  Tensors means_, squares_;
  Tensor product_;
};

}  // namespace

Optimizer Adam(const AdamOptions& options) { return std::make_shared<AdamRule>(options, "Adam"); }
Optimizer AdamW(const AdamWOptions& options) { return std::make_shared<AdamRule>(options, "AdamW"); }
Optimizer Nadam(const NadamOptions& options) { return std::make_shared<NadamRule>(options); }

}  // namespace hebb
