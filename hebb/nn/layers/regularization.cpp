#include "hebb/nn/layers/regularization.h"

#include <cmath>

#include "hebb/nn/layers/noise_shape.h"
#include "hebb/nn/layers/spatial_axes.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

struct DropoutArguments : DropoutOptions {
  double rate = 0;
};

class DropoutLayer final : public ConfiguredLayer<DropoutLayer, DropoutArguments> {
 public:
  static constexpr const char* keras_name = "Dropout";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("rate", a.rate);
    visit("seed", a.seed);
    visit("noise_shape", a.noise_shape);
  }

  explicit DropoutLayer(DropoutArguments given) : ConfiguredLayer(std::move(given)) {
    const auto& a = arguments();
    require(a.rate >= 0 && a.rate <= 1,
            message("expected a rate from 0 to 1, got ", a.rate, ". Give the share that is dropped."));
    check_noise_shape(a.noise_shape, [this](bool holds, const std::string& text) { require(holds, text); });
    random_seed_ = a.seed;
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    check_noise_shape_for(arguments().noise_shape, inputs.front(),
                          [this](bool holds, const std::string& text) { require(holds, text); });
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    const double rate = arguments().rate;
    if (!options.training || rate == 0) return x;
    if (rate == 1) return zeros_like(x);
    return dropped_out(x, shape_of_noise(arguments().noise_shape, x.shape()), rate, next_random_state());
  }
};

/// A mask with one element for each example and channel, broadcast over the axes between them.
template <class Derived, class Arguments, int spatial>
class SpatialDropoutLayer : public ConfiguredLayer<Derived, Arguments> {
 public:
  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("rate", a.rate);
    visit("seed", a.seed);
    if constexpr (spatial > 1) visit("data_format", a.data_format);
  }

  explicit SpatialDropoutLayer(Arguments given)
      : ConfiguredLayer<Derived, Arguments>(std::move(given)), axes_(*this, format_of(this->arguments()), spatial) {
    const auto& a = this->arguments();
    this->require(a.rate >= 0 && a.rate <= 1,
                  message("expected a rate from 0 to 1, got ", a.rate, ". Give the share that is dropped."));
    this->input_rule_ = {.rank = spatial + 2, .axes = axes_.text};
    this->random_seed_ = a.seed;
  }

  /// Keras writes name and type of these layers by hand, and nothing else of what all layers have.
  Json config() const override {
    const auto& a = this->arguments();
    Json json = Json::object(
        {{"rate", a.rate}, {"seed", to_json(a.seed)}, {"name", this->name()}, {"dtype", name_of(this->dtype())}});
    if constexpr (spatial > 1) json.set("data_format", a.data_format);
    return json;
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    const double rate = this->arguments().rate;
    if (!options.training || rate == 0) return x;
    if (rate == 1) return zeros_like(x);
    Shape shape = x.shape();
    for (int axis = 0; axis < spatial; ++axis) shape[axes_.first + axis] = 1;
    const Tensor kept = random_bernoulli(this->next_random_state(), shape, 1 - rate);
    return select(kept, x * (1 / (1 - rate)), 0.0);
  }

 private:
  static std::string format_of(const Arguments& a) {
    if constexpr (spatial > 1) return a.data_format;
    return "channels_last";
  }

  SpatialAxes axes_;
};

struct SpatialDropout1DArguments : SpatialDropout1DOptions {
  double rate = 0;
};
struct SpatialDropoutArguments : SpatialDropoutOptions {
  double rate = 0;
};

class SpatialDropout1DLayer final : public SpatialDropoutLayer<SpatialDropout1DLayer, SpatialDropout1DArguments, 1> {
 public:
  static constexpr const char* keras_name = "SpatialDropout1D";
  static constexpr bool supports_masks = true;
  using SpatialDropoutLayer::SpatialDropoutLayer;
};
class SpatialDropout2DLayer final : public SpatialDropoutLayer<SpatialDropout2DLayer, SpatialDropoutArguments, 2> {
 public:
  static constexpr const char* keras_name = "SpatialDropout2D";
  static constexpr bool supports_masks = true;
  using SpatialDropoutLayer::SpatialDropoutLayer;
};
class SpatialDropout3DLayer final : public SpatialDropoutLayer<SpatialDropout3DLayer, SpatialDropoutArguments, 3> {
 public:
  static constexpr const char* keras_name = "SpatialDropout3D";
  static constexpr bool supports_masks = true;
  using SpatialDropoutLayer::SpatialDropoutLayer;
};

class ActivityRegularizationLayer final
    : public ConfiguredLayer<ActivityRegularizationLayer, ActivityRegularizationOptions> {
 public:
  static constexpr const char* keras_name = "ActivityRegularization";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("l1", a.l1);
    visit("l2", a.l2);
  }

  explicit ActivityRegularizationLayer(ActivityRegularizationOptions given) : ConfiguredLayer(std::move(given)) {
    for (const double factor : {arguments().l1, arguments().l2}) {
      require(std::isfinite(factor) && factor >= 0,
              message("expected l1 and l2 of at least 0, got ", factor, ". Give the strength of the penalty."));
    }
    activity_regularizer_ = L1L2(arguments().l1, arguments().l2);
  }

  /// As Keras: the factors say it all.
  Json config() const override {
    const Json whole = ConfiguredLayer::config();
    Json json = Json::object();
    for (const auto& [key, value] : whole.members()) {
      if (key != "activity_regularizer") json.set(key, value);
    }
    return json;
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override { return x; }
};

}  // namespace

Tensor dropped_out(const Tensor& x, const Shape& noise, double rate, const Tensor& state) {
  return select(random_bernoulli(state, noise, 1 - rate), x * (1 / (1 - rate)), 0.0);
}

Layer Dropout(double rate, const DropoutOptions& options) {
  return make_layer<DropoutLayer>(DropoutArguments{options, rate});
}

Layer SpatialDropout1D(double rate, const SpatialDropout1DOptions& options) {
  return make_layer<SpatialDropout1DLayer>(SpatialDropout1DArguments{options, rate});
}
Layer SpatialDropout2D(double rate, const SpatialDropoutOptions& options) {
  return make_layer<SpatialDropout2DLayer>(SpatialDropoutArguments{options, rate});
}
Layer SpatialDropout3D(double rate, const SpatialDropoutOptions& options) {
  return make_layer<SpatialDropout3DLayer>(SpatialDropoutArguments{options, rate});
}

Layer ActivityRegularization(const ActivityRegularizationOptions& options) {
  return make_layer<ActivityRegularizationLayer>(options);
}

Layer detail::activity_regularization_from_config(const Json& config) {
  return ActivityRegularizationLayer::from_config(config);
}
Layer detail::spatial_dropout_1d_from_config(const Json& config) { return SpatialDropout1DLayer::from_config(config); }
Layer detail::spatial_dropout_2d_from_config(const Json& config) { return SpatialDropout2DLayer::from_config(config); }
Layer detail::spatial_dropout_3d_from_config(const Json& config) { return SpatialDropout3DLayer::from_config(config); }
Layer detail::dropout_from_config(const Json& config) { return DropoutLayer::from_config(config); }

}  // namespace hebb
