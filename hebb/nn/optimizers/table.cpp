#include "hebb/nn/optimizers/fields.h"

namespace hebb {

namespace {

template <class Options>
Options read_options(const char* class_name, const Json& config) {
  Options options;
  ConfigReader read(class_name, config);
  setting_fields(read, options);
  fields(read, options);
  read.finish({"jit_compile", "is_legacy_optimizer", "decay", "dtype"});
  return options;
}

}  // namespace

const std::vector<OptimizerRecord>& optimizer_records() {
  static const std::vector<OptimizerRecord> records = {
      {"SGD", [](const Json& config) { return SGD(read_options<SGDOptions>("SGD", config)); },
       "gradient descent, with momentum and Nesterov's if wanted"},
      {"RMSprop", [](const Json& config) { return RMSprop(read_options<RMSpropOptions>("RMSprop", config)); },
       "divides by a moving root mean square of the gradient"},
      {"Adagrad", [](const Json& config) { return Adagrad(read_options<AdagradOptions>("Adagrad", config)); },
       "divides by the root of the sum of all squared gradients"},
      {"Adadelta", [](const Json& config) { return Adadelta(read_options<AdadeltaOptions>("Adadelta", config)); },
       "scales by the ratio of past updates to past gradients"},
      {"Adam", [](const Json& config) { return Adam(read_options<AdamOptions>("Adam", config)); },
       "moving means of the gradient and its square, corrected for their start"},
      {"AdamW", [](const Json& config) { return AdamW(read_options<AdamWOptions>("AdamW", config)); },
       "Adam with decoupled weight decay"},
      {"Nadam", [](const Json& config) { return Nadam(read_options<NadamOptions>("Nadam", config)); },
       "Adam with Nesterov's momentum"},
  };
  return records;
}

}  // namespace hebb
