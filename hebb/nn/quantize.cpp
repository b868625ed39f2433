#include "hebb/nn/quantize.h"

#include <algorithm>
#include <unordered_set>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/layers/low_rank.h"
#include "hebb/nn/layers/quantizable.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/trainer.h"

namespace hebb {

namespace {

const std::vector<std::string>& modes() {
  static const std::vector<std::string> names = {"int8", "bfloat16"};
  return names;
}

/// The layers that multiply by a kernel, each once.
std::vector<Quantizable*> quantizable_layers(const LayerBase& root) {
  std::vector<Quantizable*> found;
  std::unordered_set<const LayerBase*> seen;
  const auto walk = [&](auto&& self, const LayerBase& layer) -> void {
    for (const auto& [attribute, part] : layer.sublayers()) {
      if (!seen.insert(part.get()).second) continue;
      if (auto* quantizable = dynamic_cast<Quantizable*>(part.get())) found.push_back(quantizable);
      self(self, *part);
    }
  };
  walk(walk, root);
  return found;
}

/// Lets the model compute calibration data, and gives each layer the range of its inputs.
void calibrate(ModelBase& model, const std::vector<Quantizable*>& layers, const QuantizeOptions& options) {
  if (options.calibration_samples < 1 || options.batch_size < 1) {
    throw InvalidArgument(message("quantize: expected calibration_samples and a batch_size of at least 1, got ",
                                  options.calibration_samples, " and ", options.batch_size, "."));
  }
  const data::Dataset& data = options.calibration;
  const auto inputs = static_cast<int64_t>(model.inputs().size());
  if (data.source().inputs() != inputs) {
    throw InvalidArgument(message(model.where(), "quantize: expected calibration data with ", inputs, " inputs (",
                                  join(model.input_names()), "), got ", data.source().inputs(), "."));
  }
  std::vector<std::shared_ptr<RangeObserver>> observers;
  struct Watch {
    const std::vector<Quantizable*>& layers;
    ~Watch() {
      for (Quantizable* layer : layers) layer->observe(nullptr);
    }
  } const watch{layers};
  for (Quantizable* layer : layers) {
    observers.push_back(std::make_shared<RangeObserver>());
    layer->observe(observers.back());
  }
  const NoTape no_tape;
  const int64_t count = std::min(data.size(), options.calibration_samples);
  for (int64_t first = 0; first < count; first += options.batch_size) {
    std::vector<int64_t> examples;
    for (int64_t i = first; i < std::min(count, first + options.batch_size); ++i)
      examples.push_back(i * data.size() / count);
    model.apply_to(data.gather(examples).inputs, {.training = false});
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    if (observers[i]->has_seen()) layers[i]->set_input_range(observers[i]->best());
  }
}

/// Mixed precision ends where a model is quantised.
void compute_in_float32(LayerBase& layer) {
  if (layer.dtype_policy().rounding() != Rounding::none) layer.set_dtype(DType::float32);
  for (const auto& [attribute, part] : layer.sublayers()) compute_in_float32(*part);
  if (const auto* model = dynamic_cast<const ModelBase*>(&layer)) {
    for (const auto& part : model->layers()) compute_in_float32(*part);
  }
}

}  // namespace

bool is_quantized(const ModelBase& model) {
  const auto layers = quantizable_layers(model);
  return std::any_of(layers.begin(), layers.end(),
                     [](const Quantizable* layer) { return layer->is_int8() || layer->is_bfloat16(); });
}

void quantize_model(Model& model, const std::string& mode, const QuantizeOptions& options) {
  ModelBase& base = model.base();
  if (std::find(modes().begin(), modes().end(), mode) == modes().end())
    throw InvalidArgument(message("quantize: ", unknown_name("mode", mode, modes())));
  if (!base.is_connected()) {
    throw InvalidArgument(
        message(base.where(), "quantize: it has no weights yet. Build it first: put Input() in front, or call it."));
  }
  if (is_quantized(base)) {
    throw InvalidArgument(message(base.where(),
                                  "quantize: it is quantised already. Load the model as it was before, and "
                                  "quantise that."));
  }
  const bool calibrates = mode == "int8" && !options.calibration.empty();
  std::vector<Quantizable*> layers = quantizable_layers(base);
  for (Quantizable* layer : layers) {
    const auto* low_rank = dynamic_cast<const LowRank*>(layer);
    if (!low_rank || !low_rank->has_product()) continue;
    throw NotSupported(
        message(dynamic_cast<LayerBase*>(layer)->where(),
                "quantize: it has a lora_rank. Put its weights, as files have them, into a model without, "
                "and quantise that."));
  }
  std::erase_if(layers, [&](const Quantizable* layer) {
    return !layer->can_be_int8() &&
           (mode == "int8" || !layer->kernel().defined() || layer->kernel().dtype() != DType::float32);
  });
  if (mode == "int8" && !calibrates)
    std::erase_if(layers, [](const Quantizable* layer) { return layer->needs_input_range(); });
  if (layers.empty()) {
    throw InvalidArgument(message(base.where(), "quantize: it has no layer that can be quantised to ", mode,
                                  mode == "int8" && !calibrates ? " without calibration. Give it calibration data."
                                                                : ": no Dense and no Conv2D in float32."));
  }
  compute_in_float32(base);
  if (calibrates) calibrate(base, layers, options);
  for (Quantizable* layer : layers) {
    if (mode == "bfloat16") {
      layer->make_bfloat16();
    } else if (layer->input_range() || !layer->needs_input_range()) {
      layer->make_int8();
    }
  }
  base.trainer().start_anew();
}

Json quantization_to_json(const LayerBase& layer) {
  const auto* quantizable = dynamic_cast<const Quantizable*>(&layer);
  if (!quantizable || (!quantizable->is_int8() && !quantizable->is_bfloat16())) return nullptr;
  Json json = Json::object({{"mode", quantizable->is_int8() ? "int8" : "bfloat16"}});
  if (const auto& range = quantizable->input_range(); range) {
    json.set("input_scale", range->scale);
    json.set("input_zero_point", range->zero_point);
  }
  if (quantizable->is_int8() && !quantizable->keras_has_int8()) {
    Json scales = Json::array();
    for (const float scale : quantizable->kernel_scale().to_vector<float>())
      scales.push_back(static_cast<double>(scale));
    json.set("kernel_scale", scales);
  }
  return json;
}

void quantization_from_json(LayerBase& layer, const Json& json) {
  auto* quantizable = dynamic_cast<Quantizable*>(&layer);
  if (!quantizable) throw InvalidArgument(layer.where() + "it cannot be quantised.");
  const std::string mode = json.at("mode").as_string();
  if (mode == "bfloat16") return quantizable->make_bfloat16();
  if (mode != "int8") throw InvalidArgument(message(layer.where(), unknown_name("mode", mode, modes())));
  if (const Json* scale = json.find("input_scale")) {
    const ActivationRange range{scale->as_double(), json.at("input_zero_point").as_int()};
    if (!(range.scale > 0) || range.zero_point < 0 || range.zero_point > 255) {
      throw InvalidArgument(message(layer.where(),
                                    "expected an input_scale above 0 and an input_zero_point from 0 to 255, ", "got ",
                                    range.scale, " and ", range.zero_point, "."));
    }
    quantizable->set_input_range(range);
  } else if (quantizable->needs_input_range()) {
    throw InvalidArgument(layer.where() + "expected an input_scale; it is missing.");
  }
  if (quantizable->is_int8()) return;  // the file's configuration said so already
  if (!quantizable->can_be_int8()) throw InvalidArgument(layer.where() + "it cannot be quantised to int8.");
  std::vector<float> scales;
  for (const Json& scale : json.at("kernel_scale").items()) scales.push_back(static_cast<float>(scale.as_double()));
  quantizable->make_int8(scales);
}

}  // namespace hebb
