/// Callbacks: code that runs at certain points of `fit`.
///
///     struct Print : CallbackBase {
///       void on_epoch_end(int64_t epoch, Logs& logs) override { std::cout << epoch << ' ' << logs["loss"] << '\n'; }
///     };
///     model.fit(train, {.callbacks = {EarlyStopping({.patience = 3}), make_callback<Print>()}});
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <utility>

#include "hebb/nn/history.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

class Model;

/// Where a `fit` begins.
struct FitStart {
  int64_t epoch = 0;
  int64_t step = 0;  ///< of the epoch
  int64_t seed = 0;  ///< of the order of the examples
  /// The sums of losses and metrics over the epoch's steps before (`Trainer::metric_state`); empty: they begin with 0.
  Tensors metrics = {};
};

/// What a callback can do. Numbers of a batch are computed when asked for: `logs()`.
class CallbackBase {
 public:
  using BatchLogs = std::function<Logs()>;

  virtual ~CallbackBase() = default;
  virtual void on_train_begin() {}
  virtual void on_train_end() {}
  virtual void on_epoch_begin([[maybe_unused]] int64_t epoch) {}
  /// May add to the epoch's numbers; they go into the history.
  virtual void on_epoch_end([[maybe_unused]] int64_t epoch, [[maybe_unused]] Logs& logs) {}
  virtual void on_train_batch_begin([[maybe_unused]] int64_t batch) {}
  virtual void on_train_batch_end([[maybe_unused]] int64_t batch, [[maybe_unused]] const BatchLogs& logs) {}
  virtual void on_test_begin() {}
  virtual void on_test_end([[maybe_unused]] const Logs& logs) {}

  /// Called by `fit` before anything else.
  void attach(Model* model) { model_ = model; }

 protected:
  /// The model that is being trained.
  Model& model() const { return *model_; }
  /// Ends the training after this batch.
  void stop_training() const;
  /// The same, for a training that is to go on another time: a user's Ctrl-C, a limit of time.
  void interrupt_training() const;
  /// Whether the running `fit` was interrupted.
  bool is_interrupted() const;
  /// Where the running `fit` begins. Set in `on_train_begin`, it begins there instead.
  FitStart& start() const;

 private:
  Model* model_ = nullptr;
};

/// A handle.
class Callback {
 public:
  template <std::derived_from<CallbackBase> C>
  Callback(std::shared_ptr<C> object) : object_(std::move(object)) {}
  CallbackBase* operator->() const { return object_.get(); }

 private:
  std::shared_ptr<CallbackBase> object_;
};

template <std::derived_from<CallbackBase> C, class... Arguments>
Callback make_callback(Arguments&&... arguments) {
  return std::make_shared<C>(std::forward<Arguments>(arguments)...);
}

}  // namespace hebb
