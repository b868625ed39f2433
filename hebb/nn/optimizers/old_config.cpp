#include "hebb/nn/optimizers/old_config.h"

#include <algorithm>
#include <cmath>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/optimizers/learning_rate.h"

namespace hebb {

namespace {

double number_of(const Json& config, const char* key, double otherwise) {
  const Json* value = config.find(key);
  return value && value->is_number() ? value->as_double() : otherwise;
}

/// The configuration of one that holds no other.
Json options_of_today(const std::string& class_name, const Json& old) {
  // Keras's own package gave optimizers no names.
  const bool of_own_package = !old.contains("name");
  Json config = Json::object();
  for (const auto& [key, value] : old.members()) {
    if (key == "lr") {
      config.set("learning_rate", value);
    } else if (key == "clipnorm" && of_own_package) {
      config.set("global_clipnorm", value);
    } else if (key == "decay") {
      // Nadam's is the pace at which its momentum warms up.
      if (class_name == "Nadam") config.set("schedule_decay", value);
    } else {
      config.set(key, value);
    }
  }
  if (const double decay = number_of(old, "decay", 0); decay > 0 && class_name != "Nadam") {
    const Json* rate = config.find("learning_rate");
    if (rate && !rate->is_number()) {
      throw NotSupported(message(class_name, ": a learning rate by a schedule, divided by 1 + ", decay,
                                 " for each step besides: hebb has the one or the other."));
    }
    config.set("learning_rate", InverseTimeDecay(rate                  ? rate->as_double()
                                                 : class_name == "SGD" ? 0.01
                                                                       : 0.001,
                                                 1, decay)
                                    .to_json());
  }
  const bool outside = class_name == "Adagrad" || (class_name == "RMSprop" && number_of(old, "momentum", 0) == 0);
  if (outside) {
    const double epsilon = number_of(old, "epsilon", 1e-7);
    config.set("epsilon", epsilon * epsilon);
  }
  if (class_name == "Adagrad" && of_own_package) config.set("initial_accumulator_value", 0.0);
  return config;
}

/// The optimizer inside of a LossScaleOptimizer: it was called otherwise up to TensorFlow 2.3.
const Json* inner_of(const Json& config) {
  const Json* inner = config.find("inner_optimizer");
  return inner ? inner : config.find("optimizer");
}

/// {"inner_optimizer", "initial_scale", "dynamic_growth_steps"}, or the optimizer inside.
Json loss_scale_of_today(const Json& old) {
  Json inner = optimizer_of_today(*inner_of(old));
  Json scale = old;
  bool is_dynamic = old.get("dynamic", true);
  if (const Json* by_object = old.find("loss_scale"); by_object && by_object->is_object()) {
    const Json& config = by_object->at("config");
    is_dynamic = by_object->get("class_name", "") != std::string("FixedLossScale");
    scale = Json::object();
    if (is_dynamic) {
      scale.set("initial_scale", number_of(config, "initial_loss_scale", 32768));
      scale.set("dynamic_growth_steps", config.get("increment_period", 2000));
    } else {
      scale.set("initial_scale", number_of(config, "loss_scale_value", 1));
    }
  }
  if (!is_dynamic) {
    Json config = inner.at("config");
    config.set("loss_scale_factor", number_of(scale, "initial_scale", 1));
    return inner.set("config", config);
  }
  Json config = Json::object({{"inner_optimizer", inner}});
  for (const char* key : {"initial_scale", "dynamic_growth_steps"}) {
    if (const Json* value = scale.find(key); value && !value->is_null()) config.set(key, *value);
  }
  return Json::object({{"class_name", "LossScaleOptimizer"}, {"config", config}});
}

}  // namespace

bool is_of_old_optimizer(const Json& config) {
  // Those of today all have a weight decay.
  return config.is_object() && (config.contains("lr") || config.contains("decay") ||
                                (config.contains("schedule_decay") && !config.contains("weight_decay")));
}

Json optimizer_of_today(const Json& optimizer) {
  if (!optimizer.is_object() || !optimizer.contains("config") || !optimizer.contains("class_name")) return optimizer;
  const Json& config = optimizer.at("config");
  const std::string name = optimizer.get("class_name", "");
  // tf_keras numbers the class and gives it no name.
  const bool scales =
      name.starts_with("LossScaleOptimizer") && config.is_object() && inner_of(config) && !config.contains("name");
  if (scales) return loss_scale_of_today(config);
  if (!is_of_old_optimizer(config)) return optimizer;
  return Json(optimizer).set("config", options_of_today(name, config));
}

double nadam_product(const Json& optimizer, double steps) {
  const Json config = optimizer_of_today(optimizer).at("config");
  const double beta = number_of(config, "beta_1", 0.9), pace = number_of(config, "schedule_decay", 1);
  // The momenta warm up by 0.96^(step pace): once that is too small to be seen in 1, all of them are beta. A file may
  // tell a pace at which this never happens.
  const double settled = std::min(pace > 0 ? std::log(1e-17) / std::log(0.96) / pace : 1e6, 1e6);
  double product = 1;
  for (double step = 1; step <= steps; ++step) {
    if (step > settled) return product * std::pow(beta, steps - step + 1);
    product *= beta * (1 - 0.5 * std::pow(0.96, step * pace));
    if (product == 0) break;
  }
  return product;
}

}  // namespace hebb
