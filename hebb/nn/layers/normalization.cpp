#include "hebb/nn/layers/normalization.h"

#include <algorithm>
#include <cmath>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/normalization.h"
#include "hebb/ops/op.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

struct BatchNormalizationArguments : BatchNormalizationOptions {
  Json clipping = nullptr;  ///< renorm_clipping, as files have it
};

/// Roots of what another one makes.
class RootInitializer final : public InitializerBase {
 public:
  explicit RootInitializer(Initializer of) : of_(std::move(of)) {}
  std::string class_name() const override { return of_->class_name(); }
  Json config() const override { return of_->config(); }
  Tensor make(const Shape& shape, int64_t seed) const override { return sqrt(of_->make(shape, seed)); }

 private:
  Initializer of_;
};

class BatchNormalizationLayer final : public ConfiguredLayer<BatchNormalizationLayer, BatchNormalizationArguments> {
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
    visit("renorm", a.renorm);
    visit("renorm_clipping", a.clipping);
    visit("renorm_momentum", a.renorm_momentum);
  }

  explicit BatchNormalizationLayer(BatchNormalizationArguments given)
      : ConfiguredLayer(with_clipping(std::move(given))) {
    input_rule_ = {.min_rank = 2, .axes = "(batch, ..., channels)"};
    rounded_.weights = false;
    if (arguments().renorm) check_clipping();
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
    if (a.renorm) {
      const Initializer deviation(std::make_shared<const RootInitializer>(a.moving_variance_initializer));
      moving_stddev_ = add_weight("moving_stddev", channels, deviation, {.trainable = false});
      renorm_mean_ = add_weight("renorm_mean", channels, a.moving_mean_initializer, {.trainable = false});
      renorm_stddev_ = add_weight("renorm_stddev", channels, deviation, {.trainable = false});
    }
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

    const auto [batch_mean, batch_variance] = moments_of(x, axis, options.mask());
    const Tensor centred = x - along(batch_mean, x, axis);
    Tensor factor = rsqrt(batch_variance + a.epsilon), shift = beta_;
    if (gamma_.defined()) factor = factor * gamma_;
    if (a.renorm) {
      const auto [r, d] = renormed(batch_mean, batch_variance);
      factor = factor * r;
      const Tensor moved = gamma_.defined() ? d * gamma_ : d;
      shift = shift.defined() ? shift + moved : moved;
    } else {
      follow(moving_mean_, batch_mean, a.momentum);
      follow(moving_variance_, batch_variance, a.momentum);
    }
    const Tensor y = centred * along(factor, x, axis);
    return shift.defined() ? y + along(shift, x, axis) : y;
  }

 private:
  /// A tensor of channels in a shape that broadcasts to x's.
  static Tensor along(const Tensor& channels, const Tensor& x, int axis) {
    if (axis == x.rank() - 1) return channels;
    Shape shape(std::vector<int64_t>(static_cast<size_t>(x.rank() - axis), 1));
    shape[0] = channels.size();
    return reshape(channels, shape);
  }

  /// Over the steps that count: all without a mask.
  Moments moments_of(const Tensor& x, int axis, const Tensor& mask) const {
    if (!mask.defined()) return moments(x, axis);
    require(mask.rank() == x.rank() - 1,
            message("expected a mask with an axis less than its input ", x.shape(), ", got ", mask.shape(),
                    ". Put TimeDistributed() around it, or take the mask away before it."));
    std::vector<int64_t> others;
    for (int i = 0; i < x.rank(); ++i) {
      if (i != axis) others.push_back(i);
    }
    const Tensor counts = broadcast_to(expand_dims(mask, -1), x.shape());
    constexpr double epsilon = 1e-7;  // so that nothing at all has a mean, too
    const Tensor number = sum(cast(counts, x.dtype()), {.axes = others}) + epsilon;
    const auto mean_of = [&](const Tensor& values) {
      return sum(select(counts, values, 0.0), {.axes = others}) / number;
    };
    const Tensor mean = mean_of(x);
    // With the mean taken out first, large means cost no digits.
    return {mean, mean_of(square(x - along(mean, x, axis)))};
  }

  static void follow(const Tensor& moving, const Tensor& latest, double momentum) {
    assign(moving, moving * momentum + stop_gradient(latest) * (1 - momentum));
  }

  static BatchNormalizationArguments with_clipping(BatchNormalizationArguments a) {
    if (a.renorm && a.clipping.is_null()) {
      a.clipping = Json::object();
      for (const auto& [bound, value] : a.renorm_clipping) a.clipping.set(bound, value);
    }
    return a;
  }

  void check_clipping() const {
    for (const auto& [bound, value] : arguments().clipping.members()) {
      const std::vector<std::string> bounds = {"rmax", "rmin", "dmax"};
      require(std::find(bounds.begin(), bounds.end(), bound) != bounds.end(),
              "renorm_clipping: " + unknown_name("bound", bound, bounds));
    }
    const std::optional<double> rmin = clipping("rmin"), rmax = clipping("rmax"), dmax = clipping("dmax");
    require(!rmin || !rmax || *rmax >= *rmin,
            message("expected an rmax of at least rmin in renorm_clipping, got ", rmax.value_or(0), " and ",
                    rmin.value_or(0), ". r stays between them; it is 1 where the batch is like those before it."));
    require(!dmax || *dmax >= 0, message("expected a dmax of at least 0 in renorm_clipping, got ", dmax.value_or(0),
                                         ". It bounds a magnitude."));
  }

  std::optional<double> clipping(const char* bound) const {
    const Json* value = arguments().clipping.find(bound);
    return value && !value->is_null() ? std::optional(value->as_double()) : std::nullopt;
  }

  /// The corrections r and d of a batch; all that moves follows it.
  std::pair<Tensor, Tensor> renormed(const Tensor& batch_mean, const Tensor& batch_variance) const {
    const NoTape no_tape;  // what is read of the moving ones here is assigned to below
    const auto& a = arguments();
    const Tensor mean = stop_gradient(batch_mean), deviation = sqrt(stop_gradient(batch_variance) + a.epsilon);
    const Tensor usual = maximum(renorm_stddev_, std::sqrt(a.epsilon));  // early in training it may be nearly zero
    Tensor r = deviation / usual, d = (mean - renorm_mean_) / usual;
    if (const auto least = clipping("rmin")) r = maximum(r, *least);
    if (const auto most = clipping("rmax")) r = minimum(r, *most);
    if (const auto most = clipping("dmax")) d = clip(d, -*most, *most);
    follow(renorm_mean_, mean, a.renorm_momentum);
    follow(renorm_stddev_, deviation, a.renorm_momentum);
    follow(moving_mean_, mean, a.momentum);
    follow(moving_stddev_, deviation, a.momentum);
    assign(moving_variance_, relu(square(read(moving_stddev_)) - a.epsilon));
    return {r, d};
  }

  Tensor gamma_, beta_, moving_mean_, moving_variance_;
  Tensor moving_stddev_, renorm_mean_, renorm_stddev_;  // with renorm
};

}  // namespace

Layer BatchNormalization(const BatchNormalizationOptions& options) {
  return make_layer<BatchNormalizationLayer>(BatchNormalizationArguments{options});
}

Layer detail::batch_normalization_from_config(const Json& config) {
  return BatchNormalizationLayer::from_config(config);
}

}  // namespace hebb
