#include "hebb/nn/metrics/confusion_counts.h"

#include <cmath>
#include <limits>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/nn/metrics/several_numbers.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/op.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

/// Whether the thresholds go from 0 to 1 in equal steps, as near as Keras asks for.
bool are_even(const std::vector<double>& thresholds) {
  if (thresholds.size() < 3) return false;
  for (size_t i = 0; i < thresholds.size(); ++i) {
    const double even = static_cast<double>(static_cast<float>(i) / static_cast<float>(thresholds.size() - 1));
    // The ends may lie a little outside, so that they stand for all.
    const double given = std::min(std::max(thresholds[i], 0.0), 1.0);
    if (std::abs(given - even) > 1e-7 + 1e-5 * even) return false;
  }
  return true;
}

/// Predictions with all but the k largest of each row at Keras's "minus infinity", which is above no threshold.
Tensor largest_alone(const Tensor& predictions, int64_t k) {
  constexpr double nothing = -1e10;
  const int64_t classes = predictions.shape().back();
  if (k >= classes) return predictions;
  Tensor left = predictions, chosen;
  for (int64_t i = 0; i < k; ++i) {
    const Tensor best = one_hot(argmax(left), classes, DType::boolean);
    chosen = chosen.defined() ? logical_or(chosen, best) : best;
    left = select(best, -std::numeric_limits<double>::infinity(), left);
  }
  return select(chosen, predictions, nothing);
}

/// A batch as (examples, columns): the weights of its ones and of its zeros.
struct Weighed {
  Tensor predictions, ones, zeros;
};

Weighed weighed(const std::string& owner, const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight,
                const ConfusionOptions& options) {
  check_same_shapes(owner.c_str(), y_true.shape(), y_pred.shape(),
                    "For class labels make targets one-hot: to_categorical(labels, classes).");
  Tensor targets = cast(y_true, DType::float32), predictions = cast(y_pred, DType::float32);
  make_same_rank(targets, predictions);
  if (options.top_k) predictions = largest_alone(predictions, *options.top_k);
  if (options.class_id) {
    const int64_t classes = predictions.rank() > 1 ? predictions.shape().back() : 0;
    if (*options.class_id < 0 || *options.class_id >= classes) {
      throw InvalidArgument(message(owner, ": expected predictions with a column ", *options.class_id, ", got shape ",
                                    y_pred.shape(), ". Leave class_id out, or give a class's number."));
    }
    const auto column = [&](const Tensor& x) {
      std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), end = x.shape().to_vector();
      begin.back() = *options.class_id;
      end.back() = *options.class_id + 1;
      return slice(x, begin, end);
    };
    targets = column(targets);
    predictions = column(predictions);
  }
  const Shape& shape = predictions.shape();
  if (options.multi_label && shape.rank() != 2) {
    throw InvalidArgument(message(owner, ": expected predictions of shape (batch, labels) with multi_label, got ",
                                  y_pred.shape(), ". Reshape them."));
  }
  Tensor weights = sample_weight.defined() ? weights_for(cast(sample_weight, DType::float32), shape, owner)
                                           : ones({}, DType::float32);
  if (!options.label_weights.empty()) {
    if (shape.rank() < 1 || shape.back() != static_cast<int64_t>(options.label_weights.size())) {
      throw InvalidArgument(message(owner, ": expected label_weights for the columns of predictions ", y_pred.shape(),
                                    ", got ", options.label_weights.size(), ". Give one for each column."));
    }
    weights = weights * cast(Tensor::from(options.label_weights), DType::float32);
  }
  const Tensor is_one = not_equal(targets, 0.0);
  weights = broadcast_to(weights, shape);
  const Shape table = options.multi_label ? shape : Shape{shape.elements(), 1};
  return {reshape(predictions, table), reshape(select(is_one, weights, 0.0), table),
          reshape(select(is_one, 0.0, weights), table)};
}

/// How much of `weights` lies above each even threshold: of every step the sum, added up from above.
class ByStep {
 public:
  ByStep(const Tensor& predictions, const std::vector<double>& thresholds)
      : steps_(static_cast<int64_t>(thresholds.size())), columns_(predictions.shape()[1]) {
    Tensor step = ceil(clip(predictions, 0, 1) * static_cast<double>(steps_ - 1)) - 1.0;
    if (thresholds.front() < 0 || thresholds.back() > 1) step = relu(step);
    places_ = cast(step, DType::int32);
    if (columns_ == 1) return;
    std::vector<int32_t> numbers(static_cast<size_t>(columns_));
    for (int64_t i = 0; i < columns_; ++i) numbers[static_cast<size_t>(i)] = static_cast<int32_t>(i);
    places_ = places_ * static_cast<double>(columns_) + Tensor::from(numbers);
  }

