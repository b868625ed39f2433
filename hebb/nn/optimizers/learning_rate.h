/// Learning rates: a number, or a schedule that depends on the step.
///
///     SGD({.learning_rate = 0.1})
///     SGD({.learning_rate = ExponentialDecay(0.3, 1000, 0.96)})
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hebb/base/json.h"
#include "hebb/tensor/tensor.h"

namespace hebb {

/// What a schedule does. Derive from it for one of your own.
class ScheduleBase {
 public:
  virtual ~ScheduleBase() = default;
  virtual std::string class_name() const = 0;
  virtual Json config() const = 0;
  /// The learning rate at a step, both float32 scalars. In operations, so that it is part of the training step's plan.
  virtual Tensor at(const Tensor& step) const = 0;
};

/// A number or a schedule.
class LearningRate {
 public:
  LearningRate(double value) : value_(value) {}
  template <std::derived_from<ScheduleBase> Schedule>
  LearningRate(std::shared_ptr<Schedule> schedule) : schedule_(std::move(schedule)) {}

  double value() const { return value_; }
  const ScheduleBase* schedule() const { return schedule_.get(); }
  /// The learning rate at a step, computed at once.
  double at(int64_t step) const;

  Json to_json() const;
  static LearningRate from_json(const Json& json);

 private:
  double value_ = 0;
  std::shared_ptr<const ScheduleBase> schedule_;
};

/// initial * decay_rate^(step / decay_steps); with `staircase` the quotient is rounded down.
LearningRate ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                              bool staircase = false);

/// values[0] up to and including the step boundaries[0], values[1] up to boundaries[1], ...; one value more than
/// boundaries, which are rounded down to whole steps.
LearningRate PiecewiseConstantDecay(std::vector<double> boundaries, std::vector<double> values);

struct CosineDecayOptions {
  double alpha = 0;                          ///< the lowest rate, as a fraction of the initial one
  std::optional<double> warmup_target = {};  ///< set: the rate rises to it over `warmup_steps` first
  int64_t warmup_steps = 0;
};
/// Half a cosine from the initial rate down to alpha times it (Loshchilov and Hutter, SGDR, 2017).
LearningRate CosineDecay(double initial_learning_rate, double decay_steps, const CosineDecayOptions& options = {});

struct PolynomialDecayOptions {
  double end_learning_rate = 0.0001;
  double power = 1;
  bool cycle = false;  ///< at the end begin anew, over the next multiple of the steps
};
/// From the initial rate down to the last one as (1 - step / decay_steps)^power.
LearningRate PolynomialDecay(double initial_learning_rate, double decay_steps,
                             const PolynomialDecayOptions& options = {});

/// initial / (1 + decay_rate * step / decay_steps); with `staircase` the quotient is rounded down.
LearningRate InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                              bool staircase = false);

struct CosineDecayRestartsOptions {
  double t_mul = 2;  ///< how much longer each period is than the one before
  double m_mul = 1;  ///< the rate at which a period starts, as a multiple of that of the one before
  double alpha = 0;  ///< the lowest rate, as a fraction of the initial one
};
/// Half a cosine again and again, over periods of growing length (Loshchilov and Hutter, SGDR, 2017).
LearningRate CosineDecayRestarts(double initial_learning_rate, double first_decay_steps,
                                 const CosineDecayRestartsOptions& options = {});

struct ScheduleRecord {
  std::string class_name;
  LearningRate (*from_config)(const Json& config);
  std::string doc;
};
const std::vector<ScheduleRecord>& schedule_records();

}  // namespace hebb
