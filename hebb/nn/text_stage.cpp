#include "hebb/nn/text_stage.h"

#include <algorithm>
#include <cstring>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"
#include "hebb/tensor/texts.h"

namespace hebb {

namespace {

bool is_text(const Tensor& tensor) { return tensor.defined() && tensor.dtype() == DType::string; }

const ModelBase* as_model(const LayerCall& call) { return dynamic_cast<const ModelBase*>(call.layer.get()); }

/// The number of the model's input that a tensor is; -1 where it is none.
int64_t input_number(const ModelBase& model, const Tensor& symbolic) {
  const auto& inputs = model.inputs();
  const auto at = std::find_if(inputs.begin(), inputs.end(), [&](const Tensor& input) {
    return symbol_of(input)->call == symbol_of(symbolic)->call;
  });
  return at == inputs.end() ? -1 : at - inputs.begin();
}

/// Which of a model's inputs are numbers that a call takes together with texts.
std::vector<bool> beside_texts(const ModelBase& model) {
  std::vector<bool> out(model.inputs().size());
  for (const auto& call : model.calls()) {
    if (!takes_texts(*call)) continue;
    const ModelBase* nested = as_model(*call);
    const std::vector<bool> wanted = nested ? beside_texts(*nested) : std::vector<bool>(call->inputs.size(), true);
    for (size_t i = 0; i < call->inputs.size(); ++i) {
      const int64_t number = input_number(model, call->inputs[i]);
      if (wanted.at(i) && number >= 0 && !is_text(call->inputs[i])) out[static_cast<size_t>(number)] = true;
    }
  }
  return out;
}

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
    const int64_t number = input_number(model, symbolic);
    const Tensor value = number < 0 ? Tensor() : inputs[static_cast<size_t>(number)];
    return !value.defined() || is_text(value) ? value : cast(value, symbolic.dtype());
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
                                 "texts, and numbers that another layer made. Give it numbers of an Input(), or make "
                                 "numbers of the texts with StringLookup()."));
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
  const std::vector<bool> with_texts = beside_texts(model);
  for (size_t i = 0; i < end; ++i) {
    const Spec spec{components[i].shape.with(0, count), components[i].dtype};
    if (spec.dtype != DType::string) {
      batch.specs.push_back(spec);
      batch.pointers.push_back(pointers[i]);
      if (!with_texts.at(i)) {
        inputs.emplace_back();
        continue;
      }
    }
    // The source keeps the texts, and outlives the step.
    Tensor given = Tensor::empty(spec);
    std::memcpy(given.mutable_raw(), pointers[i], static_cast<size_t>(spec.bytes()));
    inputs.push_back(model.fitted_input(i, given));
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
