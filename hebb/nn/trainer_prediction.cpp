// What a trainer predicts: plans without targets, which several threads may run at once.

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/progress.h"
#include "hebb/nn/text_stage.h"
#include "hebb/nn/trainer.h"
#include "hebb/nn/trainer_steps.h"
#include "hebb/nn/training_data.h"
#include "hebb/ops/elementwise.h"
#include "hebb/plan/tuning.h"

namespace hebb {

void Trainer::freeze(int64_t batch_size) {
  if (batch_size < 1)
    throw InvalidArgument(
        message(model_.where(), "freeze: expected a batch_size of at least 1, got ", batch_size, "."));
  std::vector<Spec> batch, examples;
  for (const Tensor& input : model_.inputs()) {
    const Shape shape = input.shape().without(0);
    if (!shape.is_known()) {
      throw InvalidArgument(message(model_.where(), "freeze: expected inputs of known sizes, got ", input.shape(),
                                    ". Give Input() the sizes."));
    }
    batch.push_back({shape.with(0, batch_size), input.dtype()});
    examples.push_back({shape, input.dtype()});
  }
  if (batch.empty())
    throw InvalidArgument(message(model_.where(), "freeze: the model is not built. Put Input() first, or call it."));
  start_anew();
  frozen_ = true;
  // Computed once on nothing, so that what follows from the weights alone is there.
  Tensors nothing;
  for (const Spec& spec : batch)
    nothing.push_back(spec.dtype == DType::string ? Tensor::empty(spec) : zeros(spec.shape, spec.dtype));
  predict_on_batch(nothing);
}

PlanCache& Trainer::prediction_plans(const std::vector<Spec>& examples) {
  std::lock_guard lock(prediction_mutex_);
  if (!model_.is_connected()) {
    std::vector<Shape> shapes;
    for (const Spec& example : examples) shapes.push_back(batch_shape(example));
    model_.build_for(shapes);
  }
  check_texts(model_, examples);
  if (!steps_->predict) {
    // A model is frozen to predict often: measuring which kernels are the fastest repays.
    steps_->predict = std::make_unique<PlanCache>(
        [this](const Tensors& xs) { return model_.apply_to(xs, {.training = false}); },
        PlanOptions{.expected_runs = frozen_ ? least_runs_to_tune : 0, .runs_often = frozen_});
    if (has_texts(model_)) steps_->predict->keep_at_most(most_lengths);
  }
  return *steps_->predict;
}

Tensors Trainer::predict_on_batch(const Tensors& xs) {
  std::vector<Spec> examples;
  for (const Tensor& x : xs) {
    if (x.rank() < 1)
      throw InvalidArgument(message("predict_on_batch: expected a batch of examples, got ", x.spec(),
                                    ". Give it a batch axis, with expand_dims()."));
    examples.push_back({x.shape().without(0), x.dtype()});
  }
  PlanCache& plans = prediction_plans(examples);
  if (!has_texts(model_)) return with_texts_given(model_, plans.run(xs));
  Tensors fitted;
  for (size_t i = 0; i < xs.size() && i < model_.inputs().size(); ++i) fitted.push_back(model_.fitted_input(i, xs[i]));
  return with_texts_given(model_, plans.run(plan_inputs(model_, fitted)));
}

Tensors Trainer::predict(const data::Dataset& data, const PredictOptions& options) {
  if (data.empty()) throw InvalidArgument("predict: expected at least one example, got none. Give it data.");
  const std::shared_ptr<const data::Source> source = without_targets(data.shared());
  PlanCache& plans = prediction_plans(source->components());
  data::Feed feed(source, options.batch_size);
  Progress progress(options.verbose, feed.batches());
  feed.start();
  Tensors results;
  std::vector<int64_t> row_bytes;
  const bool of_texts = has_texts(model_);
  PlanBatch made;
  while (const data::Feed::View* batch = feed.next()) {
    if (of_texts) made = plan_batch(model_, *source, batch->pointers, batch->count);
    const PlanCache::Lease plan =
        plans.lease(of_texts ? made.specs : batch_specs(*source, batch->count), feed.batches());
    if (results.empty()) {
      for (const Spec& spec : plan->outputs()) {
        if (spec.shape.rank() < 1 || spec.shape.front() != batch->count) {
          throw InvalidArgument(message(model_.where(),
                                        "predict: expected outputs with the batch as their first axis, got ", spec,
                                        ". Call the model itself instead, or keep that axis in its last layer."));
        }
        results.push_back(Tensor::empty(spec.shape.without(0).with(0, data.size()), spec.dtype));
        row_bytes.push_back(spec.bytes() / std::max<int64_t>(batch->count, 1));
      }
    }
    std::vector<void*> out;
    for (size_t i = 0; i < results.size(); ++i) {
      const Shape example = plan->outputs()[i].shape.without(0);
      if (example != results[i].shape().without(0)) {
        throw InvalidArgument(message(model_.where(), "predict: expected outputs of one shape, got examples of ",
                                      results[i].shape().without(0), " and of ", example,
                                      ". Give TextVectorization() an output_sequence_length."));
      }
      out.push_back(static_cast<std::byte*>(results[i].mutable_raw()) + batch->first * row_bytes[i]);
    }
    plan->run(of_texts ? made.pointers : batch->pointers, out);
    progress.step_done([] { return Logs(); });
  }
  progress.finish({});
  return with_texts_given(model_, results);
}

}  // namespace hebb
