#include "hebb/nn/optimizers/learning_rate.h"

#include <cmath>
#include <numbers>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

void check_decay_steps(std::string_view schedule, int64_t decay_steps) {
  if (decay_steps <= 0)
    throw InvalidArgument(message(schedule, ": expected decay_steps above 0, got ", decay_steps, "."));
}

class ExponentialDecaySchedule : public ScheduleBase {
 public:
  ExponentialDecaySchedule(double initial, int64_t steps, double rate, bool staircase, std::string name)
      : initial_(initial), steps_(steps), rate_(rate), staircase_(staircase), name_(std::move(name)) {
    check_decay_steps(class_name(), steps);
  }
  std::string class_name() const override { return "ExponentialDecay"; }
  Json config() const override {
    return Json::object({{"initial_learning_rate", initial_},
                         {"decay_steps", steps_},
                         {"decay_rate", rate_},
                         {"staircase", staircase_},
                         {"name", name_}});
  }
  Tensor at(const Tensor& step) const override {
    const Tensor periods = step / static_cast<double>(steps_);
    return power(rate_, staircase_ ? floor(periods) : periods) * initial_;
  }

 private:
  double initial_;
  int64_t steps_;
  double rate_;
  bool staircase_;
  std::string name_;
};

class PiecewiseConstantSchedule : public ScheduleBase {
 public:
  PiecewiseConstantSchedule(std::vector<int64_t> boundaries, std::vector<double> values, std::string name)
      : boundaries_(std::move(boundaries)), values_(std::move(values)), name_(std::move(name)) {
    if (boundaries_.size() + 1 != values_.size() || boundaries_.empty()) {
      throw InvalidArgument(message("PiecewiseConstantDecay: expected one value more than boundaries, got ",
                                    values_.size(), " values and ", boundaries_.size(), " boundaries."));
    }
  }
  std::string class_name() const override { return "PiecewiseConstantDecay"; }
  Json config() const override {
    return Json::object({{"boundaries", boundaries_}, {"values", values_}, {"name", name_}});
  }
  Tensor at(const Tensor& step) const override {
    Tensor rate = Tensor::scalar(values_.back());
    for (size_t i = boundaries_.size(); i-- > 0;) {
      rate = select(less_equal(step, static_cast<double>(boundaries_[i])), Tensor::scalar(values_[i]), rate);
    }
    return rate;
  }

 private:
  std::vector<int64_t> boundaries_;
  std::vector<double> values_;
  std::string name_;
};

class CosineDecaySchedule : public ScheduleBase {
 public:
  CosineDecaySchedule(double initial, int64_t steps, CosineDecayOptions options, std::string name)
      : initial_(initial), steps_(steps), options_(options), name_(std::move(name)) {
    check_decay_steps(class_name(), steps);
  }
  std::string class_name() const override { return "CosineDecay"; }
  Json config() const override {
    return Json::object({{"initial_learning_rate", initial_},
                         {"decay_steps", steps_},
                         {"alpha", options_.alpha},
                         {"name", name_},
                         {"warmup_target", options_.warmup_target ? Json(*options_.warmup_target) : Json()},
                         {"warmup_steps", options_.warmup_steps}});
  }
  Tensor at(const Tensor& step) const override {
    const auto steps = static_cast<double>(steps_), warmup = static_cast<double>(options_.warmup_steps);
    if (!options_.warmup_target) return decayed(minimum(step, steps), initial_);
    const Tensor now = minimum(step, steps + warmup);
    const Tensor rising = (now / warmup) * (*options_.warmup_target - initial_) + initial_;
    const Tensor falling = decayed(now - warmup, *options_.warmup_target);
    return options_.warmup_steps > 0 ? select(less(now, warmup), rising, falling) : falling;
  }

 private:
  Tensor decayed(const Tensor& step, double from) const {
    const Tensor half = (cos((step / static_cast<double>(steps_)) * std::numbers::pi) + 1.0) * 0.5;
    return (half * (1 - options_.alpha) + options_.alpha) * from;
  }

  double initial_;
  int64_t steps_;
  CosineDecayOptions options_;
  std::string name_;
};

class PolynomialDecaySchedule : public ScheduleBase {
 public:
  PolynomialDecaySchedule(double initial, int64_t steps, const PolynomialDecayOptions& options, std::string name)
      : initial_(initial), steps_(steps), options_(options), name_(std::move(name)) {
    check_decay_steps(class_name(), steps);
  }
  std::string class_name() const override { return "PolynomialDecay"; }
  Json config() const override {
    return Json::object({{"initial_learning_rate", initial_},
                         {"decay_steps", steps_},
                         {"end_learning_rate", options_.end_learning_rate},
                         {"power", options_.power},
                         {"cycle", options_.cycle},
                         {"name", name_}});
  }
  Tensor at(const Tensor& step) const override {
    const auto steps = static_cast<double>(steps_);
    const Tensor fraction =
        options_.cycle ? step / (maximum(ceil(step / steps), 1.0) * steps) : minimum(step, steps) / steps;
    return power(1.0 - fraction, options_.power) * (initial_ - options_.end_learning_rate) + options_.end_learning_rate;
  }

