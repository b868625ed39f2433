#include "hebb/nn/trainer.h"

#include <algorithm>

#include "hebb/autograd/gradient.h"
#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/compile_config.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_objective.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "hebb/nn/optimizers/whole_set.h"
#include "hebb/nn/progress.h"
#include "hebb/nn/quantize.h"
#include "hebb/nn/random_seed.h"
#include "hebb/nn/resume.h"
#include "hebb/nn/text_stage.h"
#include "hebb/nn/trainer_steps.h"
#include "hebb/nn/training_data.h"
#include "hebb/nn/weight_paths.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"

namespace hebb {

Trainer::Trainer(ModelBase& model) : model_(model), loss_("loss"), steps_(std::make_unique<Steps>()) {}

Trainer::~Trainer() = default;

void Trainer::compile(const CompileOptions& options) {
  if (!options.optimizer)
    throw InvalidArgument("compile: expected an optimizer, got none. Name one, such as \"adam\".");
  if (options.loss.empty()) throw InvalidArgument("compile: expected a loss, got none. Name one, such as \"mse\".");
  if (model_.is_connected()) check_outputs(options, model_.output_names());
  options_ = options;
  if (options.auto_scale_loss && model_.dtype_policy().name() == "mixed_float16" &&
      options.optimizer->class_name() != "LossScaleOptimizer" &&
      !dynamic_cast<WholeSetOptimizer*>(options.optimizer.operator->())) {
    options_.optimizer = LossScaleOptimizer(options.optimizer);
  }
  missing_ = missing_parts(options);
  outputs_.clear();
  steps_ = std::make_unique<Steps>();
  compiled_ = true;
}

void Trainer::build_optimizer() {
  const Optimizer& optimizer = options_.optimizer;
  if (!optimizer->is_built()) optimizer->set_paths(weight_paths(model_));
  optimizer->build(model_.trainable_weights());
  for (const auto& layer : model_.layers()) {
    for (const Tensor& weight : layer->trainable_weights()) {
      if (optimizer->has(weight)) continue;
      throw InvalidArgument(message(layer->where(), "expected an optimizer that was built for its weight '",
                                    weight.name(), "', got '", optimizer->settings().name,
                                    "', which was built for others. Give each model an optimizer of its own, and call "
                                    "compile() again after making layers trainable."));
    }
  }
}

void Trainer::start_anew() {
  const std::lock_guard lock(prediction_mutex_);
  steps_ = std::make_unique<Steps>();
  if (compiled_) options_.optimizer = Optimizer::from_json(options_.optimizer.to_json());
}

void Trainer::check_may_train() const {
  if (is_quantized(model_)) {
    throw InvalidArgument(message(model_.where(),
                                  "is quantised, and cannot be trained. Train the model as it was before "
                                  "quantize(), from its file, and quantise the result."));
  }
  if (frozen_) {
    throw InvalidArgument(message(model_.where(),
                                  "is frozen, and cannot be trained. Save it before freeze(), and train "
                                  "what load_model() makes of the file."));
  }
}

void Trainer::prepare(const data::Source& source) {
  if (!compiled_)
    throw InvalidArgument(
        message(model_.where(), "is not compiled. Call compile() with an optimizer and a loss first."));
  if (!missing_.empty()) {
    throw InvalidArgument(message(model_.where(), "is not compiled: its file could not hold ", join(missing_),
                                  ", which is code of the program that saved it. Call compile() again and give that; ",
                                  "with .optimizer = model.optimizer() training goes on where it stood."));
  }
  const auto& components = source.components();
  if (!model_.is_connected()) {
    std::vector<Shape> shapes;
    for (int64_t i = 0; i < source.inputs(); ++i) shapes.push_back(batch_shape(components[static_cast<size_t>(i)]));
    model_.build_for(shapes);
  }
  check_source(source);
  if (any_texts(model_.outputs())) {
    throw InvalidArgument(
        message(model_.where(), "gives texts, of which there is no loss. Train the model without its last layer."));
  }
  std::vector<Spec> targets;
  for (int64_t i = 0; i < source.targets(); ++i) {
    const Spec& component = components[static_cast<size_t>(source.inputs() + i)];
    targets.push_back({batch_shape(component), component.dtype});
  }
  if (outputs_.empty()) outputs_ = resolve_outputs(options_, model_, targets);
}

void Trainer::check_source(const data::Source& source) const {
  if (source.inputs() != static_cast<int64_t>(model_.inputs().size())) {
    throw InvalidArgument(message(model_.where(), "expected data with ", model_.inputs().size(), " inputs (",
                                  join(model_.input_names()), "), got ", source.inputs(),
                                  ". Give one array for each, in that order."));
  }
  if (source.targets() != static_cast<int64_t>(model_.outputs().size())) {
    throw InvalidArgument(message(model_.where(), "expected data with a target for each of ", model_.outputs().size(),
                                  " outputs (", join(model_.output_names()), "), got ", source.targets(),
                                  ". Give one array for each, in that order."));
  }
  if (source.weights() > 1 && source.weights() != source.targets()) {
    throw InvalidArgument(message(model_.where(), "expected data with one array of sample weights, or one for each of ",
                                  source.targets(), " outputs, got ", source.weights(), ". Leave the others out."));
  }
  check_texts(model_, source.components());
  for (size_t i = 0; i < model_.inputs().size(); ++i) model_.check_input(i, batch_shape(source.components()[i]));
}

data::Dataset Trainer::with_fitting_targets(const data::Dataset& data) const {
  const auto check = [this](size_t i, const Tensor& target) {
    // All examples: also where a batch has a fixed number of them.
    const Shape shape = model_.outputs()[i].shape().without(0).with(0, Shape::unknown);
    if (outputs_[i].loss) outputs_[i].loss->check_targets(target, shape);
  };
  const Tensors arrays = data.source().arrays();
  if (arrays.empty()) return with_checked_targets(data, check);
  for (size_t i = 0; i < outputs_.size(); ++i) check(i, arrays[static_cast<size_t>(data.source().inputs()) + i]);
  return data;
}

namespace {

/// The weights of the i-th output.
Tensor weight_of(const Tensors& weights, size_t i) {
  if (weights.empty()) return {};
  return weights.size() == 1 ? weights.front() : weights[i];
}

}  // namespace

Tensor Trainer::total_loss(const Tensors& outputs, const Tensors& targets, const Tensors& weights) {
  Tensor total;
  auto add = [&](const Tensor& part) { total = total.defined() ? total + part : part; };
  const double batch = static_cast<double>(outputs[0].rank() > 0 ? outputs[0].shape().front() : 1);
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (!outputs_[i].loss) continue;
    const Tensor value = outputs_[i].loss(targets[i], outputs[i], weight_of(weights, i));
    if (outputs_[i].tracker) outputs_[i].tracker->update(value, Tensor::scalar(batch));
    add(outputs_[i].weight == 1 ? value : value * outputs_[i].weight);
  }
  for (const Tensor& loss : model_.losses()) add(loss);
  if (!total.defined())
    throw InvalidArgument(message(model_.where(), "no output has a loss. Name one for at least one output."));
  loss_.update(total, Tensor::scalar(batch));
  return total;
}

