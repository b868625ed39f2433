#include "hebb/nn/symbolic.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/graph/trace.h"
#include "hebb/nn/keras_json.h"
#include "hebb/nn/layers/dictionary_layer.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/operation_layer.h"
#include "hebb/nn/text_layer.h"
#include "hebb/nn/text_stage.h"
#include "hebb/nn/vocabulary.h"

namespace hebb {

namespace {

std::atomic<uint64_t> next_sequence{1};

Tensor make_symbol(const std::shared_ptr<LayerCall>& call, int output) {
  auto symbol = std::make_shared<LayerSymbol>();
  symbol->call = call;
  symbol->output = output;
  auto body = std::make_shared<TensorBody>();
  body->spec = call->outputs[static_cast<size_t>(output)];
  body->symbol = std::move(symbol);
  body->name = call->layer->name();
  return Tensor(std::move(body));
}

/// What stands for the unknown axes: the batch's size, and that of others.
struct UnknownSizes {
  int64_t batch, others;
};

std::vector<Spec> with_sizes(std::vector<Spec> specs, const UnknownSizes& sizes) {
  for (Spec& spec : specs) {
    for (int axis = 0; axis < spec.shape.rank(); ++axis) {
      if (spec.shape[axis] == Shape::unknown) spec.shape[axis] = axis == 0 ? sizes.batch : sizes.others;
    }
  }
  return specs;
}

bool has_unknown_axes_behind_the_first(const std::vector<Spec>& specs) {
  for (const Spec& spec : specs) {
    for (int axis = 1; axis < spec.shape.rank(); ++axis) {
      if (spec.shape[axis] == Shape::unknown) return true;
    }
  }
  return false;
}

/// Whether a layer in it learns a vocabulary and has none: a file gives it after the graph is made.
bool waits_for_a_vocabulary(LayerBase& layer) {
  if (auto* keeper = dynamic_cast<KeepsVocabulary*>(&layer))
    return !keeper->is_in_config() && keeper->vocabulary().empty();
  if (const auto* model = dynamic_cast<const ModelBase*>(&layer)) {
    return std::ranges::any_of(model->layers(), [](const auto& one) { return waits_for_a_vocabulary(*one); });
  }
  return std::ranges::any_of(layer.sublayers(), [](const auto& one) { return waits_for_a_vocabulary(*one.second); });
}

/// What a layer makes of texts, which no trace holds; nothing where there are none.
std::optional<std::vector<Spec>> outputs_for_texts(LayerBase& layer, const std::vector<Spec>& inputs) {
  if (const auto* on_texts = dynamic_cast<const TextLayer*>(&layer)) {
    if (std::optional<Spec> output = on_texts->text_output(inputs)) return std::vector<Spec>{*output};
    return std::nullopt;
  }
  auto* model = dynamic_cast<ModelBase*>(&layer);
  if (model && (has_texts(*model) || (model->is_connected() && waits_for_a_vocabulary(*model)))) {
    std::vector<Spec> outputs;
    for (const Tensor& output : model->outputs()) outputs.push_back(output.spec());
    return outputs;
  }
  for (const Spec& input : inputs) {
    if (input.dtype != DType::string) continue;
    throw InvalidArgument(message(layer.where(), "expected numbers, got texts, ", input,
                                  ". Put a layer that takes texts before it, such as TextVectorization() or "
                                  "StringLookup()."));
  }
  return std::nullopt;
}

/// The outputs for two sets of sizes that differ everywhere, so that what depends on an unknown axis is seen to.
std::vector<Spec> infer_outputs(LayerBase& layer, const std::vector<Spec>& inputs, const CallOptions& options,
                                const UnknownSizes& first_sizes, const UnknownSizes& second_sizes) {
  auto run = [&](const Tensors& xs) { return layer.apply_to(xs, options); };
  std::vector<Spec> first = infer_specs(run, with_sizes(inputs, first_sizes));
  bool known = true;
  for (const Spec& spec : inputs) known = known && spec.shape.is_known();
  if (known) return first;
  const std::vector<Spec> second = infer_specs(run, with_sizes(inputs, second_sizes));
  if (first.size() != second.size()) {
    throw InvalidArgument(message(layer.where(), "the number of its outputs depends on the size of the batch: ",
                                  first.size(), " for 2 and ", second.size(), " for 3."));
  }
  for (size_t i = 0; i < first.size(); ++i) {
    Shape& shape = first[i].shape;
    if (shape.rank() != second[i].shape.rank() || first[i].dtype != second[i].dtype) {
      throw InvalidArgument(message(layer.where(), "its output depends on the size of the batch: ", first[i],
                                    " for 2 and ", second[i], " for 3."));
    }
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] != second[i].shape[axis]) shape[axis] = Shape::unknown;
    }
  }
  return first;
}

