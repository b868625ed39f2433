#include "hebb/nn/measured_output.h"

#include <algorithm>
#include <map>

#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/nn/call_structures.h"
#include "hebb/nn/model_base.h"

namespace hebb {

namespace {

/// The part of a list or map that belongs to an output.
template <class T>
T part_of(const PerOutput<T>& given, size_t index, size_t count, const std::string& name,
          const std::vector<std::string>& names, const char* what, T missing) {
  for (const auto& [known, value] : given.by_name()) {
    if (std::find(names.begin(), names.end(), known) == names.end())
      throw InvalidArgument(message("compile: ", what, ": ", unknown_name("output", known, names)));
  }
  if (!given.by_name().empty()) {
    const auto found = given.by_name().find(name);
    return found == given.by_name().end() ? missing : found->second;
  }
  if (given.empty()) return missing;
  if (given.is_single()) return given.list().front();
  if (given.list().size() != count) {
    throw InvalidArgument(message("compile: ", what, ": expected one for each of ", count, " outputs (", join(names),
                                  "), got ", given.list().size(), ". Give as many, or name the outputs they are of."));
  }
  return given.list()[index];
}

std::vector<Metric> metrics_of(const MetricLists& given, size_t index, size_t count, const std::string& name,
                               const std::vector<std::string>& names) {
  for (const auto& [known, value] : given.by_name()) {
    if (std::find(names.begin(), names.end(), known) == names.end())
      throw InvalidArgument(message("compile: metrics: ", unknown_name("output", known, names)));
  }
  if (!given.by_name().empty()) {
    const auto found = given.by_name().find(name);
    return found == given.by_name().end() ? std::vector<Metric>() : found->second;
  }
  if (!given.by_position().empty()) {
    if (given.by_position().size() == count) return given.by_position()[index];
    throw InvalidArgument(message("compile: metrics: expected a list for each of ", count, " outputs (", join(names),
                                  "), got ", given.by_position().size(), ". Give as many; one may be empty."));
  }
  if (count == 1 || given.empty()) return given.all();
  if (given.all().size() != count) {
    throw InvalidArgument(message("compile: metrics: expected one for each of ", count, " outputs (", join(names),
                                  "), got ", given.all().size(), ". Or give lists by the outputs' names."));
  }
  return {given.all()[index]};
}

/// The names of the outputs' losses in the logs: where outputs are nested, Keras's path to each, "1/o2", in which the
/// output's name stands for its number.
std::vector<std::string> loss_names(const ModelBase& model) {
  std::vector<std::string> names = model.output_names();
  if (model.output_structure().is_null()) return names;
  std::vector<detail::Path> paths = detail::paths_of(model.output_structure());
  for (size_t i = 0; i < names.size(); ++i) {
    if (paths.at(i).ends_with_number) paths[i].steps.back() = names[i];
    names[i] = join(paths[i].steps, "/");
  }
  return names;
}

/// As it was given, "mse", or its own name.
std::string name_of(const Loss& loss) {
  const Json given = loss.to_json();
  return given.is_string() ? given.as_string() : loss->name();
}

/// Gives each metric its name in the logs. A name that is taken, perhaps by one of another output of the same layer, is
/// counted on, as in Keras.
void name_metrics(std::vector<MeasuredOutput>& outputs, bool with_prefix) {
  std::map<std::string, int> taken;
  for (const bool weighted : {false, true}) {
    for (MeasuredOutput& output : outputs) {
      const std::string prefix = with_prefix ? output.name + "_" : "";
      for (MeasuredOutput::Measured& measured : output.metrics) {
        if (measured.weighted != weighted) continue;
        measured.name = prefix + measured.metric->name();
        if (weighted && taken.contains(measured.name)) measured.name = prefix + "weighted_" + measured.metric->name();
        const int before = taken[measured.name]++;
        if (before > 0) measured.name = message(measured.name, "_", before);
      }
    }
  }
}

}  // namespace

void check_outputs(const CompileOptions& options, const std::vector<std::string>& outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    part_of<Loss>(options.loss, i, outputs.size(), outputs[i], outputs, "loss", {});
    part_of<double>(options.loss_weights, i, outputs.size(), outputs[i], outputs, "loss_weights", 1.0);
    metrics_of(options.metrics, i, outputs.size(), outputs[i], outputs);
    metrics_of(options.weighted_metrics, i, outputs.size(), outputs[i], outputs);
  }
}

std::vector<MeasuredOutput> resolve_outputs(const CompileOptions& options, const ModelBase& model,
                                            const std::vector<Spec>& targets) {
  const std::vector<std::string> names = model.output_names();
  const size_t count = names.size();
  std::vector<MeasuredOutput> outputs;
  for (size_t i = 0; i < count; ++i) {
    MeasuredOutput output;
    output.name = names[i];
    output.loss = part_of<Loss>(options.loss, i, count, names[i], names, "loss", {});
    output.weight = part_of<double>(options.loss_weights, i, count, names[i], names, "loss_weights", 1.0);
    for (const bool weighted : {false, true}) {
      for (const Metric& metric :
           metrics_of(weighted ? options.weighted_metrics : options.metrics, i, count, names[i], names)) {
        Metric own = metric.resolved(targets[i].shape, model.outputs()[i].shape(), output.loss);
        own->build(targets[i].shape, model.outputs()[i].shape());
        output.metrics.push_back({std::move(own), weighted, ""});
      }
    }
    outputs.push_back(std::move(output));
  }
  // The outputs of a Sequential have no names in Keras: a metric has its own there, and a loss that of its function.
  const bool is_named = model.kind() != ModelBase::Kind::sequential;
  name_metrics(outputs, count > 1 && is_named);
  // As in Keras: a loss that is the only one is not told twice.
  if (std::count_if(outputs.begin(), outputs.end(), [](const MeasuredOutput& output) { return bool(output.loss); }) >
      1) {
    const std::vector<std::string> of_losses = loss_names(model);
    for (size_t i = 0; i < count; ++i) {
      if (!outputs[i].loss) continue;
      outputs[i].tracker =
          std::make_unique<MeanTracker>((is_named ? of_losses[i] : name_of(outputs[i].loss)) + "_loss");
    }
  }
  return outputs;
}

}  // namespace hebb
