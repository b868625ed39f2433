#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/optimizers/fields.h"
#include "hebb/nn/optimizers/wrappers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr const char* class_name_of_loss_scale = "LossScaleOptimizer";

/// Keras's file has an iteration and a learning rate of the wrapper's own, which nothing reads: the base's.
class LossScaleRule : public OptimizerBase {
 public:
  LossScaleRule(Optimizer inner, const LossScaleOptions& options)
      : OptimizerBase(
            {.learning_rate = 0.0, .name = options.name.empty() ? snake_case(class_name_of_loss_scale) : options.name}),
        inner_(std::move(inner)),
        options_(options) {
    inner_->set_loss_scale_factor({});  // or gradients would be scaled twice
  }
  std::string class_name() const override { return class_name_of_loss_scale; }
  Json config() const override {
    Json json = Json::object({{"name", settings().name}, {"inner_optimizer", inner_.to_json()}});
    ConfigWriter write(json);
    scale_fields(write, options_);
    return json;
  }

  const Tensor& iterations() const override { return inner_->iterations(); }
  double learning_rate() const override { return inner_->learning_rate(); }
  void set_learning_rate(double value) override { inner_->set_learning_rate(value); }
  void exclude_from_weight_decay(const std::vector<std::string>& names, const Tensors& variables) override {
    inner_->exclude_from_weight_decay(names, variables);
  }
  void apply_if(const Tensor& condition, const Tensors& gradients, const Tensors& variables) override {
    build(variables);
    const NoTape no_tape;
    const Tensor scale = read(scale_), steps = read(steps_);
    Tensors unscaled;
    Tensor finite = condition;
    for (const Tensor& gradient : gradients) {
      unscaled.push_back(gradient.defined() ? gradient / scale : Tensor());
      if (!gradient.defined()) continue;
      const Tensor all_finite =
          equal(sum(cast(isfinite(gradient), DType::float32)), static_cast<double>(gradient.shape().elements()));
      finite = finite.defined() ? logical_and(finite, all_finite) : all_finite;
    }
    if (!finite.defined()) return;
    inner_->apply_if(finite, unscaled, variables);
    const Tensor grows = equal(steps, static_cast<double>(options_.dynamic_growth_steps - 1));
    assign_if(condition, scale_, select(finite, select(grows, scale * 2.0, scale), scale * 0.5));
    assign_if(condition, steps_, select(logical_and(finite, logical_not(grows)), steps + 1.0, zeros_like(steps)));
  }
  Tensor scale_loss(const Tensor& loss) const override {
    return scale_.defined() ? loss * read(scale_) : loss * options_.initial_scale;
  }
  void set_paths(const std::vector<std::pair<Tensor, std::string>>& paths) override { inner_->set_paths(paths); }
  void finalize(const Tensors& variables) override { inner_->finalize(variables); }
  std::vector<std::pair<Tensor, Tensor>> averages() const override { return inner_->averages(); }
  Tensors variables() const override {
    Tensors all = OptimizerBase::variables();
    for (const Tensor& one : inner_->variables_in_wrapper()) all.push_back(one);
    return all;
  }

 protected:
  void make_slots(const Tensors& variables) override {
    steps_ = add_state(Tensor::scalar(0, DType::int64), "step_counter");
    scale_ = add_state(Tensor::scalar(options_.initial_scale), "dynamic_scale");
    inner_->build(variables);
  }
  void update(const Tensor&, const Tensor&, size_t, const Tensor&) override {}

 private:
  Optimizer inner_;
  LossScaleOptions options_;
  Tensor steps_, scale_;
};

}  // namespace

Optimizer LossScaleOptimizer(const Optimizer& inner_optimizer, const LossScaleOptions& options) {
  if (!inner_optimizer) {
    throw InvalidArgument(
        "LossScaleOptimizer: expected an inner_optimizer, got none. Give it the optimizer that changes the weights.");
  }
  if (!(options.initial_scale > 0)) {
    throw InvalidArgument(message("LossScaleOptimizer: expected an initial_scale above 0, got ", options.initial_scale,
                                  ". Keras's default is 32768."));
  }
  return std::make_shared<LossScaleRule>(inner_optimizer, options);
}

Optimizer loss_scale_optimizer_from_config(const Json& config) {
  LossScaleOptions options;
  Optimizer inner;
  ConfigReader read(class_name_of_loss_scale, config);
  read.take("inner_optimizer", [&](const Json& json) {
    if (!json.is_null()) inner = Optimizer::from_json(json);
  });
  read.require("inner_optimizer");
  read("name", options.name);
  scale_fields(read, options);
  // What the class wrote once and does not use.
  read.finish({"learning_rate", "weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema", "ema_momentum",
               "ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps", "dynamic"});
  return LossScaleOptimizer(inner, options);
}

}  // namespace hebb
