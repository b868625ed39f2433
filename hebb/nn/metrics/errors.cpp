// Metrics of how far predictions are from their targets: the losses' values, and those that no loss has.
#include <cmath>

#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/nn/losses/losses.h"
#include "hebb/nn/metrics/fields.h"
#include "hebb/nn/metrics/mean.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

/// The mean of a loss.
template <class Options>
class LossMetric : public MetricBase {
 public:
  LossMetric(const Options& options, Loss loss) : MetricBase(options.name), loss_(std::move(loss)), options_(options) {}
  std::string class_name() const override { return loss_->class_name(); }
  Json config() const override { return with_fields(MetricBase::config(), options_); }
  Direction direction() const override { return Direction::down; }

  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const NoTape no_tape;
    Tensor weight = sample_weight;
    if (weight.defined()) {
      // As in Keras, what the loss ignores is left out only here, and counts as 0 where there are no weights.
      if (Tensor mask = loss_->mask(y_true, y_pred); mask.defined()) {
        mask = cast(mask, DType::float32);
        make_same_rank(mask, weight);
        weight = mask * weights_for(cast(weight, DType::float32), mask.shape(), name());
      }
    }
    add_to_mean(state()[0], state()[1], loss_->values(y_true, y_pred), weight, name());
  }

 private:
  Loss loss_;
  Options options_;
};

/// The elementwise difference of predictions and targets.
Tensor differences(const char* name, const Tensor& y_true, const Tensor& y_pred) {
  check_same_shapes(name, y_true.shape(), y_pred.shape(),
                    "Reshape the targets, or give the last layer as many units as there are target columns.");
  Tensor predictions = as_floating(y_pred), targets = cast(y_true, predictions.dtype());
  make_same_rank(targets, predictions);
  return predictions - targets;
}

class MeanAbsoluteErrorMetric : public MetricBase {
 public:
  explicit MeanAbsoluteErrorMetric(const MeanAbsoluteErrorOptions& options) : MetricBase(options.name) {}
  std::string class_name() const override { return "MeanAbsoluteError"; }
  Direction direction() const override { return Direction::down; }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return abs(differences("mean_absolute_error", y_true, y_pred));
  }
};

class RootMeanSquaredErrorMetric : public MetricBase {
 public:
  explicit RootMeanSquaredErrorMetric(const RootMeanSquaredErrorOptions& options) : MetricBase(options.name) {}
  std::string class_name() const override { return "RootMeanSquaredError"; }
  Direction direction() const override { return Direction::down; }
  double result() const override { return std::sqrt(static_cast<float>(MetricBase::result())); }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return square(differences("root_mean_squared_error", y_true, y_pred));
  }
};

}  // namespace

Metric MeanAbsoluteError(const MeanAbsoluteErrorOptions& options) {
  return std::make_shared<MeanAbsoluteErrorMetric>(options);
}

Metric RootMeanSquaredError(const RootMeanSquaredErrorOptions& options) {
  return std::make_shared<RootMeanSquaredErrorMetric>(options);
}

namespace metrics {

Metric MeanSquaredError(const MeanSquaredErrorOptions& options) {
  return std::make_shared<LossMetric<MeanSquaredErrorOptions>>(options, hebb::MeanSquaredError());
}

Metric BinaryCrossentropy(const BinaryCrossentropyOptions& options) {
  return std::make_shared<LossMetric<BinaryCrossentropyOptions>>(
      options,
      hebb::BinaryCrossentropy({.from_logits = options.from_logits, .label_smoothing = options.label_smoothing}));
}

Metric CategoricalCrossentropy(const CategoricalCrossentropyOptions& options) {
  return std::make_shared<LossMetric<CategoricalCrossentropyOptions>>(
      options,
      hebb::CategoricalCrossentropy(
          {.from_logits = options.from_logits, .label_smoothing = options.label_smoothing, .axis = options.axis}));
}

Metric SparseCategoricalCrossentropy(const SparseCategoricalCrossentropyOptions& options) {
  return std::make_shared<LossMetric<SparseCategoricalCrossentropyOptions>>(
      options, hebb::SparseCategoricalCrossentropy(
                   {.from_logits = options.from_logits, .ignore_class = options.ignore_class, .axis = options.axis}));
}

}  // namespace metrics
}  // namespace hebb
