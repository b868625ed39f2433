#include "hebb/nn/text_stage.h"

#include <algorithm>
#include <cstring>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/tensor/texts.h"

namespace hebb {

namespace {

bool is_text(const Tensor& tensor) { return tensor.defined() && tensor.dtype() == DType::string; }

const ModelBase* as_model(const LayerCall& call) { return dynamic_cast<const ModelBase*>(call.layer.get()); }

/// What a layer's call gives, without what `apply_to` does for layers that have state: several threads may predict.
Tensors computed(const LayerCall& call, const Tensors& inputs) {
  const NoTape no_tape;
  try {
    return call.layer->call_many(inputs, call.options);
  } catch (const InvalidArgument& error) {
    const std::string text = error.what();
    throw InvalidArgument(text.starts_with("layer '") ? text : call.layer->where() + text);
  }
}

}  // namespace

bool any_texts(const Tensors& tensors) { return std::any_of(tensors.begin(), tensors.end(), is_text); }

bool has_texts(const ModelBase& model) { return any_texts(model.inputs()); }

bool takes_texts(const LayerCall& call) { return any_texts(call.inputs); }

bool gives_texts(const LayerCall& call) {
  return !call.inputs.empty() && std::any_of(call.outputs.begin(), call.outputs.end(),
                                             [](const Spec& spec) { return spec.dtype == DType::string; });
}

size_t text_results(const ModelBase& model) {
  size_t count = 0;
  for (const auto& call : model.calls()) {
    if (!takes_texts(*call)) continue;
    const ModelBase* nested = as_model(*call);
    count += nested ? text_results(*nested) : call->outputs.size();
  }
  return count;
}

Tensors run_text_stage(const ModelBase& model, const Tensors& inputs) {
  const auto value_of = [&](const Tensor& symbolic) {
    for (size_t i = 0; i < model.inputs().size(); ++i) {
      if (symbol_of(model.inputs()[i])->call == symbol_of(symbolic)->call) return inputs[i];
    }
    return Tensor();
  };
  Tensors results;
  for (const auto& call : model.calls()) {
    if (!takes_texts(*call)) continue;
    Tensors given;
    for (const Tensor& input : call->inputs) {
      given.push_back(value_of(input));
      if (!is_text(input) || given.back().defined()) continue;
      throw NotSupported(message(call->layer->where(), "texts that another layer made. Give it texts of an Input()."));
    }
    if (const ModelBase* nested = as_model(*call)) {
      const Tensors inner = run_text_stage(*nested, given);
      results.insert(results.end(), inner.begin(), inner.end());
      continue;
    }
    if (std::any_of(given.begin(), given.end(), [](const Tensor& value) { return !value.defined(); })) {
      throw NotSupported(message(call->layer->where(),
                                 "texts and numbers at a time. Make texts of the numbers, or numbers of the texts with "
                                 "StringLookup()."));
    }
    const Tensors outputs = computed(*call, given);
    results.insert(results.end(), outputs.begin(), outputs.end());
  }
  return results;
}

Tensors plan_inputs(const ModelBase& model, const Tensors& inputs) {
  if (!has_texts(model)) return inputs;
  Tensors out;
  for (const Tensor& input : inputs) {
    if (!is_text(input)) out.push_back(input);
  }
  const Tensors made = run_text_stage(model, inputs);
  out.insert(out.end(), made.begin(), made.end());
  return out;
}

Tensors with_texts_given(const ModelBase& model, const Tensors& outputs) {
  if (!any_texts(model.outputs())) return outputs;
  Tensors out = outputs;
  for (size_t i = 0; i < out.size(); ++i) {
    const LayerCall& call = *symbol_of(model.outputs()[i])->call;
    if (gives_texts(call)) out[i] = computed(call, {outputs[i]}).front();
  }
  return out;
}

void check_texts(const ModelBase& model, const std::vector<Spec>& inputs) {
  for (size_t i = 0; i < std::min(inputs.size(), model.inputs().size()); ++i) {
    const bool wanted = is_text(model.inputs()[i]), given = inputs[i].dtype == DType::string;
    if (wanted == given) continue;
    throw InvalidArgument(message(model.where(), "expected ", wanted ? "texts" : "numbers", " for input '",
                                  model.input_names()[i], "', got ", inputs[i], ". ",
                                  wanted ? "Make them with texts({\"...\"})."
                                         : "Give Input() the dtype string and put TextVectorization() or "
                                           "StringLookup() behind it."));
  }
}

PlanBatch plan_batch(const ModelBase& model, const data::Source& source, std::span<const void* const> pointers,
                     int64_t count) {
  PlanBatch batch;
  Tensors inputs;
  const auto& components = source.components();
  const auto end = static_cast<size_t>(source.inputs());
  for (size_t i = 0; i < end; ++i) {
    const Spec spec{components[i].shape.with(0, count), components[i].dtype};
    if (spec.dtype != DType::string) {
      inputs.emplace_back();
      batch.specs.push_back(spec);
      batch.pointers.push_back(pointers[i]);
      continue;
    }
    // The source keeps the texts, and outlives the step.
    Tensor texts = Tensor::empty(spec);
    std::memcpy(texts.mutable_raw(), pointers[i], static_cast<size_t>(spec.bytes()));
    inputs.push_back(model.fitted_input(i, texts));
  }
  batch.made = run_text_stage(model, inputs);
  for (const Tensor& made : batch.made) {
    batch.specs.push_back(made.spec());
    batch.pointers.push_back(made.raw());
  }
  for (size_t i = end; i < components.size(); ++i) {
    batch.specs.push_back({components[i].shape.with(0, count), components[i].dtype});
    batch.pointers.push_back(pointers[i]);
  }
  return batch;
}

}  // namespace hebb
