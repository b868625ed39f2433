#include "hebb/nn/layers/dense.h"

#include "hebb/nn/keras_json.h"
#include "hebb/nn/layers/low_rank.h"
#include "hebb/nn/layers/quantizable.h"
#include "hebb/nn/layers/table.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

struct DenseArguments : DenseOptions {
  int64_t units = 1;
  Json quantization_config = nullptr;  ///< of a file
};

/// What Keras writes for a layer that `quantize("int8")` made.
Json int8_config() {
  const Json range = Json::array({-127, 127});
  const Json quantizer =
      object_to_json("keras.quantizers", "AbsMaxQuantizer",
                     Json::object({{"value_range", range}, {"epsilon", 1e-7}, {"output_dtype", "int8"}}));
  return object_to_json("keras.quantizers", "Int8QuantizationConfig",
                        Json::object({{"weight_quantizer", nullptr}, {"activation_quantizer", quantizer}}));
}

class DenseLayer final : public LowRankLayer<DenseLayer, DenseArguments>, public Quantizable {
 public:
  static constexpr const char* keras_name = "Dense";
  static constexpr bool supports_masks = true;

  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("units", a.units);
    visit("activation", a.activation);
    visit("use_bias", a.use_bias);
    visit("kernel_initializer", a.kernel_initializer);
    visit("bias_initializer", a.bias_initializer);
    visit("kernel_regularizer", a.kernel_regularizer);
    visit("bias_regularizer", a.bias_regularizer);
    visit("kernel_constraint", a.kernel_constraint);
    visit("bias_constraint", a.bias_constraint);
    visit("quantization_config", a.quantization_config);
    read_lora(visit, a);
  }

  Json config() const override {
    Json json = LowRankLayer::config();
    if (is_int8()) {
      json.set("dtype", quantized_policy_to_json("int8", dtype()));
      json.set("quantization_config", int8_config());
    }
    return json;
  }

  explicit DenseLayer(DenseArguments a) : LowRankLayer(std::move(a), false) {
    require(arguments().units > 0,
            message("expected units of at least 1, got ", arguments().units, ". Give the number of its outputs."));
    input_rule_ = {.min_rank = 2, .axes = "(batch, ..., features)", .remedy = "Add Reshape({-1}) before it."};
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    const auto& a = arguments();
    kernel_ = add_weight("kernel", {input.back(), a.units}, starts_int8_ ? Initializer("zeros") : a.kernel_initializer,
                         {.regularizer = a.kernel_regularizer,
                          .constraint = a.kernel_constraint,
                          .dtype = starts_int8_ ? std::optional(DType::int8) : std::nullopt});
    if (a.use_bias)
      bias_ = add_weight("bias", {a.units}, a.bias_initializer,
                         {.regularizer = a.bias_regularizer, .constraint = a.bias_constraint});
    if (starts_int8_) add_kernel_scale(a.units);
    make_product(kernel_, "lora_kernel", a.kernel_regularizer, a.kernel_constraint);
    input_rule_.size = input.back();
  }

  using LayerBase::call;
  Tensor call(const Tensor& x) override {
    // One product of matrices, however many axes stand in front.
    const Shape front = x.shape().sub(0, x.rank() - 1);
    show(x);
    const Tensor rows = x.rank() == 2 ? x : reshape(x, {front.elements(), x.shape().back()});
    Tensor y = is_int8() ? int8_product(rows) : matmul(rows, with_product(kernel_));
    if (bias_.defined()) y = y + bias_;
    if (x.rank() != 2) y = reshape(y, front.with_back(arguments().units));
    return arguments().activation(y);
  }

  const Tensor& kernel() const override { return kernel_; }
  bool can_be_int8() const override { return !has_product() && Quantizable::can_be_int8(); }
  bool keras_has_int8() const override { return true; }

 protected:
  LayerBase& layer() override { return *this; }

  void start_quantized(const std::string& mode) override {
    if (mode != "int8" || arguments().lora_rank) return LayerBase::start_quantized(mode);
    const Json& given = arguments().quantization_config;
    const Json* inside = given.is_object() ? given.find("config") : nullptr;
    const Json* quantizer = inside ? inside->find("activation_quantizer") : nullptr;
    if (quantizer && quantizer->is_null()) {
      throw NotSupported(where() +
                         "int8 weights with activations that are not quantised. Quantise the model here, or in "
                         "Keras with its own activation quantizer.");
    }
    starts_int8_ = true;
  }

 private:
  Tensor int8_product(const Tensor& rows) const {
    if (const std::optional<ActivationRange>& range = input_range())
      return quantized_matmul(quantize(rows, *range), range->zero_point, kernel_, output_scale());
    const Tensors quantized = quantize_rows(rows);
    return quantized_matmul(quantized[0], QuantizeRows::zero_point, kernel_, output_scale(), quantized[1]);
  }

  bool starts_int8_ = false;
  Tensor kernel_, bias_;
};

}  // namespace

Layer Dense(int64_t units, const DenseOptions& options) {
  return make_layer<DenseLayer>(DenseArguments{options, units});
}

Layer detail::dense_from_config(const Json& config) { return DenseLayer::from_config(config); }

}  // namespace hebb
