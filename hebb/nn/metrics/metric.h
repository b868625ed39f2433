/// Metrics: what is measured while training, without being minimised.
///
///     model.compile({.metrics = {"accuracy", TopKCategoricalAccuracy({.k = 3})}});
///
/// A metric keeps its sums in variables, which a training step updates as a part of its plan; reading `result()` costs
/// nothing until somebody looks.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/nn/losses/loss.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

/// What a metric does. For a mean of values override `values`; for anything else `update`, `result` and `make_state`.
class MetricBase {
 public:
  explicit MetricBase(std::string name);
  virtual ~MetricBase() = default;

  virtual std::string class_name() const = 0;
  virtual Json config() const;
  const std::string& name() const { return name_; }
  void set_name(const std::string& name) { name_ = name; }

  /// Adds a batch. In operations: it may be traced.
  virtual void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight = {});
  /// The metric of all that was added since the last reset.
  virtual double result() const;
  void reset();
  /// The sums, made at the first use.
  const Tensors& state();

 protected:
  /// One value for each example; `update` keeps their weighted mean.
  virtual Tensor values(const Tensor& y_true, const Tensor& y_pred) const;
  virtual Tensors make_state() const;

 private:
  std::string name_;
  mutable Tensors state_;
};

/// A handle: a name (`"accuracy"`, `"mse"`), an object, or a loss's name. `accuracy` stands for the binary, categorical or
/// sparse one, which is resolved when the shapes of targets and predictions are known.
class Metric {
 public:
  Metric() = default;
  Metric(const char* name) : Metric(std::string(name)) {}
  Metric(const std::string& name);  ///< InvalidArgument for an unknown name
  template <std::derived_from<MetricBase> M>
  Metric(std::shared_ptr<M> object) : object_(std::move(object)) {}

  explicit operator bool() const { return object_ != nullptr || !given_name_.empty(); }
  MetricBase* operator->() const { return object_.get(); }
  /// Whether it is "accuracy" or "crossentropy", to be resolved.
  bool is_open() const { return !object_; }
  /// The metric for targets and predictions of these shapes (batch axis included) and this loss, as Keras chooses it: a new
  /// object with the name as given.
  Metric resolved(const Shape& y_true, const Shape& y_pred, const Loss& loss) const;
  /// A metric of the same kind with sums of its own.
  Metric clone() const;

  Json to_json() const;
  static Metric from_json(const Json& json);
  static Metric from_config(const std::string& name, const Json& config);

 private:
  std::shared_ptr<MetricBase> object_;
  std::string given_name_;
};

struct MetricRecord {
  std::string class_name;
  std::vector<std::string> names;
  Metric (*from_config)(const Json& config);
  std::string doc;
};
const std::vector<MetricRecord>& metric_records();

/// The weighted mean of numbers, as Keras's `Mean`: what keeps an epoch's loss.
class MeanTracker {
 public:
  explicit MeanTracker(std::string name);
  void update(const Tensor& value, const Tensor& weight);
  double result() const;
  void reset();
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  Tensor total_, count_;
};

}  // namespace hebb