  Tensor above(const Tensor& weights) const {
    const Tensor of_steps =
        reshape(scatter_add(reshape(places_, {places_.size()}), reshape(weights, {weights.size()}), steps_ * columns_),
                {steps_, columns_});
    std::vector<float> from_here_on(static_cast<size_t>(steps_ * steps_), 0.f);
    for (int64_t row = 0; row < steps_; ++row) {
      for (int64_t column = row; column < steps_; ++column)
        from_here_on[static_cast<size_t>(row * steps_ + column)] = 1.f;
    }
    return matmul(Tensor::from(from_here_on, {steps_, steps_}), of_steps);
  }

 private:
  int64_t steps_, columns_;
  Tensor places_;
};

/// The same for any thresholds, compared one by one.
class ByComparison {
 public:
  ByComparison(const Tensor& predictions, const std::vector<double>& thresholds) {
    const auto count = static_cast<int64_t>(thresholds.size());
    const Tensor bounds = reshape(cast(Tensor::from(thresholds), DType::float32), {count, 1, 1});
    is_above_ = greater(expand_dims(predictions, 0), bounds);
  }

  Tensor above(const Tensor& weights) const {
    return sum(select(is_above_, expand_dims(weights, 0), 0.0), {.axes = {1}});
  }

 private:
  Tensor is_above_;
};

template <class Counter>
ConfusionCounts counted(const Weighed& batch, const Counter& counter) {
  const Tensor true_positives = counter.above(batch.ones), false_positives = counter.above(batch.zeros);
  const ReduceOptions over_examples = {.axes = {0}, .keepdims = true};
  return {true_positives, false_positives, sum(batch.zeros, over_examples) - false_positives,
          sum(batch.ones, over_examples) - true_positives};
}

}  // namespace

std::vector<double> parsed_thresholds(const char* owner, const std::optional<Numbers>& given, double standard) {
  if (!given) return {standard};
  for (const double threshold : given->values) {
    if (threshold >= 0 && threshold <= 1) continue;
    throw InvalidArgument(message(owner, ": expected thresholds from 0 to 1, got ", threshold,
                                  ". Predictions that are logits go through a sigmoid first."));
  }
  if (given->values.empty())
    throw InvalidArgument(message(owner, ": expected thresholds, got an empty list. Leave it out for 0.5."));
  return given->values;
}

std::vector<double> even_thresholds(const char* owner, int64_t count) {
  if (count < 1)
    throw InvalidArgument(
        message(owner, ": expected num_thresholds of at least 1, got ", count, ". Take 200, Keras's default."));
  if (count == 1) return {0.5};
  std::vector<double> thresholds;
  for (int64_t i = 0; i < count; ++i) thresholds.push_back(static_cast<double>(i) / static_cast<double>(count - 1));
  return thresholds;
}

ConfusionCounts confusion_counts(const std::string& owner, const Tensor& y_true, const Tensor& y_pred,
                                 const Tensor& sample_weight, const std::vector<double>& thresholds,
                                 const ConfusionOptions& options) {
  const Weighed batch = weighed(owner, y_true, y_pred, sample_weight, options);
  ConfusionCounts counts = are_even(thresholds) ? counted(batch, ByStep(batch.predictions, thresholds))
                                                : counted(batch, ByComparison(batch.predictions, thresholds));
  if (options.multi_label) return counts;
  for (Tensor* part :
       {&counts.true_positives, &counts.false_positives, &counts.true_negatives, &counts.false_negatives})
    *part = squeeze(*part, -1);
  return counts;
}

Tensors make_confusion_sums(const Shape& shape) {
  Tensors sums;
  for (const char* name : {"true_positives", "false_positives", "true_negatives", "false_negatives"})
    sums.push_back(make_sums(name, shape));
  return sums;
}

void add_confusion(const Tensors& sums, const ConfusionCounts& counts) {
  add_to(sums[0], counts.true_positives);
  add_to(sums[1], counts.false_positives);
  add_to(sums[2], counts.true_negatives);
  add_to(sums[3], counts.false_negatives);
}

}  // namespace hebb