void Trainer::update_metrics(const Tensors& outputs, const Tensors& targets, const Tensors& weights) {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    for (MeasuredOutput::Measured& measured : outputs_[i].metrics) {
      try {
        measured.metric->update(targets[i], outputs[i], measured.weighted ? weight_of(weights, i) : Tensor());
      } catch (const InvalidArgument& error) {
        throw InvalidArgument(message(model_.where(), "the metric '", measured.name, "' of the output '",
                                      outputs_[i].name, "': ", error.what(),
                                      " Compile the model with metrics that fit its data."));
      }
    }
  }
}

Tensors Trainer::step(const Tensors& parameters, int64_t inputs, int64_t targets, bool training) {
  const auto x_end = parameters.begin() + inputs, y_end = x_end + targets;
  const Tensors x(parameters.begin(), x_end), y(x_end, y_end);
  const Tensors weights(y_end, parameters.end());
  const Tensors outputs = model_.apply_to(x, {.training = training});
  const Tensor loss = total_loss(outputs, y, weights);
  if (training) {
    const Tensors variables = model_.trainable_weights();
    const Tensor scaled = options_.optimizer->scale_loss(loss);
    options_.optimizer->apply(vector_jacobian({scaled}, {ones_like(scaled)}, variables), variables);
  }
  update_metrics(outputs, y, weights);
  return {};
}

