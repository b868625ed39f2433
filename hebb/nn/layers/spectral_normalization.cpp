#include "hebb/nn/layers/spectral_normalization.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers/other_options.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/layers/whole_numbers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/op.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

Tensor of_length_one(const Tensor& x) { return x * minimum(rsqrt(sum(square(x))), 1e7); }

class SpectralNormalizationLayer final : public LayerBase, public TakesWholeNumbers {
 public:
  SpectralNormalizationLayer(const Layer& layer, const SpectralNormalizationOptions& options)
      : power_iterations_(options.power_iterations) {
    set_name(options.name.empty() ? unique_layer_name("SpectralNormalization") : options.name);
    set_dtype(options.dtype);
    if (!layer) throw InvalidArgument(where() + "expected a layer, got nothing. Give it Dense(10) for example.");
    if (power_iterations_ < 1) {
      throw InvalidArgument(message(where(), "expected power_iterations of at least 1, got ", power_iterations_,
                                    ". One is enough while weights move slowly."));
    }
    layer_ = add_layer("layer", layer);
    if (!options.trainable) set_trainable(false);
  }

  std::string class_name() const override { return "SpectralNormalization"; }
  Json config() const override {
    Json json = LayerBase::config();
    json.set("layer", layer_to_json(layer_));
    json.set("power_iterations", power_iterations_);
    return json;
  }
  static Layer from_config(const Json& config) {
    refuse_unknown_options(config, "SpectralNormalization", "layer", {"power_iterations"});
    auto layer = std::make_shared<SpectralNormalizationLayer>(
        layer_from_json(config.at("layer")),
        SpectralNormalizationOptions{.power_iterations = config.get("power_iterations", int64_t{1}),
                                     .name = config.get("name", "")});
    layer->read_base_config(config);
    return Layer(layer);
  }

  /// The kernel counts as this layer's own too, in front, as Keras has it.
  Tensors weights() const override {
    if (!kernel_.defined()) return LayerBase::weights();
    Tensors out = {kernel_, vector_u_};
    for (const Tensor& weight : layer_->weights()) {
      if (weight.body() != kernel_.body()) out.push_back(weight);
    }
    return out;
  }
  Tensors weights_for_files() const override {
    return kernel_.defined() ? Tensors{kernel_, vector_u_} : LayerBase::weights_for_files();
  }

  using LayerBase::build;
  void build(const Shape& input) override {
    layer_->build_for({input});
    if (const auto* same = dynamic_cast<const SpectralNormalizationLayer*>(layer_.shared().get()))
      kernel_ = same->kernel_;
    for (const Tensor& weight : layer_->own_weights()) {
      if (weight.name() == "kernel" || weight.name() == "embeddings") kernel_ = weight;
    }
    if (!kernel_.defined()) {
      throw InvalidArgument(message(where(), "expected a layer with a weight 'kernel' or 'embeddings', got ",
                                    layer_.class_name(), ". Leave SpectralNormalization out around it."));
    }
    vector_u_ = add_weight("vector_u", {1, kernel_.shape().back()}, TruncatedNormal({.stddev = 0.02}),
                           {.trainable = false, .dtype = kernel_.dtype()});
  }

  /// Keras's result is of the inputs' type, even where rows of a table are taken by whole numbers.
  using LayerBase::call;
  Tensor call(const Tensor& x, const CallOptions& options) override {
    if (options.training) normalize_kernel();
    return cast(layer_(x), x.dtype());
  }

 private:
  /// Divides the kernel by its largest singular value; one of zeros stays.
  void normalize_kernel() const {
    const NoTape no_tape;
    const Tensor kernel = read(kernel_), before = read(vector_u_);
    const Tensor matrix = reshape(kernel, {-1, kernel.shape().back()});
    Tensor u = before, v;
    for (int64_t i = 0; i < power_iterations_; ++i) {
      v = of_length_one(matmul(u, matrix, {.transpose_b = true}));
      u = of_length_one(matmul(v, matrix));
    }
    const Tensor largest = reshape(matmul(matmul(v, matrix), u, {.transpose_b = true}), Shape{});
    const Tensor anything = greater(max(abs(kernel)), 0.0);
    assign(vector_u_, select(anything, u, before));
    assign(kernel_, kernel / select(anything, largest, 1.0));
  }

  int64_t power_iterations_;
  Layer layer_;
  Tensor kernel_, vector_u_;
};

}  // namespace

Layer SpectralNormalization(const Layer& layer, const SpectralNormalizationOptions& options) {
  return make_layer<SpectralNormalizationLayer>(layer, options);
}

Layer detail::spectral_normalization_from_config(const Json& config) {
  return SpectralNormalizationLayer::from_config(config);
}

}  // namespace hebb
