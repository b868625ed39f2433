/// The text stage of a model: what its layers compute of texts, on the host and before a plan is run, since no plan
/// holds texts. A plan of such a model begins behind it: its inputs are those of the model that are numbers, in order,
/// then what layers made of texts, in the order of their calls. Texts that a model gives (StringLookup with invert as
/// its last layer) are made behind the plan, which ends with their indices.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hebb/data/dataset.h"
#include "hebb/nn/model_base.h"

namespace hebb {

/// Whether the model takes texts.
bool has_texts(const ModelBase& model);
/// Whether a call of a layer takes texts.
bool takes_texts(const LayerCall& call);
bool gives_texts(const LayerCall& call);
/// Whether some of these are texts.
bool any_texts(const Tensors& tensors);

/// How many inputs a plan of the model has that its text stage makes.
size_t text_results(const ModelBase& model);
/// Those inputs, of the model's inputs; numbers among them may be undefined where no call takes them together with
/// texts.
Tensors run_text_stage(const ModelBase& model, const Tensors& inputs);
/// The inputs of a plan of the model.
Tensors plan_inputs(const ModelBase& model, const Tensors& inputs);
/// The model's outputs, of a plan's.
Tensors with_texts_given(const ModelBase& model, const Tensors& outputs);

/// InvalidArgument unless texts come where the model takes texts, and numbers where it does not.
void check_texts(const ModelBase& model, const std::vector<Spec>& inputs);

/// A batch of a model that takes texts, as its plans take it: the inputs of a plan, then targets and weights.
struct PlanBatch {
  std::vector<Spec> specs;
  std::vector<const void*> pointers;
  Tensors made;  ///< what the pointers point to, as far as it was made
};
PlanBatch plan_batch(const ModelBase& model, const data::Source& source, std::span<const void* const> pointers,
                     int64_t count);

}  // namespace hebb
