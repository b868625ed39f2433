#include "hebb/nn/layers/pipeline.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers/dictionary_layer.h"
#include "hebb/nn/layers/other_options.h"
#include "hebb/nn/layers/table.h"
#include "hebb/nn/masking.h"
#include "hebb/nn/model.h"
#include "hebb/nn/text_layer.h"

namespace hebb {

namespace {

class PipelineLayer final : public LayerBase, public TextLayer, public DictionaryLayer {
 public:
  explicit PipelineLayer(const std::vector<Layer>& layers, const PipelineOptions& options) {
    set_name(options.name.empty() ? unique_layer_name("Pipeline") : options.name);
    if (layers.empty()) throw InvalidArgument(where() + "expected at least one layer, got none. Give it Rescaling().");
    for (const Layer& layer : layers) {
      if (!layer) throw InvalidArgument(where() + "expected layers, got one that was never set. Make it first.");
      // Files name them by their classes, as Keras does what stands in a list.
      int64_t same = 0;
      for (const Layer& known : layers_) same += known.class_name() == layer.class_name();
      const std::string kind = snake_case(layer.class_name());
      layers_.push_back(add_layer(same == 0 ? message("layers/", kind) : message("layers/", kind, "_", same), layer));
    }
    supports_masking_ = true;
    autocast_ = false;
    rounded_ = {.inputs = false, .weights = false, .outputs = false};
  }

  std::string class_name() const override { return "Pipeline"; }
  Json config() const override {
    Json layers = Json::array();
    for (const Layer& layer : layers_) layers.push_back(layer_to_json(layer));
    return Json::object({{"layers", std::move(layers)}, {"name", name()}});
  }
  static Layer from_config(const Json& config) {
    refuse_unknown_options(config, "Pipeline", "layers");
    std::vector<Layer> layers;
    for (const Json& layer : config.at("layers").items()) layers.push_back(layer_from_json(layer));
    auto layer = std::make_shared<PipelineLayer>(layers, PipelineOptions{config.get("name", "")});
    layer->read_base_config(config);
    return Layer(layer);
  }

  /// Those of the first layer alone are texts: what it makes of them goes through the others.
  std::optional<Spec> text_output(const std::vector<Spec>& inputs) const override {
    const auto* first = dynamic_cast<const TextLayer*>(layers_.front().shared().get());
    std::optional<Spec> made = first ? first->text_output(inputs) : std::nullopt;
    if (!made) return std::nullopt;
    for (size_t i = 1; i < layers_.size(); ++i) {
      const InputTensor before = Input(made->shape.without(0), {.dtype = made->dtype});
      made = layers_[i](before).spec();
    }
    return made;
  }
  bool takes_texts_alone() const override {
    const auto* first = dynamic_cast<const TextLayer*>(layers_.front().shared().get());
    return first && first->takes_texts_alone();
  }

  using LayerBase::call_many;
  Tensors call_many(const Tensors& xs, const CallOptions& options) override {
    Tensors out = xs;
    for (const Layer& layer : layers_)
      out = layer.call_many(out, {.training = options.training, .inputs = options.inputs});
    return out;
  }
  /// Those that the layers made, and where they made none, the input's.
  Tensors compute_masks(const Tensors&, const Tensors& masks, const Tensors& outputs) override {
    const Tensor made = mask_of(outputs.front());
    return made.defined() ? Tensors{made} : masks;
  }

 private:
  std::vector<Layer> layers_;
};

}  // namespace

Layer Pipeline(const std::vector<Layer>& layers, const PipelineOptions& options) {
  return make_layer<PipelineLayer>(layers, options);
}

Layer detail::pipeline_from_config(const Json& config) { return PipelineLayer::from_config(config); }

}  // namespace hebb