Plan& Trainer::plan_for(const data::Source& source, const std::vector<Spec>& specs, bool training,
                        int64_t expected_runs) {
  const auto inputs = static_cast<int64_t>(specs.size()) - source.targets() - source.weights();
  Steps::Kind* kind = nullptr;
  for (const auto& known : steps_->kinds) {
    if (known->inputs == inputs && known->targets == source.targets() && known->weights == source.weights() &&
        known->training == training)
      kind = known.get();
  }
  if (!kind) {
    const int64_t targets = source.targets();
    steps_->kinds.push_back(std::make_unique<Steps::Kind>(Steps::Kind{
        inputs, targets, source.weights(), training,
        PlanCache([this, inputs, targets,
                   training](const Tensors& parameters) { return step(parameters, inputs, targets, training); },
                  {.recompute_activations = training && options_.remat})}));
    kind = steps_->kinds.back().get();
  }
  const bool of_texts = has_texts(model_);
  if (of_texts) kind->cache.keep_at_most(most_lengths);
  Plan& plan = kind->cache.plan_for(specs, expected_runs);
  if (training && (!steps_->latest || of_texts ||
                   plan.parameters()[0].shape.front() >= steps_->latest->parameters()[0].shape.front())) {
    if (profiling_ && steps_->latest != &plan) plan.profile(true);
    steps_->latest = &plan;
  }
  return plan;
}

void Trainer::run_epoch(data::Feed& feed, const data::Source& source, bool training, int64_t first_step,
                        int64_t end_step, int64_t epochs, const std::function<bool(int64_t)>& before_step,
                        const std::function<bool(int64_t)>& after_step) {
  Plan* plan = nullptr;
  int64_t plan_count = -1;
  const bool of_texts = has_texts(model_);
  PlanBatch made;
  for (int64_t index = first_step; index < end_step; ++index) {
    const data::Feed::View* batch = feed.next();
    if (!batch) break;
    if (of_texts) made = plan_batch(model_, source, batch->pointers, batch->count);
    // A callback that predicts may have moved the weights into another order.
    if (of_texts || batch->count != plan_count || plan->is_stale()) {
      const bool is_rest = batch->count < feed.batch_size() && source.size() > feed.batch_size();
      plan = &plan_for(source, of_texts ? made.specs : batch_specs(source, batch->count), training,
                       is_rest ? epochs : (end_step - first_step) * epochs);
      plan_count = batch->count;
    }
    if (before_step && !before_step(index)) break;
    plan->run(of_texts ? made.pointers : batch->pointers, {});
    if (after_step && !after_step(index)) break;
  }
}

Logs Trainer::evaluate_quietly(data::Feed& feed, const data::Source& source, int64_t most_steps, int64_t epochs) {
  reset_metrics();
  feed.start();
  run_epoch(feed, source, false, 0, most_steps, epochs, nullptr, nullptr);
  return results();
}

namespace {

/// Examples that an optimizer of the whole set computes at once, at least: its steps are few and large.
constexpr int64_t least_chunk = 1024;

/// The optimizer, if it takes the whole set in every step; it cannot begin in the middle.
WholeSetOptimizer* whole_set_optimizer(const Optimizer& optimizer, const FitOptions& options) {
  auto* whole = dynamic_cast<WholeSetOptimizer*>(optimizer.operator->());
  if (whole && (options.steps_per_epoch || options.initial_step != 0)) {
    throw InvalidArgument(
        message("fit: '", whole->settings().name,
                "' takes the whole set in every step, which is an epoch: leave out steps_per_epoch and "
                "initial_step."));
  }
  return whole;
}

int64_t steps_of(const data::Feed& feed, const std::optional<int64_t>& wanted, const char* what) {
  if (!wanted) return feed.batches();
  if (*wanted < 1)
    throw InvalidArgument(message(what, ": expected at least 1, got ", *wanted, ". Leave it out for all."));
  return std::min(*wanted, feed.batches());
}

}  // namespace

data::Dataset Trainer::with_weights(const data::Dataset& data, const PerOutput<Tensor>& sample_weight,
                                    const std::map<int64_t, double>& class_weight, const char* where) {
  if (!sample_weight.empty() && !sample_weight.is_single()) prepare(data.source());
  return with_class_weights(with_sample_weights(data, sample_weight, model_.output_names(), where), class_weight,
                            where);
}

