#include "hebb/nn/layers/application_layers.h"

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/regularization.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

struct LayerScaleArguments : LayerOptions {
  double init_values = 0;
  int64_t projection_dim = 0;
};

class LayerScaleLayer final : public ConfiguredLayer<LayerScaleLayer, LayerScaleArguments> {
 public:
  static constexpr const char* keras_name = "LayerScale";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("init_values", a.init_values);
    visit.required("projection_dim", a.projection_dim);
  }

  explicit LayerScaleLayer(LayerScaleArguments given) : ConfiguredLayer(std::move(given)) {
    const int64_t size = arguments().projection_dim;
    require(size > 0,
            message("expected a projection_dim of at least 1, got ", size, ". Give the number of its channels."));
    input_rule_ = {.min_rank = 2, .axis = -1, .size = size, .axes = "(batch, ..., channels)"};
  }

  using LayerBase::build;
  void build(const Shape&) override {
    gamma_ = add_weight("variable", {arguments().projection_dim}, Constant(arguments().init_values));
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override { return x * gamma_; }

 private:
  Tensor gamma_;
};

struct CustomScaleArguments : LayerOptions {
  double scale = 1;
};

class CustomScaleLayerLayer final : public ConfiguredLayer<CustomScaleLayerLayer, CustomScaleArguments> {
 public:
  static constexpr const char* keras_name = "CustomScaleLayer";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("scale", a.scale);
  }

  using ConfiguredLayer::ConfiguredLayer;

  void check_shapes(const std::vector<Shape>& inputs) const override {
    require(inputs.size() == 2,
            message("expected two inputs, got ", inputs.size(), ". Call it with {x, what is added to it}."));
  }

  using LayerBase::call;
  Tensor call(const Tensors& xs, const CallOptions&) override { return xs[0] + xs[1] * arguments().scale; }
};

struct StochasticDepthArguments : NoiseOptions {
  double drop_path_rate = 0;
};

class StochasticDepthLayer final : public ConfiguredLayer<StochasticDepthLayer, StochasticDepthArguments> {
 public:
  static constexpr const char* keras_name = "StochasticDepth";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("drop_path_rate", a.drop_path_rate);
  }

  explicit StochasticDepthLayer(StochasticDepthArguments given) : ConfiguredLayer(std::move(given)) {
    const double rate = arguments().drop_path_rate;
    require(rate >= 0 && rate < 1, message("expected a drop_path_rate from 0 to below 1, got ", rate,
                                           ". Give the share of the examples that is dropped."));
    random_seed_ = arguments().seed;
    input_rule_ = {.min_rank = 1, .axes = "(batch, ...)"};
  }

  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    const double rate = arguments().drop_path_rate;
    if (!options.training || rate == 0) return x;
    Shape each = x.shape();
    for (int axis = 1; axis < x.rank(); ++axis) each[axis] = 1;
    return dropped_out(x, each, rate, next_random_state());
  }
};

}  // namespace

Layer LayerScale(double init_values, int64_t projection_dim, const LayerOptions& options) {
  return make_layer<LayerScaleLayer>(LayerScaleArguments{options, init_values, projection_dim});
}

Layer CustomScaleLayer(double scale, const LayerOptions& options) {
  return make_layer<CustomScaleLayerLayer>(CustomScaleArguments{options, scale});
}

Layer StochasticDepth(double drop_path_rate, const NoiseOptions& options) {
  return make_layer<StochasticDepthLayer>(StochasticDepthArguments{options, drop_path_rate});
}

Layer detail::layer_scale_from_config(const Json& config) { return LayerScaleLayer::from_config(config); }
Layer detail::custom_scale_layer_from_config(const Json& config) { return CustomScaleLayerLayer::from_config(config); }
Layer detail::stochastic_depth_from_config(const Json& config) { return StochasticDepthLayer::from_config(config); }

}  // namespace hebb
