#include "hebb/nn/optimizers/learning_rate.h"

#include <cmath>
#include <numbers>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/config_fields.h"
#include "hebb/ops/elementwise.h"

namespace hebb {

namespace {

/// A number of steps, which Keras takes and writes as it is given, whole or not.
struct Steps {
  double count = 0;
};
Json to_json(const Steps& steps) {
  const bool is_whole = steps.count == std::trunc(steps.count) && std::abs(steps.count) < 1e15;
  return is_whole ? Json(static_cast<int64_t>(steps.count)) : Json(steps.count);
}
void from_json(const Json& json, Steps& steps) { steps.count = json.as_double(); }

/// What falls from a rate over a number of steps: its arguments, which are also its configuration.
template <class Derived, class Arguments>
class DecaySchedule : public ScheduleBase {
 public:
  explicit DecaySchedule(Arguments arguments) : a_(std::move(arguments)) {
    if (a_.name.empty()) a_.name = Derived::default_name;
    if (!(a_.decay_steps.count > 0))
      throw InvalidArgument(message(Derived::keras_name, ": expected ", Derived::steps_name, " above 0, got ",
                                    a_.decay_steps.count, "."));
  }
  std::string class_name() const override { return Derived::keras_name; }
  Json config() const override {
    Json json = Json::object();
    ConfigWriter write(json);
    Derived::fields(write, a_);
    return json;
  }
  static LearningRate from_config(const Json& config) {
    Arguments arguments;
    ConfigReader read(Derived::keras_name, config);
    Derived::fields(read, arguments);
    read.finish();
    return std::make_shared<Derived>(std::move(arguments));
  }

 protected:
  double initial() const { return a_.initial_learning_rate; }
  double steps() const { return a_.decay_steps.count; }

  Arguments a_;
};

struct RateArguments {
  double initial_learning_rate = 0;
  Steps decay_steps = {1};
  double decay_rate = 0;
  bool staircase = false;
  std::string name = {};
};

template <class Derived>
class RateSchedule : public DecaySchedule<Derived, RateArguments> {
 public:
  static constexpr const char* steps_name = "decay_steps";
  using DecaySchedule<Derived, RateArguments>::DecaySchedule;
  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("initial_learning_rate", a.initial_learning_rate);
    visit.required("decay_steps", a.decay_steps);
    visit.required("decay_rate", a.decay_rate);
    visit("staircase", a.staircase);
    visit("name", a.name);
  }

 protected:
  Tensor periods(const Tensor& step) const {
    const Tensor passed = step / this->steps();
    return this->a_.staircase ? floor(passed) : passed;
  }
};

class ExponentialDecaySchedule final : public RateSchedule<ExponentialDecaySchedule> {
 public:
  static constexpr const char *keras_name = "ExponentialDecay", *default_name = "ExponentialDecay";
  using RateSchedule::RateSchedule;
  Tensor at(const Tensor& step) const override { return power(a_.decay_rate, periods(step)) * initial(); }
};

class InverseTimeDecaySchedule final : public RateSchedule<InverseTimeDecaySchedule> {
 public:
  static constexpr const char *keras_name = "InverseTimeDecay", *default_name = "InverseTimeDecay";
  using RateSchedule::RateSchedule;
  Tensor at(const Tensor& step) const override { return initial() / (periods(step) * a_.decay_rate + 1.0); }
};

/// Keras rounds boundaries down to whole steps, and its configuration has them as given.
class PiecewiseConstantSchedule : public ScheduleBase {
 public:
  PiecewiseConstantSchedule(std::vector<double> boundaries, std::vector<double> values, std::string name)
      : boundaries_(std::move(boundaries)), values_(std::move(values)), name_(std::move(name)) {
    if (boundaries_.size() + 1 != values_.size() || boundaries_.empty()) {
      throw InvalidArgument(message("PiecewiseConstantDecay: expected one value more than boundaries, got ",
                                    values_.size(), " values and ", boundaries_.size(), " boundaries."));
    }
  }
  std::string class_name() const override { return "PiecewiseConstantDecay"; }
  Json config() const override {
    Json boundaries = Json::array();
    for (const double boundary : boundaries_) boundaries.push_back(to_json(Steps{boundary}));
    return Json::object({{"boundaries", boundaries}, {"values", values_}, {"name", name_}});
  }
  Tensor at(const Tensor& step) const override {
    Tensor rate = Tensor::scalar(values_.back());
    for (size_t i = boundaries_.size(); i-- > 0;) {
      rate = select(less_equal(step, std::trunc(boundaries_[i])), Tensor::scalar(values_[i]), rate);
    }
    return rate;
  }