History Trainer::fit(const data::Dataset& given, const FitOptions& options) {
  if (given.empty()) throw InvalidArgument("fit: expected at least one example, got none. Give it data.");
  if (options.validation_freq < 1)
    throw InvalidArgument(message("fit: validation_freq: expected at least 1, got ", options.validation_freq,
                                  ". Take 1 to validate after every epoch."));
  data::Dataset train = given, validation = options.validation_data;
  train = with_weights(train, options.sample_weight, {}, "fit");
  if (validation.empty() && options.validation_split != 0) {
    const int64_t at = training_examples(train.size(), options.validation_split);
    if (at == 0 || at == train.size()) {
      throw InvalidArgument(
          message("fit: validation_split: ", options.validation_split, " of ", train.size(),
                  " examples leaves one part empty. Take another fraction, or give validation_data."));
    }
    validation = train.skip(at);
    train = train.take(at);
  }
  train = with_weights(train, {}, options.class_weight, "fit");
  prepare(train.source());
  train = with_fitting_targets(train);
  if (!validation.empty()) {
    check_source(validation.source());
    validation = with_fitting_targets(validation);
  }
  check_may_train();
  build_optimizer();

  Model handle(std::static_pointer_cast<ModelBase>(model_.shared_from_this()));
  for (const Callback& callback : options.callbacks) callback->attach(&handle);
  data::Feed feed(train.shared(), options.batch_size);
  WholeSetOptimizer* const whole = whole_set_optimizer(options_.optimizer, options);
  std::unique_ptr<ModelObjective> objective;
  if (whole)
    objective = std::make_unique<ModelObjective>(*this, model_, train, std::max(options.batch_size, least_chunk));
  std::unique_ptr<data::Feed> validation_feed;
  if (!validation.empty())
    validation_feed =
        std::make_unique<data::Feed>(validation.shared(), options.validation_batch_size.value_or(options.batch_size));
  const Passes passes(feed.batches(), options.steps_per_epoch);
  if (options.steps_per_epoch && *options.steps_per_epoch > feed.batches()) {
    write_console(message("\nWarning: steps_per_epoch: the data has ", feed.batches(), " of ", *options.steps_per_epoch,
                          " steps. Each epoch ends with the data.\n"));
  }
  if (options.initial_epoch < 0) {
    throw InvalidArgument(
        message("fit: initial_epoch: expected at least 0, got ", options.initial_epoch, ". The first epoch is 0."));
  }
  if (options.initial_step < 0 || options.initial_step >= passes.steps(options.initial_epoch)) {
    throw InvalidArgument(message("fit: initial_step: expected a number from 0 to below ",
                                  passes.steps(options.initial_epoch), ", the steps of this epoch, got ",
                                  options.initial_step, ". position_after() says where so many steps lead to."));
  }
  start_ = {
      .epoch = options.initial_epoch, .step = options.initial_step, .seed = options.seed ? *options.seed : next_seed()};
  const int verbose = options.verbose < 0 ? 1 : options.verbose;

  History history;
  stop_ = interrupted_ = false;
  has_validation_ = !validation.empty();
  training_data_ = train;
  for (const Callback& callback : options.callbacks) callback->on_train_begin();
  if (!whole && start_.step >= passes.steps(start_.epoch))
    start_ = {.epoch = start_.epoch + 1, .step = 0, .seed = start_.seed};
  if (whole) whole->begin(*objective);
  for (int64_t epoch = start_.epoch; epoch < options.epochs && !stop_; ++epoch) {
    if (verbose > 0) write_console(message("Epoch ", epoch + 1, "/", options.epochs, "\n"));
    for (const Callback& callback : options.callbacks) callback->on_epoch_begin(epoch);
    reset_metrics();
    if (epoch == start_.epoch && start_.step > 0 && !start_.metrics.empty()) set_metric_state(start_.metrics);
    const int64_t first_step = epoch == start_.epoch ? start_.step : 0, steps = whole ? 1 : passes.steps(epoch);
    if (whole) {
      // The objective feeds itself.
    } else if (epoch == start_.epoch || passes.first_step(epoch) == 0) {
      std::vector<int64_t> order;
      if (options.shuffle)
        order = random::permutation(train.size(), start_.seed, passes.pass(epoch)).to_vector<int64_t>();
      feed.start(std::move(order), passes.pass(epoch));
      for (int64_t behind = passes.first_step(epoch) + first_step; behind > 0; --behind) feed.next();
    }
    Progress progress(verbose, steps, first_step);
    const CallbackBase::BatchLogs batch_logs = [this] { return results(); };
    const auto before_step = [&](int64_t batch) {
      for (const Callback& callback : options.callbacks) callback->on_train_batch_begin(batch);
      return !stop_;
    };
    const auto after_step = [&](int64_t batch) {
      for (const Callback& callback : options.callbacks) callback->on_train_batch_end(batch, batch_logs);
      progress.step_done([&] { return results(); });
      return !stop_;
    };
    bool goes_on = true;
    if (!whole) {
      run_epoch(feed, train.source(), true, first_step, steps, options.epochs - epoch, before_step, after_step);
    } else if (before_step(0)) {
      goes_on = whole->iterate(*objective);
      after_step(0);
    }
    Logs logs = results();
    if (whole) logs.set("evaluations", static_cast<double>(objective->evaluations()));
    // As Keras, also an epoch that a callback ended.
    if (validation_feed && (epoch + 1) % options.validation_freq == 0 && !interrupted_) {
      for (const Callback& callback : options.callbacks) callback->on_test_begin();
      const Logs measured =
          evaluate_quietly(*validation_feed, validation.source(),
                           steps_of(*validation_feed, options.validation_steps, "fit: validation_steps"),
                           (options.epochs - epoch) / options.validation_freq);
      for (const Callback& callback : options.callbacks) callback->on_test_end(measured);
      for (const auto& [name, value] : measured) logs.set("val_" + name, value);
    }
    logs.stop_sorting();
    for (const Callback& callback : options.callbacks) callback->on_epoch_end(epoch, logs);
    progress.finish(logs);
    history.add(epoch, logs);
    if (goes_on) continue;
    if (verbose > 0 && epoch + 1 < options.epochs)
      write_console(message("Epoch ", epoch + 1, ": training ends, ", whole->end_reason(), "\n"));
    break;
  }
  options_.optimizer->finalize(model_.trainable_weights());
  for (const Callback& callback : options.callbacks) callback->on_train_end();
  return history;
}

