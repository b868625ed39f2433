#include "hebb/nn/layers/sampling.h"

#include <cmath>

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

class GaussianSamplingLayer final : public ConfiguredLayer<GaussianSamplingLayer, GaussianSamplingOptions> {
 public:
  static constexpr const char* keras_name = "GaussianSampling";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("kl_weight", a.kl_weight);
    visit("seed", a.seed);
  }

  explicit GaussianSamplingLayer(GaussianSamplingOptions given) : ConfiguredLayer(std::move(given)) {
    require(std::isfinite(arguments().kl_weight) && arguments().kl_weight >= 0,
            message("expected a kl_weight of at least 0, got ", arguments().kl_weight,
                    ". Give the strength of the divergence."));
    random_seed_ = arguments().seed;
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const bool right = inputs.size() == 2 && inputs[0].rank() == 2 && inputs[1].rank() == 2 &&
                       (inputs[0].back() == inputs[1].back() || !inputs[0].is_known() || !inputs[1].is_known());
    if (right) return;
    std::string got;
    for (const Shape& shape : inputs) got += (got.empty() ? "" : " and ") + shape.to_string();
    require(false, message("expected two inputs (batch, size), the mean and the logarithm of the variance, got ", got,
                           ". Make them with two Dense layers of the same size."));
  }

  using LayerBase::call;
  Tensor call(const Tensors& xs, const CallOptions& options) override {
    const Tensor &mean = xs[0], &log_variance = xs[1];
    if (arguments().kl_weight > 0) {
      const Tensor each = 1.0 + log_variance - square(mean) - exp(log_variance);
      const auto examples = static_cast<double>(mean.shape()[0]);
      add_loss(sum(each) * (-0.5 * arguments().kl_weight / examples));
    }
    if (!options.training) return mean;
    const Tensor normal = random_normal(next_random_state(), mean.shape());
    return mean + exp(log_variance * 0.5) * cast(normal, mean.dtype());
  }
};

}  // namespace

Layer GaussianSampling(const GaussianSamplingOptions& options) { return make_layer<GaussianSamplingLayer>(options); }

Layer detail::gaussian_sampling_from_config(const Json& config) { return GaussianSamplingLayer::from_config(config); }

}  // namespace hebb
