#include "hebb/nn/optimizers/fields.h"
#include "hebb/nn/optimizers/wrappers.h"

namespace hebb {

namespace {

template <class Options>
Options read_options(const char* class_name, const Json& config) {
  Options options;
  ConfigReader read(class_name, config);
  setting_fields(read, options);
  fields(read, options);
  read.finish({"jit_compile", "is_legacy_optimizer", "dtype"});
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
      {"Adamax", [](const Json& config) { return Adamax(read_options<AdamaxOptions>("Adamax", config)); },
       "Adam with the largest gradient in place of the mean square"},
      {"Adafactor", [](const Json& config) { return Adafactor(read_options<AdafactorOptions>("Adafactor", config)); },
       "steps relative to the weights' size, with little memory"},
      {"Ftrl", [](const Json& config) { return Ftrl(read_options<FtrlOptions>("Ftrl", config)); },
       "follow the regularised leader: sparse weights by L1"},
      {"Lion", [](const Json& config) { return Lion(read_options<LionOptions>("Lion", config)); },
       "the sign of gradient and momentum"},
      {"Lamb", [](const Json& config) { return Lamb(read_options<LambOptions>("Lamb", config)); },
       "Adam's direction as long as the weights, for large batches"},
      {"Muon", [](const Json& config) { return Muon(read_options<MuonOptions>("Muon", config)); },
       "orthogonal momentum for matrices, AdamW for the rest"},
      {"ScheduleFreeAdamW",
       [](const Json& config) {
         return ScheduleFreeAdamW(read_options<ScheduleFreeAdamWOptions>("ScheduleFreeAdamW", config));
       },
       "AdamW that averages its weights in place of a schedule"},
      {"LossScaleOptimizer", loss_scale_optimizer_from_config, "another optimizer, for gradients in few bits", true},
      {"MultiOptimizer", multi_optimizer_from_config, "several optimizers, each for some of the variables", true},
  };
  return records;
}

}  // namespace hebb
