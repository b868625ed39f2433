#include "hebb/nn/metrics/confusion.h"

#include <algorithm>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/metrics/confusion_counts.h"
#include "hebb/nn/metrics/fields.h"
#include "hebb/nn/metrics/several_numbers.h"
#include "hebb/ops/op.h"

namespace hebb {

namespace {

constexpr double below_all = -1e10;  // Keras's threshold where the largest are taken

/// One of the four counts.
template <class Options>
class ConditionCount : public ConfiguredMetric<Options, SeveralNumbers> {
 public:
  using Part = Tensor ConfusionCounts::*;
  ConditionCount(const char* class_name, Part part, const Options& options)
      : ConfiguredMetric<Options, SeveralNumbers>(class_name, Direction::unknown, options),
        part_(part),
        thresholds_(parsed_thresholds(class_name, options.thresholds)) {}

  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const NoTape no_tape;
    add_to(this->state()[0], confusion_counts(this->name(), y_true, y_pred, sample_weight, thresholds_).*part_);
  }
  std::vector<double> results() const override { return this->state()[0].template to_vector<double>(); }

 protected:
  Tensors make_state() const override { return {make_sums("accumulator", {static_cast<int64_t>(thresholds_.size())})}; }

 private:
  const Part part_;
  const std::vector<double> thresholds_;
};

/// Precision and recall: true positives, and what is added to them in the divisor.
template <class Options>
class Share : public ConfiguredMetric<Options, SeveralNumbers> {
 public:
  using Part = Tensor ConfusionCounts::*;
  Share(const char* class_name, const char* other_name, Part other, const Options& options)
      : ConfiguredMetric<Options, SeveralNumbers>(class_name, Direction::up, options),
        other_name_(other_name),
        other_(other),
        thresholds_(parsed_thresholds(class_name, options.thresholds, options.top_k ? below_all : 0.5)) {
    if (options.top_k && *options.top_k < 1) {
      throw InvalidArgument(message(class_name, ": expected top_k of at least 1, got ", *options.top_k,
                                    ". Leave it out to go by thresholds alone."));
    }
  }

  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const NoTape no_tape;
    const Options& options = this->options();
    const ConfusionCounts counts = confusion_counts(this->name(), y_true, y_pred, sample_weight, thresholds_,
                                                    {.top_k = options.top_k, .class_id = options.class_id});
    add_to(this->state()[0], counts.true_positives);
    add_to(this->state()[1], counts.*other_);
  }

  std::vector<double> results() const override {
    const auto hits = this->state()[0].template to_vector<float>(),
               others = this->state()[1].template to_vector<float>();
    std::vector<double> out;
    for (size_t i = 0; i < hits.size(); ++i) out.push_back(divided(hits[i], hits[i] + others[i]));
    return out;
  }

 protected:
  Tensors make_state() const override {
    const Shape shape = {static_cast<int64_t>(thresholds_.size())};
    return {make_sums("true_positives", shape), make_sums(other_name_, shape)};
  }

 private:
  const char* const other_name_;
  const Part other_;
  const std::vector<double> thresholds_;
};

/// The four numbers at one threshold, and what is made of them.
struct Counts {
  float true_positives, false_positives, true_negatives, false_negatives;

  float recall() const { return divided(true_positives, true_positives + false_negatives); }
  float precision() const { return divided(true_positives, true_positives + false_positives); }
  float specificity() const { return divided(true_negatives, true_negatives + false_positives); }
};

std::vector<Counts> read_counts(const Tensors& sums) {
  std::vector<std::vector<float>> columns;
  for (const Tensor& sum : sums) columns.push_back(sum.to_vector<float>());
  std::vector<Counts> out;
  for (size_t i = 0; i < columns[0].size(); ++i)
    out.push_back({columns[0][i], columns[1][i], columns[2][i], columns[3][i]});
  return out;
}

/// The best of one number where another is at least a bound.
template <class Options>
class BestWhere : public ConfiguredMetric<Options, MetricBase> {
 public:
  using Number = float (Counts::*)() const;
  BestWhere(const char* class_name, double bound, Number bounded, Number best, const Options& options)
      : ConfiguredMetric<Options, MetricBase>(class_name, Direction::up, options),
        bound_(bound),
        bounded_(bounded),
        best_(best),
        thresholds_(even_thresholds(class_name, options.num_thresholds)) {
    if (bound >= 0 && bound <= 1) return;
    throw InvalidArgument(message(class_name, ": expected a bound from 0 to 1, got ", bound, ". Give one."));
  }

  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const NoTape no_tape;
    add_confusion(this->state(), confusion_counts(this->name(), y_true, y_pred, sample_weight, thresholds_,
                                                  {.class_id = this->options().class_id}));
  }

  double result() const override {
    float best = 0;
    for (const Counts& counts : read_counts(this->state())) {
      if ((counts.*bounded_)() >= static_cast<float>(bound_)) best = std::max(best, (counts.*best_)());
    }
    return best;
  }

 protected:
  Tensors make_state() const override { return make_confusion_sums({static_cast<int64_t>(thresholds_.size())}); }

 private:
  const double bound_;
  const Number bounded_, best_;
  const std::vector<double> thresholds_;
};

}  // namespace

Metric TruePositives(const TruePositivesOptions& options) {
  return std::make_shared<ConditionCount<TruePositivesOptions>>("TruePositives", &ConfusionCounts::true_positives,
                                                                options);
}
Metric TrueNegatives(const TrueNegativesOptions& options) {
  return std::make_shared<ConditionCount<TrueNegativesOptions>>("TrueNegatives", &ConfusionCounts::true_negatives,
                                                                options);
}
Metric FalsePositives(const FalsePositivesOptions& options) {
  return std::make_shared<ConditionCount<FalsePositivesOptions>>("FalsePositives", &ConfusionCounts::false_positives,
                                                                 options);
}
Metric FalseNegatives(const FalseNegativesOptions& options) {
  return std::make_shared<ConditionCount<FalseNegativesOptions>>("FalseNegatives", &ConfusionCounts::false_negatives,
                                                                 options);
}

Metric Precision(const PrecisionOptions& options) {
  return std::make_shared<Share<PrecisionOptions>>("Precision", "false_positives", &ConfusionCounts::false_positives,
                                                   options);
}
Metric Recall(const RecallOptions& options) {
  return std::make_shared<Share<RecallOptions>>("Recall", "false_negatives", &ConfusionCounts::false_negatives,
                                                options);
}

Metric SensitivityAtSpecificity(const SensitivityAtSpecificityOptions& options) {
  return std::make_shared<BestWhere<SensitivityAtSpecificityOptions>>("SensitivityAtSpecificity", options.specificity,
                                                                      &Counts::specificity, &Counts::recall, options);
}
Metric SpecificityAtSensitivity(const SpecificityAtSensitivityOptions& options) {
  return std::make_shared<BestWhere<SpecificityAtSensitivityOptions>>("SpecificityAtSensitivity", options.sensitivity,
                                                                      &Counts::recall, &Counts::specificity, options);
}
Metric PrecisionAtRecall(const PrecisionAtRecallOptions& options) {
  return std::make_shared<BestWhere<PrecisionAtRecallOptions>>("PrecisionAtRecall", options.recall, &Counts::recall,
                                                               &Counts::precision, options);
}
Metric RecallAtPrecision(const RecallAtPrecisionOptions& options) {
  return std::make_shared<BestWhere<RecallAtPrecisionOptions>>("RecallAtPrecision", options.precision,
                                                               &Counts::precision, &Counts::recall, options);
}

}  // namespace hebb
