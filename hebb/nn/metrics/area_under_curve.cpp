// The area under a curve: of the counts at all thresholds.
#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/metrics/confusion.h"
#include "hebb/nn/metrics/confusion_counts.h"
#include "hebb/nn/metrics/fields.h"
#include "hebb/nn/metrics/several_numbers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/op.h"

namespace hebb {

namespace {

/// The counts of one curve, by threshold from below.
struct Curve {
  std::vector<float> true_positives, false_positives, true_negatives, false_negatives;
};

/// A curve of precision over recall is no straight line between two thresholds: the interpolation of Davis and Goadrich
/// (2006), by Keras's formula.
double interpolated_precision(const Curve& curve) {
  double area = 0;
  for (size_t i = 0; i + 1 < curve.true_positives.size(); ++i) {
    const float hits = curve.true_positives[i] - curve.true_positives[i + 1];
    const float predicted = curve.true_positives[i] + curve.false_positives[i];
    const float predicted_next = curve.true_positives[i + 1] + curve.false_positives[i + 1];
    const float slope = divided(hits, std::max(predicted - predicted_next, 0.f));
    const float intercept = curve.true_positives[i + 1] - slope * predicted_next;
    const float ratio = predicted > 0 && predicted_next > 0 ? predicted / predicted_next : 1.f;
    area += divided(slope * (hits + intercept * std::log(ratio)),
                    std::max(curve.true_positives[i + 1] + curve.false_negatives[i + 1], 0.f));
  }
  return area;
}

struct Point {
  float x, y;
};

class AreaUnderCurve : public ConfiguredMetric<AUCOptions, MetricBase> {
 public:
  explicit AreaUnderCurve(const AUCOptions& options) : ConfiguredMetric("AUC", Direction::up, options) {
    std::vector<double> inner = options.thresholds;
    if (inner.empty()) {
      inner = even_thresholds("AUC", options.num_thresholds);
      inner = {inner.begin() + 1, inner.end() - 1};
    }
    // The ends lie a little outside, so that all and nothing are above them.
    thresholds_ = {-1e-7};
    thresholds_.insert(thresholds_.end(), inner.begin(), inner.end());
    thresholds_.push_back(1 + 1e-7);
  }

  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const NoTape no_tape;
    build(y_true.shape(), y_pred.shape());
    const bool multi_label = options().multi_label;
    const ConfusionCounts counts = confusion_counts(
        name(), y_true, options().from_logits ? sigmoid(y_pred) : y_pred, sample_weight, thresholds_,
        {.multi_label = multi_label, .label_weights = multi_label ? std::vector<double>() : options().label_weights});
    if (counts.true_positives.shape() != state()[0].shape()) {
      throw InvalidArgument(message(name(), ": expected predictions with ", state()[0].shape().back(),
                                    " labels, got shape ", y_pred.shape(), ". Make a metric for each such output."));
    }
    add_confusion(state(), counts);
  }

  double result() const override {
    if (state().empty()) return 0;
    std::vector<std::vector<float>> sums;
    for (const Tensor& sum : state()) sums.push_back(sum.to_vector<float>());
    const size_t thresholds = thresholds_.size(), labels = sums[0].size() / thresholds;
    double total = 0, weights = 0;
    for (size_t label = 0; label < labels; ++label) {
      const auto column = [&](const std::vector<float>& table) {
        std::vector<float> out;
        for (size_t i = 0; i < thresholds; ++i) out.push_back(table[i * labels + label]);
        return out;
      };
      const bool is_weighted = options().multi_label && !options().label_weights.empty();
      const double weight = is_weighted ? options().label_weights[label] : 1.0;
      total += weight * area({column(sums[0]), column(sums[1]), column(sums[2]), column(sums[3])});
      weights += weight;
    }
    return weights == 0 ? 0 : total / weights;
  }

  std::vector<double> results() const override {
    if (state().empty()) return {};
    return {result()};
  }

 protected:
  Tensors make_state() const override {
    if (!options().multi_label) return make_confusion_sums({static_cast<int64_t>(thresholds_.size())});
    return options().num_labels ? of_labels(*options().num_labels) : Tensors();
  }
  Tensors make_state(const Shape&, const Shape& y_pred) const override {
    if (Tensors known = make_state(); !known.empty()) return known;
    if (y_pred.rank() != 2) {
      throw InvalidArgument(message(name(), ": expected predictions of shape (batch, labels) with multi_label, got ",
                                    y_pred, ". Reshape them."));
    }
    const auto weights = options().label_weights.size();
    if (weights != 0 && static_cast<int64_t>(weights) != y_pred.back()) {
      throw InvalidArgument(message(name(), ": expected label_weights for the columns of predictions ", y_pred,
                                    ", got ", weights, ". Give one for each column."));
    }
    return of_labels(y_pred.back());
  }

 private:
  Tensors of_labels(int64_t labels) const {
    return make_confusion_sums({static_cast<int64_t>(thresholds_.size()), labels});
  }

  Point point(const Curve& curve, size_t i) const {
    const float hits = curve.true_positives[i], alarms = curve.false_positives[i], missed = curve.false_negatives[i],
                rejected = curve.true_negatives[i];
    const float recall = divided(hits, hits + missed);
    if (options().curve == "ROC") return {divided(alarms, alarms + rejected), recall};
    if (options().curve == "PR") return {recall, divided(hits, hits + alarms)};
    if (hits == 0) return {0, 1};
    const float scale = divided(hits + missed, rejected + alarms);
    return {std::max(1 - scale * divided(missed, hits), 0.f), 1 - scale * divided(alarms, hits)};
  }

  double area(const Curve& curve) const {
    const std::string& method = options().summation_method;
    if (options().curve == "PR" && method == "interpolation") return interpolated_precision(curve);
    double total = 0;
    for (size_t i = 0; i + 1 < thresholds_.size(); ++i) {
      const Point here = point(curve, i), next = point(curve, i + 1);
      const float height = method == "interpolation" ? (here.y + next.y) / 2
                           : method == "minoring"    ? std::min(here.y, next.y)
                                                     : std::max(here.y, next.y);
      total += (here.x - next.x) * height;
    }
    return total;
  }

  std::vector<double> thresholds_;
};

/// One of Keras's names, which it takes in small letters or capitals too.
void check_choice(const char* what, std::string& chosen, const std::vector<std::string>& known) {
  for (const std::string& name : known) {
    if (lower_case(chosen) != lower_case(name)) continue;
    chosen = name;
    return;
  }
  throw InvalidArgument(unknown_name(what, chosen, known));
}

}  // namespace

Metric AUC(const AUCOptions& given) {
  AUCOptions options = given;
  check_choice("curve of AUC", options.curve, {"ROC", "PR", "PRGAIN"});
  check_choice("summation_method of AUC", options.summation_method, {"interpolation", "minoring", "majoring"});
  if (!options.thresholds.empty()) {
    std::sort(options.thresholds.begin(), options.thresholds.end());
    options.num_thresholds = static_cast<int64_t>(options.thresholds.size()) + 2;
  } else if (options.num_thresholds < 2) {
    throw InvalidArgument(message("AUC: expected num_thresholds of at least 2, got ", options.num_thresholds,
                                  ". Take 200, Keras's default."));
  }
  if (options.num_labels && !options.multi_label)
    throw InvalidArgument("AUC: num_labels is for multi_label alone. Set that, or leave num_labels out.");
  return std::make_shared<AreaUnderCurve>(options);
}

}  // namespace hebb