std::vector<Spec> infer_outputs(LayerBase& layer, const std::vector<Spec>& inputs, const CallOptions& given) {
  if (std::optional<std::vector<Spec>> known = outputs_for_texts(layer, inputs)) return *std::move(known);
  CallOptions options = given;
  // What a layer cannot do with parts of a dictionary while training is refused when somebody trains: Keras writes into
  // files that some layers train where nobody says otherwise.
  if (!given.inputs.empty() && dynamic_cast<const DictionaryLayer*>(&layer)) options.training = false;
  // Sizes other than the batch's are large and have many divisors, so that windows fit and divisions come out even.
  try {
    return infer_outputs(layer, inputs, options, {2, 480}, {3, 720});
  } catch (const InvalidArgument&) {
    if (!has_unknown_axes_behind_the_first(inputs)) throw;
    // They may be the batch's, too: of a matrix with a number for each two examples, plus that matrix turned.
    try {
      return infer_outputs(layer, inputs, options, {2, 2}, {3, 3});
    } catch (const InvalidArgument&) {
    }
    throw;
  }
}

Tensors make_symbols(const std::shared_ptr<LayerCall>& call) {
  Tensors out;
  for (size_t i = 0; i < call->outputs.size(); ++i) out.push_back(make_symbol(call, static_cast<int>(i)));
  return out;
}

}  // namespace

LayerCall::~LayerCall() {
  // A call that nothing else holds goes with the one behind it: in a loop, since a model may be thousands deep.
  Tensors open = std::move(inputs);
  while (!open.empty()) {
    const Tensor tensor = std::move(open.back());
    open.pop_back();
    if (!tensor.defined() || tensor.body().use_count() != 1) continue;
    const LayerSymbol* symbol = symbol_of(tensor);
    if (!symbol || symbol->call.use_count() != 1) continue;
    for (Tensor& input : symbol->call->inputs) open.push_back(std::move(input));
  }
}

const LayerSymbol* symbol_of(const Tensor& tensor) {
  return tensor.is_symbolic() ? dynamic_cast<const LayerSymbol*>(tensor.body()->symbol.get()) : nullptr;
}

Rounding rounding_of(const LayerSymbol& symbol) {
  return symbol.call->layer->output_rounding(static_cast<size_t>(symbol.output));
}

namespace {

/// What Keras makes of operands of different types: the one that all have, else float32.
Rounding common_rounding(const Tensors& symbols) {
  std::optional<Rounding> common;
  for (const Tensor& symbol : symbols) {
    if (!is_floating(symbol.dtype())) continue;
    const Rounding rounding = rounding_of(*symbol_of(symbol));
    if (common && *common != rounding) return Rounding::none;
    common = rounding;
  }
  return common.value_or(Rounding::none);
}

}  // namespace

Tensors call_symbolically(const std::shared_ptr<LayerBase>& layer, const Tensors& inputs, const CallOptions& options) {
  std::vector<Shape> shapes;
  std::vector<Spec> specs;
  for (const Tensor& input : inputs) {
    if (!symbol_of(input)) {
      throw InvalidArgument(message(layer->where(), "expected all inputs to be symbolic, since one is, got ",
                                    input.defined() ? input.spec().to_string() : "nothing",
                                    ". Make the values an Input() of the model, or a weight of a layer."));
    }
    shapes.push_back(input.shape());
    specs.push_back(input.spec());
  }
  if (auto* operation = dynamic_cast<detail::OperationLayer*>(layer.get())) operation->follow(common_rounding(inputs));
  layer->build_for(layer->shapes_that_count(shapes, options));
  auto call = std::make_shared<LayerCall>();
  call->outputs = infer_outputs(*layer, specs, options);
  layer->clear_losses();  // those of placeholders
  call->layer = layer;
  call->inputs = inputs;
  call->index = layer->symbolic_calls_++;
  call->sequence = next_sequence.fetch_add(1, std::memory_order_relaxed);
  call->options = options;
  return make_symbols(call);
}

