#include "hebb/nn/metrics/f_score.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/metrics/fields.h"
#include "hebb/nn/metrics/several_numbers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/op.h"
#include "hebb/ops/reduce.h"

namespace hebb {

namespace {

constexpr float epsilon = 1e-7f;

template <class Options>
class FScore : public ConfiguredMetric<Options, SeveralNumbers> {
 public:
  FScore(const char* class_name, double beta, const Options& options)
      : ConfiguredMetric<Options, SeveralNumbers>(class_name, Direction::up, options), beta_(beta) {
    const std::vector<std::string> averages = {"micro", "macro", "weighted"};
    if (options.average && std::find(averages.begin(), averages.end(), *options.average) == averages.end())
      throw InvalidArgument(unknown_name(message("average of ", class_name), *options.average, averages));
    if (!(beta > 0) || std::isinf(beta)) {
      throw InvalidArgument(message(class_name, ": expected a beta above 0, got ", beta, ". Take 1 for the F1 score."));
    }
    if (options.threshold && !(*options.threshold > 0 && *options.threshold <= 1)) {
      throw InvalidArgument(message(class_name, ": expected a threshold above 0, up to 1, got ", *options.threshold,
                                    ". Leave it out to take the largest of each row."));
    }
  }

  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const NoTape no_tape;
    check_shapes(y_true.shape(), y_pred.shape());
    this->build(y_true.shape(), y_pred.shape());
    const Tensor targets = cast(y_true, DType::float32), predictions = cast(y_pred, DType::float32);
    const Tensor predicted = cast(is_predicted(predictions), DType::float32);
    Tensor weights;
    if (sample_weight.defined())
      weights = weights_for(cast(sample_weight, DType::float32), targets.shape(), this->name());
    const auto add = [&](size_t sum_index, const Tensor& values) {
      const Tensor weighed = weights.defined() ? values * weights : values;
      add_to(this->state()[sum_index], is_micro() ? sum(weighed) : sum(weighed, {.axes = {0}}));
    };
    add(0, predicted * targets);
    add(1, predicted * (1.0 - targets));
    add(2, (1.0 - predicted) * targets);
    add(3, targets);
  }

  std::vector<double> results() const override {
    if (this->state().empty()) return {};
    std::vector<std::vector<float>> sums;
    for (const Tensor& part : this->state()) sums.push_back(part.template to_vector<float>());
    const auto squared = static_cast<float>(beta_ * beta_);
    std::vector<double> scores;
    for (size_t i = 0; i < sums[0].size(); ++i) {
      const float precision = sums[0][i] / (sums[0][i] + sums[1][i] + epsilon);
      const float recall = sums[0][i] / (sums[0][i] + sums[2][i] + epsilon);
      scores.push_back(precision * recall / (squared * precision + recall + epsilon) * (1 + squared));
    }
    const auto& average = this->options().average;
    if (!average) return scores;
    if (*average != "weighted")
      return {std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size())};
    const double all = std::accumulate(sums[3].begin(), sums[3].end(), 0.0) + epsilon;
    double total = 0;
    for (size_t i = 0; i < scores.size(); ++i) total += scores[i] * sums[3][i] / all;
    return {total};
  }

 protected:
  Tensors make_state() const override { return {}; }
  Tensors make_state(const Shape& y_true, const Shape& y_pred) const override {
    check_shapes(y_true, y_pred);
    const Shape shape = is_micro() ? Shape{} : Shape{y_pred.back()};
    return {make_sums("true_positives", shape), make_sums("false_positives", shape),
            make_sums("false_negatives", shape), make_sums("intermediate_weights", shape)};
  }

 private:
  bool is_micro() const { return this->options().average == "micro"; }

  void check_shapes(const Shape& y_true, const Shape& y_pred) const {
    const bool fits = y_pred.rank() == 2 && y_true.rank() == 2 && y_true.back() == y_pred.back() &&
                      (this->state().empty() || is_micro() || this->state()[0].shape().back() == y_pred.back());
    if (fits) return;
    throw InvalidArgument(message(this->name(), ": expected targets and predictions of one shape (batch, classes), ",
                                  "the same in all batches, got ", y_true, " and ", y_pred,
                                  ". Make integer labels one-hot: to_categorical(labels, classes)."));
  }

  Tensor is_predicted(const Tensor& predictions) const {
    if (const auto& threshold = this->options().threshold) return greater(predictions, *threshold);
    return logical_and(greater_equal(predictions, max(predictions, {.axes = {-1}, .keepdims = true})),
                       greater(abs(predictions), 1e-9));
  }

  const double beta_;
};

}  // namespace

Metric FBetaScore(const FBetaScoreOptions& options) {
  return std::make_shared<FScore<FBetaScoreOptions>>("FBetaScore", options.beta, options);
}

Metric F1Score(const F1ScoreOptions& options) {
  return std::make_shared<FScore<F1ScoreOptions>>("F1Score", 1.0, options);
}

}  // namespace hebb
