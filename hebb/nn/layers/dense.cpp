#include "hebb/nn/layers/dense.h"

#include "hebb/nn/layers/configured_layer.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

struct DenseArguments : DenseOptions {
  int64_t units = 1;
};

class DenseLayer final : public ConfiguredLayer<DenseLayer, DenseArguments> {
 public:
  static constexpr const char* keras_name = "Dense";

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit("units", a.units);
    visit("activation", a.activation);
    visit("use_bias", a.use_bias);
    visit("kernel_initializer", a.kernel_initializer);
    visit("bias_initializer", a.bias_initializer);
    visit("kernel_regularizer", a.kernel_regularizer);
    visit("bias_regularizer", a.bias_regularizer);
    visit.fixed("kernel_constraint", nullptr);
    visit.fixed("bias_constraint", nullptr);
    visit.fixed("quantization_config", nullptr);
  }

  explicit DenseLayer(DenseArguments a) : ConfiguredLayer(std::move(a)) {
    require(arguments().units > 0,
            message("expected units of at least 1, got ", arguments().units, ". Give the number of its outputs."));
    input_rule_ = {.min_rank = 2, .axes = "(batch, ..., features)", .remedy = "Add Reshape({-1}) before it."};
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    kernel_ =
        add_weight("kernel", {input.back(), a.units}, a.kernel_initializer, {.regularizer = a.kernel_regularizer});
    if (a.use_bias) bias_ = add_weight("bias", {a.units}, a.bias_initializer, {.regularizer = a.bias_regularizer});
    input_rule_.size = input.back();
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    // One product of matrices, however many axes stand in front.
    const Shape front = x.shape().sub(0, x.rank() - 1);
    Tensor y = matmul(x.rank() == 2 ? x : reshape(x, {front.elements(), x.shape().back()}), kernel_);
    if (bias_.defined()) y = y + bias_;
    if (x.rank() != 2) y = reshape(y, front.with_back(arguments().units));
    return arguments().activation(y);
  }

 private:
  Tensor kernel_, bias_;
};

}  // namespace

Layer Dense(int64_t units, const DenseOptions& options) {
  return make_layer<DenseLayer>(DenseArguments{options, units});
}

Layer detail::dense_from_config(const Json& config) { return DenseLayer::from_config(config); }

}  // namespace hebb
