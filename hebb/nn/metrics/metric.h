/// Metrics: what is measured while training, without being minimised.
///
///     model.compile({.metrics = {"accuracy", TopKCategoricalAccuracy({.k = 3})}});
///
/// A metric keeps its sums in variables, which a training step updates as a part of its plan; reading `result()` costs
/// nothing until somebody looks. In a loop of one's own:
///
///     Metric accuracy = SparseCategoricalAccuracy();
///     for (auto [x, y] : test.batches({.batch_size = 64})) accuracy->update(y, model(x));
///     double share = accuracy->result();
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/losses/loss.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

/// Which way a metric gets better: what callbacks go by when they are to find out themselves.
enum class Direction { unknown, up, down };

/// What a metric does. For a mean of values override `values`; for anything else `update`, `result` and `make_state`.
class MetricBase {
 public:
  explicit MetricBase(std::string name);
  virtual ~MetricBase() = default;

  virtual std::string class_name() const = 0;
  virtual Json config() const;
  const std::string& name() const { return name_; }
  void set_name(const std::string& name) { name_ = name; }
  virtual Direction direction() const { return Direction::unknown; }

  /// Adds a batch. In operations: it may be traced. Weights: one for each example, or for each value; undefined: all 1.
  virtual void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight);
  void update(const Tensor& y_true, const Tensor& y_pred) { update(y_true, y_pred, {}); }
  /// The metric of all that was added since the last reset; 0 of nothing. InvalidArgument where it is not one number.
  virtual double result() const;
  /// All its numbers: one, unless thresholds, classes or columns have one each. None where their count is not known
  /// yet.
  virtual std::vector<double> results() const { return {result()}; }
  /// Sets the sums to 0.
  void reset();
  /// The sums, made at the first use: `total` and `count`, unless `make_state` says otherwise. Empty where they depend
  /// on shapes that are not known yet.
  const Tensors& state() const;
  /// Makes the sums for targets and predictions of these shapes (the batch axis may be unknown), unless they are there.
  /// `update` does so by itself.
  void build(const Shape& y_true, const Shape& y_pred) const;

 protected:
  /// One value for each example, or for each of an example's positions, whose mean then is the example's value;
  /// `update` keeps the weighted mean of the examples' values.
  virtual Tensor values(const Tensor& y_true, const Tensor& y_pred) const;
  /// Which of the values count where there are weights, as Keras has it; undefined: all.
  virtual Tensor mask(const Tensor& y_true, const Tensor& y_pred) const;
  virtual Tensors make_state() const;
  /// Where the sums depend on shapes; else `make_state()`.
  virtual Tensors make_state(const Shape& y_true, const Shape& y_pred) const;

 private:
  std::string name_;
  mutable Tensors state_;
};

/// A handle: a name (`"accuracy"`, `"mse"`, a loss's name) or an object. `accuracy` (`acc`, in any case of letters)
/// stands for the binary, categorical or sparse one, which is resolved when the shapes of targets and predictions are
/// known; so does `crossentropy` (`ce`).
class Metric {
 public:
  Metric() = default;
  Metric(const char* name) : Metric(std::string(name)) {}
  Metric(const std::string& name);  ///< InvalidArgument for an unknown name
  template <std::derived_from<MetricBase> M>
  Metric(std::shared_ptr<M> object) : object_(std::move(object)) {}

  explicit operator bool() const { return object_ != nullptr || !given_name_.empty(); }
  /// InvalidArgument when it is still open, or empty.
  MetricBase* operator->() const;
  /// Whether it is "accuracy" or "crossentropy", to be resolved.
  bool is_open() const { return !object_; }
  /// For "accuracy" and "crossentropy" a new metric for targets and predictions of these shapes (batch axis included),
  /// with the name as given; any other metric itself. Keras chooses by the shapes alone, whatever the loss is.
  Metric resolved(const Shape& y_true, const Shape& y_pred, const Loss& loss = {}) const;
  /// A metric of the same kind with sums of its own. NotSupported for a class of one's own.
  Metric clone() const;

  /// How it was given. One of a class of one's own is written by its name, which only its program can bring to life.
  Json to_json() const;
  static Metric from_json(const Json& json);
  /// The name of a metric of one's own that was read from a file, which could not hold it; else empty.
  std::string missing() const;
  /// From a name and its options as Keras's configuration has them; InvalidArgument for unknown ones.
  static Metric from_config(const std::string& name, const Json& config);

 private:
  std::shared_ptr<MetricBase> object_;
  std::string given_name_;
  bool is_function_ = false;  // whether the name stood in a file as that of a function
};

/// One row of the table of metrics.
struct MetricRecord {
  std::string class_name;
  std::vector<std::string> names;  ///< Keras's other names: "mean_squared_error", "mse", ...
  std::function<Metric(const Json& config)> from_config;
  std::string doc;
};
const std::vector<MetricRecord>& metric_records();

/// The weighted mean of numbers, as Keras's `Mean`: what keeps an epoch's loss.
class MeanTracker {
 public:
  explicit MeanTracker(std::string name);
  /// Adds a number, one for each example, or several for each example, whose mean then counts. Undefined weights are 1.
  void update(const Tensor& values, const Tensor& weight = {});
  double result() const;
  void reset();
  const std::string& name() const { return name_; }
  /// `total` and `count`.
  Tensors state() const { return {total_, count_}; }

 private:
  std::string name_;
  Tensor total_, count_;
};

/// The weighted sum of numbers, as Keras's `Sum`.
class SumTracker {
 public:
  explicit SumTracker(std::string name);
  void update(const Tensor& values, const Tensor& weight = {});
  double result() const;
  void reset();
  const std::string& name() const { return name_; }
  /// `total`.
  Tensors state() const { return {total_}; }

 private:
  std::string name_;
  Tensor total_;
};

}  // namespace hebb