 private:
  double initial_;
  int64_t steps_;
  PolynomialDecayOptions options_;
  std::string name_;
};

class InverseTimeDecaySchedule : public ScheduleBase {
 public:
  InverseTimeDecaySchedule(double initial, int64_t steps, double rate, bool staircase, std::string name)
      : initial_(initial), steps_(steps), rate_(rate), staircase_(staircase), name_(std::move(name)) {
    check_decay_steps(class_name(), steps);
  }
  std::string class_name() const override { return "InverseTimeDecay"; }
  Json config() const override {
    return Json::object({{"initial_learning_rate", initial_},
                         {"decay_steps", steps_},
                         {"decay_rate", rate_},
                         {"staircase", staircase_},
                         {"name", name_}});
  }
  Tensor at(const Tensor& step) const override {
    const Tensor periods = step / static_cast<double>(steps_);
    return initial_ / ((staircase_ ? floor(periods) : periods) * rate_ + 1.0);
  }

 private:
  double initial_;
  int64_t steps_;
  double rate_;
  bool staircase_;
  std::string name_;
};

class CosineDecayRestartsSchedule : public ScheduleBase {
 public:
  CosineDecayRestartsSchedule(double initial, int64_t steps, const CosineDecayRestartsOptions& options,
                              std::string name)
      : initial_(initial), steps_(steps), options_(options), name_(std::move(name)) {
    check_decay_steps(class_name(), steps);
    if (!(options.t_mul > 0))
      throw InvalidArgument(message("CosineDecayRestarts: expected t_mul above 0, got ", options.t_mul, "."));
  }
  std::string class_name() const override { return "CosineDecayRestarts"; }
  Json config() const override {
    return Json::object({{"initial_learning_rate", initial_},
                         {"first_decay_steps", steps_},
                         {"t_mul", options_.t_mul},
                         {"m_mul", options_.m_mul},
                         {"alpha", options_.alpha},
                         {"name", name_}});
  }
  Tensor at(const Tensor& step) const override {
    // In float64: with float32 logarithms the first step of a period may fall into the period before.
    const Tensor passed = cast(step, DType::float64) / static_cast<double>(steps_);  // in first periods
    const double t = options_.t_mul;
    Tensor restarts, fraction;
    if (t == 1) {
      restarts = floor(passed);
      fraction = passed - restarts;
    } else {
      // Period i starts after 1 + t + ... + t^(i-1) = (1 - t^i) / (1 - t) first periods.
      restarts = floor(log(1.0 - passed * (1 - t)) / std::log(t) + 1e-9);
      const Tensor length = power(t, restarts);
      fraction = (passed - (1.0 - length) / (1 - t)) / length;
    }
    const Tensor half = (cos(fraction * std::numbers::pi) + 1.0) * 0.5 * power(options_.m_mul, restarts);
    return cast((half * (1 - options_.alpha) + options_.alpha) * initial_, step.dtype());
  }

 private:
  double initial_;
  int64_t steps_;
  CosineDecayRestartsOptions options_;
  std::string name_;
};

}  // namespace

double LearningRate::at(int64_t step) const {
  if (!schedule_) return value_;
  const WithRecorder at_once(nullptr);
  return schedule_->at(Tensor::scalar(static_cast<double>(step))).item();
}

Json LearningRate::to_json() const {
  if (!schedule_) return value_;
  return Json::object({{"module", "keras.optimizers.schedules"},
                       {"class_name", schedule_->class_name()},
                       {"config", schedule_->config()},
                       {"registered_name", nullptr}});
}

LearningRate LearningRate::from_json(const Json& json) {
  if (json.is_number()) return json.as_double();
  const std::string name = json.at("class_name").as_string();
  std::vector<std::string> names;
  for (const ScheduleRecord& record : schedule_records()) {
    if (record.class_name == name) return record.from_config(json.at("config"));
    names.push_back(record.class_name);
  }
  throw InvalidArgument(unknown_name("learning-rate schedule", name, names));
}

LearningRate ExponentialDecay(double initial_learning_rate, int64_t decay_steps, double decay_rate, bool staircase) {
  return std::make_shared<ExponentialDecaySchedule>(initial_learning_rate, decay_steps, decay_rate, staircase,
                                                    "ExponentialDecay");
}

