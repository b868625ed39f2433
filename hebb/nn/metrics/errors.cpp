// Metrics that are the mean of a function of targets and predictions: the losses' values, and those that no loss has.
#include <cmath>
#include <functional>

#include "hebb/nn/losses/comparison.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/metrics/fields.h"
#include "hebb/nn/metrics/mean.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/op.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr double epsilon = 1e-7;

template <class Options>
class MeanOf : public ConfiguredMetric<Options, MetricBase> {
 public:
  using Function = std::function<Tensor(const Tensor& y_true, const Tensor& y_pred)>;
  MeanOf(const char* class_name, Direction direction, const Options& options, Function function)
      : ConfiguredMetric<Options, MetricBase>(class_name, direction, options), function_(std::move(function)) {}

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return function_(y_true, y_pred); }

 private:
  const Function function_;
};

template <class Options>
Metric mean_of(const char* class_name, Direction direction, const Options& options,
               typename MeanOf<Options>::Function function) {
  return std::make_shared<MeanOf<Options>>(class_name, direction, options, std::move(function));
}

/// The mean of a loss.
template <class Options>
class LossMetric : public ConfiguredMetric<Options, MetricBase> {
 public:
  LossMetric(const char* class_name, const Options& options, Loss loss)
      : ConfiguredMetric<Options, MetricBase>(class_name, Direction::down, options), loss_(std::move(loss)) {}

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return loss_->values(y_true, y_pred); }
  /// As in Keras, what the loss ignores is left out only where there are weights, and counts as 0 elsewhere.
  Tensor mask(const Tensor& y_true, const Tensor& y_pred) const override { return loss_->mask(y_true, y_pred); }

 private:
  const Loss loss_;
};

template <class Options>
Metric loss_metric(const Options& options, const Loss& loss, const char* class_name) {
  return std::make_shared<LossMetric<Options>>(class_name, options, loss);
}

class RootMeanSquaredErrorMetric : public ConfiguredMetric<RootMeanSquaredErrorOptions, MetricBase> {
 public:
  explicit RootMeanSquaredErrorMetric(const RootMeanSquaredErrorOptions& options)
      : ConfiguredMetric("RootMeanSquaredError", Direction::down, options) {}
  /// Unlike the others, Keras's does not look at the predictions' mask.
  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const NoTape no_tape;
    const auto [targets, predictions] = compared("root_mean_squared_error", y_true, y_pred);
    add_to_mean(state()[0], state()[1], square(predictions - targets), sample_weight, name());
  }
  double result() const override { return std::sqrt(static_cast<float>(MetricBase::result())); }
};

/// The deviations from the mean along an axis.
Tensor centred(const Tensor& x, int64_t axis) { return x - mean(x, {.axes = {axis}, .keepdims = true}); }

Tensor pearson_correlation(const Tensor& y_true, const Tensor& y_pred, int64_t axis) {
  const auto [targets, predictions] = compared("pearson_correlation", y_true, y_pred);
  const auto standardised = [axis](const Tensor& x) {
    const Tensor deviations = centred(x, axis);
    return deviations / sqrt(variance(deviations, {.axes = {axis}, .keepdims = true}));
  };
  return mean(standardised(targets) * standardised(predictions), {.axes = {axis}});
}

Tensor concordance_correlation(const Tensor& y_true, const Tensor& y_pred, int64_t axis) {
  const auto [targets, predictions] = compared("concordance_correlation", y_true, y_pred);
  const ReduceOptions along = {.axes = {axis}, .keepdims = true};
  const Tensor target_mean = mean(targets, along), prediction_mean = mean(predictions, along);
  const Tensor spread = variance(targets - target_mean, along) + variance(predictions - prediction_mean, along) +
                        square(target_mean - prediction_mean);
  // Keras takes the targets' deviations from the predictions' mean: the sum is the covariance all the same.
  const Tensor products = (targets - prediction_mean) * (predictions - prediction_mean);
  return mean(products * 2.0 / (spread + epsilon), {.axes = {axis}});
}

}  // namespace