Tensors repeat_call(const LayerCall& call, const Tensors& inputs) {
  auto again = std::make_shared<LayerCall>();
  again->layer = call.layer;
  again->inputs = inputs;
  again->outputs = call.outputs;
  again->index = call.index;
  again->sequence = next_sequence.fetch_add(1, std::memory_order_relaxed);
  again->options = call.options;
  return make_symbols(again);
}

InputLayer::InputLayer(const Spec& batch_spec, const std::string& name) : batch_spec_(batch_spec) {
  if (batch_spec.shape.empty()) throw InvalidArgument("Input: expected a shape with a batch axis, got ().");
  for (const int64_t size : batch_spec.shape) {
    if (size >= 0 || size == Shape::unknown) continue;
    throw InvalidArgument(
        message("Input: expected sizes of at least 0 (or Shape::unknown), got ", batch_spec.shape, "."));
  }
  autocast_ = false;
  set_dtype(DType::float32);  // whatever layers compute in
  set_name(name.empty() ? unique_layer_name("InputLayer") : name);
}

Tensor InputLayer::tensor() {
  std::shared_ptr<LayerCall> call = call_.lock();
  if (!call) {
    call = std::make_shared<LayerCall>();
    call->layer = shared_from_this();
    call->outputs = {batch_spec_};
    call->sequence = next_sequence.fetch_add(1, std::memory_order_relaxed);
    call_ = call;
  }
  return make_symbol(call, 0);
}

std::string_view InputLayer::dtype_name() const {
  return kept_dtype_.empty() ? name_of(batch_spec_.dtype) : std::string_view(kept_dtype_);
}

Json InputLayer::config() const {
  return Json::object({{"batch_shape", shape_to_json(batch_spec_.shape)},
                       {"dtype", dtype_name()},
                       {"sparse", false},
                       {"ragged", false},
                       {"name", name()},
                       {"optional", optional_}});
}

namespace {

/// The type that holds the values of a type of Keras's which hebb computes nothing in; nothing for others.
std::optional<DType> larger_type(std::string_view name) {
  static const std::map<std::string_view, DType> types = {
      {"bfloat16", DType::float32}, {"float16", DType::float32}, {"int8", DType::int32},   {"int16", DType::int32},
      {"uint16", DType::int32},     {"uint32", DType::int64},    {"uint64", DType::int64},
  };
  const auto found = types.find(name);
  return found == types.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

Layer InputLayer::from_config(const Json& config) {
  for (const char* option : {"sparse", "ragged"}) {
    const Json* value = config.find(option);
    if (value && value->is_bool() && value->as_bool()) {
      throw NotSupported(message("Input: ", option, " tensors. Make the model for dense ones."));
    }
  }
  const Json* dtype = config.find("dtype");
  const std::string type = dtype && dtype->is_string() ? dtype->as_string() : "";
  const std::optional<DType> larger = larger_type(type);
  Spec spec{{}, larger ? *larger : dtype ? dtype_policy_from_json(*dtype).variable_dtype() : DType::float32};
  // Older files: batch_input_shape; configurations written by hand: shape.
  if (const Json* shape = config.find("shape"); shape && !shape->is_null()) {
    spec.shape = shape_from_json(*shape).with(0, Shape::unknown);
  } else {
    spec.shape = shape_from_json(config.at(config.contains("batch_shape") ? "batch_shape" : "batch_input_shape"));
  }
  auto layer = std::make_shared<InputLayer>(spec, config.get("name", ""));
  layer->optional_ = config.get("optional", false);
  if (larger) layer->kept_dtype_ = type;
  if (larger == DType::float32) layer->set_dtype("mixed_" + type);  // with the values of the type
  return Layer(layer);
}

InputTensor Input(const Shape& shape, const InputOptions& options) {
  const Spec spec{shape.with(0, options.batch_size.value_or(Shape::unknown)), options.dtype};
  auto layer = std::make_shared<InputLayer>(spec, options.name);
  return InputTensor(layer->tensor(), Layer(layer));
}

}  // namespace hebb
