/// Losses: what training minimises.
///
///     model.compile({.loss = "sparse_categorical_crossentropy"});
///     model.compile({.loss = CategoricalCrossentropy({.from_logits = true, .label_smoothing = 0.1})});
///     model.compile({.loss = [](const Tensor& y_true, const Tensor& y_pred) { return mean(abs(y_true - y_pred), {.axes = {-1}}); }});
///
///     Tensor loss = mean(sparse_categorical_crossentropy(labels, probabilities));       // in a loop of one's own
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

/// What a loss does. Override `values`.
class LossBase {
 public:
  LossBase(std::string name, std::string reduction);
  virtual ~LossBase() = default;

  virtual std::string class_name() const = 0;
  virtual Json config() const;
  /// The loss of each example (and of each position, where an example has several): y_pred's shape without the last
  /// axis.
  virtual Tensor values(const Tensor& y_true, const Tensor& y_pred) const = 0;
  /// Which of the values count, bool of their shape; undefined: all.
  virtual Tensor mask(const Tensor& y_true, const Tensor& y_pred) const;
  /// InvalidArgument when targets cannot be what predictions of this shape are compared with: a wrong rank, a label
  /// that is no class. Looks at concrete targets; called once before training.
  virtual void check_targets(const Tensor& y_true, const Shape& prediction) const;

  /// The values, weighted and reduced as Keras does: `sum_over_batch_size` divides the sum by the number of values.
  Tensor reduced(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight = {}) const;

  const std::string& name() const { return name_; }
  const std::string& reduction() const { return reduction_; }

 private:
  std::string name_, reduction_;
};

/// A handle: a name (`"mse"`, `"mean_squared_error"`, `"MeanSquaredError"`), an object, or a function of targets and
/// predictions that returns the values. Empty: no loss.
class Loss {
 public:
  Loss() = default;
  Loss(const char* name) : Loss(std::string(name)) {}
  Loss(const std::string& name);  ///< InvalidArgument for an unknown name
  template <std::derived_from<LossBase> L>
  Loss(std::shared_ptr<L> object) : object_(std::move(object)) {}
  template <class F>
    requires(std::is_invocable_r_v<Tensor, const F&, const Tensor&, const Tensor&>)
  Loss(F function) : object_(std::make_shared<Custom<F>>(std::move(function))) {}

  /// A scalar; the values themselves where the loss's reduction is "none".
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight = {}) const {
    return (*this)->reduced(y_true, y_pred, sample_weight);
  }
  explicit operator bool() const { return object_ != nullptr; }
  /// InvalidArgument when there is no loss.
  const LossBase* operator->() const;
  /// How it was given: Keras writes a loss that was given by name as that name. One of one's own is written by the
  /// name of its function or class, which only its program can bring to life.
  Json to_json() const;
  static Loss from_json(const Json& json);
  /// The name of a loss of one's own that was read from a file, which could not hold it; else empty.
  std::string missing() const;
  /// From a name and its options as Keras's configuration has them; InvalidArgument for unknown ones.
  static Loss from_config(const std::string& name, const Json& config);

 private:
  template <class F>
  class Custom : public LossBase {
   public:
    explicit Custom(F function) : LossBase("custom_loss", "sum_over_batch_size"), function_(std::move(function)) {}
    std::string class_name() const override { return "Custom"; }
    Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return function_(y_true, y_pred); }

   private:
    F function_;
  };

  std::shared_ptr<const LossBase> object_;
  std::string given_name_;
  bool is_function_ = false;  // whether the name stood in a file as that of a function
};

/// One row of the table of losses.
struct LossRecord {
  std::string class_name;
  std::vector<std::string> names;  ///< the function's name first: "mean_squared_error", "mse", ...
  std::function<Loss(const Json& config)> from_config;
  std::string doc;
};
const std::vector<LossRecord>& loss_records();

}  // namespace hebb
