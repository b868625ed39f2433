#include "hebb/nn/callbacks/monitor.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/trainer.h"

namespace hebb {

Monitor::Monitor(const char* who, std::string name, const std::string& mode, double min_delta)
    : who_(who), name_(std::move(name)), min_delta_(std::abs(min_delta)) {
  if (mode != "auto" && mode != "min" && mode != "max") {
    const std::vector<std::string> modes = {"auto", "min", "max"};
    throw InvalidArgument(message(who, ": ", unknown_name("mode", mode, modes)));
  }
  is_auto_ = mode == "auto";
  more_is_better_ = mode == "max";
}

void Monitor::begin(const Model& model) {
  const Trainer& trainer = model.base().trainer();
  const bool of_validation = name_.starts_with("val_");
  awaits_validation_ = of_validation && trainer.has_validation();
  warned_ = false;
  if (!is_auto_) return;
  const std::string name = of_validation ? name_.substr(4) : name_;
  const std::vector<std::string> names = trainer.result_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    std::vector<std::string> as_monitored = names;
    for (std::string& known : as_monitored) known.insert(0, of_validation ? "val_" : "");
    throw InvalidArgument(message(who_, ": ", unknown_name("monitored number", name_, as_monitored),
                                  " If a callback adds it, give the mode, \"min\" or \"max\"."));
  }
  const Direction direction = trainer.direction_of(name);
  if (direction == Direction::unknown) {
    throw InvalidArgument(message(who_, ": cannot tell whether more or less of '", name_,
                                  "' is better. Give the mode, \"min\" or \"max\"."));
  }
  more_is_better_ = direction == Direction::up;
}

std::optional<double> Monitor::value(const Logs& logs) const {
  const double* found = logs.find(name_);
  return found ? std::optional(*found) : std::nullopt;
}

bool Monitor::comes_in_other_epochs(const Logs& logs) const {
  return awaits_validation_ &&
         std::none_of(logs.begin(), logs.end(), [](const auto& log) { return log.first.starts_with("val_"); });
}

void Monitor::warn_of_missing(const std::string& text) {
  if (!std::exchange(warned_, true)) write_console(message("\nWarning: ", text, "\n"));
}

std::string available(const Logs& logs) {
  std::vector<std::string> names;
  for (const auto& [name, value] : logs) names.push_back(name);
  return join(names, ",");
}

bool Monitor::improves(double value, const std::optional<double>& best) const {
  if (!best) return true;
  // Compared in float32, as Keras does: 0.8 is no better than 0.7 by 0.1, whatever their doubles say.
  const auto bound = static_cast<float>(*best);
  return more_is_better_ ? static_cast<float>(value - min_delta_) > bound
                         : static_cast<float>(value + min_delta_) < bound;
}

}  // namespace hebb
