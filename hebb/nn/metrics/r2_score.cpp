// The coefficient of determination.
#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/metrics/fields.h"
#include "hebb/nn/metrics/several_numbers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/op.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

class R2 : public ConfiguredMetric<R2ScoreOptions, SeveralNumbers> {
 public:
  explicit R2(const R2ScoreOptions& options) : ConfiguredMetric("R2Score", Direction::up, options) {
    const std::vector<std::string> known = {"uniform_average", "variance_weighted_average"};
    const auto& aggregation = options.class_aggregation;
    if (aggregation && std::find(known.begin(), known.end(), *aggregation) == known.end())
      throw InvalidArgument(unknown_name("class_aggregation of R2Score", *aggregation, known));
    if (options.num_regressors < 0) {
      throw InvalidArgument(message("R2Score: expected num_regressors of at least 0, got ", options.num_regressors,
                                    ". Take 0 for the score as it is."));
    }
  }

  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const NoTape no_tape;
    Tensor targets = cast(y_true, DType::float32), predictions = cast(y_pred, DType::float32);
    make_same_rank(targets, predictions);
    check_shapes(targets.shape(), predictions.shape());
    build(targets.shape(), predictions.shape());
    Tensor weights = ones(targets.shape());
    if (sample_weight.defined()) {
      const Tensor given = weights_for(cast(sample_weight, DType::float32), targets.shape(), name());
      weights = broadcast_to(given, targets.shape());
    }
    const ReduceOptions over_examples = {.axes = {0}};
    const Tensor weighted = targets * weights;
    add_to(state()[0], Tensor::scalar(static_cast<double>(targets.size())));
    add_to(state()[1], sum(targets * weighted, over_examples));
    add_to(state()[2], sum(weighted, over_examples));
    add_to(state()[3], sum(square(targets - predictions) * weights, over_examples));
    add_to(state()[4], sum(weights, over_examples));
  }

  std::vector<double> results() const override {
    if (state().empty()) return {};
    std::vector<std::vector<float>> sums;
    for (const Tensor& part : state()) sums.push_back(part.to_vector<float>());
    std::vector<double> scores;
    double weighted = 0, variances = 0, plain = 0;
    for (size_t i = 0; i < sums[1].size(); ++i) {
      const float mean = sums[2][i] / sums[4][i], total = sums[1][i] - sums[2][i] * mean;
      float score = 1 - sums[3][i] / total;
      if (std::isinf(score)) score = 0;
      scores.push_back(score);
      plain += score;
      weighted += static_cast<double>(total) * score;
      variances += total;
    }
    if (options().class_aggregation == "uniform_average") scores = {plain / static_cast<double>(scores.size())};
    if (options().class_aggregation == "variance_weighted_average") scores = {weighted / variances};
    // Keras counts values, not examples. With fewer of them than regressors it leaves the score as it is.
    const double values = sums[0].front(), regressors = static_cast<double>(options().num_regressors);
    if (regressors != 0 && regressors < values - 1) {
      for (double& score : scores) score = 1 - (1 - score) * (values - 1) / (values - regressors - 1);
    }
    return scores;
  }

 protected:
  Tensors make_state() const override { return {}; }
  Tensors make_state(const Shape& y_true, const Shape& y_pred) const override {
    const AlignedShapes shapes = same_rank(y_true, y_pred);
    check_shapes(shapes.first, shapes.second);
    const Shape columns = {shapes.second.back()};
    return {make_sums("num_samples", {}), make_sums("squared_sum", columns), make_sums("sum", columns),
            make_sums("residual", columns), make_sums("count", columns)};
  }

 private:
  void check_shapes(const Shape& y_true, const Shape& y_pred) const {
    const bool fits = y_pred.rank() == 2 && y_true.rank() == 2 && y_true.back() == y_pred.back() &&
                      (state().empty() || state()[1].shape().back() == y_pred.back());
    if (fits) return;
    throw InvalidArgument(message(name(), ": expected targets and predictions of one shape (batch, columns), ",
                                  "the same in all batches, got ", y_true, " and ", y_pred, ". Reshape them."));
  }
};

}  // namespace

Metric R2Score(const R2ScoreOptions& options) { return std::make_shared<R2>(options); }

}  // namespace hebb
