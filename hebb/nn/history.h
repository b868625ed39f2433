/// What training and evaluation report: numbers by name.
///
///     History history = model.fit(train, {.epochs = 5});
///     double best = history["val_accuracy"].back();
///     double accuracy = model.evaluate(test)["accuracy"];
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hebb/base/json.h"

namespace hebb {

/// Numbers by name, of one batch, epoch or evaluation, sorted by name as Keras sorts them; what callbacks add to an
/// epoch's stands behind, in the order in which it came.
class Logs {
 public:
  /// The number; InvalidArgument, with the nearest name, when there is none.
  double operator[](std::string_view name) const;
  const double* find(std::string_view name) const;
  void set(std::string_view name, double value);
  /// From now on new numbers stand behind the others.
  void stop_sorting() { sorts_ = false; }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }
  bool empty() const { return values_.empty(); }
  size_t size() const { return values_.size(); }

 private:
  std::vector<std::pair<std::string, double>> values_;
  bool sorts_ = true;
};

/// One number an epoch for each name.
class History {
 public:
  /// The numbers of all epochs; InvalidArgument, with the nearest name, when there are none.
  const std::vector<double>& operator[](std::string_view name) const;
  const std::vector<double>* find(std::string_view name) const;
  const std::vector<int64_t>& epochs() const { return epochs_; }
  auto begin() const { return series_.begin(); }
  auto end() const { return series_.end(); }
  bool empty() const { return epochs_.empty(); }

  void add(int64_t epoch, const Logs& logs);
  /// A dictionary of lists, as Keras's `History.history`.
  Json to_json() const;

 private:
  std::vector<int64_t> epochs_;
  std::vector<std::pair<std::string, std::vector<double>>> series_;
};

}  // namespace hebb
