/// The trainer: what `compile`, `fit`, `evaluate` and `predict` do. Internal to nn; files and the command line look at
/// the options it was given.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "hebb/data/feed.h"
#include "hebb/nn/measured_output.h"
#include "hebb/nn/model.h"
#include "hebb/plan/compiled.h"

namespace hebb {

class WholeSetOptimizer;

class Trainer {
 public:
  explicit Trainer(ModelBase& model);
  ~Trainer();

  void compile(const CompileOptions& options);
  /// Whether it can train. Not when a file named a loss or metric that it could not hold; then the options have the
  /// rest, and the optimizer its state.
  bool is_compiled() const { return compiled_ && missing_.empty(); }
  bool has_optimizer() const { return compiled_; }
  const CompileOptions& options() const { return options_; }
  const Optimizer& optimizer() const { return options_.optimizer; }
  /// Makes the optimizer's slots, so that a saved state can be put into them.
  void build_optimizer();

  History fit(const data::Dataset& data, const FitOptions& options);
  Logs evaluate(const data::Dataset& data, const EvaluateOptions& options);
  /// Any number of threads may predict at once, as long as none trains.
  Tensors predict(const data::Dataset& data, const PredictOptions& options);
  Tensors predict_on_batch(const Tensors& xs);
  Logs run_on_batch(const Tensors& x, const Tensors& y, const PerOutput<Tensor>& sample_weight,
                    const std::map<int64_t, double>& class_weight, bool training);

  /// Forgets the optimizer's state and all plans: the weights are other ones now, or are not trained any more.
  void start_anew();
  /// As `Model::freeze`.
  void freeze(int64_t batch_size);

  void stop() { stop_ = true; }
  void interrupt() { stop_ = interrupted_ = true; }
  bool is_interrupted() const { return interrupted_; }
  FitStart& start() { return start_; }
  /// Whether the running fit has validation data.
  bool has_validation() const { return has_validation_; }
  /// The names of the numbers that a step measures, and which way each gets better.
  std::vector<std::string> result_names() const;
  Direction direction_of(const std::string& result) const;
  /// The sums of the losses and the metrics over the epoch until now, to go on with by `FitStart::metrics`.
  Tensors metric_state() const;
  /// What the running fit trains with, or the last one did; empty before.
  const data::Dataset& training_data() const { return training_data_; }
  std::string describe_step() const;
  std::vector<Plan::Timing> step_timings() const;
  void profile(bool on);

 private:
  friend class GradientProbe;
  friend class ModelObjective;
  /// Builds the model for the data and resolves losses and metrics for its outputs.
  void prepare(const data::Source& source);
  /// InvalidArgument when the model is frozen or quantised.
  void check_may_train() const;
  /// InvalidArgument unless the data has what the model takes and gives.
  void check_source(const data::Source& source) const;
  /// The data, whose targets were looked through; of data that is not in memory they are when they are loaded.
  data::Dataset with_fitting_targets(const data::Dataset& data) const;
  Tensors step(const Tensors& parameters, int64_t inputs, int64_t targets, bool training);
  /// `weights`: none, one for all outputs, or one for each.
  Tensor total_loss(const Tensors& outputs, const Tensors& targets, const Tensors& weights);
  void update_metrics(const Tensors& outputs, const Tensors& targets, const Tensors& weights);
  /// The data with sample and class weights. The model must be built when weights are given by output.
  data::Dataset with_weights(const data::Dataset& data, const PerOutput<Tensor>& sample_weight,
                             const std::map<int64_t, double>& class_weight, const char* where);
  void reset_metrics();
  /// Sums of another training's metrics are passed over.
  void set_metric_state(const Tensors& values);
  Logs results() const;
  /// `specs`: of the plan's inputs, then of the source's targets and weights.
  Plan& plan_for(const data::Source& source, const std::vector<Spec>& specs, bool training, int64_t expected_runs = 0);
  /// Builds the model, if it is not yet, for examples of these specs.
  PlanCache& prediction_plans(const std::vector<Spec>& examples);
  /// Runs the steps [first_step, end_step) with the next batches of a feed that was started; `after_step` may end it
  /// early by returning false. `epochs`: how often it will be called for them.
  void run_epoch(data::Feed& feed, const data::Source& source, bool training, int64_t first_step, int64_t end_step,
                 int64_t epochs, const std::function<bool(int64_t)>& before_step,
                 const std::function<bool(int64_t)>& after_step);
  Logs evaluate_quietly(data::Feed& feed, const data::Source& source, int64_t most_steps, int64_t epochs);

  ModelBase& model_;
  bool compiled_ = false, stop_ = false, interrupted_ = false, profiling_ = false, has_validation_ = false,
       frozen_ = false;
  CompileOptions options_;
  FitStart start_;
  std::vector<std::string> missing_;
  data::Dataset training_data_;
  std::vector<MeasuredOutput> outputs_;
  MeanTracker loss_;
  /// Plans by kind: the key is inputs, targets and how many weights there are, which the specs alone do not tell.
  struct Steps;
  std::unique_ptr<Steps> steps_;
  std::mutex prediction_mutex_;
};

}  // namespace hebb