 private:
  std::vector<double> boundaries_, values_;
  std::string name_;
};

struct CosineArguments : CosineDecayOptions {
  double initial_learning_rate = 0;
  Steps decay_steps = {1};
  std::string name = {};
};

class CosineDecaySchedule final : public DecaySchedule<CosineDecaySchedule, CosineArguments> {
 public:
  static constexpr const char *keras_name = "CosineDecay", *default_name = "CosineDecay", *steps_name = "decay_steps";
  using DecaySchedule::DecaySchedule;
  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("initial_learning_rate", a.initial_learning_rate);
    visit.required("decay_steps", a.decay_steps);
    visit("alpha", a.alpha);
    visit("name", a.name);
    visit("warmup_target", a.warmup_target);
    visit("warmup_steps", a.warmup_steps);
  }
  Tensor at(const Tensor& step) const override {
    const auto warmup = static_cast<double>(a_.warmup_steps);
    if (!a_.warmup_target) return decayed(minimum(step, steps()), initial());
    const Tensor now = minimum(step, steps() + warmup);
    const Tensor rising = (now / warmup) * (*a_.warmup_target - initial()) + initial();
    const Tensor falling = decayed(now - warmup, *a_.warmup_target);
    return a_.warmup_steps > 0 ? select(less(now, warmup), rising, falling) : falling;
  }

 private:
  Tensor decayed(const Tensor& step, double from) const {
    const Tensor half = (cos((step / steps()) * std::numbers::pi) + 1.0) * 0.5;
    return (half * (1 - a_.alpha) + a_.alpha) * from;
  }
};

struct PolynomialArguments : PolynomialDecayOptions {
  double initial_learning_rate = 0;
  Steps decay_steps = {1};
  std::string name = {};
};

class PolynomialDecaySchedule final : public DecaySchedule<PolynomialDecaySchedule, PolynomialArguments> {
 public:
  static constexpr const char *keras_name = "PolynomialDecay", *default_name = "PolynomialDecay",
                              *steps_name = "decay_steps";
  using DecaySchedule::DecaySchedule;
  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("initial_learning_rate", a.initial_learning_rate);
    visit.required("decay_steps", a.decay_steps);
    visit("end_learning_rate", a.end_learning_rate);
    visit("power", a.power);
    visit("cycle", a.cycle);
    visit("name", a.name);
  }
  Tensor at(const Tensor& step) const override {
    const Tensor fraction =
        a_.cycle ? step / (maximum(ceil(step / steps()), 1.0) * steps()) : minimum(step, steps()) / steps();
    return power(1.0 - fraction, a_.power) * (initial() - a_.end_learning_rate) + a_.end_learning_rate;
  }
};

struct RestartsArguments : CosineDecayRestartsOptions {
  double initial_learning_rate = 0;
  Steps decay_steps = {1};  // of the first period
  std::string name = {};
};