Logs Trainer::evaluate(const data::Dataset& given, const EvaluateOptions& options) {
  if (given.empty()) throw InvalidArgument("evaluate: expected at least one example, got none. Give it data.");
  data::Dataset data = with_weights(given, options.sample_weight, {}, "evaluate");
  prepare(data.source());
  data = with_fitting_targets(data);
  data::Feed feed(data.shared(), options.batch_size);
  const int64_t steps = steps_of(feed, options.steps, "evaluate: steps");
  Progress progress(options.verbose, steps);
  reset_metrics();
  feed.start();
  run_epoch(feed, data.source(), false, 0, steps, 1, nullptr, [&](int64_t) {
    progress.step_done([&] { return results(); });
    return true;
  });
  const Logs logs = results();
  progress.finish(logs);
  return logs;
}

Logs Trainer::run_on_batch(const Tensors& x, const Tensors& y, const PerOutput<Tensor>& sample_weight,
                           const std::map<int64_t, double>& class_weight, bool training) {
  const data::Dataset data =
      with_weights(data::Dataset(x, y), sample_weight, class_weight, training ? "train_on_batch" : "test_on_batch");
  prepare(data.source());
  (void)with_fitting_targets(data);
  if (training) {
    check_may_train();
    build_optimizer();
  }
  reset_metrics();
  std::vector<const void*> pointers;
  for (const Tensor& array : data.source().arrays()) pointers.push_back(array.raw());
  if (has_texts(model_)) {
    const PlanBatch made = plan_batch(model_, data.source(), pointers, data.size());
    plan_for(data.source(), made.specs, training).run(made.pointers, {});
  } else {
    plan_for(data.source(), batch_specs(data.source(), data.size()), training).run(pointers, {});
  }
  return results();
}

std::string Trainer::describe_step() const { return steps_->latest ? steps_->latest->describe() : "no step was run\n"; }

std::vector<Plan::Timing> Trainer::step_timings() const {
  return steps_->latest ? steps_->latest->timings() : std::vector<Plan::Timing>();
}

void Trainer::profile(bool on) {
  profiling_ = on;
  if (steps_->latest) steps_->latest->profile(on);
}

}  // namespace hebb
