#include "hebb/nn/adapt.h"

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

Adaptable& adaptable(const Layer& layer) {
  if (auto* as = layer.as<Adaptable>()) return *as;
  throw InvalidArgument(
      message(layer->where(), "adapt: expected a layer that learns from data before training, got ", layer.class_name(),
              ". Normalization, Discretization, IntegerLookup, StringLookup and TextVectorization do."));
}

}  // namespace

void adapt(const Layer& layer, const Tensor& data) {
  Adaptable& learner = adaptable(layer);
  if (!data.defined() || data.size() == 0)
    throw InvalidArgument(layer->where() + "adapt: expected data, got none. Give it at least one example.");
  learner.reset_state();
  learner.update_state(data);
  learner.finalize_state();
}

void adapt(const Layer& layer, const data::Dataset& data, const AdaptOptions& options) {
  Adaptable& learner = adaptable(layer);
  if (data.empty())
    throw InvalidArgument(layer->where() + "adapt: expected data, got none. Give it at least one example.");
  if (options.input < 0 || options.input >= data.source().inputs()) {
    throw InvalidArgument(message(layer->where(), "adapt: expected an input below ", data.source().inputs(), ", got ",
                                  options.input, ". Inputs are counted from 0."));
  }
  learner.reset_state();
  int64_t step = 0;
  for (const data::Batch& batch : data.batches({.batch_size = options.batch_size})) {
    if (options.steps && step++ >= *options.steps) break;
    learner.update_state(batch.inputs[static_cast<size_t>(options.input)]);
  }
  learner.finalize_state();
}

}  // namespace hebb
