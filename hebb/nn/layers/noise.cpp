#include "hebb/nn/layers/noise.h"

#include <cmath>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/noise_shape.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"

namespace hebb {

namespace {

struct GaussianNoiseArguments : NoiseOptions {
  double stddev = 0;
};

class GaussianNoiseLayer final : public ConfiguredLayer<GaussianNoiseLayer, GaussianNoiseArguments> {
 public:
  static constexpr const char* keras_name = "GaussianNoise";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("stddev", a.stddev);
    visit("seed", a.seed);
  }

  explicit GaussianNoiseLayer(GaussianNoiseArguments given) : ConfiguredLayer(std::move(given)) {
    const double stddev = arguments().stddev;
    require(stddev >= 0 && stddev <= 1,
            message("expected a stddev from 0 to 1, got ", stddev, ". Scale the data first, with Rescaling()."));
    random_seed_ = arguments().seed;
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    if (!options.training || arguments().stddev == 0) return x;
    return x + cast(random_normal(next_random_state(), x.shape()), dtype()) * arguments().stddev;
  }
};

struct GaussianDropoutArguments : NoiseOptions {
  double rate = 0;
};

class GaussianDropoutLayer final : public ConfiguredLayer<GaussianDropoutLayer, GaussianDropoutArguments> {
 public:
  static constexpr const char* keras_name = "GaussianDropout";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("rate", a.rate);
    visit("seed", a.seed);
  }

  explicit GaussianDropoutLayer(GaussianDropoutArguments given) : ConfiguredLayer(std::move(given)) {
    const double rate = arguments().rate;
    require(rate >= 0 && rate < 1,
            message("expected a rate from 0 to below 1, got ", rate, ". Give the share that Dropout() would drop."));
    random_seed_ = arguments().seed;
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    const double rate = arguments().rate;
    if (!options.training || rate == 0) return x;
    const double stddev = std::sqrt(rate / (1 - rate));
    return x * (cast(random_normal(next_random_state(), x.shape()), dtype()) * stddev + 1.0);
  }
};

struct AlphaDropoutArguments : AlphaDropoutOptions {
  double rate = 0;
};

class AlphaDropoutLayer final : public ConfiguredLayer<AlphaDropoutLayer, AlphaDropoutArguments> {
 public:
  static constexpr const char* keras_name = "AlphaDropout";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("rate", a.rate);
    visit("seed", a.seed);
    visit("noise_shape", a.noise_shape);
  }

  explicit AlphaDropoutLayer(AlphaDropoutArguments given) : ConfiguredLayer(std::move(given)) {
    const auto& a = arguments();
    require(a.rate >= 0 && a.rate < 1,
            message("expected a rate from 0 to below 1, got ", a.rate, ". Give the share that is dropped."));
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
    constexpr double limit = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946;
    const double scale = 1 / std::sqrt((1 - rate) * (1 + rate * limit * limit)), shift = -scale * limit * rate;
    const Shape shape = shape_of_noise(arguments().noise_shape, x.shape());
    const Tensor kept = random_bernoulli(next_random_state(), shape, 1 - rate);
    return select(kept, x, limit) * scale + shift;
  }
};

}  // namespace

Layer GaussianNoise(double stddev, const NoiseOptions& options) {
  return make_layer<GaussianNoiseLayer>(GaussianNoiseArguments{options, stddev});
}
Layer GaussianDropout(double rate, const NoiseOptions& options) {
  return make_layer<GaussianDropoutLayer>(GaussianDropoutArguments{options, rate});
}
Layer AlphaDropout(double rate, const AlphaDropoutOptions& options) {
  return make_layer<AlphaDropoutLayer>(AlphaDropoutArguments{options, rate});
}

Layer detail::alpha_dropout_from_config(const Json& config) { return AlphaDropoutLayer::from_config(config); }
Layer detail::gaussian_dropout_from_config(const Json& config) { return GaussianDropoutLayer::from_config(config); }
Layer detail::gaussian_noise_from_config(const Json& config) { return GaussianNoiseLayer::from_config(config); }

}  // namespace hebb
