#include "hebb/nn/layers/activation_layers.h"

#include "hebb/nn/layers/attention_scores.h"
#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

struct ActivationArguments : LayerOptions {
  ActivationFunction activation;
};

class ActivationLayer final : public ConfiguredLayer<ActivationLayer, ActivationArguments> {
 public:
  static constexpr const char* keras_name = "Activation";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("activation", a.activation);
  }

  using ConfiguredLayer::ConfiguredLayer;
  using LayerBase::call;
  Tensor call(const Tensor& x) override { return arguments().activation(x); }
};

class ReLULayer final : public ConfiguredLayer<ReLULayer, ReLUOptions> {
 public:
  static constexpr const char* keras_name = "ReLU";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("max_value", a.max_value);
    visit("negative_slope", a.negative_slope);
    visit("threshold", a.threshold);
  }

  explicit ReLULayer(ReLUOptions given) : ConfiguredLayer(std::move(given)) {
    const auto& a = arguments();
    require(a.max_value.value_or(0) >= 0,
            message("expected a max_value of at least 0, got ", a.max_value.value_or(0), ". Leave it out for none."));
    require(a.negative_slope >= 0,
            message("expected a negative_slope of at least 0, got ", a.negative_slope, ". Take 0 for none."));
    require(a.threshold >= 0, message("expected a threshold of at least 0, got ", a.threshold, ". Take 0 for none."));
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    const auto& a = arguments();
    return relu(x, {.negative_slope = a.negative_slope, .max_value = a.max_value, .threshold = a.threshold});
  }
};

class LeakyReLULayer final : public ConfiguredLayer<LeakyReLULayer, LeakyReLUOptions> {
 public:
  static constexpr const char* keras_name = "LeakyReLU";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.only_read("alpha", a.negative_slope);  // its name in Keras 2
    visit("negative_slope", a.negative_slope);
  }

  explicit LeakyReLULayer(LeakyReLUOptions given) : ConfiguredLayer(std::move(given)) {
    require(arguments().negative_slope >= 0,
            message("expected a negative_slope of at least 0, got ", arguments().negative_slope, ". Take 0 for none."));
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override { return leaky_relu(x, arguments().negative_slope); }
};

class ELULayer final : public ConfiguredLayer<ELULayer, ELUOptions> {
 public:
  static constexpr const char* keras_name = "ELU";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("alpha", a.alpha);
  }

  using ConfiguredLayer::ConfiguredLayer;
  // In Keras the layer has no configuration of its own, and the one that is made for it has another order.
  Json config() const override {
    const Json usual = ConfiguredLayer::config();
    Json json = Json::object({{"name", usual.at("name")}, {"alpha", usual.at("alpha")}});
    for (const auto& [key, value] : usual.members()) json.set(key, value);
    return json;
  }
  using LayerBase::call;
  Tensor call(const Tensor& x) override { return elu(x, arguments().alpha); }
};

bool broadcasts_to(const Shape& from, const Shape& to) {
  bool fits = from.rank() <= to.rank();
  for (int axis = 1; fits && axis <= from.rank(); ++axis) fits = from[-axis] == 1 || from[-axis] == to[-axis];
  return fits;
}

class SoftmaxLayer final : public ConfiguredLayer<SoftmaxLayer, SoftmaxOptions> {
 public:
  static constexpr const char* keras_name = "Softmax";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("axis", a.axis);
  }

  explicit SoftmaxLayer(SoftmaxOptions given) : ConfiguredLayer(std::move(given)) {
    require(!arguments().axis.values.empty(),
            "expected at least one axis, got none. Leave the option out for the last one.");
  }

  void check_shapes(const std::vector<Shape>& inputs) const override {
    for (const int64_t axis : arguments().axis.values) check_axis(*this, axis, inputs.front());
  }

  std::vector<std::string> input_argument_names() const override { return {"inputs", "mask"}; }

  /// A mask comes as a second input, or with the first one.
  using LayerBase::call;
  Tensor call(const Tensors& xs, const CallOptions& options) override {
    const Tensor mask = xs.size() > 1 ? xs[1] : options.mask();
    require(!mask.defined() || broadcasts_to(mask.shape(), xs[0].shape()),
            message("expected a mask that broadcasts to its input ", xs[0].shape(), ", got ",
                    mask.defined() ? mask.shape() : Shape(), ". Give it the input's axes, or 1 instead."));
    return masked_softmax(xs[0], mask, arguments().axis.values);
  }

  Tensors compute_masks(const Tensors& inputs, const Tensors& masks, const Tensors&) override {
    if (inputs.size() > 1) return {as_boolean(inputs[1])};
    return masks.empty() ? Tensors() : Tensors{masks.front()};
  }
};

}  // namespace

Layer Activation(const ActivationFunction& activation, const LayerOptions& options) {
  return make_layer<ActivationLayer>(ActivationArguments{options, activation});
}

Layer ReLU(const ReLUOptions& options) { return make_layer<ReLULayer>(options); }

Layer LeakyReLU(const LeakyReLUOptions& options) { return make_layer<LeakyReLULayer>(options); }

Layer ELU(const ELUOptions& options) { return make_layer<ELULayer>(options); }

Layer Softmax(const SoftmaxOptions& options) { return make_layer<SoftmaxLayer>(options); }

Layer detail::activation_from_config(const Json& config) { return ActivationLayer::from_config(config); }
Layer detail::elu_from_config(const Json& config) { return ELULayer::from_config(config); }
Layer detail::leaky_relu_from_config(const Json& config) { return LeakyReLULayer::from_config(config); }
Layer detail::relu_from_config(const Json& config) { return ReLULayer::from_config(config); }
Layer detail::softmax_from_config(const Json& config) { return SoftmaxLayer::from_config(config); }

}  // namespace hebb
