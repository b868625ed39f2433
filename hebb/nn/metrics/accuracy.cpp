#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/losses/alignment.h"
#include "hebb/nn/losses/crossentropy.h"
#include "hebb/nn/metrics/fields.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"

namespace hebb {

namespace {

class AccuracyBase : public MetricBase {
 public:
  AccuracyBase(const char* class_name, const std::string& name) : MetricBase(name), class_name_(class_name) {}
  std::string class_name() const override { return class_name_; }
  Direction direction() const override { return Direction::up; }

 private:
  const char* class_name_;
};

Tensor as_numbers(const Tensor& matches) { return cast(matches, DType::float32); }

/// Labels of the predictions' shape without the last axis; they may stand in a column.
Tensor labels_for(const char* name, const Tensor& y_true, const Tensor& y_pred) {
  const bool column = y_true.rank() == y_pred.rank() && y_true.rank() > 0 && y_true.shape().back() == 1;
  const Tensor labels = column ? squeeze(y_true, -1) : y_true;
  if (y_pred.rank() > 0 && labels.shape() == y_pred.shape().without(-1)) return labels;
  throw InvalidArgument(message(name, ": expected one label for each row of the predictions ", y_pred.shape(),
                                ", got targets of shape ", y_true.shape(),
                                ". For one-hot targets use the categorical metric of that name."));
}

void check_one_hot(const char* name, const Tensor& y_true, const Tensor& y_pred) {
  if (y_true.shape() == y_pred.shape() && y_true.rank() > 0) return;
  throw InvalidArgument(message(name, ": expected one-hot targets of the predictions' shape ", y_pred.shape(), ", got ",
                                y_true.shape(), ". For integer labels use the sparse metric of that name."));
}

class PlainAccuracy : public AccuracyBase {
 public:
  explicit PlainAccuracy(const AccuracyOptions& options) : AccuracyBase("Accuracy", options.name) {}

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    check_same_shapes("accuracy", y_true.shape(), y_pred.shape(),
                      "For probabilities use binary, categorical or sparse categorical accuracy.");
    Tensor targets = cast(y_true, y_pred.dtype()), predictions = y_pred;
    make_same_rank(targets, predictions);
    return as_numbers(equal(targets, predictions));
  }
};

class BinaryAccuracyMetric : public AccuracyBase {
 public:
  explicit BinaryAccuracyMetric(const BinaryAccuracyOptions& options)
      : AccuracyBase("BinaryAccuracy", options.name), options_(options) {}
  Json config() const override { return with_fields(MetricBase::config(), options_); }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    check_same_shapes("binary_accuracy", y_true.shape(), y_pred.shape(),
                      "For class labels use sparse_categorical_accuracy.");
    Tensor targets = y_true, predictions = as_floating(y_pred);
    make_same_rank(targets, predictions);
    return as_numbers(equal(targets, cast(greater(predictions, options_.threshold), targets.dtype())));
  }

 private:
  BinaryAccuracyOptions options_;
};

class CategoricalAccuracyMetric : public AccuracyBase {
 public:
  explicit CategoricalAccuracyMetric(const CategoricalAccuracyOptions& options)
      : AccuracyBase("CategoricalAccuracy", options.name) {}

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    check_one_hot("categorical_accuracy", y_true, y_pred);
    return as_numbers(equal(argmax(y_true), argmax(y_pred)));
  }
};

class SparseCategoricalAccuracyMetric : public AccuracyBase {
 public:
  explicit SparseCategoricalAccuracyMetric(const SparseCategoricalAccuracyOptions& options)
      : AccuracyBase("SparseCategoricalAccuracy", options.name) {}

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return as_numbers(equal(labels_for("sparse_categorical_accuracy", y_true, y_pred), argmax(y_pred)));
  }
};

void check_k(const char* name, int64_t k) {
  if (k < 1)
    throw InvalidArgument(message(name, ": expected k of at least 1, got ", k, ". Give the number of best classes."));
}

/// TensorFlow's in_top_k: whether fewer than k scores of a row are larger than the label's. A row with a score that is
/// not finite, or a label that is no class, is not.
Tensor in_top_k(const Tensor& labels, const Tensor& scores, int64_t k) {
  const int64_t classes = scores.shape().back();
  const Tensor of_label =
      sum(select(one_hot(labels, classes, DType::boolean), scores, 0.0), {.axes = {-1}, .keepdims = true});
  const Tensor larger =
      sum(select(isfinite(scores), cast(greater(scores, of_label), scores.dtype()), static_cast<double>(k)),
          {.axes = {-1}});
  return logical_and(less(larger, static_cast<double>(k)),
                     logical_and(greater_equal(labels, 0.0), less(labels, static_cast<double>(classes))));
}

class TopKCategoricalAccuracyMetric : public AccuracyBase {
 public:
  explicit TopKCategoricalAccuracyMetric(const TopKCategoricalAccuracyOptions& options)
      : AccuracyBase("TopKCategoricalAccuracy", options.name), options_(options) {
    check_k("top_k_categorical_accuracy", options.k);
  }
  Json config() const override { return with_fields(MetricBase::config(), options_); }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    check_one_hot("top_k_categorical_accuracy", y_true, y_pred);
    return as_numbers(in_top_k(argmax(y_true), as_floating(y_pred), options_.k));
  }

 private:
  TopKCategoricalAccuracyOptions options_;
};

class SparseTopKCategoricalAccuracyMetric : public AccuracyBase {
 public:
  explicit SparseTopKCategoricalAccuracyMetric(const SparseTopKCategoricalAccuracyOptions& options)
      : AccuracyBase("SparseTopKCategoricalAccuracy", options.name), options_(options) {
    check_k("sparse_top_k_categorical_accuracy", options.k);
  }
  Json config() const override { return with_fields(MetricBase::config(), options_); }

 protected:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    const Tensor given = labels_for("sparse_top_k_categorical_accuracy", y_true, y_pred);
    const Tensor labels = given.dtype() == DType::int64 ? given : cast(given, DType::int32);
    if (!options_.from_sorted_ids) return as_numbers(in_top_k(labels, as_floating(y_pred), options_.k));
    std::vector<int64_t> begin(static_cast<size_t>(y_pred.rank()), 0), end = y_pred.shape().to_vector();
    end.back() = std::min(end.back(), options_.k);
    return max(as_numbers(equal(expand_dims(labels, -1), slice(y_pred, begin, end))), {.axes = {-1}});
  }

 private:
  SparseTopKCategoricalAccuracyOptions options_;
};

}  // namespace

Metric Accuracy(const AccuracyOptions& options) { return std::make_shared<PlainAccuracy>(options); }
Metric BinaryAccuracy(const BinaryAccuracyOptions& options) { return std::make_shared<BinaryAccuracyMetric>(options); }
Metric CategoricalAccuracy(const CategoricalAccuracyOptions& options) {
  return std::make_shared<CategoricalAccuracyMetric>(options);
}
Metric SparseCategoricalAccuracy(const SparseCategoricalAccuracyOptions& options) {
  return std::make_shared<SparseCategoricalAccuracyMetric>(options);
}
Metric TopKCategoricalAccuracy(const TopKCategoricalAccuracyOptions& options) {
  return std::make_shared<TopKCategoricalAccuracyMetric>(options);
}
Metric SparseTopKCategoricalAccuracy(const SparseTopKCategoricalAccuracyOptions& options) {
  return std::make_shared<SparseTopKCategoricalAccuracyMetric>(options);
}

}  // namespace hebb
