#include "hebb/nn/layers/regularization.h"

#include "hebb/nn/layers/configured_layer.h"
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

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("rate", a.rate);
    visit("seed", a.seed);
    visit("noise_shape", a.noise_shape);
  }

  explicit DropoutLayer(DropoutArguments given) : ConfiguredLayer(std::move(given)) {
    const auto& a = arguments();
    require(a.rate >= 0 && a.rate <= 1,
            message("expected a rate from 0 to 1, got ", a.rate, ". Give the share that is dropped."));
    for (const int64_t size : a.noise_shape) {
      require(size > 0 || size == -1,
              message("expected a noise_shape of sizes above 0 (or -1), got ", size, ". Use -1 for the input's own."));
    }
    random_seed_ = a.seed;
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    const auto& noise = arguments().noise_shape;
    require(noise.empty() || static_cast<int>(noise.size()) == inputs.front().rank(),
            message("expected an input of rank ", noise.size(), " for its noise_shape, got ", inputs.front(),
                    ". Give noise_shape a size for each axis, the batch's too, or leave it out."));
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    const double rate = arguments().rate;
    if (!options.training || rate == 0) return x;
    if (rate == 1) return zeros_like(x);
    Shape shape = x.shape();
    for (size_t i = 0; i < arguments().noise_shape.size(); ++i) {
      if (arguments().noise_shape[i] != -1) shape[static_cast<int>(i)] = arguments().noise_shape[i];
    }
    const Tensor kept = random_bernoulli(next_random_state(), shape, 1 - rate);
    return select(kept, x * (1 / (1 - rate)), 0.0);
  }
};

}  // namespace

Layer Dropout(double rate, const DropoutOptions& options) {
  return make_layer<DropoutLayer>(DropoutArguments{options, rate});
}

Layer detail::dropout_from_config(const Json& config) { return DropoutLayer::from_config(config); }

}  // namespace hebb
