/// Watching a number of the logs: what the callbacks that stop, save or slow down share. Internal.
#pragma once

#include <optional>
#include <string>

#include "hebb/nn/history.h"
#include "hebb/nn/model.h"

namespace hebb {

/// `loss,accuracy`: the names of the logs as Keras's warnings list them.
std::string available(const Logs& logs);

/// Finds a monitored number and says whether it became better, as Keras's MonitorCallback does.
class Monitor {
 public:
  /// `mode`: "min", "max" or "auto": the way in which the model's loss or metric of that name gets better.
  /// InvalidArgument for another word.
  Monitor(const char* who, std::string name, const std::string& mode, double min_delta = 0);

  const std::string& name() const { return name_; }
  /// To be called when training begins. InvalidArgument when the mode is "auto" and nobody knows which way the number
  /// gets better.
  void begin(const Model& model);
  /// The number, or nothing in an epoch that has none.
  std::optional<double> value(const Logs& logs) const;
  /// Whether the logs are of an epoch that was not validated, and other epochs have the number.
  bool comes_in_other_epochs(const Logs& logs) const;
  /// To be called where there is no number: writes this warning to the console, once in a training. Keras warns then,
  /// too, and trains on.
  void warn_of_missing(const std::string& text);
  /// Whether `value` is better than `best` by more than min_delta; anything is better than nothing.
  bool improves(double value, const std::optional<double>& best) const;

 private:
  const char* who_;
  std::string name_;
  bool is_auto_ = false, more_is_better_ = false, awaits_validation_ = false, warned_ = false;
  double min_delta_;
};

}  // namespace hebb