Metric RootMeanSquaredError(const RootMeanSquaredErrorOptions& options) {
  return std::make_shared<RootMeanSquaredErrorMetric>(options);
}

Metric LogCoshError(const LogCoshErrorOptions& options) {
  return mean_of("LogCoshError", Direction::down, options, log_cosh);
}

Metric PearsonCorrelation(const PearsonCorrelationOptions& options) {
  return mean_of("PearsonCorrelation", Direction::up, options,
                 [axis = options.axis](const Tensor& y_true, const Tensor& y_pred) {
                   return pearson_correlation(y_true, y_pred, axis);
                 });
}

Metric ConcordanceCorrelation(const ConcordanceCorrelationOptions& options) {
  return mean_of("ConcordanceCorrelation", Direction::up, options,
                 [axis = options.axis](const Tensor& y_true, const Tensor& y_pred) {
                   return concordance_correlation(y_true, y_pred, axis);
                 });
}

namespace metrics {

Metric MeanSquaredError(const MeanSquaredErrorOptions& options) {
  return loss_metric(options, hebb::MeanSquaredError(), "MeanSquaredError");
}

Metric MeanAbsoluteError(const MeanAbsoluteErrorOptions& options) {
  return loss_metric(options, hebb::MeanAbsoluteError(), "MeanAbsoluteError");
}

Metric MeanAbsolutePercentageError(const MeanAbsolutePercentageErrorOptions& options) {
  return loss_metric(options, hebb::MeanAbsolutePercentageError(), "MeanAbsolutePercentageError");
}

Metric MeanSquaredLogarithmicError(const MeanSquaredLogarithmicErrorOptions& options) {
  return loss_metric(options, hebb::MeanSquaredLogarithmicError(), "MeanSquaredLogarithmicError");
}

Metric Hinge(const HingeOptions& options) { return loss_metric(options, hebb::Hinge(), "Hinge"); }

Metric SquaredHinge(const SquaredHingeOptions& options) {
  return loss_metric(options, hebb::SquaredHinge(), "SquaredHinge");
}

Metric CategoricalHinge(const CategoricalHingeOptions& options) {
  return loss_metric(options, hebb::CategoricalHinge(), "CategoricalHinge");
}

Metric KLDivergence(const KLDivergenceOptions& options) {
  return loss_metric(options, hebb::KLDivergence(), "KLDivergence");
}

Metric Poisson(const PoissonOptions& options) { return loss_metric(options, hebb::Poisson(), "Poisson"); }

Metric CosineSimilarity(const CosineSimilarityOptions& options) {
  return mean_of("CosineSimilarity", Direction::up, options,
                 [axis = options.axis](const Tensor& y_true, const Tensor& y_pred) {
                   return -cosine_similarity(y_true, y_pred, axis);
                 });
}

Metric BinaryCrossentropy(const BinaryCrossentropyOptions& options) {
  return loss_metric(
      options,
      hebb::BinaryCrossentropy({.from_logits = options.from_logits, .label_smoothing = options.label_smoothing}),
      "BinaryCrossentropy");
}

Metric CategoricalCrossentropy(const CategoricalCrossentropyOptions& options) {
  return loss_metric(
      options,
      hebb::CategoricalCrossentropy(
          {.from_logits = options.from_logits, .label_smoothing = options.label_smoothing, .axis = options.axis}),
      "CategoricalCrossentropy");
}

Metric SparseCategoricalCrossentropy(const SparseCategoricalCrossentropyOptions& options) {
  return loss_metric(
      options,
      hebb::SparseCategoricalCrossentropy(
          {.from_logits = options.from_logits, .ignore_class = options.ignore_class, .axis = options.axis}),
      "SparseCategoricalCrossentropy");
}

}  // namespace metrics
}  // namespace hebb
