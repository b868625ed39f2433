// --optimizer, --loss, --metrics and --callback: what they mean for the model.
#include <algorithm>

#include "cli/options.h"
#include "cli/train.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/trainer.h"
#include "hebb/zoo/targets.h"

namespace hebb::cli {

namespace {

Optimizer optimizer_of(const std::string& text) {
  const NamedOptions named = parse_named(text, "--optimizer");
  // Files may have a schedule there, a command line only a number.
  if (const Json* rate = named.options.find("learning_rate"); rate && !rate->is_number()) {
    const std::string got = rate->is_string() ? rate->as_string() : rate->dump();
    throw UsageError(message("--optimizer: ", named.name, ": learning_rate: expected a number, got '", got,
                             "'. Write it as in ", named.name, ":learning_rate=0.01."));
  }
  Optimizer optimizer;
  as_usage([&] { optimizer = Optimizer::from_config(named.name, named.options); }, "--optimizer: ");
  return optimizer;
}

std::vector<Metric> metrics_of(const std::string& text) {
  std::vector<Metric> metrics;
  for (const std::string& name : split(text, ',')) {
    if (name.empty()) throw UsageError(message("--metrics: expected NAME,..., got '", text, "'."));
    as_usage([&] { metrics.emplace_back(name); }, "--metrics: ");
  }
  return metrics;
}

/// A loss for each output, chosen by its shape and its targets.
std::vector<std::string> suggested_losses(const Model& model, const data::Dataset& data) {
  const Tensors& outputs = model.base().outputs();
  if (data.source().targets() != static_cast<int64_t>(outputs.size())) {
    throw InvalidArgument(message("expected data with a target for each of ", outputs.size(), " outputs (",
                                  join(model.base().output_names()), "), got ", data.source().targets(), "."));
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < outputs.size(); ++i)
    names.push_back(zoo::suggested_loss(outputs[i].shape(), data, static_cast<int64_t>(i)));
  return names;
}

}  // namespace

std::vector<Callback> callbacks_of(const TrainRequest& request) {
  std::vector<Callback> callbacks;
  for (const std::string& text : request.callbacks) {
    const NamedOptions named = parse_named(text, "--callback");
    std::vector<std::string> names;
    const CallbackRecord* found = nullptr;
    for (const CallbackRecord& record : callback_records()) {
      names.push_back(record.name);
      if (record.name == named.name) found = &record;
    }
    if (!found) throw UsageError(message("--callback: ", unknown_name("callback", named.name, names)));
    as_usage([&] { callbacks.push_back(found->from_config(named.options)); }, "--callback: ");
  }
  if (!request.log_dir.empty()) callbacks.push_back(TensorBoard(request.log_dir));
  return callbacks;
}

Loss loss_of(const TrainRequest& request) {
  Loss loss;
  if (request.loss.empty()) return loss;
  const NamedOptions named = parse_named(request.loss, "--loss");
  as_usage([&] { loss = named.options.size() > 0 ? Loss::from_config(named.name, named.options) : Loss(named.name); },
           "--loss: ");
  return loss;
}

void compile(Model& model, const TrainRequest& request, const data::Dataset& data) {
  const bool compiled = model.is_compiled();
  if (compiled && request.optimizer.empty() && request.loss.empty() && request.metrics.empty() && !request.remat)
    return;
  CompileOptions options;
  if (compiled) {
    options = model.base().trainer().options();
  } else {
    options.optimizer = "adam";
  }
  if (!request.optimizer.empty()) options.optimizer = optimizer_of(request.optimizer);
  bool classifies = false;
  if (!request.loss.empty()) {
    const Loss loss = loss_of(request);
    classifies = loss->class_name().find("Crossentropy") != std::string::npos;
    options.loss = loss;
  } else if (!compiled) {
    const std::vector<std::string> names = suggested_losses(model, data);
    classifies = std::all_of(names.begin(), names.end(),
                             [](const std::string& name) { return name.find("crossentropy") != std::string::npos; });
    if (names.size() == 1) {
      options.loss = Loss(names.front());
    } else {
      options.loss = std::vector<Loss>(names.begin(), names.end());
    }
    if (!request.quiet)
      warn(message("loss: ", join(names), ", chosen from the model's output and the targets (--loss)\n"));
  }
  if (!request.metrics.empty()) {
    options.metrics = metrics_of(request.metrics);
  } else if (!compiled && classifies && model.base().outputs().size() == 1) {
    options.metrics = {"accuracy"};
  }
  options.remat = request.remat;
  as_usage([&] { model.compile(options); });
}

}  // namespace hebb::cli
