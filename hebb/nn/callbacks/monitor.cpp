#include "hebb/nn/callbacks/monitor.h"

#include <cmath>

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
  more_is_better_ = mode == "max";
  if (mode == "auto") {
    for (const char* part : {"acc", "auc", "precision", "recall", "f1", "fbeta", "iou", "top_k"}) {
      more_is_better_ = more_is_better_ || name_.find(part) != std::string::npos;
    }
  }
}

void Monitor::check(const Model& model) const {
  if (name_.starts_with("val_") && !model.base().trainer().has_validation()) {
    throw InvalidArgument(message(who_, ": monitors '", name_, "', but fit has no validation data. Give it validation_data or "
                                  "validation_split, or monitor '", name_.substr(4), "'."));
  }
}

std::optional<double> Monitor::value(const Logs& logs) const {
  if (const double* found = logs.find(name_)) return *found;
  std::vector<std::string> names;
  bool validated = false;
  for (const auto& [name, number] : logs) {
    names.push_back(name);
    validated = validated || name.starts_with("val_");
  }
  if (name_.starts_with("val_") && !validated) return std::nullopt;
  throw InvalidArgument(message(who_, ": ", unknown_name("monitored number", name_, names)));
}

bool Monitor::improves(double value, const std::optional<double>& best) const {
  if (!best) return true;
  return more_is_better_ ? value - min_delta_ > *best : value + min_delta_ < *best;
}

}  // namespace hebb