LearningRate PiecewiseConstantDecay(std::vector<int64_t> boundaries, std::vector<double> values) {
  return std::make_shared<PiecewiseConstantSchedule>(std::move(boundaries), std::move(values), "PiecewiseConstant");
}

LearningRate CosineDecay(double initial_learning_rate, int64_t decay_steps, const CosineDecayOptions& options) {
  return std::make_shared<CosineDecaySchedule>(initial_learning_rate, decay_steps, options, "CosineDecay");
}

LearningRate PolynomialDecay(double initial_learning_rate, int64_t decay_steps, const PolynomialDecayOptions& options) {
  return std::make_shared<PolynomialDecaySchedule>(initial_learning_rate, decay_steps, options, "PolynomialDecay");
}

LearningRate InverseTimeDecay(double initial_learning_rate, int64_t decay_steps, double decay_rate, bool staircase) {
  return std::make_shared<InverseTimeDecaySchedule>(initial_learning_rate, decay_steps, decay_rate, staircase,
                                                    "InverseTimeDecay");
}

LearningRate CosineDecayRestarts(double initial_learning_rate, int64_t first_decay_steps,
                                 const CosineDecayRestartsOptions& options) {
  return std::make_shared<CosineDecayRestartsSchedule>(initial_learning_rate, first_decay_steps, options, "SGDRDecay");
}

const std::vector<ScheduleRecord>& schedule_records() {
  static const std::vector<ScheduleRecord> records = {
      {"ExponentialDecay",
       [](const Json& c) -> LearningRate {
         return std::make_shared<ExponentialDecaySchedule>(
             c.at("initial_learning_rate").as_double(), c.at("decay_steps").as_int(), c.at("decay_rate").as_double(),
             c.get("staircase", false), c.get("name", "ExponentialDecay"));
       },
       "falls by a constant factor every so many steps"},
      {"PiecewiseConstantDecay",
       [](const Json& c) -> LearningRate {
         std::vector<int64_t> boundaries;
         std::vector<double> values;
         for (const Json& item : c.at("boundaries").items()) boundaries.push_back(item.as_int());
         for (const Json& item : c.at("values").items()) values.push_back(item.as_double());
         return std::make_shared<PiecewiseConstantSchedule>(boundaries, values, c.get("name", "PiecewiseConstant"));
       },
       "constant between given steps"},
      {"CosineDecay",
       [](const Json& c) -> LearningRate {
         CosineDecayOptions options{
             .alpha = c.get("alpha", 0.0), .warmup_target = {}, .warmup_steps = c.get("warmup_steps", 0)};
         if (const Json* target = c.find("warmup_target"); target && !target->is_null())
           options.warmup_target = target->as_double();
         return std::make_shared<CosineDecaySchedule>(c.at("initial_learning_rate").as_double(),
                                                      c.at("decay_steps").as_int(), options,
                                                      c.get("name", "CosineDecay"));
       },
       "falls along half a cosine, after a rise if wanted"},
      {"PolynomialDecay",
       [](const Json& c) -> LearningRate {
         const PolynomialDecayOptions options{.end_learning_rate = c.get("end_learning_rate", 0.0001),
                                              .power = c.get("power", 1.0),
                                              .cycle = c.get("cycle", false)};
         return std::make_shared<PolynomialDecaySchedule>(c.at("initial_learning_rate").as_double(),
                                                          c.at("decay_steps").as_int(), options,
                                                          c.get("name", "PolynomialDecay"));
       },
       "falls as a power of the steps that are left"},
      {"InverseTimeDecay",
       [](const Json& c) -> LearningRate {
         return std::make_shared<InverseTimeDecaySchedule>(
             c.at("initial_learning_rate").as_double(), c.at("decay_steps").as_int(), c.at("decay_rate").as_double(),
             c.get("staircase", false), c.get("name", "InverseTimeDecay"));
       },
       "falls as one over the number of steps"},
      {"CosineDecayRestarts",
       [](const Json& c) -> LearningRate {
         const CosineDecayRestartsOptions options{
             .t_mul = c.get("t_mul", 2.0), .m_mul = c.get("m_mul", 1.0), .alpha = c.get("alpha", 0.0)};
         return std::make_shared<CosineDecayRestartsSchedule>(c.at("initial_learning_rate").as_double(),
                                                              c.at("first_decay_steps").as_int(), options,
                                                              c.get("name", "SGDRDecay"));
       },
       "falls along half a cosine again and again"},
  };
  return records;
}

}  // namespace hebb
