#include "hebb/nn/layers/normalization.h"

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/op.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

class BatchNormalizationLayer final : public ConfiguredLayer<BatchNormalizationLayer, BatchNormalizationOptions> {
 public:
  static constexpr const char* keras_name = "BatchNormalization";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("axis", a.axis);
    visit("momentum", a.momentum);
    visit("epsilon", a.epsilon);
    visit("center", a.center);
    visit("scale", a.scale);
    visit("beta_initializer", a.beta_initializer);
    visit("gamma_initializer", a.gamma_initializer);
    visit("moving_mean_initializer", a.moving_mean_initializer);
    visit("moving_variance_initializer", a.moving_variance_initializer);
    visit("beta_regularizer", a.beta_regularizer);
    visit("gamma_regularizer", a.gamma_regularizer);
    visit("beta_constraint", a.beta_constraint);
    visit("gamma_constraint", a.gamma_constraint);
    visit.fixed("synchronized", false);
    visit.fixed("renorm", false);
    visit.fixed("renorm_clipping", nullptr);
    visit.fixed("renorm_momentum", 0.99);
  }

  explicit BatchNormalizationLayer(BatchNormalizationOptions given) : ConfiguredLayer(std::move(given)) {
    input_rule_ = {.min_rank = 2, .axes = "(batch, ..., channels)"};
    rounded_.weights = false;
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    check_axis(*this, arguments().axis, inputs.front());
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    const Shape channels{input[static_cast<int>(a.axis)]};
    if (a.scale)
      gamma_ = add_weight("gamma", channels, a.gamma_initializer,
                          {.regularizer = a.gamma_regularizer, .constraint = a.gamma_constraint});
    if (a.center)
      beta_ = add_weight("beta", channels, a.beta_initializer,
                         {.regularizer = a.beta_regularizer, .constraint = a.beta_constraint});
    moving_mean_ = add_weight("moving_mean", channels, a.moving_mean_initializer, {.trainable = false});
    moving_variance_ = add_weight("moving_variance", channels, a.moving_variance_initializer, {.trainable = false});
    input_rule_.rank = input.rank();
    input_rule_.axis = static_cast<int>(a.axis);
    input_rule_.size = channels.front();
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    const auto& a = arguments();
    const int axis = normalize_axis(a.axis, x.rank(), "axis");
    if (!options.training || !trainable()) {
      // One multiplication and addition for each element: everything else is of a channel.
      Tensor factor = rsqrt(moving_variance_ + a.epsilon);
      if (gamma_.defined()) factor = factor * gamma_;
      Tensor shift = -(moving_mean_ * factor);
      if (beta_.defined()) shift = shift + beta_;
      return x * along(factor, x, axis) + along(shift, x, axis);
    }

    std::vector<int64_t> others;
    for (int i = 0; i < x.rank(); ++i) {
      if (i != axis) others.push_back(i);
    }
    // With the mean taken out first, large means cost no digits.
    const Moments moments = moments_of(x, options.mask());
    const Tensor batch_mean = moments.mean(x, others);
    const Tensor centred = x - along(batch_mean, x, axis);
    const Tensor batch_variance = moments.mean(square(centred), others);
    follow(moving_mean_, batch_mean);
    follow(moving_variance_, batch_variance);
    Tensor factor = rsqrt(batch_variance + a.epsilon);
    if (gamma_.defined()) factor = factor * gamma_;
    const Tensor y = centred * along(factor, x, axis);
    return beta_.defined() ? y + along(beta_, x, axis) : y;
  }

 private:
  /// A tensor of channels in a shape that broadcasts to x's.
  static Tensor along(const Tensor& channels, const Tensor& x, int axis) {
    if (axis == x.rank() - 1) return channels;
    Shape shape(std::vector<int64_t>(static_cast<size_t>(x.rank() - axis), 1));
    shape[0] = channels.size();
    return reshape(channels, shape);
  }

  /// Means over the steps that count: all without a mask.
  struct Moments {
    Tensor counts;

    Tensor mean(const Tensor& x, const std::vector<int64_t>& axes) const {
      if (!counts.defined()) return hebb::mean(x, {.axes = axes});
      constexpr double epsilon = 1e-7;  // so that nothing at all has a mean, too
      return sum(select(counts, x, 0.0), {.axes = axes}) / (sum(cast(counts, x.dtype()), {.axes = axes}) + epsilon);
    }
  };

  Moments moments_of(const Tensor& x, const Tensor& mask) const {
    if (!mask.defined()) return {};
    require(mask.rank() == x.rank() - 1,
            message("expected a mask with an axis less than its input ", x.shape(), ", got ", mask.shape(),
                    ". Put TimeDistributed() around it, or take the mask away before it."));
    return {broadcast_to(expand_dims(mask, -1), x.shape())};
  }

  void follow(const Tensor& moving, const Tensor& latest) const {
    const double momentum = arguments().momentum;
    assign(moving, moving * momentum + stop_gradient(latest) * (1 - momentum));
  }

  Tensor gamma_, beta_, moving_mean_, moving_variance_;
};

}  // namespace

Layer BatchNormalization(const BatchNormalizationOptions& options) {
  return make_layer<BatchNormalizationLayer>(options);
}

Layer detail::batch_normalization_from_config(const Json& config) {
  return BatchNormalizationLayer::from_config(config);
}

}  // namespace hebb