class CosineDecayRestartsSchedule final : public DecaySchedule<CosineDecayRestartsSchedule, RestartsArguments> {
 public:
  static constexpr const char *keras_name = "CosineDecayRestarts", *default_name = "SGDRDecay",
                              *steps_name = "first_decay_steps";
  template <class Visitor, class A>
  static void fields(Visitor& visit, A& a) {
    visit.required("initial_learning_rate", a.initial_learning_rate);
    visit.required("first_decay_steps", a.decay_steps);
    visit("t_mul", a.t_mul);
    visit("m_mul", a.m_mul);
    visit("alpha", a.alpha);
    visit("name", a.name);
  }
  explicit CosineDecayRestartsSchedule(RestartsArguments arguments) : DecaySchedule(std::move(arguments)) {
    if (!(a_.t_mul > 0))
      throw InvalidArgument(message("CosineDecayRestarts: expected t_mul above 0, got ", a_.t_mul, "."));
  }
  Tensor at(const Tensor& step) const override {
    // In float64: with float32 logarithms the first step of a period may fall into the period before.
    const Tensor passed = cast(step, DType::float64) / steps();  // in first periods
    const double t = a_.t_mul;
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
    const Tensor half = (cos(fraction * std::numbers::pi) + 1.0) * 0.5 * power(a_.m_mul, restarts);
    return cast((half * (1 - a_.alpha) + a_.alpha) * initial(), step.dtype());
  }
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

LearningRate ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate, bool staircase) {
  return std::make_shared<ExponentialDecaySchedule>(
      RateArguments{initial_learning_rate, decay_steps, decay_rate, staircase});
}

LearningRate PiecewiseConstantDecay(std::vector<double> boundaries, std::vector<double> values) {
  return std::make_shared<PiecewiseConstantSchedule>(std::move(boundaries), std::move(values), "PiecewiseConstant");
}

LearningRate CosineDecay(double initial_learning_rate, double decay_steps, const CosineDecayOptions& options) {
  return std::make_shared<CosineDecaySchedule>(CosineArguments{options, initial_learning_rate, decay_steps});
}

LearningRate PolynomialDecay(double initial_learning_rate, double decay_steps, const PolynomialDecayOptions& options) {
  return std::make_shared<PolynomialDecaySchedule>(PolynomialArguments{options, initial_learning_rate, decay_steps});
}

LearningRate InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate, bool staircase) {
  return std::make_shared<InverseTimeDecaySchedule>(
      RateArguments{initial_learning_rate, decay_steps, decay_rate, staircase});
}

LearningRate CosineDecayRestarts(double initial_learning_rate, double first_decay_steps,
                                 const CosineDecayRestartsOptions& options) {
  return std::make_shared<CosineDecayRestartsSchedule>(
      RestartsArguments{options, initial_learning_rate, first_decay_steps});
}

const std::vector<ScheduleRecord>& schedule_records() {
  static const std::vector<ScheduleRecord> records = {
      {"ExponentialDecay", ExponentialDecaySchedule::from_config, "falls by a constant factor every so many steps"},
      {"PiecewiseConstantDecay",
       [](const Json& c) -> LearningRate {
         std::vector<double> boundaries, values;
         ConfigReader read("PiecewiseConstantDecay", c);
         read.take("boundaries", [&](const Json& list) {
           for (const Json& item : list.items()) boundaries.push_back(item.as_double());
         });
         read.take("values", [&](const Json& list) {
           for (const Json& item : list.items()) values.push_back(item.as_double());
         });
         for (const char* name : {"boundaries", "values"}) read.require(name);
         read.finish({"name"});
         return std::make_shared<PiecewiseConstantSchedule>(boundaries, values, c.get("name", "PiecewiseConstant"));
       },
       "constant between given steps"},
      {"CosineDecay", CosineDecaySchedule::from_config, "falls along half a cosine, after a rise if wanted"},
      {"PolynomialDecay", PolynomialDecaySchedule::from_config, "falls as a power of the steps that are left"},
      {"InverseTimeDecay", InverseTimeDecaySchedule::from_config, "falls as one over the number of steps"},
      {"CosineDecayRestarts", CosineDecayRestartsSchedule::from_config, "falls along half a cosine again and again"},
  };
  return records;
}

}  // namespace hebb
